"""What is missing before Email to Salesforce works, for people: what happened, what to do, and whose steps show how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.bcc.address import Missing, Pulled
from tandem.connections.explanations import Explanation

Steps = Literal["", "member", "admin"]


@dataclass(frozen=True)
class Lack:
    """happened, do: two sentences. steps: which of the page's two lists says how."""

    happened: Promise | str
    do: Promise | str
    steps: Steps = "member"


_LACKS: Mapping[Missing, Lack] = {
    "org-off": Lack(
        _("Email to Salesforce is not switched on in your Salesforce org. Nothing was changed."),
        _("A Salesforce admin switches it on by the last list of steps below. Then choose “Check again”."),
        "admin",
    ),
    "no-address": Lack(
        _("You have no Email to Salesforce address yet. Nothing was changed."),
        _("Take the steps below in Salesforce: saving that page gives you one. Then choose “Check again”."),
    ),
    "address-off": Lack(
        _("Your Email to Salesforce address is switched off in Salesforce. Nothing was changed."),
        _("Ask your Salesforce admin to switch it on. Then choose “Check again”."),
        "",
    ),
    "odd-address": Lack(
        _("What Salesforce gave as your address does not look like one of its own. Nothing was changed."),
        _("Copy the address from Salesforce by the steps below, and enter it by hand."),
    ),
    "sender": Lack(
        _("Salesforce does not take mail from %(sender)s yet. Nothing was changed."),
        _(
            "Add it to “My Acceptable Email Addresses” in Salesforce: the steps are below. Then choose “Check again”."
        ),
    ),
}
NO_API = Lack(
    _("Your Salesforce edition has no API, so Tandem cannot ask for your address. Nothing was changed."),
    _("Copy the address from Salesforce by the steps below, and enter it by hand."),
)


def told(pulled: Pulled) -> Lack:
    """What is missing, about this very member."""
    if pulled.missing is None:
        raise ValueError("nothing is missing")
    found = _LACKS[pulled.missing]
    return Lack(str(found.happened) % {"sender": pulled.sender}, found.do, found.steps)


def unanswered(why: Explanation) -> Lack:
    """Salesforce could not be asked."""
    by_hand = _(
        "Nothing was changed. Try again later, or enter the address by hand: the steps below show where it stands."
    )
    return Lack(str(why.happened), by_hand)

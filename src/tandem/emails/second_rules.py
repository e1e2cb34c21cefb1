"""Which emails go out a second time, to Salesforce, when are they tried again, and what does a refusal mean? Pure (P8).

The second envelope is a copy for the member's own Email to Salesforce address: the same bytes, by the member's own
provider, after the first was accepted. What becomes of it never touches the first.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.emails.troubles import next_try

Reason = Literal["sender", "address", "inactive", "unverified", "size", "other"]

#: After a lasting refusal or a bounce: somebody may mend it in Salesforce meanwhile. Then a person must ask for it.
AFTER_REFUSAL = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=18))
#: For so long a bounce may still come, so that the bytes are kept to be sent again.
BOUNCES_WITHIN = timedelta(days=2)
#: What could not be sent is kept so long for somebody to try it again.
KEPT_FOR = timedelta(days=14)

_SALESFORCE = re.compile(r"emailtosalesforce@\S+\.salesforce\.com")
_WORDS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    ("unverified", re.compile(r"5\.7\.2[0-9]|\bspf\b|\bdkim\b|\bdmarc\b|not verified", re.IGNORECASE)),
    ("inactive", re.compile(r"not active|inactive|disabled", re.IGNORECASE)),
    ("sender", re.compile(r"not authori[sz]ed|unauthori[sz]ed|acceptable|5\.7\.1\b", re.IGNORECASE)),
    ("size", re.compile(r"5\.3\.4|\b552\b|too large|larger than|size limit", re.IGNORECASE)),
    ("address", re.compile(r"5\.1\.[0-9]|no such|unknown|does not exist|doesn't exist", re.IGNORECASE)),
)
_SENTENCES: dict[Reason, Promise] = {
    "sender": _(
        "Salesforce does not take mail from %(sender)s, so this email was not logged there. It reached everybody it was written to. In Salesforce, add %(sender)s to “My Acceptable Email Addresses” under My Settings › Email › My Email to Salesforce, then try again here."
    ),
    "address": _(
        "The Email to Salesforce address is not there any more, so this email was not logged. It reached everybody it was written to. Choose “Check again” under Settings › Salesforce › Sync Settings › Email to Salesforce (BCC), then try again here."
    ),
    "inactive": _(
        "Email to Salesforce is switched off in Salesforce, so this email was not logged there. It reached everybody it was written to. Ask a Salesforce admin to tick “Active” under Setup › Email Administration › Email to Salesforce, then try again here."
    ),
    "unverified": _(
        "Salesforce could not verify the server that sent this email, so it was not logged there. It reached everybody it was written to. Ask whoever runs your mail to set up SPF and DKIM for your domain, or a Salesforce admin to switch that check off, then try again here."
    ),
    "size": _(
        "The email is too large for Salesforce, which takes attachments of 25 MB together, so it was not logged there. It reached everybody it was written to. Log it by hand, or send a link next time."
    ),
    "other": _(
        "Salesforce's mail server refused this email, so it was not logged there. It reached everybody it was written to. Its words say why; correct that, then try again here."
    ),
}


def goes_twice(*, kind: str, log: bool, address: str, ways: Collection[str], way: str) -> bool:
    """Whether a finished email is owed a second envelope (BC-1): sent by us, not private, and its member has BCC active.

    ways: those in which an email goes out through Tandem itself; another program's email is another program's affair.
    """
    return kind == "sent" and log and bool(address) and way in ways


def is_salesforce(address: str) -> bool:
    """Whether a bounce speaks of an Email to Salesforce address, be it one that was changed since."""
    return _SALESFORCE.fullmatch(address.lower()) is not None


def reason_of(words: str) -> Reason:
    """What a refusal of Salesforce's server, or the bounce that tells of it, means."""
    return next((reason for reason, pattern in _WORDS if pattern.search(words)), "other")


def sentence(reason: Reason, sender: str) -> str:
    """…for the member, in the language in force."""
    return str(_SENTENCES[reason]) % {"sender": sender}


def again_at(*, attempts: int, refusals: int, lasting: bool, now: datetime) -> datetime | None:
    """When it is tried again by itself; None when no more.

    attempts: passing troubles so far, which wait 1, 2, 4 … 60 minutes, for a day. refusals: lasting ones so far.
    """
    if not lasting:
        return next_try(attempts, now)
    return now + AFTER_REFUSAL[refusals] if refusals < len(AFTER_REFUSAL) else None

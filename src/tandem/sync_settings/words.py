"""How is a setting said to people, wherever it is shown: locked, in the log of changes, in a file's differences? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.accounts import logged
from tandem.connections.logged import APP, CONNECTION
from tandem.connections.models import TeamApp
from tandem.sync_settings.values import NOBODY, SEVERAL, Section
from tandem.view_as.looking import VIEW_AS

Words = str | Promise

#: What an entry of the log may be about.
SECTIONS: Mapping[str, Promise] = {
    Section.EMAIL_API: _("Log Email Activity: Salesforce API"),
    Section.EMAIL_BCC: _("Log Email Activity: Email to Salesforce (BCC)"),
    Section.TASKS: _("Sync Tasks/Reminders to Salesforce Tasks"),
    Section.CALLS: _("Log Calls to Salesforce"),
    Section.SUBJECT: _("Activity Details Customization"),
    CONNECTION: _("Connection to Salesforce"),
    APP: _("Salesforce app"),
    VIEW_AS: _("View as"),
    "statuses": _("Task statuses"),
    "unsubscribes": _("Unsubscribes"),
    **logged.SECTIONS,
}
FIELDS: Mapping[str, Promise] = {
    "emails": _("Emails sent"),
    "replies": _("Replies received"),
    "leads": _("Log to Leads"),
    "contacts": _("Log to Contacts"),
    "accounts": _("Log to Accounts"),
    "opportunities": _("Log to Opportunities"),
    "several": _("If several records match"),
    "nobody": _("If nobody matches"),
    "headers_only": _("Without the text of emails"),
    "both": _("API and BCC together"),
    "active": _("Active"),
    "address": _("Email to Salesforce address"),
    "sync": _("Sync with Salesforce tasks"),
    "log": _("Log calls"),
    "template": _("Template"),
    "paused": _("Paused"),
    "locked": _("Locked for members"),
    "state": _("State"),
    "org": _("Org"),
    "user": _("User"),
    "sign_in": _("Sign-ins so far"),
    "tried": _("Signed in to Salesforce as"),
    "refused": _("Refused"),
    "carrier": _("Reads and writes for the whole team"),
    "target": _("Members sign in at"),
    "my_domain": _("My Domain"),
    "client_id": _("Consumer key"),
    "client_secret": _("Consumer secret"),
    "lists": _("Lists looked at"),
    "open": _("Open"),
    "done": _("Complete"),
    "unsubscribed": _("Gets no emails"),
    "field": _("Field in Salesforce"),
    "nightly": _("Compare both ways once a night"),
    "hour": _("At (Pacific time)"),
    **logged.FIELDS,
}
_VALUES: Mapping[str, Mapping[str, Words]] = {
    "several": SEVERAL,
    "nobody": NOBODY,
    "state": {
        "connected": _("connected"),
        "reconnect": _("asks to be connected again"),
        "disconnected": _("disconnected"),
    },
    "refused": {
        "taken": _("a colleague is connected as this Salesforce user"),
        "ANOTHER_USER": _("another user of the same org"),
    },
    "target": dict(TeamApp.Target.choices),
    "lists": {"tasks and emails": _("tasks and emails")},
    # A secret is only said to be there, or to be another one.
    "client_secret": {"none": _("none"), "set": _("saved"), "replaced": _("another one")},
    **logged.VALUES,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed: its name, and both values in words; before is "" when nothing had been saved."""

    field: Words
    before: Words
    after: Words


def said(field: str, value: Any) -> Words:
    """A value in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _VALUES.get(field, {}).get(value, str(value))


def told(value: Mapping[str, Any], leave_out: Sequence[str] = ()) -> list[tuple[Words, Words]]:
    """A whole value, field by field, in words."""
    return [(FIELDS[field], said(field, held)) for field, held in value.items() if field not in leave_out]


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """What changed from one value to the next, in the order in which the page shows it."""
    old, new = before or {}, after or {}
    return [
        Difference(
            words,
            said(field, old[field]) if field in old else "",
            said(field, new[field]) if field in new else "",
        )
        for field, words in FIELDS.items()
        if old.get(field) != new.get(field)
    ]

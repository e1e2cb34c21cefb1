"""What can be set in each section of the page, and which values may stand together? Pure.

A section's value is a frozen dataclass; `checked` makes one from what somebody typed or a file says, `plain` is its
inverse. Source: P1, P7 … P9, P11; EM-2 … EM-10, BC-1 … BC-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.bcc.address import is_salesforces
from tandem.sync.fields import DEFAULT_TEMPLATE
from tandem.sync_settings.errors import InvalidSettings
from tandem.sync_settings.subject import problem


class Section(StrEnum):
    """The parts of the page that are saved, locked and audited each by itself."""

    EMAIL_API = "email-api"
    EMAIL_BCC = "email-bcc"
    TASKS = "tasks"
    CALLS = "calls"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class EmailApi:
    """What is logged through the API, to which records, and by which rule when the match is not one record (EM-3).

    headers_only: log who wrote to whom and when, and nothing of what they wrote (D29).
    both: an admin insists on API and BCC together; the API then leaves out what BCC has sent (P9).
    """

    emails: bool = False
    replies: bool = False
    leads: bool = True
    contacts: bool = True
    accounts: bool = False
    opportunities: bool = False
    several: str = "all"
    nobody: str = "hold"
    headers_only: bool = False
    both: bool = False


@dataclass(frozen=True, slots=True)
class EmailBcc:
    """Whether a member's emails go out a second time, to which of Salesforce's own addresses (P8)."""

    active: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Whether tasks are kept in step with Salesforce's Tasks."""

    sync: bool


@dataclass(frozen=True, slots=True)
class Calls:
    """Whether calls are logged to Salesforce."""

    log: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The Activity Detail template (AD-2)."""

    template: str = DEFAULT_TEMPLATE


Value = EmailApi | EmailBcc | Tasks | Calls | Subject

#: P1: what the card shows before anybody saved. Nothing moves until Save, whatever stands here.
TASKS_DEFAULT = Tasks(sync=True)

DEFAULTS: Mapping[Section, Value] = {
    Section.EMAIL_API: EmailApi(),
    Section.EMAIL_BCC: EmailBcc(),
    Section.TASKS: TASKS_DEFAULT,
    Section.CALLS: Calls(),
    Section.SUBJECT: Subject(),
}
SEVERAL = {
    "all": _("All of them"),
    "oldest": _("The oldest record"),
    "most-activity": _("The record with the most activity"),
}
NOBODY = {"hold": _("Hold it for review"), "skip": _("Skip it"), "lead": _("Create a lead")}
_ONE_OF: Mapping[str, Mapping[str, Promise]] = {"several": SEVERAL, "nobody": NOBODY}


def checked(section: Section, given: Mapping[str, Any]) -> Value:
    """The section's value made of `given`; what is left out is the default.

    Raises InvalidSettings with a sentence for every field that cannot stay as it is.
    """
    default = DEFAULTS[section]
    known = {field.name: getattr(default, field.name) for field in fields(default)}
    wrong: dict[str, Promise] = {
        name: _("There is no such setting. Nothing was saved.") for name in given if name not in known
    }
    for name, usual in known.items():
        value = given.get(name, usual)
        if type(value) is not type(usual):
            wrong[name] = (
                _("This can only be true or false. Nothing was saved.")
                if isinstance(usual, bool)
                else _("This has to be a text. Nothing was saved.")
            )
        elif name in _ONE_OF and value not in _ONE_OF[name]:
            wrong[name] = _("This is none of the choices. Nothing was saved. Choose one of them.")
    if not wrong:
        value = _canonical(type(default)(**{**known, **given}))
        wrong = _rules(value)
        if not wrong:
            return value
    raise InvalidSettings(wrong)


def plain(value: Value) -> dict[str, Any]:
    """The value as JSON keeps it."""
    return asdict(value)


def _canonical(value: Value) -> Value:
    if isinstance(value, EmailApi) and not value.emails:  # EM-10
        return EmailApi(**{**asdict(value), "replies": False})
    if isinstance(value, EmailBcc):
        return EmailBcc(value.active, value.address.strip().lower())
    if isinstance(value, Subject):
        return Subject(value.template.strip())
    return value


def _rules(value: Value) -> dict[str, Promise]:
    if isinstance(value, EmailApi):
        targets = (value.leads, value.contacts, value.accounts, value.opportunities)
        if value.emails and not any(targets):
            return {"leads": _("Nothing was saved. Choose at least one kind of record to log to.")}
    if isinstance(value, EmailBcc) and value.active and not is_salesforces(value.address):
        return {
            "address": _(
                "This is not an Email to Salesforce address, so nothing was activated. It begins with "
                "emailtosalesforce@ and ends with .le.salesforce.com or .in.salesforce.com. Copy it from Salesforce."
            )
        }
    if isinstance(value, Subject):
        sentence = problem(value.template)
        if sentence:
            return {"template": sentence}
    return {}

"""What makes a reminder's values valid, and how is each spelled? Pure.

The canonical spelling is the one that the sync compares (docs/engine.md §2.4): the same text always is the same value.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.reminders.errors import InvalidReminder

OPEN, DONE = "open", "done"
NORMAL, HIGH = "normal", "high"
NAME_LENGTH = 255
DETAILS_LENGTH = 32_000
ABOUT_LENGTH = 255
#: The days that Salesforce can hold (SOAP API guide, "date"); a task outside them could never be kept in step.
FIRST_DAY, LAST_DAY = date(1700, 1, 1), date(4000, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderValues:
    """The five values of a reminder that travel (docs/rules.md). Canonical and valid: `checked` makes them."""

    name: str
    details: str = ""
    status: str = OPEN
    priority: str = NORMAL
    due: date | None = None


FIELDS = tuple(field.name for field in fields(ReminderValues))


def checked(
    *, name: str, details: str = "", status: str = OPEN, priority: str = NORMAL, due: date | str | None = None
) -> ReminderValues:
    """Values as somebody typed them, made canonical. `due`: a date, "YYYY-MM-DD", "" or None.

    Raises InvalidReminder with a sentence for every field that cannot stay as it is.
    """
    typed = {"name": name, "details": details, "status": status, "priority": priority, "due": due}
    return ReminderValues(**checked_fields(typed))


def checked_fields(typed: Mapping[str, Any]) -> dict[str, Any]:
    """As `checked`, for some of the five fields. A field of another name is a programming error (KeyError)."""
    canonical: dict[str, Any] = {}
    sentences: dict[str, Promise] = {}
    for field, value in typed.items():
        try:
            canonical[field] = _CHECKS[field](value)
        except _Wrong as wrong:
            sentences[field] = wrong.sentence
    if sentences:
        raise InvalidReminder(sentences)
    return canonical


def one_line(text: str) -> str:
    """Canonical form of a name: composed characters (NFC), inner line breaks as blanks, no blanks around."""
    return unicodedata.normalize("NFC", text.replace("\r", "").replace("\n", " ")).strip()


class _Wrong(Exception):
    def __init__(self, sentence: Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _name(text: str) -> str:
    name = _storable(one_line(text))
    if not name:
        raise _Wrong(
            _("The task has no name yet. Nothing was saved. Write in a few words what is to be done.")
        )
    if len(name) > NAME_LENGTH:
        raise _Wrong(
            _(
                "The name has more than 255 characters. Nothing was saved. Shorten it, or move part of it to the details."
            )
        )
    return name


def _details(text: str) -> str:
    details = _storable(text.replace("\r\n", "\n").replace("\r", "\n").rstrip())
    if len(details) > DETAILS_LENGTH:
        raise _Wrong(_("The details have more than 32,000 characters. Nothing was saved. Shorten them."))
    return details


def _status(word: str) -> str:
    if word not in (OPEN, DONE):
        raise _Wrong(_("A task is either open or complete. Nothing was saved. Choose one of the two."))
    return word


def _priority(word: str) -> str:
    if word not in (NORMAL, HIGH):
        raise _Wrong(_("The priority is either normal or high. Nothing was saved. Choose one of the two."))
    return word


def _due(day: date | str | None) -> date | None:
    if not day:
        return None
    try:
        due = date.fromisoformat(day.strip()) if isinstance(day, str) else day
    except ValueError:
        due = None
    if due is None or not FIRST_DAY <= due <= LAST_DAY:
        raise _Wrong(
            _(
                "The due date is not a date that a calendar has. Nothing was saved. Write it as 2026-11-23, or leave it out."
            )
        )
    return due


def _storable(text: str) -> str:
    """Half characters and NUL reach us only by crafted requests; no database keeps them."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise _Wrong(
            _("The text holds a character that cannot be stored. Nothing was saved. Type the text anew.")
        )
    return text


_CHECKS = {"name": _name, "details": _details, "status": _status, "priority": _priority, "due": _due}

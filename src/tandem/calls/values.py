"""What makes a call's values valid, and how is each spelled? And which outcomes and reasons may a team have? Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.calls.errors import InvalidCall, InvalidWords

TEXT_LENGTH = 255
NOTES_LENGTH = 32_000
#: mktosales_call_outcome__c and mktosales_call_reason__c are Text(50) (CF-1).
WORD_LENGTH = 50
MOST_OUTCOMES = MOST_REASONS = 15
LONGEST_CALL = timedelta(days=1)
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
#: Clocks of other tools may be ahead of ours.
AHEAD = timedelta(minutes=5)

#: What a team has until an admin says otherwise. Not translated: they go to Salesforce, where reports count them.
OUTCOMES = (
    "Connected",
    "Meeting booked",
    "Call back later",
    "Left a voicemail",
    "No answer",
    "Busy",
    "Gatekeeper",
    "Wrong number",
    "Not interested",
)
REASONS = ("Introduction", "Follow-up", "Qualification", "Demo", "Proposal", "Renewal", "Support")

#: The 18-character id of a Lead or a Contact: its first three characters say which.
_RECORD = re.compile(r"\b(?:00Q|003)[0-9A-Za-z]{12}[A-Z0-5]{3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallValues:
    """What is told of a call. Canonical and valid: `checked` makes it."""

    at: datetime
    subject: str
    address: str = ""
    record: str = ""
    name: str = ""
    notes: str = ""
    outcome: str = ""
    reason: str = ""
    seconds: int = 0
    log: bool = True


def whom(text: str) -> dict[str, Any]:
    """Whom somebody typed, as the fields that mean it: an address, or the record that a link of Salesforce names."""
    record = _RECORD.search(text)
    return {"record": record[0]} if record and "@" not in text else {"address": text}


def checked(
    now: datetime,
    *,
    at: datetime | None,
    address: str = "",
    record: str = "",
    name: str = "",
    subject: str = "",
    notes: str = "",
    outcome: str = "",
    reason: str = "",
    seconds: int = 0,
    log: bool = True,
) -> CallValues:
    """Values as somebody told them, made canonical. `at`: aware; None for now.

    Raises InvalidCall with a sentence for every field that cannot stay as it is.
    """
    sentences: dict[str, Promise] = {}

    def read(field: str, check: Callable[..., Any], *told: Any) -> Any:
        try:
            return check(*told)
        except _Wrong as wrong:
            sentences[field] = wrong.sentence
            return told[0]

    address = read("address", _address, address)
    record = read("record", _record, record)
    if not address and not record:
        sentences["address"] = _(
            "It is not said whom the call was with. Nothing was saved. Give an email address, or the link of the lead or contact in Salesforce."
        )
    name = read("name", _line, name)
    subject = read("subject", _line, subject) or _with(name or address)
    values = {
        "address": address,
        "record": record,
        "name": name,
        "subject": subject,
        "notes": read("notes", _notes, notes),
        "outcome": read("outcome", _word, outcome),
        "reason": read("reason", _word, reason),
        "at": read("at", _moment, at or now, now),
        "seconds": read("seconds", _length, seconds),
        "log": log,
    }
    if sentences:
        raise InvalidCall(sentences)
    return CallValues(**values)


def checked_words(lines: str, most: int = MOST_OUTCOMES) -> list[str]:
    """A list with one word or a few on each line, each once, in that order. Raises InvalidWords."""
    words = list(dict.fromkeys(one_line(line) for line in lines.splitlines() if line.strip()))
    if not words:
        raise InvalidWords(_("The list is empty. Nothing was saved. Write at least one."))
    if len(words) > most:
        raise InvalidWords(
            _("There are more than 15. Nothing was saved. Take some out: a short list is chosen from faster.")
        )
    if any(len(word) > WORD_LENGTH for word in words):
        raise InvalidWords(
            _(
                "One of them is longer than 50 characters, which Salesforce cannot hold. Nothing was saved. Shorten it."
            )
        )
    if any(_unstorable(word) for word in words):
        raise InvalidWords(
            _("The text holds a character that cannot be stored. Nothing was saved. Type it anew.")
        )
    return words


def one_line(text: str) -> str:
    """Composed characters (NFC), inner line breaks as blanks, no blanks around."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same(told: CallValues, stored: Mapping[str, Any]) -> bool:
    """Whether a call that is told once more says what was stored the first time."""
    return all(stored[field] == getattr(told, field) for field in CallValues.__slots__)


class _Wrong(Exception):
    def __init__(self, sentence: Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _with(whom: str) -> str:
    return f"Call with {whom}"[:TEXT_LENGTH] if whom else "Call"


def _unstorable(text: str) -> bool:
    """Half characters and NUL reach us only by crafted requests; no database keeps them."""
    return any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text)


def _storable(text: str) -> str:
    if _unstorable(text):
        raise _Wrong(_("The text holds a character that cannot be stored. Nothing was saved. Type it anew."))
    return text


def _address(text: str) -> str:
    address = text.strip().lower()
    if address:
        try:
            validate_email(_storable(address))
        except ValidationError:
            raise _Wrong(
                _(
                    "This is neither an email address nor the link of a lead or contact. Nothing was saved. Write it as jan@veldkamp.example, or paste the link from Salesforce."
                )
            ) from None
        if len(address) > 254:  # RFC 5321, 4.5.3.1.3
            raise _Wrong(_("The address is longer than an address can be. Nothing was saved. Check it."))
    return address


def _record(text: str) -> str:
    record = text.strip()
    if record and not _RECORD.fullmatch(record):
        raise _Wrong(
            _(
                "This is not the id of a lead or contact. Nothing was saved. It has 18 characters and begins with 00Q or 003."
            )
        )
    return record


def _line(text: str) -> str:
    line = _storable(one_line(text))
    if len(line) > TEXT_LENGTH:
        raise _Wrong(_("This has more than 255 characters. Nothing was saved. Shorten it."))
    return line


def _word(text: str) -> str:
    word = _storable(one_line(text))
    if len(word) > WORD_LENGTH:
        raise _Wrong(_("This has more than 50 characters. Nothing was saved. Shorten it."))
    return word


def _notes(text: str) -> str:
    notes = _storable(text.replace("\r\n", "\n").replace("\r", "\n").rstrip())
    if len(notes) > NOTES_LENGTH:
        raise _Wrong(_("The notes have more than 32,000 characters. Nothing was saved. Shorten them."))
    return notes


def _moment(at: datetime, now: datetime) -> datetime:
    if not FIRST_DAY <= at <= now + AHEAD:
        raise _Wrong(
            _("A call is logged once it has been made. Nothing was saved. Give a time that lies in the past.")
        )
    return at


def _length(seconds: int) -> int:
    if not 0 <= seconds <= LONGEST_CALL.total_seconds():
        raise _Wrong(_("A call lasts from 0 seconds to 24 hours. Nothing was saved. Check how long it took."))
    return seconds

"""The field map: which Reminder field is which Task field, and what the words of one mean on the other side.

Each field answers four questions, all pure:

    word(value, closed)  our word for Salesforce's value; None when it has none ("In Progress", "Low": no opinion)
    kind(value, closed)  our word that is of the same kind, for values without a word of ours
    send(ours)           Salesforce's word for ours; None when this field does not travel that way
    ours_wins(ours, word) who gives way when both sides changed it (P6)

Source: P2, P3, P6, AD-3 … AD-6 and the field map in docs/rules.md; docs/engine.md §2.4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from tandem.sync.pair import FIELDS, Values, Version

SUBJECT_LENGTH = 255
DETAILS_LENGTH = 32_000
DEFAULT_TEMPLATE = "{{activity_subject}}"
NO_SUBJECT = "(no subject)"

SALESFORCE_NAMES: Mapping[str, str] = {
    "name": "Subject",
    "status": "Status",
    "priority": "Priority",
    "due": "ActivityDate",
    "details": "Description",
}

_SUBJECT_TOKEN = re.compile(r"\{\{\s*activity_subject\s*\}\}", re.IGNORECASE)
# NUL and half characters (a text cut inside an emoji) can reach us from Salesforce, and no database keeps them.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ANY_TOKEN = re.compile(r"\{\{.*?\}\}")


class Field(Protocol):
    """One row of the field map."""

    @property
    def name(self) -> str: ...
    @property
    def rule(self) -> str: ...
    def word(self, value: str, *, closed: bool) -> str | None: ...
    def kind(self, value: str, *, closed: bool) -> str | None: ...
    def send(self, ours: str) -> str | None: ...
    def ours_wins(self, ours: str, word: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A field whose values are the same text on both sides; Salesforce wins a conflict."""

    name: str
    rule: str = "Salesforce wins"

    def word(self, value: str, *, closed: bool) -> str | None:
        return value

    def kind(self, value: str, *, closed: bool) -> str | None:
        return value

    def send(self, ours: str) -> str | None:
        return ours

    def ours_wins(self, ours: str, word: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Subject:
    """The name, two-way (P2). A Task without a Subject is no opinion: a Reminder always has a name."""

    name: str = "name"
    rule: str = "Salesforce wins"

    def word(self, value: str, *, closed: bool) -> str | None:
        return value or None

    def kind(self, value: str, *, closed: bool) -> str | None:
        return None

    def send(self, ours: str) -> str | None:
        return ours

    def ours_wins(self, ours: str, word: str) -> bool:
        return False


STATUS_WORDS: Mapping[str, str] = {"open": "Not Started", "done": "Completed"}


@dataclass(frozen=True, slots=True)
class Status:
    """open = Not Started, done = Completed; every other status is no opinion, but of kind open or done (TS-5).

    words: the org's own status for one of ours, where it does not have Salesforce's usual one.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    name: str = "status"
    rule: str = "done beats open"

    def word(self, value: str, *, closed: bool) -> str | None:
        return {there: ours for words in (STATUS_WORDS, self.words) for ours, there in words.items()}.get(
            value
        )

    def kind(self, value: str, *, closed: bool) -> str | None:
        return "done" if closed else "open"

    def send(self, ours: str) -> str | None:
        word = "done" if ours == "done" else "open"
        return self.words.get(word) or STATUS_WORDS[word]

    def ours_wins(self, ours: str, word: str) -> bool:
        return ours == "done"


@dataclass(frozen=True, slots=True)
class Priority:
    """normal = Normal, high = High; Low (and any other) is no opinion, of kind normal (TS-6)."""

    name: str = "priority"
    rule: str = "Salesforce wins"

    def word(self, value: str, *, closed: bool) -> str | None:
        return {"Normal": "normal", "High": "high"}.get(value)

    def kind(self, value: str, *, closed: bool) -> str | None:
        return "high" if value == "High" else "normal"

    def send(self, ours: str) -> str | None:
        return "High" if ours == "high" else "Normal"

    def ours_wins(self, ours: str, word: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Templated:
    """A name whose Subject is rendered from a template: one way, and a rename travels only if it is named (P3)."""

    template: str
    name: str = "name"
    rule: str = "the subject template is one way"

    def word(self, value: str, *, closed: bool) -> str | None:
        return None

    def kind(self, value: str, *, closed: bool) -> str | None:
        return None

    def send(self, ours: str) -> str | None:
        return render(self.template, ours) if _SUBJECT_TOKEN.search(self.template) else None

    def ours_wins(self, ours: str, word: str) -> bool:
        return True


def render(template: str, subject: str) -> str:
    """Task.Subject of a Reminder from the template."""
    return fill(template, {"activity_subject": subject})


def fill(template: str, values: Mapping[str, str]) -> str:
    """Task.Subject from the template: empty tokens render as nothing, one line, at most 255 characters (AD-4 … AD-6)."""
    # One pass: what a member typed is no template, even with braces in it.
    return canonical_name(
        _ANY_TOKEN.sub(lambda token: values.get(token[0][2:-2].strip().lower(), ""), template)
    )


def canonical_name(text: str) -> str:
    """One line, NFC, trimmed, cut at 255: the form in which two names are compared."""
    # Composed last: what is taken out may have stood between a letter and its accent.
    line = unicodedata.normalize("NFC", text.replace("\r", "").replace("\n", " "))
    return line.strip()[:SUBJECT_LENGTH].rstrip()


def canonical_details(text: str) -> str:
    """LF line ends and no trailing white space, as Salesforce stores it: the form in which two texts are compared."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def canonical(values: Mapping[str, str | None]) -> dict[str, str]:
    """Values of either side in the form in which they are compared; None becomes ""."""
    plain = {field: _UNSTORABLE.sub("", values.get(field) or "") for field in FIELDS}
    plain["name"] = canonical_name(plain["name"])
    plain["details"] = canonical_details(plain["details"])
    return plain


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value may not be sent: a code that pages put into words, and what it is about, when a code cannot say."""

    code: str
    about: str = ""


@dataclass(frozen=True)
class FieldMap:
    """The whole map for one org. statuses: the org's Task status values; empty means they were not read yet.

    status_words: the org's own status for "open" or "done", where a person chose one.
    """

    template: str = DEFAULT_TEMPLATE
    statuses: frozenset[str] = frozenset()
    status_words: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The five rows of the map, by our field name."""
        one_way = _SUBJECT_TOKEN.fullmatch(self.template.strip()) is None
        name: Field = Templated(self.template) if one_way else Subject()
        rows: tuple[Field, ...] = (
            name,
            Status(self.status_words),
            Priority(),
            Plain("due"),
            Plain("details"),
        )
        return {row.name: row for row in rows}

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def to_create(self, ours: Values) -> dict[str, str]:
        """Every Salesforce value of a new Task; a template without the subject still names the Task (P3)."""
        sent = {field.name: field.send(ours[field.name]) for field in self.fields.values()}
        if sent["name"] is None:
            sent["name"] = render(self.template, ours["name"])
        return {name: value for name, value in sent.items() if value is not None}

    def to_import(self, seen: Version) -> dict[str, str]:
        """Our values for a Task that comes in: its words, else words of the same kind, else its Subject as it is."""
        ours = {}
        for name, row in self.fields.items():
            value = seen.values[name]
            word = row.word(value, closed=seen.closed)
            kind = row.kind(value, closed=seen.closed)
            ours[name] = word if word is not None else kind if kind is not None else value
        ours["name"] = ours["name"] or NO_SUBJECT
        return ours

    def agree(self, name: str, ours: str, value: str, *, closed: bool) -> bool:
        """Whether our value and Salesforce's may stand side by side as a base (I6)."""
        word = self[name].word(value, closed=closed)
        return word is None or word == ours

    def problem(self, sending: Values, seen: Version | None) -> Problem | None:
        """The first reason why these Salesforce values may not be sent, found before anything is."""
        if len(sending.get("name", "")) > SUBJECT_LENGTH:
            return Problem("NAME_TOO_LONG")
        if len(sending.get("details", "")) > DETAILS_LENGTH:
            return Problem("DETAILS_TOO_LONG")
        if "due" in sending and seen is not None and seen.series:
            return Problem("DUE_DATE_ON_SERIES")
        if sending.get("due") and not _is_date(sending["due"]):
            return Problem("INVALID_DATE")
        status = sending.get("status")
        if status is not None and self.statuses and status not in self.statuses:
            return Problem("STATUS_NOT_IN_ORG", status)
        return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

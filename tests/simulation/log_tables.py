"""What lies in our database of emails and calls, and of their way to Salesforce? Beside tables.py, which has the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tandem.people.matching import Found
from tandem.sync.activity import Address, Kind, Logging, Shape, Verdict
from tandem.sync.activity_settle import Making


@dataclass(frozen=True, slots=True)
class Message:
    """A row of emails.models or calls.models. answers: the email that a reply answers; news: nobody has looked at it."""

    id: int
    kind: Kind
    member: int
    key: str
    addresses: tuple[Address, ...]
    subject: str
    at: datetime
    text: str = ""
    state: str = "sent"
    answers: int | None = None
    log: bool = True
    by_bcc: bool = False
    outcome: str = ""
    news: bool = True


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A row of sync.models.Activity. held: the addresses that wait for a person, with the record that one has named."""

    id: int
    message: int
    verdict: Verdict = "open"
    why: tuple[Mapping[str, Any], ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)


class LogTables:
    """The rows. entries: sync.models.ActivityLink; newcomers: NewRecord; owed: the entries whose custom fields are owed.

    rules: what holds for every member; loggers: members whose emails and calls are logged.
    """

    def __init__(self) -> None:
        self.rules = Logging()
        self.loggers: set[int] = set()
        self.messages: dict[int, Message] = {}
        self.activities: dict[int, ActivityRow] = {}
        self.entries: dict[int, Making] = {}
        self.newcomers: dict[int, Making] = {}
        self.owed: dict[int, bool] = {}
        self.matches: dict[tuple[int, str], tuple[Found, datetime]] = {}
        self.shapes: dict[int, tuple[Shape, datetime]] = {}
        self.warnings: dict[tuple[int, str, str], datetime] = {}

    def entries_of(self, activity: int) -> list[Making]:
        """The log entries of one activity."""
        return [entry for entry in self.entries.values() if entry.of == activity]

    def by_key(self, key: str) -> Making | None:
        """The log entry with this key."""
        return next((entry for entry in self.entries.values() if entry.key == key), None)

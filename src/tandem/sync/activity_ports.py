"""What logging needs of the world, as Protocols: Activities (Salesforce) and Journal (our database).

As in ports: one method of `Activities` is one API call, a write's answer is a value per row, a read that brings nothing
raises NoAnswer. A whole write call that failed gives every row that same fate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from tandem.people.matching import Asked, Candidate, Deal, Found
from tandem.sync.activity import Decision, Happened, Logging, Shape
from tandem.sync.activity_settle import Making
from tandem.sync.ports import Outcome, Refused

#: Sizes per call.
QUESTIONS = 5
COLLECTIONS = 5
ROWS = 200
LOOKS = 800
AMENDS = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """Names that one query takes: email addresses, or ids; never both."""

    asked: Asked
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A Lead or Contact as Salesforce answered it. contact: what a converted lead has become, "" when nobody can say."""

    email: str
    record: Candidate
    converted: bool = False
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to one question; `refused` when there is none, which says nothing about the other questions."""

    people: Sequence[Person] = ()
    colleagues: frozenset[str] = frozenset()
    deals: Sequence[tuple[str, Deal]] = ()
    tasks: Mapping[str, int] = field(default_factory=dict)
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The fate of each row, in order. came: False when the call as a whole brought no answer."""

    outcomes: Sequence[Outcome]
    came: bool = True


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A Lead or Contact by its address, and the field that was asked for."""

    sobject: Sobject
    id: str
    address: str
    field: str


@dataclass(frozen=True, slots=True)
class Look:
    """What Salesforce told of unsubscribes; refused: why it did not tell of one of the fields."""

    found: Sequence[OnRecord] = ()
    refused: Refused | None = None


class Activities(Protocol):
    """Salesforce, as far as logging needs it: the same connection as ports.Salesforce."""

    @property
    def calls(self) -> int: ...
    def task_shape(self) -> Shape: ...
    def find(self, questions: Sequence[Question]) -> Sequence[Heard]: ...
    def logged(self, keys: Sequence[str]) -> Mapping[str, str]:
        """The Task of each of up to LOOKS keys, deleted ones included; the oldest of several."""
        ...

    def log(self, collections: Sequence[Sequence[tuple[str, Mapping[str, Any]]]]) -> Answered:
        """INSERT up to COLLECTIONS × ROWS Tasks: (key, body). Outcomes as if it were one list."""
        ...

    def make_people(self, rows: Sequence[tuple[Sobject, Mapping[str, Any]]]) -> Answered:
        """INSERT up to ROWS Leads and Contacts."""
        ...

    def amend(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Answered:
        """Set these fields of up to AMENDS Tasks, whatever they say now."""
        ...

    def not_opted_out(self, addresses: Sequence[str], fields: Sequence[str]) -> Look:
        """Leads and Contacts with these addresses on which one of these fields is not set."""
        ...

    def opted_out(self, fields: Sequence[str], since: datetime | None) -> Look:
        """Leads and Contacts on which one of these fields is set, changed since then by Salesforce's clock."""
        ...

    def set_people(
        self, sobject: Sobject, rows: Sequence[tuple[str, Mapping[str, bool]]]
    ) -> Sequence[Outcome]:
        """Set these fields of up to AMENDS Leads or Contacts: (id, fields)."""
        ...


Sobject = Literal["Lead", "Contact"]
#: Which records are being made: Tasks that log something, or people for whom there was no record.
Table = Literal["tasks", "people"]
TABLES: tuple[Table, ...] = ("people", "tasks")


@dataclass(frozen=True, slots=True)
class NewTask:
    """A Task that is owed from now on. wanted: all custom fields that are known, whether the org has them or not."""

    key: str
    record: str
    name: str
    body: Mapping[str, Any]
    wanted: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A Lead to make for an address that nobody has; the first wish for an address counts."""

    address: str
    member: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """One activity, what was decided about it, and what is owed because of that."""

    happened: Happened
    decision: Decision
    tasks: Sequence[NewTask] = ()
    people: Sequence[NewPerson] = ()


class Journal(Protocol):
    """Our database's side of logging. Whatever writes is called within the round's fenced transaction."""

    # what holds
    def logging(self, members: Sequence[int]) -> Mapping[int, Logging]: ...
    def ignored(self) -> frozenset[str]: ...
    def own_addresses(self) -> frozenset[str]: ...
    def shape(self, org: int) -> tuple[Shape, datetime] | None: ...
    def save_shape(self, org: int, shape: Shape, now: datetime, *, backfill: bool) -> None:
        """backfill: custom fields have appeared, so that every Task that was logged owes them once (CF-2)."""
        ...

    # activities
    def take(self, org: int, members: Sequence[int], limit: int) -> int:
        """Make Activities of what happened, and note what changed about those that there are; how many that were."""
        ...

    def open(self, org: int, members: Sequence[int], after: int, limit: int) -> list[Happened]:
        """Activities that are to be decided, by id."""
        ...

    def matches(self, connection: int, names: Iterable[str], now: datetime) -> dict[str, Found]:
        """What is still believed of these addresses: what was said through this connection, whose user sees what they see."""
        ...

    def save_matches(self, connection: int, found: Mapping[str, Found], now: datetime) -> None: ...
    def decide(self, org: int, decided: Sequence[Decided], now: datetime) -> None: ...
    def not_made(self, org: int, addresses: Iterable[str]) -> dict[str, str]:
        """Addresses for which no lead will be made any more, and why, for people."""
        ...

    def charge(self, activities: Iterable[int], calls: float) -> None:
        """Divide so many API calls over these activities; one that is named twice bears two parts."""
        ...

    # what is being made
    def owed(
        self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int
    ) -> list[Making]: ...
    def doubtful(
        self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int
    ) -> list[Making]: ...
    def again(self, table: Table, ids: Sequence[int]) -> list[Making]:
        """These, as they are now, those that ended in the meantime left out."""
        ...

    def match_anew(self, org: int, gone: Sequence[Making]) -> None:
        """Their records are gone: forget what was believed of their addresses, and decide about these anew."""
        ...

    def save_makings(self, table: Table, makings: Sequence[Making], now: datetime) -> None: ...
    def used(self, activities: Iterable[int]) -> Mapping[int, frozenset[str]]:
        """The ids of all records that the Tasks of each of these activities name."""
        ...

    def people_made(
        self, org: int, connection: int, people: Mapping[str, tuple[str, Found]], now: datetime
    ) -> None:
        """These addresses have a record now: (its id, what to believe of the address). ("", …): they never will.

        Without a record to believe in, they are asked for again. What is held for them is decided again: on that record.
        """
        ...

    # custom fields, later
    def amendable(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[Making]: ...
    def save_amended(self, amended: Sequence[tuple[Making, bool]], now: datetime) -> None: ...

    # what the org does not let us do
    def warn(self, org: int, connection: int, code: str, about: str, text: str, now: datetime) -> None: ...
    def shut(self, connection: int, since: datetime) -> frozenset[str]:
        """Kinds of record, and fields, that Salesforce has kept from this connection since then."""
        ...

    def allowed(self, connection: int, about: Collection[str]) -> None:
        """Salesforce took these fields, or showed these kinds of record: what was warned of is over.

        A custom field that was left out meanwhile is owed once (CF-2).
        """
        ...

    def next_due(self, org: int, members: Sequence[int]) -> datetime | None:
        """When the first wait of all this ends."""
        ...

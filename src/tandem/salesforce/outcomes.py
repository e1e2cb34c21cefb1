"""What a call gives back: rows with the server's time, and one outcome for each row that was written.

A shared call can succeed for one row and fail for its neighbour, so a row's outcome is a value, not an exception.
Only a call that failed as a whole raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tandem.salesforce.errors import NotDone, OutcomeUnknown, SalesforceError
from tandem.salesforce.wire import TaskRow


@dataclass(frozen=True, slots=True)
class Done:
    """The row is written; `id` is its 18-character id."""

    id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The row is certainly not written."""

    error: NotDone


@dataclass(frozen=True, slots=True)
class Doubt:
    """The row may or may not be written: look before writing it again."""

    error: OutcomeUnknown


RowResult = Done | Failed | Doubt


def row_result(error: SalesforceError) -> Failed | Doubt:
    """The outcome of one row that an error stands for."""
    if isinstance(error, NotDone):
        return Failed(error)
    if isinstance(error, OutcomeUnknown):
        return Doubt(error)
    raise TypeError(f"neither done nor in doubt: {type(error).__name__}")


@dataclass(frozen=True, slots=True)
class Rows:
    """Tasks as they lay at `read_at`: the server's own clock, whole seconds, taken from the answer's Date header."""

    rows: tuple[TaskRow, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of changes in the order (SystemModstamp, Id). Not `complete`: go on after the last row."""

    rows: tuple[TaskRow, ...]
    read_at: datetime
    complete: bool

    @property
    def after(self) -> tuple[datetime, str] | None:
        """Where the next page begins, None when this one is empty."""
        return (self.rows[-1].system_modstamp, self.rows[-1].id) if self.rows else None


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of each row in the order given, and the rows as they were read back in the same call.

    `read_back` is None when nothing was sent (every row was bad input) or when reading back failed while the writes
    did not: then `read_error` says why, and the caller reads them itself.
    """

    results: tuple[RowResult, ...]
    read_back: Rows | None
    read_error: SalesforceError | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """One conditional update: `fields` by API name, refused (Changed) if the Task moved after the given moment.

    `series` is TaskRow.is_recurrence of the row it was planned on: a series takes no due date (rule SF-2).
    """

    id: str
    fields: Mapping[str, Any]
    unless_modified_since: datetime
    series: bool = False


@dataclass(frozen=True, slots=True)
class QueryPage:
    """Raw records of any query. `next_url` goes to `Client.query_more` while `done` is false."""

    records: tuple[Mapping[str, Any], ...]
    total: int
    done: bool
    next_url: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of an object as `describe` tells it. `picklist` holds the active values only.

    `preselected` is the picklist value that a new record gets when none is named, "" when there is none.
    """

    name: str
    type: str
    length: int
    createable: bool
    updateable: bool
    filterable: bool
    unique: bool
    external_id: bool
    custom: bool
    picklist: tuple[str, ...] = ()
    preselected: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """An object as this user may see and write it: its permissions, and its fields by API name."""

    name: str
    createable: bool
    updateable: bool
    deletable: bool
    fields: Mapping[str, FieldInfo] = field(repr=False)
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """The org's limits by name, each (max, remaining); they may lag five minutes (docs/salesforce.md §2.2)."""

    by_name: Mapping[str, tuple[int, int]]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class DeletedLog:
    """getDeleted: (id, when). Exact up to `covered_to`; nothing is known before `earliest_available`."""

    deleted: tuple[tuple[str, datetime], ...]
    earliest_available: datetime
    covered_to: datetime
    read_at: datetime


@dataclass(frozen=True, slots=True)
class UpdatedLog:
    """getUpdated: ids changed in the stretch asked for. Exact up to `covered_to` (docs/salesforce.md §2.9)."""

    ids: tuple[str, ...]
    covered_to: datetime
    read_at: datetime

"""What does a query see of the org, and which index spares it reading all rows?

The catalogue that `orgbox.soql` evaluates a query against: one user's view through one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from orgbox.commits import Pending
from orgbox.errors import OrgError
from orgbox.ids import to18
from orgbox.records import Record, Table
from orgbox.schema.types import Field, ObjectSchema
from orgbox.state import State
from orgbox.timeline import Timeline

Hint = tuple[str, str, Any]
_Rows = tuple[int, Callable[[], Iterable[str]]]


class View:
    """The org as one transaction's user sees it: every row, unless the user's access is limited."""

    def __init__(self, pending: Pending, url_prefix: str) -> None:
        self._pending = pending
        self._state = pending.state
        self._access = pending.access
        self.user_id = pending.user_id
        self.url_prefix = url_prefix

    @property
    def time_zone(self) -> str:
        """The user's IANA time zone, in which date literals are counted."""
        user = self._pending.look("User", self.user_id)
        return "UTC" if user is None else str(user["TimeZoneSidKey"])

    def now(self) -> datetime:
        """The org's time."""
        return self._state.clock.now()

    def schema(self, name: str) -> ObjectSchema:
        """The description of an sObject, named in any case. Raises OrgError INVALID_TYPE."""
        schema = self._state.schema(name)
        return schema if self._access is None else self._access.schema(schema)

    def children(self, parent: str, relationship: str) -> tuple[ObjectSchema, Field] | None:
        """The object and the reference behind a child relationship of `parent`, named in any case."""
        return child_of(self._state, parent, relationship)

    def sobject_of(self, record_id: str) -> str:
        """The sObject that an id's first three characters name."""
        schema = self._state.by_prefix.get(record_id[:3])
        if schema is None:
            raise OrgError("MALFORMED_ID", f"malformed id {record_id}", ("Id",))
        return schema.name

    def scan(self, name: str, all_rows: bool) -> Iterator[Record]:
        """The rows of an sObject; deleted and archived ones only for queryAll."""
        schema = self.schema(name)
        records = self._seen(schema, self._pending.records(schema.name))
        return records if all_rows else (r for r in records if not r["IsDeleted"] and not r["IsArchived"])

    def get(self, name: str, record_id: str) -> Record | None:
        """A live record, to read it as somebody's parent; None when there is none."""
        record = self._pending.look(name, record_id)
        if record is None or record["IsDeleted"]:
            return None
        return next(self._seen(self._state.schema(name), iter((record,))), None)

    def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Record] | None:
        """The rows among which are all that fulfil every hint, by the index that leaves fewest; None without one.

        Deleted and archived rows may be among them: `evaluate` tests every row for visibility again.
        """
        if self._pending.wrote(name):
            return None
        table = self._state.tables[name]
        choices = [
            *_by_id(table, hints),
            *_by_parent(table, hints),
            *_by_key(table, hints),
            *_by_stamp(table, hints),
        ]
        if not choices:
            return None
        _, identifiers = min(choices, key=lambda choice: choice[0])
        records = table.records
        found = (records[identifier] for identifier in identifiers() if identifier in records)
        return list(self._seen(self._state.schema(name), found))

    def _seen(self, schema: ObjectSchema, records: Iterator[Record]) -> Iterator[Record]:
        access = self._access
        if access is None:
            return records
        return (record for record in records if access.sees(schema, record, self.user_id))


def child_of(state: State, parent: str, relationship: str) -> tuple[ObjectSchema, Field] | None:
    """The object and the reference behind a child relationship of `parent`, named in any case."""
    wanted = relationship.lower()
    for schema in state.schemas.values():
        for field in schema.fields:
            name = field.child_relationship
            if name is not None and name.lower() == wanted and parent in field.reference_to:
                return schema, field
    return None


def _wanted(hints: Sequence[Hint], field: str) -> list[Any] | None:
    """The values among which a field's value is, if a hint says so."""
    for name, operator, value in hints:
        if name == field and operator in ("=", "IN"):
            values = [value] if operator == "=" else list(value)
            return None if None in values else values
    return None


def _ids(hints: Sequence[Hint], field: str) -> list[str] | None:
    wanted = _wanted(hints, field)
    return None if wanted is None else list(dict.fromkeys(to18(value[:15]) for value in wanted))


def _by_id(table: Table, hints: Sequence[Hint]) -> Iterator[_Rows]:
    identifiers = _ids(hints, "Id")
    if identifiers is not None:
        yield len(identifiers), partial(list, identifiers)


def _by_parent(table: Table, hints: Sequence[Hint]) -> Iterator[_Rows]:
    for field, children in table.by_parent.items():
        parents = _ids(hints, field)
        if parents is not None:
            families = [children[parent] for parent in parents if parent in children]
            yield sum(map(len, families)), partial(chain.from_iterable, families)


def _by_key(table: Table, hints: Sequence[Hint]) -> Iterator[_Rows]:
    for field in table.keys:
        values = _wanted(hints, field.name)
        if values is not None:
            found = dict.fromkeys(i for value in values for i in table.spelt_alike(field, value))
            yield len(found), partial(list, found)


def _by_stamp(table: Table, hints: Sequence[Hint]) -> Iterator[_Rows]:
    start = max((v for name, op, v in hints if name == "SystemModstamp" and op == ">="), default=None)
    end = min((v for name, op, v in hints if name == "SystemModstamp" and op == "<"), default=None)
    if start is None and end is None:
        return
    owners = _ids(hints, "OwnerId")
    if owners is None:
        timelines = [table.by_stamp]
    else:
        timelines = [table.by_owner[owner] for owner in owners if owner in table.by_owner]
    yield sum(t.count(start, end) for t in timelines), partial(_in_time, timelines, start, end)


def _in_time(timelines: list[Timeline], start: datetime | None, end: datetime | None) -> list[str]:
    return [identifier for timeline in timelines for _, identifier in timeline.between(start, end)]

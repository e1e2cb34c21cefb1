"""What does a transaction see and hold before it commits, and what happens when it does?

Rows are stamped when they are written and seen by others when they are committed: a slow transaction thus shows
changes below a stamp that others have read already (docs/salesforce.md §9.1). Meanwhile it holds its rows and their
parents, and whoever wants to write them gets UNABLE_TO_LOCK_ROW. Many transactions commit in the same instant as
they write; nobody can come between, so those hold nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orgbox.errors import OrgError
from orgbox.ids import to15
from orgbox.records import Record, key_of
from orgbox.schema.types import Field, ObjectSchema
from orgbox.state import State, Written


class Pending:
    """The versions a transaction has written over the committed ones, and its locks."""

    __slots__ = (
        "_deleted_with",
        "_keyed",
        "_written",
        "access",
        "done",
        "holds",
        "started_at",
        "state",
        "trail",
        "user_id",
    )

    def __init__(self, state: State, user_id: str, *, holds: bool = False) -> None:
        self.state = state
        self.user_id = user_id
        self.access = state.access.get(user_id)
        self.started_at = state.clock.now()
        self.holds = holds
        self.done = False
        self.trail: list[tuple[str, str, Record | None]] = []
        self._written: dict[str, dict[str, Record]] = {}
        self._keyed: dict[
            tuple[str, str, Any], dict[str, None]
        ] = {}  # who was given a key; it may be gone again
        self._deleted_with: dict[str, str | None] = {}
        if holds:
            state.open[self] = None

    # What it sees -----------------------------------------------------------------------------------------------

    def look(self, sobject: str, identifier: str) -> Record | None:
        """The version this transaction sees, deleted ones too."""
        written = self._written.get(sobject)
        if written is not None and (own := written.get(identifier)) is not None:
            return own
        return self.state.tables[sobject].records.get(identifier)

    def records(self, sobject: str) -> Iterator[Record]:
        """Every version this transaction sees, deleted and archived ones too."""
        committed = self.state.tables[sobject].records
        written = self._written.get(sobject)
        if not written:
            yield from committed.values()
            return
        for identifier, record in committed.items():
            yield written.get(identifier, record)
        for identifier, record in written.items():
            if identifier not in committed:
                yield record

    def wrote(self, sobject: str) -> bool:
        """Whether it has written rows of that sObject, so that the committed indexes do not tell all."""
        return bool(self._written.get(sobject))

    def children(self, schema: ObjectSchema, field: Field, parent: str) -> list[Record]:
        """The records, as seen here, whose reference `field` is that parent."""
        identifiers: Iterable[str] = self.state.tables[schema.name].children(field.name, parent)
        if written := self._written.get(schema.name):
            identifiers = dict.fromkeys((*identifiers, *written))
        seen = (self.look(schema.name, identifier) for identifier in identifiers)
        return [record for record in seen if record is not None and record[field.name] == parent]

    def holder(self, schema: ObjectSchema, field: Field, value: Any) -> list[str]:
        """Ids of the live records, as seen here, that hold this value of a key field."""
        holders = self.state.tables[schema.name].holders(field, value)
        if not self._written.get(schema.name):
            return holders
        key = key_of(field, value)
        return [
            identifier
            for identifier in dict.fromkeys((*holders, *self._keyed.get((schema.name, field.name, key), ())))
            if (record := self.look(schema.name, identifier)) is not None
            and not record["IsDeleted"]
            and record[field.name] is not None
            and key_of(field, record[field.name]) == key
        ]

    def deleted_with(self, identifier: str) -> str | None:
        """The record whose deletion took this one along, if one did."""
        if identifier in self._deleted_with:
            return self._deleted_with[identifier]
        return self.state.deleted_with.get(identifier)

    # What it holds ----------------------------------------------------------------------------------------------

    def lock(self, identifiers: Iterable[str | None]) -> None:
        """Take these rows. Raises OrgError UNABLE_TO_LOCK_ROW when another open transaction has one."""
        locks = self.state.locks
        if not locks and not self.holds:
            return
        wanted = [identifier for identifier in identifiers if identifier is not None]
        for identifier in wanted:
            if locks.get(identifier, self) is not self:
                raise cannot_lock(identifier)
        if self.holds:
            for identifier in wanted:
                locks[identifier] = self

    def claim(self, schema: ObjectSchema, field: Field, value: Any) -> None:
        """Take a unique value. Raises OrgError UNABLE_TO_LOCK_ROW while another open transaction has written it."""
        claims = self.state.claims
        if not claims and not self.holds:
            return
        key = (schema.name, field.name, key_of(field, value))
        if claims.get(key, self) is not self:
            raise OrgError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if self.holds:
            claims[key] = self

    # What it does -----------------------------------------------------------------------------------------------

    def write(self, sobject: str, record: Record) -> None:
        """Put a version over the one seen so far."""
        written = self._written.setdefault(sobject, {})
        identifier = record["Id"]
        self.trail.append((sobject, identifier, written.get(identifier)))
        written[identifier] = record
        for field in self.state.tables[sobject].keys:
            if (value := record.get(field.name)) is not None:
                self._keyed.setdefault((sobject, field.name, key_of(field, value)), {})[identifier] = None

    def went_with(self, identifier: str, parent: str | None) -> None:
        """Note with which record this one was deleted; None when it is back or went by itself."""
        self._deleted_with[identifier] = parent

    def mark(self) -> int:
        """A point to which `back_to` can return."""
        return len(self.trail)

    def back_to(self, mark: int) -> None:
        """Take back what was written since the mark."""
        while len(self.trail) > mark:
            sobject, identifier, before = self.trail.pop()
            if before is None:
                del self._written[sobject][identifier]
            else:
                self._written[sobject][identifier] = before

    def commit(self) -> None:
        """Let everybody see what was written, and let go of the rows."""
        self._end()
        state = self.state
        heard: list[Written] = []
        for sobject, written in self._written.items():
            table = state.tables[sobject]
            for identifier, record in written.items():
                before = table.records.get(identifier)
                table.put(record)
                if state.listeners:
                    heard.append((sobject, before, record))
                was_deleted = before is not None and before["IsDeleted"]
                if record["IsDeleted"] and not was_deleted:
                    state.bin.add(record["SystemModstamp"], identifier)
                elif was_deleted and not record["IsDeleted"]:
                    state.bin.outdate()
        for identifier, parent in self._deleted_with.items():
            if parent is None:
                state.deleted_with.pop(identifier, None)
            else:
                state.deleted_with[identifier] = parent
        if self._written:
            state.changes += 1
        for listener in state.listeners:
            listener(self.user_id, state.origin, heard)

    def rollback(self) -> None:
        """Forget what was written, and let go of the rows."""
        self._end()

    def _end(self) -> None:
        if self.done:
            raise ValueError("A transaction ends once; this one has ended already.")
        self.done = True
        if self.holds:
            state = self.state
            del state.open[self]
            state.locks = {i: holder for i, holder in state.locks.items() if holder is not self}
            state.claims = {key: holder for key, holder in state.claims.items() if holder is not self}


def cannot_lock(identifier: str) -> OrgError:
    """The refusal of a row that somebody else is writing."""
    return OrgError(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or 1 records: {to15(identifier)}",
    )

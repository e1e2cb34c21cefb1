"""Which changes were committed lately, in order? What Change Data Capture tells of (docs/salesforce.md §7).

Salesforce keeps change events for three days and gives each an opaque replay id, from which a subscriber goes on.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from orgbox.records import Record
from orgbox.schema.types import ObjectSchema
from orgbox.state import State, Written

KEPT = timedelta(hours=72)
# sObjects of which there are change events: those whose fields have no parts of their own, as a person's Name has.
_TOLD_OF = frozenset({"EmailMessage", "Event", "Opportunity", "Task", "TaskRelation"})
# Nobody may take a replay id for a number to count with.
_STRIDE = 7
_REPLAY_ID = struct.Struct(">Q")
_UNTOLD = frozenset({"SystemModstamp"})


class UnknownReplayId(ValueError):
    """The replay id was never given out, or its event is kept no more."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One row that a transaction changed. changed, nulled: fields of an UPDATE, the latter those that are empty now."""

    number: int
    sobject: str
    change: str
    record: Record
    changed: frozenset[str]
    nulled: frozenset[str]
    user_id: str
    origin: str
    at: datetime
    transaction: int
    sequence: int


def is_told_of(schema: ObjectSchema) -> bool:
    """Whether changes of this sObject are told."""
    return schema.custom or schema.name in _TOLD_OF


def key_of(seed: int, number: int) -> str:
    """A key in the form of a GUID, which depends on the org's seed and a number alone."""
    digits = hashlib.shake_256(f"{seed} change {number}".encode()).hexdigest(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def replay_id(number: int) -> bytes:
    """The replay id of an event."""
    return _REPLAY_ID.pack(number * _STRIDE)


class ChangeLog:
    """The change events of one org, from the moment on that it is made. `last` is the number of the latest, 0 for none."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._events: list[ChangeEvent] = []
        self._transactions = 0
        self.last = 0
        self.waiting: dict[Callable[[], None], None] = {}
        state.listeners.append(self._take)

    def close(self) -> None:
        """Listen no more."""
        self._state.listeners.remove(self._take)

    @property
    def earliest(self) -> int:
        """The position before the oldest event that is kept."""
        self._forget_old()
        return self.last - len(self._events)

    def position(self, given: bytes) -> int:
        """The position after the event with this replay id. Raises UnknownReplayId."""
        if len(given) == _REPLAY_ID.size:
            number, rest = divmod(_REPLAY_ID.unpack(given)[0], _STRIDE)
            if rest == 0 and self.earliest <= number <= self.last:
                return int(number)
        raise UnknownReplayId(given.hex())

    def after(self, position: int) -> Iterator[ChangeEvent]:
        """The events that are kept after a position, oldest first."""
        skipped = max(position - self.earliest, 0)
        return iter(self._events[skipped:])

    def _take(self, user_id: str, origin: str, written: list[Written]) -> None:
        self._forget_old()
        self._transactions += 1
        at, sequence = self._state.clock.now(), 0
        for sobject, before, record in written:
            change = _change(before, record)
            if change is None or not is_told_of(self._state.schema(sobject)):
                continue
            sequence += 1
            self.last += 1
            changed, nulled = _fields(before, record) if change == "UPDATE" else (frozenset(), frozenset())
            self._events.append(
                ChangeEvent(
                    self.last,
                    sobject,
                    change,
                    record,
                    changed,
                    nulled,
                    user_id,
                    origin,
                    at,
                    self._transactions,
                    sequence,
                )
            )
        if sequence:
            for wake in list(self.waiting):
                wake()

    def _forget_old(self) -> None:
        limit = self._state.clock.now() - KEPT
        old = 0
        while old < len(self._events) and self._events[old].at < limit:
            old += 1
        del self._events[:old]


def _change(before: Record | None, record: Record) -> str | None:
    if before is None:
        return None if record["IsDeleted"] else "CREATE"
    if before["IsDeleted"] != record["IsDeleted"]:
        return "DELETE" if record["IsDeleted"] else "UNDELETE"
    return None if record["IsDeleted"] else "UPDATE"


def _fields(before: Record | None, record: Record) -> tuple[frozenset[str], frozenset[str]]:
    old = Record() if before is None else before
    changed = {n for n in (old.keys() | record.keys()) - _UNTOLD if old[n] != record[n]}
    return frozenset(changed), frozenset(n for n in changed if record[n] is None)

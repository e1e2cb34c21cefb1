"""What does our database remember of unsubscribes? The engine's Book in memory, over the tables of a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tandem.sync.opt_outs import FIELDS, Owed, Rules
from tandem.sync.ports import Route

if TYPE_CHECKING:
    from tests.simulation.store_memory import MemoryStore


class OptOutTables:
    """The rows. unsubscribed: people.models.Unsubscribed, since when; owed: sync.models.OptOut; rules: of the org."""

    def __init__(self) -> None:
        self.unsubscribed: dict[str, datetime] = {}
        self.owed: dict[int, Owed] = {}
        self.rules: dict[int, Rules] = {}
        self.numbered = 0

    def waiting(self) -> list[Owed]:
        """What is owed, and not left to a person."""
        return [row for row in self.owed.values() if row.done_at is None and not row.parked]


class MemoryBook:
    """The Book port."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._tables = store.opt_outs

    def carrier(self, org: int) -> Route | None:
        self._store.look("who carries unsubscribes")
        team = self._store.team
        asked = [1] if team.team_route else sorted(team.users)
        connected = (connection for connection in asked if connection not in team.reconnect)
        first = next(connected, None)
        return None if first is None else Route(first, (), team.sign_ins.get(first, 0))

    def rules(self, org: int) -> Rules:
        self._store.look("the rules of unsubscribing")
        return self._tables.rules.get(org, Rules(FIELDS["standard"], True, 20, None, None))

    def take(self, org: int) -> None:
        self._store.must_be_open("unsubscribes taken")
        tables, put = self._tables, self._store.put
        for row in list(tables.owed.values()):
            if row.address not in tables.unsubscribed:
                put(tables.owed, row.id, None)
        known = {row.address for row in tables.owed.values()}
        for address in sorted(tables.unsubscribed.keys() - known):
            tables.numbered += 1
            put(tables.owed, tables.numbered, Owed(tables.numbered, address))

    def owed(self, org: int, now: datetime, limit: int) -> list[Owed]:
        self._store.look("unsubscribes owed")
        rows = self._tables.waiting()
        return [row for row in rows if row.not_before is None or row.not_before <= now][:limit]

    def save(self, settled: Sequence[Owed]) -> None:
        self._store.must_be_open("unsubscribes written")
        for row in settled:
            if row.id in self._tables.owed:
                self._store.put(self._tables.owed, row.id, row)

    def owe_all(self, org: int) -> None:
        self._store.must_be_open("unsubscribes owed again")
        for row in list(self._tables.owed.values()):
            if row.done_at is not None:
                self._store.put(self._tables.owed, row.id, replace(row, done_at=None, records=0))

    def heard(self, addresses: Sequence[str], now: datetime) -> None:
        self._store.must_be_open("unsubscribes heard")
        for address in addresses:
            if address not in self._tables.unsubscribed:
                self._store.put(self._tables.unsubscribed, address, now)

    def compared(self, org: int, now: datetime, read_to: datetime | None) -> None:
        self._store.must_be_open("a comparison written")
        rules = replace(self._tables.rules[org], compared_at=now, read_to=read_to)
        self._store.put(self._tables.rules, org, rules)

    def next_due(self, org: int) -> datetime | None:
        self._store.look("which unsubscribe is due next")
        waits = [row.not_before for row in self._tables.waiting()]
        return min((wait for wait in waits if wait is not None), default=None)

"""What may people do in Tandem? As reminders.services, sync.services and connections.services do it, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tandem.sync.pair import Link, Values
from tandem.sync.ports import Seat
from tests.simulation.store_memory import MemoryStore
from tests.simulation.tables import ORG, Reminder


class MemoryTandem:
    """Each method is one act of a member or an admin, whole at once."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def create(self, member: int, values: Values) -> Reminder:
        row = self._store.add_reminder(member, values, "")
        self._store.journal.clear()
        return row

    def edit(self, row: Reminder, changes: Mapping[str, str]) -> Reminder:
        return self._change(replace(row, values={**row.values, **changes}, can_undo_delete=False))

    def delete(self, row: Reminder) -> None:
        self._change(replace(row, deleted_at=self._store.clock.now(), can_undo_delete=True))

    def take_back(self, row: Reminder) -> None:
        """Undo of the member's own delete."""
        self._change(replace(row, deleted_at=None, can_undo_delete=False))

    def _change(self, row: Reminder) -> Reminder:
        new = self._store.reminders[row.id] = replace(row, rev=row.rev + 1)
        return new

    def switch_on(self) -> None:
        """Every member's task sync begins (FS-1)."""
        newest = max(self._store.reminders, default=0)
        for member, user in self._store.team.users.items():
            self._store.seats[member] = Seat(member, member, member, user, outgoing_after=newest)
            self._store.team.enabled.add(member)
            self._store.team.sign_ins[member] = 0

    def sign_in_again(self) -> None:
        """Whoever was asked to reconnect does."""
        for connection in self._store.team.reconnect:
            self._store.team.sign_ins[connection] += 1
        self._store.team.reconnect.clear()

    def approve_deletions(self) -> None:
        self._store.orgs[ORG] = replace(self._store.orgs[ORG], deletions="approved")

    def retry(self, link: Link) -> None:
        self._store.links[link.id] = replace(
            link,
            parked=False,
            not_before=None,
            failures=0,
            rev_done=None,
            error_code="",
            error_text="",
            error_rev=None,
        )

"""What may people do in Tandem? As reminders.services, sync.services and connections.services do it, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tandem.sync.pair import Link, Values
from tandem.sync.ports import Seat
from tandem.sync.round import Report
from tests.simulation.log_tables import ActivityRow, Message
from tests.simulation.store_memory import MemoryStore
from tests.simulation.tables import ORG, Reminder

# What tandem.sync.services leaves of a refusal when a person has it tried again; and tandem.sync.orgs' AUDIT_AGAIN.
_FRESH: dict[str, Any] = {
    "parked": False,
    "failures": 0,
    "not_before": None,
    "error_code": "",
    "error_text": "",
}
_AUDIT_AGAIN = timedelta(hours=1)


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

    def switch_on(self, member: int) -> None:
        """A member's task sync begins (FS-1), or takes up where it was (FS-6)."""
        store, team = self._store, self._store.team
        self._end_round()
        if member in team.enabled:
            return
        before = store.seats.get(member)
        store.seats[member] = Seat(
            member,
            member,
            member,
            team.users[member],
            outgoing_after=max(store.reminders, default=0),
            deleted_to=before.deleted_to if before is not None else None,
            rejoin=before is not None,
        )
        team.enabled.add(member)
        team.paused.discard(member)
        team.sign_ins.setdefault(member, 0)

    def switch_off(self, member: int) -> None:
        """Both ways stop; what was made while sync was on is linked, and goes out when it is on again."""
        store = self._store
        self._end_round()
        if member in store.team.enabled:
            with store.transaction():
                for reminder in store.without_link(store.seats[member]):
                    store.link_reminder(ORG, reminder)
            store.team.enabled.discard(member)
            store.team.paused.discard(member)

    def pause(self, member: int) -> None:
        """Rest from the next round on; a first import is ended before its next call."""
        store = self._store
        if member in store.team.enabled and member not in store.team.paused:
            store.team.paused.add(member)
            if store.seats[member].polled_to is None:
                store.orgs[ORG] = replace(store.orgs[ORG], lease="", lease_until=None)

    def resume(self, member: int) -> None:
        """Go on from where it was paused."""
        self._store.team.paused.discard(member)

    def set_template(self, template: str) -> None:
        """New tasks and renames get their Subject from this one from now on (P3)."""
        self._store.team.template = template

    def asked_seat(self, member: int) -> Seat:
        """The seat for which the page asks what switching on would do (P4)."""
        seat = self._store.seats.get(member)
        if seat is None:
            return Seat(member, member, member, self._store.team.users[member], outgoing_after=0)
        return replace(seat, rejoin=True)

    def _end_round(self) -> None:
        """A round that began before the switch must not write after it (FS-2)."""
        now = self._store.clock.now()
        self._store.orgs[ORG] = replace(self._store.orgs[ORG], lease="", lease_until=None, next_round_at=now)

    def sign_in_again(self) -> None:
        """Whoever was asked to reconnect does."""
        for connection in self._store.team.reconnect:
            self._store.team.sign_ins[connection] += 1
        self._store.team.reconnect.clear()

    def owe_audit(self) -> None:
        """The hour of the nightly check strikes."""
        store = self._store
        store.orgs[ORG] = replace(store.orgs[ORG], audit_at=store.clock.now())

    def round_ended(self, report: Report) -> None:
        """What sync.orgs notes of a round: when something travelled last, and whether the nightly check is done."""
        store, now = self._store, self._store.clock.now()
        row = store.orgs[ORG]
        if report.wrote or row.news_at is None:
            row = replace(row, news_at=now)
        if row.audit_at is not None and row.audit_at <= now:
            done = report.audit and not report.trouble_code
            row = replace(row, audit_at=None if done else now + _AUDIT_AGAIN)
        store.orgs[ORG] = row

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

    def unsubscribe(self, address: str) -> None:
        """Nothing is sent to this address any more."""
        self._store.opt_outs.unsubscribed.setdefault(address, self._store.clock.now())

    def subscribe_again(self, address: str) -> None:
        """Emails go there again; Salesforce is not told (UN-4)."""
        self._store.opt_outs.unsubscribed.pop(address, None)

    def opt_out_again(self) -> None:
        """Write to Salesforce once more what it refused."""
        owed = self._store.opt_outs.owed
        for row in list(owed.values()):
            if row.parked:
                owed[row.id] = replace(row, **_FRESH)

    # --- emails and calls ----------------------------------------------------------------------------------------

    def happened(self, message: Message) -> None:
        """It went out, came in or was told; or there is something new about it."""
        self._store.log.messages[message.id] = message

    def choose(self, row: ActivityRow, address: str, record: str) -> None:
        """Log it on this record, whatever is switched off."""
        held = {**row.held, address: record}
        self._store.log.activities[row.id] = replace(row, verdict="open", held=held)

    def log_again(self, row: ActivityRow) -> None:
        """Ask Salesforce anew for all that was not logged, and try what it refused once more."""
        log = self._store.log
        why = tuple(entry for entry in row.why if entry.get("said") == "log")
        for address in row.held:
            log.matches.pop(address, None)
        for made in log.newcomers.values():
            if made.key in row.held and made.parked:
                log.newcomers[made.id] = replace(made, **_FRESH)
        for entry in log.entries_of(row.id):
            if entry.closed is None:
                log.entries[entry.id] = replace(entry, **_FRESH)
        log.activities[row.id] = replace(row, verdict="open", why=why)

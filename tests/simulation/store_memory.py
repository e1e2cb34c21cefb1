"""What does our database remember, and what does it refuse? The engine's Store in memory, with sync.models' constraints.

A transaction is the code between two pauses: what is read in it is locked, all of it stays or nothing. A method called
outside a transaction is one by itself. `journal` holds what the open transaction has changed, for the rollback and for
the oracle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any

from tandem.sync.pair import FIELDS, Intent, Link, Lost, Ours, Pair, Values
from tandem.sync.ports import Clock, Deletions, OrgState, Route, Seat
from tandem.sync.tally import Counts
from tests.simulation.tables import Refused, Reminder, Tables, Team


class MemoryStore(Tables):
    """The Store port."""

    def __init__(self, team: Team, clock: Clock) -> None:
        super().__init__(team, clock)
        self._members = {user: member for member, user in team.users.items()}
        self._whole = _Whole(self)

    # --- transactions --------------------------------------------------------------------------------------------

    def transaction(self) -> _Whole:
        return self._whole

    def commit(self) -> None:
        try:
            self.edge()
        except BaseException:
            self.rollback()
            raise
        journal, self.journal = self.journal, []
        self.open = False
        if journal:
            self.committed(journal)

    def rollback(self) -> None:
        for table, key, before in reversed(self.journal):
            if before is None:
                del table[key]
            else:
                table[key] = before
        self.journal = []
        self.open = False

    def put(self, table: dict[Any, Any], key: Any, row: Any) -> None:
        """Write a row (None: remove it), so that a rollback can take it back."""
        before = table.get(key)
        if before is row:
            return
        self.journal.append((table, key, before))
        if row is None:
            del table[key]
        else:
            table[key] = row

    # --- the org and its lease -----------------------------------------------------------------------------------

    def claim(self, org: int, lease: str, until: datetime, now: datetime) -> bool:
        self.begin("claim")
        row = self.orgs[org]
        set_back = until + (until - now)  # no lease of today reaches as far
        ends = row.lease_until
        free = row.lease == "" or (ends is not None and (ends < now or ends > set_back))
        if free:
            self.put(self.orgs, org, replace(row, lease=lease, lease_until=until, next_round_at=None))
        self.commit()
        return free

    def renew(self, org: int, lease: str, until: datetime) -> bool:
        own = not self.open
        if own:
            self.begin("renew")
        row = self.orgs[org]
        if row.lease == lease:
            self.put(self.orgs, org, replace(row, lease_until=until))
        if own:
            self.commit()
        return row.lease == lease

    def release(
        self, org: int, lease: str, next_round_at: datetime, trouble_code: str = "", trouble: str = ""
    ) -> None:
        self.begin("release")
        row = self.orgs[org]
        if row.lease == lease:
            due = row.next_round_at or next_round_at
            self.put(self.orgs, org, replace(row, lease="", lease_until=None, next_round_at=due))
        self.commit()

    def org(self, org: int) -> OrgState:
        self.look("read the org")
        row, team = self.orgs[org], self.team
        return OrgState(
            id=org,
            unique_key=team.unique_key,
            template=team.template,
            statuses=team.statuses,
            members=self._members,
            routes=self._routes(),
            paused_until=row.paused_until,
            deletions=row.deletions,
            deletions_count=row.deletions_count,
            pace=team.pace,
            news_at=row.news_at,
            audit_due=row.audit_at is not None and row.audit_at <= self.clock.now(),
        )

    def _routes(self) -> tuple[Route, ...]:
        team, log = self.team, self.log.loggers
        on = team.enabled - team.paused
        seats = {seat.connection: seat for seat in self.seats.values() if seat.id in on}
        if team.team_route:
            speaks = 1 not in team.reconnect and bool(seats or log)
            return (Route(1, tuple(seats.values()), team.sign_ins[1], tuple(sorted(log))),) if speaks else ()
        return tuple(
            Route(
                member,
                (seats[member],) if member in seats else (),
                team.sign_ins[member],
                (member,) if member in log else (),
            )
            for member in sorted(seats.keys() | log)
            if member not in team.reconnect
        )

    def pause(self, org: int, until: datetime, code: str, text: str) -> None:
        self.begin("pause the org")
        self.put(self.orgs, org, replace(self.orgs[org], paused_until=until))
        self.commit()

    def ask_to_reconnect(self, route: Route, code: str, text: str) -> None:
        self.begin("ask to reconnect")
        if route.sign_in == self.team.sign_ins[route.connection]:  # not if somebody has signed in anew
            self.team.reconnect.add(route.connection)
        self.commit()

    def set_deletions(self, org: int, word: Deletions, count: int) -> None:
        self.begin("set deletions")
        self.put(self.orgs, org, replace(self.orgs[org], deletions=word, deletions_count=count))
        self.commit()

    def save_seat(self, seat: Seat) -> None:
        own = not self.open
        if own:
            self.begin("save seat")
        old = self.seats[seat.id]
        self.put(
            self.seats,
            seat.id,
            replace(
                old,
                import_from=seat.import_from,
                polled_to=seat.polled_to,
                deleted_to=seat.deleted_to,
                rejoin=seat.rejoin,
            ),
        )
        if own:
            self.commit()

    def count(self, org: int, lease: str, counts: Counts) -> None:
        pass  # statistics: no promise is about them

    def progress(self, seats: Sequence[int], *, done: int, total: int | None = None) -> None:
        self.look("progress")

    # --- pairs ---------------------------------------------------------------------------------------------------

    def pairs(
        self, org: int, *, ids: Iterable[int] = (), sf_ids: Iterable[str] = (), keys: Iterable[str] = ()
    ) -> list[Pair]:
        self.must_be_open("select for update")
        found = {i for i in ids if i in self.links}
        found.update(self.by_sf_id[s] for s in sf_ids if s in self.by_sf_id)
        found.update(self.by_key[k] for k in keys if k in self.by_key)
        return [self.pair(self.links[i]) for i in sorted(found)]

    def owed(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[int]:
        self.look("what is owed")
        return [
            link.id
            for link in self._of(members)
            if link.reminder_id is not None
            and link.id not in self.intents
            and (link.not_before is None or link.not_before <= now)
            and link.rev_done != self.reminders[link.reminder_id].rev
        ][:limit]

    def doubtful(self, org: int, members: Sequence[int], now: datetime) -> list[int]:
        self.look("what is in doubt")
        return [
            link.id
            for link in self._of(members)
            if link.id in self.intents and (link.not_before is None or link.not_before <= now)
        ]

    def gone_there(self, org: int, members: Sequence[int]) -> list[int]:
        self.look("what is gone there")
        return [
            link.id
            for link in self._of(members)
            if link.seen is not None
            and link.seen.deleted
            and link.closed is None
            and link.id not in self.intents
            and link.reminder_id is not None
            and self.reminders[link.reminder_id].deleted_at is None
        ]

    def open_links(self, org: int, members: Sequence[int]) -> list[tuple[int, str]]:
        self.look("open links")
        return [
            (link.id, link.sf_id)
            for link in self._of(members)
            if link.closed is None and link.sf_id is not None
        ]

    def count_live(self, org: int, members: Sequence[int]) -> int:
        self.look("count live")
        return sum(link.closed is None and link.sf_id is not None for link in self._of(members))

    def unlinked(self, org: int, seat: Seat, limit: int) -> list[int]:
        self.look("unlinked")
        return self.without_link(seat)[:limit]

    def _of(self, members: Sequence[int]) -> list[Link]:
        return [link for link in self.links.values() if self.carrier[link.id] in members]

    # --- changes -------------------------------------------------------------------------------------------------

    def save(self, link: Link) -> None:
        self._save(link, self.intents.get(link.id))

    def save_with_intent(self, link: Link, intent: Intent | None) -> None:
        self._save(link, intent)
        if intent != self.intents.get(link.id):
            self.put(self.intents, link.id, intent)

    def _save(self, link: Link, intent: Intent | None) -> None:
        self.must_be_open("a link written")
        old = self.links[link.id]
        _check(link, intent)
        self._index(self.by_key, old.key, link.key, link.id, "link_key_once_per_org")
        self._index(self.by_sf_id, old.sf_id, link.sf_id, link.id, "link_record_once_per_org")
        self._index(self.by_reminder, old.reminder_id, link.reminder_id, link.id, "one link per reminder")
        if link != old:
            self.put(self.links, link.id, link)

    def _index(self, index: dict[Any, int], before: Any, after: Any, link: int, constraint: str) -> None:
        if before == after:
            return
        if after is not None and after in index:
            raise Refused(constraint)
        if before is not None:
            self.put(index, before, None)
        if after is not None:
            self.put(index, after, link)

    def _add(self, link: Link, member: int | None) -> Link:
        self.must_be_open("a link made")
        _check(link, None)
        for index, value, constraint in (
            (self.by_key, link.key, "link_key_once_per_org"),
            (self.by_sf_id, link.sf_id, "link_record_once_per_org"),
            (self.by_reminder, link.reminder_id, "one link per reminder"),
        ):
            self._index(index, None, value, link.id, constraint)
        self.put(self.links, link.id, link)
        self.put(self.carrier, link.id, member)
        return link

    def link_reminder(self, org: int, reminder: int) -> None:
        owner = self.reminders[reminder].owner
        if owner is None:
            raise Refused("link.member may not be null")
        self._add(Link(len(self.links) + 1, self.clock.new_key(), reminder), owner)

    def import_row(self, org: int, member: int, values: Values, about: str, link: Link) -> None:
        reminder = self.add_reminder(member, values, about)
        self._add(replace(link, id=len(self.links) + 1, reminder_id=reminder.id), member)

    def add_reminder(self, member: int | None, values: Values, about: str) -> Reminder:
        row = Reminder(len(self.reminders) + 1, member, {name: values[name] for name in FIELDS}, about=about)
        self.put(self.reminders, row.id, row)
        return row

    def change_reminder(
        self,
        ours: Ours,
        values: Values,
        *,
        owner: str | None = None,
        about: str | None = None,
        deleted: bool | None = None,
    ) -> bool:
        if not any(table is self.reminders and key == ours.id for table, key, _ in self.journal):
            self.between(ours.id)  # a row that this very transaction has written is locked
        row = self.reminders[ours.id]
        if row.rev != ours.rev:
            return False
        new = replace(row, values={**row.values, **values}, can_undo_delete=False)
        if owner is not None:
            new = replace(new, owner=self._members.get(owner))
            link = self.by_reminder.get(row.id)
            if new.owner is not None and link is not None:
                self.put(self.carrier, link, new.owner)
        if about is not None:
            new = replace(new, about=about)
        if deleted is not None:
            new = replace(new, deleted_at=self.clock.now() if deleted else None)
        self.put(self.reminders, row.id, new)
        return True

    def log_lost(self, link: Link, lost: Sequence[Lost]) -> None:
        for one in lost:
            self.put(self.conflicts, len(self.conflicts) + 1, (link.id, one))

    def log_once(self, link: Link, lost: Lost) -> bool:
        if (link.id, lost) in self.conflicts.values():
            return False
        self.log_lost(link, [lost])
        return True


class _Whole:
    """The context manager of `transaction()`."""

    __slots__ = ("_store",)

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.begin("transaction")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._store.commit()
        else:
            self._store.rollback()


def _check(link: Link, intent: Intent | None) -> None:
    """The CHECK constraints of sync.models.Link."""
    if link.base is not None and link.sf_id is None:
        raise Refused("link_base_needs_record")
    if link.closed is not None and intent is not None:
        raise Refused("link_closed_has_no_intent")
    if intent is not None:
        if intent.op == "create" and link.sf_id is not None:
            raise Refused("link_create_only_without_record")
        if intent.attempts < 1 or not intent.opener:
            raise Refused("link_intent_is_whole")

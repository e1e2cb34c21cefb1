"""What does our database remember of what is logged? The engine's Journal in memory, with sync.models' constraints.

It writes through its store, so that a transaction that dies takes back what was logged in it, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tandem.people.matching import Found, Target, is_fresh
from tandem.sync.activity import Happened, Logging, Shape
from tandem.sync.activity_ports import Decided, Table
from tandem.sync.activity_settle import Making, to_match_anew
from tests.simulation.log_tables import ActivityRow, Message
from tests.simulation.store_memory import MemoryStore
from tests.simulation.tables import Refused

IGNORED = frozenset({"private.example"})
_GONE = "made before, and gone"


class MemoryJournal:
    """The Journal port."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._log = store.log

    # --- what holds --------------------------------------------------------------------------------------------------

    def logging(self, members: Sequence[int]) -> Mapping[int, Logging]:
        self._store.look("the rules of logging")
        return dict.fromkeys(members, self._log.rules)

    def ignored(self) -> frozenset[str]:
        return IGNORED

    def own_addresses(self) -> frozenset[str]:
        return frozenset(f"member{member}@tandem.example" for member in self._store.team.users)

    def shape(self, org: int) -> tuple[Shape, datetime] | None:
        self._store.look("the shape of Task")
        return self._log.shapes.get(org)

    def save_shape(self, org: int, shape: Shape, now: datetime, *, backfill: bool) -> None:
        self._store.must_be_open("the shape of Task written")
        self._store.put(self._log.shapes, org, (shape, now))
        for entry in self._log.entries.values() if backfill else ():
            if entry.closed == "logged":
                self._store.put(self._log.owed, entry.id, True)

    # --- activities --------------------------------------------------------------------------------------------------

    def take(self, org: int, members: Sequence[int], limit: int) -> int:
        self._store.must_be_open("news taken")
        news = [each for each in self._log.messages.values() if each.news and each.member in members][:limit]
        known = {row.message: row for row in self._log.activities.values()}
        for message in news:
            self._store.put(self._log.messages, message.id, replace(message, news=False))
            if message.id in known:
                self._freshen(message, known[message.id])
            else:
                row = ActivityRow(len(self._log.activities) + 1, message.id)
                self._store.put(self._log.activities, row.id, row)
        return len(news)

    def _freshen(self, message: Message, row: ActivityRow) -> None:
        wanted = self._extra(message)
        for entry in self._log.entries_of(row.id):
            if entry.wanted != wanted:
                self._store.put(self._log.entries, entry.id, replace(entry, wanted=wanted))
                self._store.put(self._log.owed, entry.id, True)

    def _extra(self, message: Message) -> dict[str, Any]:
        if message.kind == "reply":
            return {}
        if message.kind == "call":
            return {"mktosales_call_outcome__c": message.outcome}
        replied = any(each.answers == message.id for each in self._log.messages.values())
        return {"MSE_Email_Status__c": message.state, "MSE_Replied__c": replied}

    def open(self, org: int, members: Sequence[int], after: int, limit: int) -> list[Happened]:
        self._store.look("what is open")
        rows = [
            row
            for row in self._log.activities.values()
            if row.verdict == "open" and row.id > after and self._log.messages[row.message].member in members
        ]
        return [self._happened(row) for row in rows[:limit]]

    def _happened(self, row: ActivityRow) -> Happened:
        message = self._log.messages[row.message]
        original = self._original(message)
        used = self._used(row.id)
        return Happened(
            id=row.id,
            kind=message.kind,
            key=message.key,
            member=message.member,
            owner=self._store.team.users[message.member],
            addresses=tuple(
                replace(each, record=row.held.get(each.address) or each.record) for each in message.addresses
            ),
            subject=message.subject,
            at=message.at,
            text=message.text,
            sender=f"member{message.member}@tandem.example",
            to=", ".join(each.address for each in message.addresses),
            seconds=60 if message.outcome else 0,
            outcome=message.outcome,
            reason=message.outcome,
            log=message.log,
            by_bcc=message.by_bcc,
            answers=None if original is None else self._targets(original.id),
            prospects=frozenset(
                str(entry["address"])
                for entry in (original.why if original is not None else ())
                if entry.get("said") == "log" and "address" in entry
            ),
            waits=original is not None and original.verdict == "open",
            extra=self._extra(message),
            why=row.why,
            used=used,
            gone=frozenset(each.record for each in self._log.entries_of(row.id) if to_match_anew(each)),
        )

    def _original(self, message: Message) -> ActivityRow | None:
        rows = self._log.activities.values()
        return next((row for row in rows if row.message == message.answers), None)

    def _targets(self, activity: int) -> tuple[Target, ...]:
        return tuple(
            Target(each.record, "", str(each.body.get("WhoId", "")), str(each.body.get("WhatId", "")))
            for each in self._log.entries_of(activity)
            if each.closed != "left_out"
        )

    def _used(self, activity: int) -> frozenset[str]:
        return frozenset(
            str(name)
            for each in self._log.entries_of(activity)
            if each.closed != "left_out"
            for name in (each.record, each.body.get("WhoId"), each.body.get("WhatId"))
            if name
        )

    def matches(self, connection: int, names: Iterable[str], now: datetime) -> dict[str, Found]:
        self._store.look("what is known of addresses")
        kept = ((name, self._log.matches.get(name)) for name in names)
        return {name: each[0] for name, each in kept if each is not None and is_fresh(*each, now)}

    def save_matches(self, connection: int, found: Mapping[str, Found], now: datetime) -> None:
        self._store.must_be_open("matches written")
        for name, each in found.items():
            self._store.put(self._log.matches, name, (each, now))

    def decide(self, org: int, decided: Sequence[Decided], now: datetime) -> None:
        self._store.must_be_open("a decision written")
        log, put = self._log, self._store.put
        for each in decided:
            for new in each.people:
                if all(made.key != new.address for made in log.newcomers.values()):
                    number = len(log.newcomers) + 1
                    put(log.newcomers, number, Making(number, 0, new.address, "Lead", new.body))
            if each.decision.verdict == "open":
                continue
            row = log.activities[each.happened.id]
            held = dict.fromkeys(each.decision.held, "")
            decision = each.decision
            put(log.activities, row.id, replace(row, verdict=decision.verdict, why=decision.why, held=held))
            for task in each.tasks:
                if log.by_key(task.key) is None:
                    number = len(log.entries) + 1
                    made = Making(number, row.id, task.key, task.record, task.body, wanted=task.wanted)
                    put(log.entries, number, made)
            self._park_what_is_found_again(each)

    def _park_what_is_found_again(self, decided: Decided) -> None:
        for task in decided.tasks if decided.happened.gone else ():
            entry = self._log.by_key(task.key)
            if entry is not None and entry.closed == "left_out":
                self._store.put(self._log.entries, entry.id, replace(entry, closed=None, parked=True))

    def not_made(self, org: int, addresses: Iterable[str]) -> dict[str, str]:
        self._store.look("who could not be made")
        wanted = set(addresses)
        over = [made for made in self._log.newcomers.values() if made.parked or made.closed is not None]
        return {made.key: made.error_text if made.parked else _GONE for made in over if made.key in wanted}

    def charge(self, activities: Iterable[int], calls: float) -> None:
        """What an activity has cost is no part of any promise."""

    # --- what is being made ------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> dict[int, Making]:
        return self._log.entries if table == "tasks" else self._log.newcomers

    def _members_of(self, table: Table, made: Making, members: Sequence[int]) -> bool:
        if table == "people":
            return made.body["OwnerId"] in [self._store.team.users[member] for member in members]
        return self._log.messages[self._log.activities[made.of].message].member in members

    def _unmade(self, table: Table, members: Sequence[int], now: datetime) -> list[Making]:
        return [
            made
            for made in self._table(table).values()
            if made.closed is None
            and not made.parked
            and (made.not_before is None or made.not_before <= now)
            and self._members_of(table, made, members)
        ]

    def owed(self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int) -> list[Making]:
        self._store.look(f"{table} owed")
        rows = self._unmade(table, members, now)
        return [made for made in rows if not made.in_flight and made.doubt_until is None][:limit]

    def doubtful(
        self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int
    ) -> list[Making]:
        self._store.look(f"{table} in doubt")
        rows = self._unmade(table, members, now)
        return [made for made in rows if made.in_flight or made.doubt_until is not None][:limit]

    def again(self, table: Table, ids: Sequence[int]) -> list[Making]:
        self._store.must_be_open("select for update")
        rows = self._table(table)
        return [rows[number] for number in sorted(ids) if rows[number].closed is None]

    def save_makings(self, table: Table, makings: Sequence[Making], now: datetime) -> None:
        self._store.must_be_open("an attempt written")
        for made in makings:
            _check(made)
            stored = self._table(table)[made.id]
            self._store.put(self._table(table), made.id, replace(made, wanted=stored.wanted))

    def used(self, activities: Iterable[int]) -> Mapping[int, frozenset[str]]:
        self._store.must_be_open("records used")
        return {activity: self._used(activity) for activity in activities}

    def match_anew(self, org: int, gone: Sequence[Making]) -> None:
        self._store.must_be_open("what is gone forgotten")
        log, put = self._log, self._store.put
        for each in gone:
            row = log.activities[each.of]
            for address in log.messages[row.message].addresses:
                if address.address in log.matches:
                    put(log.matches, address.address, None)
            ids = {each.record, each.body.get("WhoId"), each.body.get("WhatId")}
            told = [entry for entry in row.why if entry.get("said") == "log"]
            of_it = [entry for entry in told if ids & {record["id"] for record in entry["records"]}]
            void = of_it or told
            why = tuple(entry for entry in row.why if entry not in void)
            put(log.activities, row.id, replace(row, why=why, verdict="open"))

    def people_made(self, connection: int, made: Mapping[str, tuple[str, Found]], now: datetime) -> None:
        self._store.must_be_open("people made")
        log, put = self._log, self._store.put
        for address, (record, found) in made.items():
            if found.records:
                put(log.matches, address, (found, now))
            elif address in log.matches:
                put(log.matches, address, None)
            for row in list(log.activities.values()):
                if address in row.held:
                    named = {**row.held, address: row.held[address] or record}
                    put(log.activities, row.id, replace(row, verdict="open", held=named))

    # --- custom fields, later ----------------------------------------------------------------------------------------

    def amendable(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[Making]:
        self._store.look("custom fields owed")
        rows = [self._log.entries[number] for number, owed in sorted(self._log.owed.items()) if owed]
        return [
            made
            for made in rows
            if made.closed == "logged"
            and (made.not_before is None or made.not_before <= now)
            and self._members_of("tasks", made, members)
        ][:limit]

    def save_amended(self, amended: Sequence[tuple[Making, bool]], now: datetime) -> None:
        self._store.must_be_open("custom fields written")
        for made, owed in amended:
            stored = self._log.entries[made.id]
            new = replace(
                stored,
                extra=made.extra,
                refused_fields=made.refused_fields,
                failures=made.failures,
                not_before=made.not_before,
                error_code=made.error_code,
                error_text=made.error_text,
                error_first_at=made.error_first_at,
                error_last_at=made.error_last_at,
            )
            self._store.put(self._log.entries, made.id, new)
            self._store.put(self._log.owed, made.id, owed)

    # --- what the org does not let us do -----------------------------------------------------------------------------

    def allowed(self, connection: int, about: Collection[str]) -> None:
        self._store.must_be_open("a warning taken back")
        over = {key for key in self._log.warnings if key[1] in about}
        names = {name for _, name in over}
        for key in over:
            self._store.put(self._log.warnings, key, None)
        for entry in list(self._log.entries.values()) if over else ():
            left = tuple(name for name in entry.refused_fields if name not in names)
            self._store.put(self._log.entries, entry.id, replace(entry, refused_fields=left))
            if entry.closed == "logged" and any(name.endswith("__c") for name in names):
                self._store.put(self._log.owed, entry.id, True)

    def warn(self, connection: int, code: str, about: str, text: str, now: datetime) -> None:
        self._store.must_be_open("a warning written")
        self._store.put(self._log.warnings, (code, about), now)

    def shut(self, connection: int, since: datetime) -> frozenset[str]:
        self._store.look("what is shut")
        return frozenset(about for (_, about), at in self._log.warnings.items() if at > since)

    def next_due(self, org: int, members: Sequence[int]) -> datetime | None:
        self._store.look("what is due next")
        tables: tuple[Table, ...] = ("tasks", "people")
        waits = [
            made.not_before
            for table in tables
            for made in self._table(table).values()
            if made.closed is None and not made.parked and self._members_of(table, made, members)
        ]
        waits += [self._log.entries[number].not_before for number, owed in self._log.owed.items() if owed]
        return min((wait for wait in waits if wait is not None), default=None)


def _check(made: Making) -> None:
    """The CHECK constraints of sync.models.ActivityLink and NewRecord."""
    if (made.closed == "logged") != (made.sf_id is not None):
        raise Refused("activity_logged_means_task")
    if made.in_flight and (not made.opener or made.attempts < 1):
        raise Refused("activity_in_flight_has_opener")

"""Seeded histories of log entries on their way: lost answers, late landings, crashes, people who delete (I15).

The engine's own resolve and send run over an org in a box, without HTTP. What is random comes from the seed, so a history can be
played again: `python -m tests.activities.histories SEEDS=2000 FROM=0`.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.schema.types import Field
from tandem.sync import activity_send
from tandem.sync.activity_ports import Answered
from tandem.sync.activity_settle import Making
from tandem.sync.activity_task import key_of
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Route, Why
from tandem.sync.round import Report, Round

KEY_FIELD = Field(
    "Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True
)
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
FATES = ("answered",) * 6 + (
    "lost before",
    "lost after",
    "late",
    "crash before",
    "crash after",
    "row lock",
    "limit",
)
Row = tuple[str, Mapping[str, Any]]


class Crash(Exception):
    """The process is gone; what was committed stays."""


class Violated(AssertionError):
    """I15 does not hold."""


@dataclass
class Memory:
    """The journal's part that resolve and send need, in memory."""

    rows: dict[int, Making] = field(default_factory=dict)

    def _due(self, now: datetime) -> list[Making]:
        rows = [each for _, each in sorted(self.rows.items()) if each.closed is None and not each.parked]
        return [each for each in rows if each.not_before is None or each.not_before <= now]

    def owed(self, org: int, members: object, table: str, now: datetime, limit: int) -> list[Making]:
        return [each for each in self._due(now) if not each.in_doubt][:limit]

    def doubtful(self, org: int, members: object, table: str, now: datetime, limit: int) -> list[Making]:
        return [each for each in self._due(now) if each.in_doubt][:limit]

    def again(self, table: str, ids: Sequence[int]) -> list[Making]:
        return [self.rows[each] for each in ids if self.rows[each].closed is None]

    def save_makings(self, table: str, makings: Sequence[Making], now: datetime) -> None:
        self.rows.update({each.id: each for each in makings})

    def charge(self, activities: object, calls: float) -> None:
        """Costs are no part of I15."""

    def warn(self, *what: object) -> None:
        """Nor are warnings."""

    def allowed(self, *what: object) -> None:
        """Nor that they are over."""


class World:
    """One org, one database, one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.unique = self.random.random() < 0.5
        self.clock = VirtualClock(START)
        self.org = Org(
            self.clock,
            seed=seed % 3_000,
            task_fields=[KEY_FIELD if self.unique else replace(KEY_FIELD, unique=False, external_id=False)],
        )
        self.journal = Memory()
        self.late: list[tuple[datetime, Row]] = []
        self.touched: set[str] = set()
        self.calm = False
        self.calls = 0
        self.met: Counter[str] = Counter()

    # --- Salesforce, as the engine sees it ---

    def log(self, collections: Sequence[Sequence[Row]]) -> Answered:
        self.calls += 1
        rows = [row for part in collections for row in part]
        fate = "answered" if self.calm else self.random.choice(FATES)
        self.met[fate] += 1
        doubt = Answered([InDoubt("TIME_OUT", "")] * len(rows), came=False)
        match fate:
            case "lost before":
                return doubt
            case "late":
                at = self.clock.now() + timedelta(seconds=self.random.randrange(1, 600))
                self.late += [(at, row) for row in rows]
                return doubt
            case "crash before":
                raise Crash
            case "limit":
                return Answered([Refused(Why.LIMIT, "REQUEST_LIMIT_EXCEEDED", "")] * len(rows), came=False)
            case "row lock":
                return Answered([Refused(Why.BUSY, "UNABLE_TO_LOCK_ROW", "")] * len(rows))
        outcomes = [self._insert(row) for row in rows]
        self.check()
        if fate == "crash after":
            raise Crash
        return doubt if fate == "lost after" else Answered(outcomes)

    def logged(self, keys: Sequence[str]) -> dict[str, str]:
        self.calls += 1
        if not self.calm and self.random.random() < 0.1:
            raise NoAnswer(Why.BUSY, "SERVER_UNAVAILABLE", "")
        return {
            str(task["Tandem_Key__c"]): str(task["Id"])
            for task in self.records()
            if task["Tandem_Key__c"] in keys
        }

    def _insert(self, row: Row) -> Outcome:
        key, body = row
        try:
            with self.org.transaction() as tx:
                return Done(tx.insert("Task", {"Tandem_Key__c": key, **body}))
        except OrgError as error:
            why = Why.DUPLICATE if error.code == "DUPLICATE_VALUE" else Why.RULE
            return Refused(why, error.code, error.message)

    def records(self) -> list[Any]:
        return list(self.org.scan("Task", all_rows=True))

    # --- what happens ---

    def act(self) -> None:
        match self.random.randrange(5):
            case 0 | 1:
                number = len(self.journal.rows) + 1
                body = {"Subject": f"Email {number}", "Description": "x", "Status": "Completed"}
                key = key_of(f"m{number}@us.example", "00Q")
                self.journal.rows[number] = Making(number, number, key, "00Q", body)
            case 2:
                self.person()
            case _:
                self.pass_time(self.random.choice((1, 5, 60, 200, 700)))
        self.round()

    def person(self) -> None:
        """Somebody deletes or renames a Task in Salesforce, but never while a late twin of it is on its way (R4)."""
        coming = {key for _, (key, _) in self.late}
        live = [
            task for task in self.records() if not task["IsDeleted"] and task["Tandem_Key__c"] not in coming
        ]
        if not live:
            return
        task = self.random.choice(live)
        self.touched.add(str(task["Tandem_Key__c"]))
        if self.random.random() < 0.6:
            self.org.delete("Task", task["Id"])
        else:
            self.org.update("Task", task["Id"], {"Subject": "Renamed"})

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        landing = [each for each in self.late if each[0] <= self.clock.now()]
        self.late = [each for each in self.late if each[0] > self.clock.now()]
        for _, row in landing:
            self._insert(row)
        self.check()

    def round(self) -> None:
        round_ = self._round()
        try:
            activity_send.resolve(round_, cast(Any, self.journal), "tasks")
            activity_send.send(round_, cast(Any, self.journal), "tasks")
        except (Crash, NoAnswer):
            pass
        self.check()

    def _round(self) -> Round:
        ours = SimpleNamespace(now=self.clock.now)
        state = SimpleNamespace(id=1, unique_key=self.unique)
        salesforce = SimpleNamespace(activities=self, calls=0)
        self._lease = getattr(self, "_lease", 0) + 1
        store = SimpleNamespace(transaction=self._transaction, renew=lambda *_: True)
        route = Route(1, (), loggers=(1,))
        return Round(
            cast(Any, store),
            cast(Any, salesforce),
            cast(Any, ours),
            cast(Any, state),
            route,
            f"lease {self._lease}",
            cast(Any, None),
            Report(),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = dict(self.journal.rows)
        try:
            self._maybe_crash()
            yield
        except BaseException:
            self.journal.rows = before
            raise

    def _maybe_crash(self) -> None:
        if not self.calm and self.random.random() < 0.02:
            raise Crash

    # --- I15 ---

    def check(self) -> None:
        """At every instant: with a unique key never two, in the bin neither; and values as sent."""
        found = Counter(str(task["Tandem_Key__c"]) for task in self.records())
        if self.unique and found and max(found.values()) > 1:
            raise Violated(f"logged twice: {found.most_common(1)}")
        for task in self.records():
            if task["Tandem_Key__c"] not in self.touched and not str(task["Subject"]).startswith("Email "):
                raise Violated("not as it was sent")

    def rest(self) -> None:
        """Once all is calm: each exactly once, wherever it lies now, and we know which it is."""
        self.calm = True
        for _ in range(12):
            self.pass_time(700)
            self.round()
        by_key: dict[str, list[str]] = {}
        for task in self.records():
            by_key.setdefault(str(task["Tandem_Key__c"]), []).append(str(task["Id"]))
        for making in self.journal.rows.values():
            ids = by_key.get(making.key, [])
            if making.closed != "logged" or ids != [making.sf_id]:
                raise Violated(
                    f"at rest {making.key} is {making.closed} as {making.sf_id}, and Salesforce has {ids}"
                )


def play(seed: int) -> World:
    """One history; Violated when I15 does not hold."""
    world = World(seed)
    for _ in range(30):
        world.act()
    world.rest()
    return world


def failing(seeds: range, before: Callable[[], None] = lambda: None) -> int | None:
    """The first seed whose history violates I15."""
    before()
    for seed in seeds:
        try:
            play(seed)
        except Violated:
            return seed
    return None


if __name__ == "__main__":
    told = dict(each.split("=") for each in sys.argv[1:])
    first, count = int(told.get("FROM", "0")), int(told.get("SEEDS", "500"))
    met: Counter[str] = Counter()
    for number in range(first, first + count):
        met += play(number).met
    print(f"{count:,} histories from seed {first:,}: no violation; calls by fate: {dict(met)}")

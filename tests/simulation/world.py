"""One history: an org, our database, two workers, people, faults, and the order in which they take turns.

1. Before: what is there when sync is switched on.
2. Chaos: each step is somebody's turn; the oracle looks after every transaction.
3. Calm: faults stop, everything in flight lands, rounds run until nothing is owed (I3).
4. Silence: three more rounds write nothing (I5).
5. At rest: the oracle compares what is left with what people knowingly did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.records import Record
from orgbox.schema.types import Field
from orgbox.state import Change
from orgbox.writes import Transaction
from tandem.sync import admission
from tandem.sync.pair import Link, Row
from tandem.sync.ports import Route
from tandem.sync.round import Report
from tandem.sync.worker import run_round
from tests.simulation.databases import Database, in_memory
from tests.simulation.faults import LASTING, draw_swarm
from tests.simulation.fibers import Crash, Fiber, FiberKind, GreenletFiber
from tests.simulation.oracle import Oracle, Violation
from tests.simulation.people import People
from tests.simulation.regions import region
from tests.simulation.salesforce_port import SimulatedSalesforce, Write, row_of
from tests.simulation.tables import ORG, Team
from tests.simulation.tape import Tape

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNIQUE_KEY = Field(
    "Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True
)
# Salesforce ends a call after ten minutes; what it has not committed by then never will be.
LONGEST_CALL = 590
# A world of six tasks has a mass-delete guard of its own size.
FEW_ARE_MANY = 2
# Calm has to come within so many rounds (I3).
MOST_ROUNDS = 60
SILENT_ROUNDS = 3
# Seconds between the first rounds in calm: the logs, which tell what the poll cannot see (R7), are read once an hour.
_CALM = (61.0, 61.0, 61.0, 3_700.0)
# A round of so few pairs that asks this often goes round in circles (I10).
MOST_TURNS_A_ROUND = 1_500


@dataclass(slots=True)
class Landing:
    """Something that Salesforce will still commit: at `deadline` at the latest."""

    deadline: datetime
    what: str
    land: Callable[[], None]


class OurClock:
    """Our own clock, which is not Salesforce's; the second worker's is not the first's either."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys = 0
        self._skew = timedelta(seconds=world.swarm.skew)
        self._worker_skew = timedelta(seconds=world.swarm.worker_skew)

    def now(self) -> datetime:
        fiber = self._world.current
        now = self._world.clock.now() + self._skew
        return now + self._worker_skew if fiber is not None and fiber.name == "worker 2" else now

    def new_key(self) -> str:
        self._keys += 1
        key = f"{self._keys:08d}-0000-4000-8000-000000000000"
        self._world.made_key(key)
        return key


class World:
    """Everything of one history. told: where to write what happens, for a story; None to go fast."""

    def __init__(
        self,
        tape: Tape,
        *,
        fibers: FiberKind = GreenletFiber,
        told: list[str] | None = None,
        database: Database = in_memory,
    ) -> None:
        self.tape = tape
        self.told = told
        self.swarm = draw_swarm(tape)
        self.clock = VirtualClock(START)
        unique = self.swarm.mode == "A"
        self.key_field = UNIQUE_KEY.name if unique else "CallObject"
        self.org = Org(self.clock, seed=7, time_zone="UTC", task_fields=[UNIQUE_KEY] if unique else [])
        self._rows: dict[int, tuple[Record, Row]] = {}
        users = {member: self._user(f"member{member}") for member in range(1, self.swarm.members + 1)}
        self.stranger = self._user("stranger")
        self.current: Fiber | None = None
        self.leases: dict[str, str] = {}
        self._began: dict[str, datetime] = {}
        self.rejoining = False
        self.our_clock = OurClock(self)
        team = Team(users, unique_key=unique, team_route=self.swarm.team_route)
        self.store, self.tandem = database(team, self.our_clock)
        self.store.halt, self.store.edge = self.halt, self._edge
        self.later: list[Landing] = []
        self.hidden: set[str] = set()
        self.once_hidden: set[str] = set()
        self.workers: dict[str, Fiber] = {}
        self._fiber = fibers
        self.calm = False
        self.failed: BaseException | None = None
        self.counts: Counter[str] = Counter()
        self.cells: Counter[tuple[str, str]] = Counter()
        self.turns = 0
        self._turns_this_round: dict[str, int] = {}
        self.reports = 0
        self.our_writes = 0
        self.calls = 0
        self._writing: Write | None = None
        self._rewritten: str | None = None  # what automation put in the place of our text
        self._rewrites = 0
        self.refused_for_ever: set[str] = set()  # texts that a validation rule refuses, also in calm
        self.oracle = Oracle(self)
        self.store.committed = self.oracle.committed
        self.people = People(self)
        if "rewriting trigger" in self.swarm or "refusing rule" in self.swarm:
            self.org.triggers.append(self._trigger)
        # What lasts for a whole history is counted once for it.
        self.counts.update(name for name in LASTING if name in self.swarm)
        self.note(lambda: str(self.swarm))

    # --- the history ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The whole history. Raises Violation."""
        with patch.object(admission, "MANY_DELETIONS", FEW_ARE_MANY), self.store.in_use():
            self._run()

    def _run(self) -> None:
        try:
            self.people.prepare()
            self.tandem.switch_on()
            for _ in range(self.swarm.steps):
                _TURNS[self.tape.below(len(_TURNS))](self)
            self._calm_down()
            self._converge()
            self._stay_silent()
            self.oracle.at_rest()
        finally:
            self._end_workers()

    # --- turns ---------------------------------------------------------------------------------------------------

    def _worker_one(self) -> None:
        self._advance_worker("worker 1")

    def _worker_two(self) -> None:
        self._advance_worker("worker 2" if "two workers" in self.swarm else "worker 1")

    def _advance_worker(self, name: str) -> None:
        for _ in range((1_000, 1, 3, 9)[self.tape.below(4)]):
            fiber = self.workers.get(name)
            if fiber is None:
                fiber = self.workers[name] = self._fiber(name, self._round)
                self._turns_this_round[name] = 0
                self.leases.pop(name, None)
            self._step(fiber)
            if fiber.done:
                self.workers.pop(name, None)
                return

    def _step(self, fiber: Fiber) -> None:
        self.current = fiber
        self.turns += 1
        try:
            fiber.step()
        finally:
            self.current = None
        if self.failed is not None:
            raise self.failed

    def _round(self) -> None:
        report = run_round(ORG, self.store, self.connect, self.our_clock)
        if report is not None:
            self.reports += 1
            self.note(lambda: f"the round ends: {_counts(report)}")

    def connect(self, route: Route) -> SimulatedSalesforce:
        """A new client for each round, as wiring does."""
        return SimulatedSalesforce(self, self.store.team.users[route.connection])

    def _member(self) -> None:
        self.people.member_acts()

    def _user_turn(self) -> None:
        self.people.user_acts()

    def _admin(self) -> None:
        self.people.admin_acts()
        self.tandem.sign_in_again()

    def _time(self) -> None:
        self.pass_time((1.0, 0.3, 2.0, 5.0, 12.0, 61.0, 130.0, 330.0, 660.0, 3_700.0)[self.tape.below(10)])

    def _long_pause(self) -> None:
        if "long pause" in self.swarm and self.workers:
            self.count("long pause")
            self.pass_time((25.0, 90.0, 620.0)[self.tape.below(3)])

    def _crash(self) -> None:
        if "crash" in self.swarm and self.workers:
            name = self.tape.one_of(sorted(self.workers))
            fiber = self.workers.pop(name)
            self.count("crash")
            self.note(lambda: f"{name} dies at: {fiber.at}")
            self._kill(fiber)

    def _landing(self) -> None:
        if self.later:
            landing = self.tape.one_of(self.later)
            self.later.remove(landing)
            self._land(landing)

    def _kill(self, fiber: Fiber) -> None:
        self.current = fiber
        try:
            fiber.crash()
        finally:
            self.current = None

    def _end_workers(self) -> None:
        for fiber in self.workers.values():
            try:
                self._kill(fiber)
            except BaseException:
                continue
        self.workers.clear()

    # --- calm ----------------------------------------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Faults stop; what is under way ends."""
        self.note(lambda: "--- calm")
        self.calm = True
        self.show_all()
        for fiber in list(self.workers.values()):
            while not fiber.done:
                self._step(fiber)
        self.workers.clear()
        while self.later:
            self.pass_time(LONGEST_CALL)
        self.tandem.sign_in_again()
        self._people_see_to_it()

    def _people_see_to_it(self) -> None:
        """What only people can do: approve held deletions, retry what was refused."""
        row = self.store.orgs[ORG]
        if row.deletions == "held":
            self.note(lambda: "a person approves the deletions")
            self.tandem.approve_deletions()
        for link in list(self.store.links.values()):
            if link.parked:
                self.tandem.retry(link)

    def _converge(self) -> None:
        """Rounds until nothing is owed and nothing is written."""
        for number in range(MOST_ROUNDS):
            if number % 8 == 3:
                self._people_see_to_it()
            self._turns_this_round["calm"] = 0
            report = run_round(ORG, self.store, self.connect, self.our_clock)
            self._raise_if_failed()
            wrote = report is None or report.wrote > 0 or bool(report.trouble)
            if not wrote and number >= len(_CALM) and not self._waits() and not self.oracle.still_owed():
                return
            self.pass_time(_CALM[number] if number < len(_CALM) else 330.0)
        self.oracle.fail("I3", f"after {MOST_ROUNDS} calm rounds: {self.oracle.still_owed()}")

    def _waits(self) -> bool:
        """Whether a pair still waits for its next try: a wait may be longer than all that calm has lasted."""
        now = self.our_clock.now()
        return any(
            link.not_before is not None and link.not_before > now and not link.parked
            for link in self.store.links.values()
        )

    def _stay_silent(self) -> None:
        tasks, reminders = self.tables(), dict(self.store.reminders)
        links = self._unread()
        calls = 0
        for _ in range(SILENT_ROUNDS):
            self.pass_time(61.0)
            self._turns_this_round["calm"] = 0
            report = run_round(ORG, self.store, self.connect, self.our_clock)
            self._raise_if_failed()
            if report is None or report.wrote:
                self.oracle.fail("I5", f"a round in silence: {report}")
            calls += report.calls
        # One poll a route each round; once an hour the two logs, and what the second names (I7).
        routes = 1 if self.swarm.team_route else len(self.store.team.enabled)
        if self.swarm.page > 100 and calls > SILENT_ROUNDS * routes + 3 * routes:
            self.oracle.fail("I7", f"{SILENT_ROUNDS} rounds with nothing to do cost {calls} calls")
        if self.tables() != tasks:
            self.oracle.fail("I5", "Salesforce was written in silence")
        if self.store.reminders != reminders:
            self.oracle.fail("I5", "a reminder was written in silence")
        if self._unread() != links:
            self.oracle.fail("I5", "a link was written in silence")

    def _unread(self) -> list[Link]:
        """The links without the time at which each was last read: reading again is no news."""
        return [
            replace(link, seen=replace(link.seen, read_at=START)) if link.seen is not None else link
            for link in self.store.links.values()
        ]

    def _raise_if_failed(self) -> None:
        if self.failed is not None:
            raise self.failed

    # --- what the ports call -------------------------------------------------------------------------------------

    def halt(self, label: str) -> None:
        """A port call: the scheduler may let somebody else go first."""
        if self.failed is not None:
            raise self.failed
        fiber = self.current
        name = fiber.name if fiber is not None else "calm"
        asked = self._turns_this_round[name] = self._turns_this_round.get(name, 0) + 1
        if asked > MOST_TURNS_A_ROUND:
            self.oracle.fail("I10", f"a round asked {asked} times and did not end, last: {label}")
        if self.store.open:
            self.oracle.fail("I12", f"{label}: a call inside a database transaction")
        if fiber is not None:
            fiber.pause(label)
            self.note(lambda: f"  {name}: {label}")

    def _edge(self) -> None:
        fiber = self.current
        if fiber is None or self.calm or "crash at commit" not in self.swarm.on:
            return
        if self.store.journal and self.tape.chance(60):
            self.count("crash at commit")
            self.note(lambda: f"{fiber.name} dies before it commits")
            self.workers.pop(fiber.name, None)
            fiber.doom()
            raise Crash

    def made_key(self, key: str) -> None:
        """The first key a round makes is its lease."""
        fiber = self.current
        name = fiber.name if fiber is not None else "calm"
        if not self.store.open and (name not in self.leases or name == "calm"):
            self.leases[name] = key
            self._began[name] = self.clock.now().replace(microsecond=0)

    def round_began(self) -> datetime:
        """When, by Salesforce's clock, the round began that works now."""
        return self._began[self.current.name if self.current is not None else "calm"]

    def fault_of_read(self) -> str | None:
        """What happens to this read."""
        return self._fault(self.swarm.reads, self.swarm.read_rate)

    def fault_of_write(self) -> str | None:
        """What happens to this write."""
        return self._fault(self.swarm.calls, self.swarm.write_rate)

    def _fault(self, possible: Sequence[str], rate: int) -> str | None:
        if self.calm or not possible or not self.tape.chance(rate):
            return None
        fault = self.tape.one_of(possible)
        self.count(fault)
        self.note(lambda: f"fault: {fault}")
        return fault

    def date_header(self) -> datetime:
        """The Date of an answer: whole seconds, perhaps one later than what it shows."""
        late = "late Date header" in self.swarm.on and not self.calm and self.tape.below(2)
        now = self.clock.now()
        if late:
            now += timedelta(seconds=1)
        return now.replace(microsecond=0)

    def take(self, seconds: float) -> None:
        """A call takes its time."""
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """Time passes; what has to land by then lands."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while self.later:
            first = min(self.later, key=lambda landing: landing.deadline)
            if first.deadline > until:
                break
            self.later.remove(first)
            left = (first.deadline - self.clock.now()).total_seconds()
            if left > 0:
                self.clock.advance(left)
            self._land(first)
        left = (until - self.clock.now()).total_seconds()
        if left > 0:
            self.clock.advance(left)

    def _land(self, landing: Landing) -> None:
        self.note(lambda: f"lands now: {landing.what}")
        landing.land()

    # --- the org as the history changes it -----------------------------------------------------------------------

    def tasks(self) -> list[Record]:
        """Every Task, deleted ones too."""
        return list(self.org.scan("Task", all_rows=True))

    def tables(self) -> dict[str, Record]:
        """Every Task by id, to compare with later."""
        return {record["Id"]: record for record in self.org.scan("Task", all_rows=True)}

    def row(self, record: Record) -> Row:
        """A record as the engine sees it; a version never changes, so it is read once."""
        kept = self._rows.get(id(record))
        if kept is None or kept[0] is not record:
            kept = self._rows[id(record)] = (record, row_of(record, self.key_field))
        return kept[1]

    def commit_ours(self, write: Write) -> str:
        """One row of ours, committed at once. Raises OrgError."""
        with self.org.transaction(write.user) as tx:
            return self._do(tx, [write])[0]

    def _do(self, tx: Transaction, writes: Sequence[Write]) -> list[str]:
        ids = []
        for write in writes:
            tables = self.tables()
            self._writing, self._rewritten = write, None
            try:
                identifier = write(tx, self.hidden)
            finally:
                self._writing = None
            after = tx.look("Task", identifier)
            self.our_writes += 1
            if self._rewritten is not None:
                self.oracle.automation_wrote(write.values["details"], self._rewritten)
            self.oracle.we_wrote(write, tables.get(identifier), after)
            ids.append(identifier)
            self.note(
                lambda w=write, i=identifier: f"Salesforce takes our {w.op} of {i[-6:-3]}: {dict(w.values)}"
            )
        return ids

    def land_later(self, writes: Sequence[Write]) -> None:
        """Carried out at some moment of the next 590 s, row by row."""

        def land() -> None:
            for write in writes:
                try:
                    self.commit_ours(write)
                except OrgError as refusal:
                    self.note(lambda r=refusal: f"refused: {r}")

        self._put_off(land, f"our late {writes[0].op}")

    def start_slowly(self, writes: Sequence[Write]) -> None:
        """Stamped now, its rows locked, committed at some moment of the next 590 s."""
        tx = self.org.begin(writes[0].user)
        for write in writes:
            try:
                self._do(tx, [write])
            except OrgError as refusal:
                self.note(lambda r=refusal: f"refused: {r}")
        self._put_off(tx.commit, f"our slow {writes[0].op}")

    def user_writes_slowly(self, identifier: str, fields: dict[str, str], what: str) -> None:
        """A user's change that is stamped now and shows later. Raises OrgError."""
        tx = self.org.begin(self.org.admin_id)
        try:
            tx.update("Task", identifier, fields)
        except OrgError:
            tx.rollback()
            raise
        self.count("slow transaction")
        self.note(lambda: f"a user in Salesforce slowly {what}")

        def land() -> None:
            before = self.tables()
            tx.commit()
            self.oracle.people_changed_org(before)

        self._put_off(land, f"the user's slow change of {identifier[-6:-3]}")

    def _put_off(self, land: Callable[[], None], what: str) -> None:
        seconds = (LONGEST_CALL, 3, 30, 200)[self.tape.below(4)]
        self.later.append(Landing(self.clock.now() + timedelta(seconds=seconds), what, land))

    def _trigger(self, change: Change) -> None:
        """The org's own automation: it answers our writes."""
        write = self._writing
        if write is None or change.sobject != "Task":
            return
        text = change.values.get("Description")
        if text is not None and text in self.refused_for_ever:
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a validation rule of this org")
        if self.calm:
            return
        if "refusing rule" in self.swarm and text and self.tape.chance(5):
            self.count("refusing rule")
            if self.tape.below(2):
                self.refused_for_ever.add(text)
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a validation rule of this org")
        if "rewriting trigger" in self.swarm and text and self._rewrites < 4 and self.tape.chance(3):
            self._rewrites += 1
            self.count("rewriting trigger")
            change.values["Description"] = self._rewritten = f"t{self._rewrites}"

    def show_all(self) -> None:
        """Nothing is hidden any more."""
        if self.hidden:
            self.hidden.clear()
            self.note(lambda: "everything can be seen again")

    def _user(self, name: str) -> str:
        return self.org.plant(
            "User",
            {
                "LastName": name,
                "Username": f"{name}@org.example",
                "Email": f"{name}@org.example",
                "Alias": name,
                "TimeZoneSidKey": "UTC",
                "IsActive": True,
            },
        )

    # --- counting and telling ------------------------------------------------------------------------------------

    def count(self, fault: str) -> None:
        """A fault strikes: remember in which states it met the pairs."""
        self.counts[fault] += 1
        for link in self.store.links.values():
            self.cells[region(self.store.pair(link)), fault] += 1

    def note(self, say: Callable[[], str]) -> None:
        """One line of the story."""
        if self.told is not None:
            self.told.append(f"{self._moment()} {say()}")

    def _moment(self) -> str:
        return f"{self.clock.now():%H:%M:%S.%f}"[:10]


def _counts(report: Report) -> str:
    """What a round did, without what it did not."""
    told = ", ".join(f"{name} {value}" for name, value in asdict(report).items() if value and name != "calls")
    return f"Report({told})"


_TURNS: tuple[Callable[[World], None], ...] = (
    *[World._worker_one] * 28,
    *[World._worker_two] * 20,
    *[World._member] * 18,
    *[World._user_turn] * 16,
    *[World._time] * 10,
    *[World._landing] * 4,
    *[World._crash] * 2,
    *[World._long_pause] * 2,
    *[World._admin] * 4,
)

__all__ = ["START", "Violation", "World"]

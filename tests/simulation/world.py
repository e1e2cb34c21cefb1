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
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from orgbox.clock import VirtualClock
from tandem.sync import admission
from tandem.sync.ports import Route
from tandem.sync.round import Report
from tandem.sync.worker import run_round
from tests.simulation.calm import calm_down, converge, stay_silent
from tests.simulation.correspondence import Correspondence
from tests.simulation.databases import Database, in_memory
from tests.simulation.faults import LASTING, draw_swarm
from tests.simulation.fibers import Crash, Fiber, FiberKind, GreenletFiber
from tests.simulation.once import Once
from tests.simulation.opt_out_memory import MemoryBook
from tests.simulation.oracle import Oracle
from tests.simulation.people import People
from tests.simulation.regions import region
from tests.simulation.salesforce_port import SimulatedSalesforce
from tests.simulation.settings import Settings
from tests.simulation.sizes import few_rows
from tests.simulation.tables import ORG, Team
from tests.simulation.tape import Tape
from tests.simulation.there import There
from tests.simulation.turns import Turns
from tests.simulation.unsubscribes import Unsubscribes

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
# A world of six tasks has a mass-delete guard of its own size.
FEW_ARE_MANY = 2
# A round of so few pairs that asks this often goes round in circles (I10).
MOST_CALLS_A_ROUND = 1_500


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
    """Everything of one history. told: where to write what happens, for a story; None to go fast.

    plain: without what only the store in memory has, emails, calls and unsubscribes, and members who come between: to
    compare stores.
    """

    def __init__(
        self,
        tape: Tape,
        *,
        fibers: FiberKind = GreenletFiber,
        told: list[str] | None = None,
        database: Database = in_memory,
        plain: bool = False,
    ) -> None:
        self.tape = tape
        self.told = told
        self.swarm = draw_swarm(tape)
        if plain:
            self.swarm = replace(self.swarm, logs=False, unsubscribes=False)
        self.clock = VirtualClock(START)
        self.current: Fiber | None = None  # who works now; None in calm
        self.calm = False  # no faults any more
        self.quiet = False  # no faults for a moment
        self.failed: BaseException | None = None
        self.leases: dict[str, str] = {}
        self._began: dict[str, datetime] = {}
        self.counts: Counter[str] = Counter()
        self.cells: Counter[tuple[str, str]] = Counter()
        self.asked: dict[str, int] = {}  # how often a round has asked one of its ports
        self.steps = 0
        self.calls = 0
        self.our_clock = OurClock(self)
        self.there = There(self)
        team = Team(
            self.there.users,
            unique_key=self.swarm.mode == "A",
            team_route=self.swarm.team_route,
            template=self.swarm.template,
            statuses=self.swarm.statuses,
        )
        self.store, self.tandem, journal = database(team, self.our_clock)
        self._journal = journal if self.swarm.logs else None
        self._book = MemoryBook(self.store) if self.swarm.unsubscribes else None
        self.store.halt, self.store.edge = self.halt, self._edge
        self.once = Once(self)
        self.oracle = Oracle(self)
        self.store.committed = self.oracle.committed
        self.people = People(self)
        if not plain and tape.edition >= 3:
            self.store.between = self.people.is_faster
        self.correspondence = Correspondence(self)
        self.unsubscribes = Unsubscribes(self)
        self.settings = Settings(self)
        self.turns = Turns(self, fibers)
        # What lasts for a whole history is counted once for it.
        self.counts.update(name for name in LASTING if name in self.swarm)
        self.note(lambda: str(self.swarm))

    # --- the history ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The whole history. Raises Violation."""
        sizes = few_rows() if self.swarm.small_calls else nullcontext()
        with patch.object(admission, "MANY_DELETIONS", FEW_ARE_MANY), sizes, self.store.in_use():
            self._run()

    def _run(self) -> None:
        try:
            self.people.prepare()
            if self.swarm.logs:
                self.correspondence.prepare()
            if self.swarm.unsubscribes:
                self.unsubscribes.prepare()
            self.settings.begin()
            for _ in range(self.swarm.steps):
                self.turns.take_one()
            calm_down(self)
            converge(self)
            stay_silent(self)
            self.oracle.at_rest()
        finally:
            self.turns.end()

    def connect(self, route: Route) -> SimulatedSalesforce:
        """A new client for each round, as wiring does."""
        return SimulatedSalesforce(self, self.store.team.users[route.connection])

    def run_round(self) -> Report | None:
        """One round, as the worker runs it."""
        report = run_round(ORG, self.store, self.connect, self.our_clock, self._journal, self._book)
        if report is not None:
            self.tandem.round_ended(report)
        return report

    def quiet_round(self) -> Report | None:
        """A whole round without faults, while nobody else does anything."""
        quiet, self.quiet = self.quiet, True
        try:
            self.asked["calm"] = 0
            return self.run_round()
        finally:
            self.quiet = quiet
            self.raise_if_failed()

    def raise_if_failed(self) -> None:
        """A promise that broke inside a round ends the history, whatever the round made of it."""
        if self.failed is not None:
            raise self.failed

    # --- what the ports call -------------------------------------------------------------------------------------

    def halt(self, label: str) -> None:
        """A port call: the scheduler may let somebody else go first."""
        if self.failed is not None:
            raise self.failed
        fiber = self.current
        name = fiber.name if fiber is not None else "calm"
        asked = self.asked[name] = self.asked.get(name, 0) + 1
        if asked > MOST_CALLS_A_ROUND:
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
            self.turns.workers.pop(fiber.name, None)
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
        if self.calm or self.quiet or not possible or not self.tape.chance(rate):
            return None
        fault = self.tape.one_of(possible)
        self.count(fault)
        self.note(lambda: f"fault: {fault}")
        return fault

    def date_header(self) -> datetime:
        """The Date of an answer: whole seconds, perhaps one later than what it shows."""
        late = "late Date header" in self.swarm.on and not (self.calm or self.quiet) and self.tape.below(2)
        now = self.clock.now()
        if late:
            now += timedelta(seconds=1)
        return now.replace(microsecond=0)

    def take(self, seconds: float) -> None:
        """A call takes its time."""
        self.there.pass_time(seconds)

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

"""Whose turn is it? While a history is in chaos each step draws one: a worker, a person, time, a crash, something late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from tandem.sync.round import Report
from tests.simulation.calls import OwnError
from tests.simulation.fibers import Fiber, FiberKind

if TYPE_CHECKING:
    from tests.simulation.world import World

_SECONDS = (1.0, 0.3, 2.0, 5.0, 12.0, 61.0, 130.0, 330.0, 660.0, 3_700.0)


class Turns:
    """The workers of a world, and everybody who comes between their steps."""

    def __init__(self, world: World, fibers: FiberKind) -> None:
        self.world = world
        self.workers: dict[str, Fiber] = {}
        self._fiber = fibers

    def take_one(self) -> None:
        """Whoever the tape says."""
        _TURNS[self.world.tape.below(len(_TURNS))](self)

    def _worker_one(self) -> None:
        self._advance_worker("worker 1")

    def _worker_two(self) -> None:
        self._advance_worker("worker 2" if "two workers" in self.world.swarm else "worker 1")

    def _advance_worker(self, name: str) -> None:
        for _ in range((1_000, 1, 3, 9)[self.world.tape.below(4)]):
            fiber = self.workers.get(name)
            if fiber is None:
                fiber = self.workers[name] = self._fiber(name, self._round)
                self.world.asked[name] = 0
                self.world.leases.pop(name, None)
            self._step(fiber)
            if fiber.done:
                self.workers.pop(name, None)
                return

    def _step(self, fiber: Fiber) -> None:
        self.world.current = fiber
        self.world.steps += 1
        try:
            fiber.step()
        finally:
            self.world.current = None
        self.world.raise_if_failed()

    def _round(self) -> None:
        try:
            report = self.world.run_round()
        except OwnError:
            self.world.note(lambda: "the round ends with an error of our own")
            return
        if report is not None:
            self.world.note(lambda: f"the round ends: {_counts(report)}")

    def _member(self) -> None:
        self.world.people.member_acts()

    def _user_turn(self) -> None:
        self.world.people.user_acts()

    def _admin(self) -> None:
        self.world.people.admin_acts()
        self.world.tandem.sign_in_again()

    def _time(self) -> None:
        self.world.there.pass_time(_SECONDS[self.world.tape.below(len(_SECONDS))])

    def _settings(self) -> None:
        self.world.settings.somebody_acts()

    def _undo(self) -> None:
        self.world.people.undo()

    def _correspond(self) -> None:
        if self.world.swarm.logs:
            self.world.correspondence.somebody_acts()

    def _unsubscribe(self) -> None:
        if self.world.swarm.unsubscribes:
            self.world.unsubscribes.somebody_acts()

    def _long_pause(self) -> None:
        if "long pause" in self.world.swarm and self.workers:
            self.world.count("long pause")
            self.world.there.pass_time((25.0, 90.0, 620.0)[self.world.tape.below(3)])

    def _crash(self) -> None:
        if "crash" in self.world.swarm and self.workers:
            name = self.world.tape.one_of(sorted(self.workers))
            fiber = self.workers.pop(name)
            self.world.count("crash")
            self.world.note(lambda: f"{name} dies at: {fiber.at}")
            self._kill(fiber)

    def _landing(self) -> None:
        if self.world.there.later:
            landing = self.world.tape.one_of(self.world.there.later)
            self.world.there.later.remove(landing)
            self.world.there.land(landing)

    def _kill(self, fiber: Fiber) -> None:
        self.world.current = fiber
        try:
            fiber.crash()
        finally:
            self.world.current = None

    def finish(self) -> None:
        """Whoever works finishes the round."""
        for fiber in list(self.workers.values()):
            while not fiber.done:
                self._step(fiber)
        self.workers.clear()

    def end(self) -> None:
        """Nobody works any more."""
        for fiber in self.workers.values():
            try:
                self._kill(fiber)
            except BaseException:
                continue
        self.workers.clear()


def _counts(report: Report) -> str:
    """What a round did, without what it did not, and without statistics: no promise is about them."""
    silent = ("calls", "tallies")
    told = ", ".join(
        f"{name} {value}" for name, value in asdict(report).items() if value and name not in silent
    )
    return f"Report({told})"


_TURNS: tuple[Callable[[Turns], None], ...] = (
    *[Turns._worker_one] * 28,
    *[Turns._worker_two] * 20,
    *[Turns._member] * 18,
    *[Turns._user_turn] * 16,
    *[Turns._time] * 10,
    *[Turns._landing] * 4,
    *[Turns._crash] * 2,
    *[Turns._long_pause] * 2,
    *[Turns._admin] * 4,
)
# Turns that came with a later edition are appended, so that an old tape still names the same ones.
_TURNS += (*[Turns._settings] * 4, *[Turns._landing] * 4, *[Turns._admin] * 4)
_TURNS += (*[Turns._correspond] * 16, *[Turns._undo] * 3)
_TURNS += (*[Turns._unsubscribe] * 6,)

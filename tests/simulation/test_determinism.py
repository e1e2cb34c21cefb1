"""The same seed tells the same story, byte for byte: otherwise no failure could ever be replayed."""

import pytest

from tests.simulation.fibers import FiberKind, GreenletFiber, ThreadFiber
from tests.simulation.story import broken
from tests.simulation.tape import Tape, recorded, seeded
from tests.simulation.world import World

SEEDS = range(60)


def trace(tape: Tape, fibers: FiberKind = GreenletFiber) -> list[str]:
    told: list[str] = []
    ending = broken(World(tape, fibers=fibers, told=told))
    return [*told, str(ending)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_tells_the_same_story_twice(seed: int) -> None:
    assert trace(seeded(seed)) == trace(seeded(seed))


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_threads_that_pass_a_baton_tell_the_same_story_as_greenlets(seed: int) -> None:
    assert trace(seeded(seed)) == trace(seeded(seed), ThreadFiber)


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_a_recorded_tape_replays_its_seed(seed: int) -> None:
    tape = seeded(seed)
    told = trace(tape)
    assert trace(recorded(tape.taken)) == told


def test_different_seeds_tell_different_stories() -> None:
    assert len({"\n".join(trace(seeded(seed))) for seed in SEEDS}) == len(SEEDS)


def test_a_tape_that_has_run_out_plays_a_quiet_history() -> None:
    world = World(recorded([]))
    assert broken(world) is None
    assert not world.swarm.on

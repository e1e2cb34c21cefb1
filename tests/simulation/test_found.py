"""Each tape on which a promise was once broken replays for ever, and keeps it now."""

from pathlib import Path

import pytest

from tests.simulation.story import FOUND, broken, found_tape
from tests.simulation.world import World

TAPES = sorted(FOUND.glob("*.json"))


def test_there_are_tapes() -> None:
    assert TAPES


@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.stem)
def test_a_tape_once_broken_holds(path: Path) -> None:
    assert broken(World(found_tape(path))) is None

"""Each tape on which a promise was once broken replays for ever, and keeps it now."""

import json
from pathlib import Path

import pytest

from tests.simulation.story import FOUND, broken
from tests.simulation.tape import recorded
from tests.simulation.world import World

TAPES = sorted(FOUND.glob("*.json"))


def test_there_are_tapes() -> None:
    assert TAPES


@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.stem)
def test_a_tape_once_broken_holds(path: Path) -> None:
    assert broken(World(recorded(json.loads(path.read_text())["tape"]))) is None

"""Each guard of the engine, removed, breaks a promise within its budget of histories: so the harness sees."""

import json

import pytest

from tests.simulation.mutants import MUTANTS, Mutant, first_kill
from tests.simulation.story import FOUND


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.slug)
def test_a_mutant_dies_within_its_budget(mutant: Mutant) -> None:
    assert first_kill(mutant) is not None, f"{mutant.name} survives: {mutant.guard}"


def test_each_mutants_tape_belongs_to_a_mutant() -> None:
    named = {json.loads(path.read_text()).get("mutant") for path in FOUND.glob("*.json")} - {None}
    assert named <= {mutant.name for mutant in MUTANTS}

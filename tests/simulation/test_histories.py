"""Thousands of fresh histories keep every promise; and the workload is wild enough to mean something."""

import pytest

from tests.simulation.faults import FAULTS, LASTING
from tests.simulation.regions import REGIONS
from tests.simulation.simulate import Tally, parts, tally

HISTORIES = 4_000
# States that exist only inside a transaction, or for the blink between two of them (docs/invariants.md).
FLEETING = {"Deleted-both", "Dirty-both", "Dirty-remote"}
# Faults that need another one first, so that few histories have them.
SELDOM = {"hasty user"}


@pytest.fixture(scope="module")
def total() -> Tally:
    """Seeds 0 to 3,999, in this process."""
    found = Tally()
    for seeds in parts(0, HISTORIES):
        found.add(tally(seeds))
    return found


def test_every_history_keeps_every_promise(total: Tally) -> None:
    assert total.broken == [], "tell one: python -m tests.simulation.story SEED --shrink"
    assert total.histories == HISTORIES


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_strikes(total: Tally, fault: str) -> None:
    assert total.faults[fault] >= (1 if fault in SELDOM else 40)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in {*LASTING, *SELDOM}])
def test_every_fault_meets_pairs_in_many_states(total: Tally, fault: str) -> None:
    met = {region for region in REGIONS if total.cells[region, fault]}
    assert len(met) >= 9, f"{fault} never met {sorted(set(REGIONS) - met)}"


@pytest.mark.parametrize("region", [region for region in REGIONS if region not in FLEETING])
def test_every_state_meets_most_faults(total: Tally, region: str) -> None:
    met = {fault for fault in FAULTS if total.cells[region, fault]}
    assert len(met) >= 15


def test_people_and_engine_both_work(total: Tally) -> None:
    assert total.acts > HISTORIES * 10
    assert total.our_writes > HISTORIES * 2

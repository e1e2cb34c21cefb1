"""The pages about promises and faults name every promise, fault and mutant there is, and no other."""

import re
from pathlib import Path

import pytest

from tests.simulation.faults import FAULTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.promises import INVARIANTS

ROOT = Path(__file__).parents[2]


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The cells of the first table under a heading, by the first cell."""
    text = (ROOT / page).read_text()
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in section.splitlines()
        if line[:2] == "| "
    ]
    return {row[0].strip("*"): row for row in cells[1:]}


def test_every_promise_is_on_the_page_and_no_other() -> None:
    assert rows("docs/invariants.md", "The promises").keys() == INVARIANTS.keys()


@pytest.mark.parametrize("name", INVARIANTS)
def test_a_promise_says_what_holds_it_and_where_it_is_checked(name: str) -> None:
    _, _, statement, guard, checked = rows("docs/invariants.md", "The promises")[name]
    assert statement
    assert guard.strip("–")
    assert checked.strip("–")


def test_every_fault_is_on_the_page_and_no_other() -> None:
    assert rows("docs/faults.md", "What goes wrong").keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_the_words_of_the_code(fault: str) -> None:
    assert rows("docs/faults.md", "What goes wrong")[fault][1] == FAULTS[fault]


def test_every_mutant_is_on_the_page_with_its_guard_and_budget() -> None:
    told = rows("docs/faults.md", "Would the harness notice?")
    assert told.keys() == {mutant.name for mutant in MUTANTS}
    for mutant in MUTANTS:
        assert told[mutant.name][1:4] == [mutant.rule, mutant.guard, f"{mutant.budget:,}"]


def test_every_window_that_the_oracle_spares_is_explained() -> None:
    checks = (
        Path(__file__).parent / f"{name}.py" for name in ("oracle", "at_commit", "at_rest", "people", "once")
    )
    spared = set(re.findall(r"\bR\d\b", "".join(path.read_text() for path in checks)))
    assert spared <= rows("docs/invariants.md", "The windows that stay open").keys()

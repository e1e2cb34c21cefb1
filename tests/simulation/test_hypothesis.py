"""A second driver over the same World: Hypothesis draws the choices, and shrinks by itself what it finds."""

from contextlib import suppress

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.simulation.mutants import MUTANTS
from tests.simulation.promises import Violation
from tests.simulation.tape import Tape
from tests.simulation.world import World

EXAMPLES = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def play(data: st.DataObject) -> None:
    World(Tape(lambda n: data.draw(st.integers(0, n - 1)))).run()


@EXAMPLES
@given(data=st.data())
def test_every_history_that_hypothesis_draws_keeps_every_promise(data: st.DataObject) -> None:
    play(data)


def test_hypothesis_finds_a_mutant_too() -> None:
    """A driver that finds nothing proves nothing: without changed-fields-only it has to fail."""
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "M7")
    found: list[str] = []

    @settings(EXAMPLES, max_examples=100, report_multiple_bugs=False, phases=[Phase.generate])
    @given(data=st.data())
    def hunt(data: st.DataObject) -> None:
        try:
            play(data)
        except Violation as violation:
            found.append(violation.invariant)
            raise

    with mutant(), suppress(Violation):
        hunt()
    assert found

"""How long things took, kept in a few classes: percentiles are exact to their class, and days can be added up."""

from __future__ import annotations

import random

import pytest

from tandem.sync.tally import BOUNDS, CLASSES, Tally, added, class_of, percentile, summed, together
from tests.chance import seed


def test_nothing_has_no_percentile() -> None:
    assert percentile(Tally().lags, 0.5) is None


@pytest.mark.parametrize(
    ("took", "within"), [(-3, 0.5), (0.2, 0.5), (1, 1), (1.1, 2), (59, 60), (1e9, 86_400)]
)
def test_one_item_lies_within_its_class(took: float, within: float) -> None:
    tally = Tally()
    tally.take(took)
    assert percentile(tally.lags, 0.5) == percentile(tally.lags, 0.95) == within


def test_a_percentile_is_the_class_of_the_item_that_a_sorted_list_has_there() -> None:
    number = seed()
    print(f"SEED={number}")
    chance = random.Random(number)
    for _ in range(50):
        taken = [chance.uniform(0, 10 ** chance.uniform(0, 5)) for _ in range(chance.randint(1, 300))]
        tally = Tally()
        for each in taken:
            tally.take(each)
        for share in (0.5, 0.95):
            place = max(-(-len(taken) * share // 1) - 1, 0)
            exact = sorted(taken)[int(place)]
            assert percentile(tally.lags, share) == BOUNDS[min(class_of(exact), len(BOUNDS) - 1)]


def test_days_are_added_class_by_class_also_when_one_was_written_by_another_version() -> None:
    assert added([1, 2], [0] * (CLASSES - 1) + [5]) == [1, 2] + [0] * (CLASSES - 3) + [5]
    assert summed([]) == [0] * CLASSES
    one, other = Tally(1, 2), Tally(10, 20)
    one.take(3)
    other.take(3)
    assert (together([one, other]).done, together([one, other]).refused) == (11, 22)
    assert sum(together([one, other]).lags) == 2

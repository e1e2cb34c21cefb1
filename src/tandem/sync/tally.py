"""What did a round come to, member by member, and how long did things take? Pure.

How long each item took is kept as a count in one of a few classes, so that a day fits in one small row whatever happens
on it, and days can be added up. A percentile read from them is exact to its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: Upper bounds of the classes, in seconds; the last class has none.
BOUNDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400)
CLASSES = len(BOUNDS) + 1


@dataclass
class Tally:
    """done: items brought into step. refused: items that a person was asked about. lags: how many in each class."""

    done: int = 0
    refused: int = 0
    lags: list[int] = field(default_factory=lambda: [0] * CLASSES)

    def take(self, seconds: float) -> None:
        """One item took this long."""
        self.lags[class_of(seconds)] += 1


@dataclass(frozen=True)
class Counts:
    """One round's tallies by member, and its API calls."""

    members: Mapping[int, Tally]
    calls: int = 0


def class_of(seconds: float) -> int:
    """The class that a lag falls into; one below zero (two clocks) into the first."""
    return next((place for place, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))


def added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Two rows of classes as one; a row of another length (an older version's) counts as far as it goes."""
    padded = ([*row, *[0] * CLASSES][:CLASSES] for row in (one, other))
    return [a + b for a, b in zip(*padded, strict=True)]


def summed(rows: Iterable[Sequence[int]]) -> list[int]:
    """All of them as one."""
    total = [0] * CLASSES
    for row in rows:
        total = added(total, row)
    return total


def together(tallies: Iterable[Tally]) -> Tally:
    """The team's: all of them as one."""
    listed = list(tallies)
    return Tally(
        sum(each.done for each in listed),
        sum(each.refused for each in listed),
        summed(each.lags for each in listed),
    )


def percentile(lags: Sequence[int], share: float) -> float | None:
    """The bound, in seconds, within which this share of all items lies; None when there are none.

    Beyond the last bound it is that bound: "more than a day".
    """
    total = sum(lags)
    if not total:
        return None
    seen = 0
    for place, count in enumerate(lags):
        seen += count
        if seen >= share * total:
            return float(BOUNDS[min(place, len(BOUNDS) - 1)])
    return float(BOUNDS[-1])

"""Where does a history get its choices from? From one tape: every choice of the simulation goes through `Tape.below`.

Zero is always the calm choice, so that a tape that has run out plays a quiet history, and shrinking is zeroing.

A workload grows: whatever is drawn that was not drawn before names the edition it came with, and a tape of an earlier
edition plays it calm without a choice. So a tape once saved tells the same history for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


# 1: tasks and their faults. 2: switching, templates, copies, previews, sessions. 3: emails and calls beside the tasks,
# masters of series, orgs without one of our statuses. 4: unsubscribes, the nightly check, orgs short of API calls, calls
# that take few rows.
EDITION = 4


class Tape:
    """Choices, drawn from a source and remembered, so that what happened once can happen again."""

    __slots__ = ("_draw", "edition", "taken")

    def __init__(self, draw: Callable[[int], int], edition: int = EDITION) -> None:
        self._draw = draw
        self.edition = edition
        self.taken: list[int] = []

    def below(self, n: int, *, since: int = 1) -> int:
        """A whole number from 0 to n - 1; 0 on a tape that is older than the choice."""
        if since > self.edition:
            return 0
        value = self._draw(n)
        self.taken.append(value)
        return value

    def one_of(self, options: Sequence[_T], *, since: int = 1) -> _T:
        """One of these; the first is the calm one."""
        return options[self.below(len(options), since=since)]

    def chance(self, one_in: int) -> bool:
        """True once in so many."""
        return self.below(one_in) == one_in - 1


def seeded(seed: int) -> Tape:
    """A tape of a seed's choices."""
    random = Random(seed).random
    return Tape(lambda n: int(random() * n))


def recorded(values: Sequence[int], edition: int = EDITION) -> Tape:
    """A tape played again; where it was cut or changed, choices become the nearest that exist, and calm at its end."""
    left = iter(values)

    def draw(n: int) -> int:
        value = next(left, 0)
        return value if value < n else n - 1

    return Tape(draw, edition)

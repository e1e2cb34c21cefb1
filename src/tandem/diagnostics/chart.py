"""Where does each bar of the chart stand? Geometry alone: the template draws it as SVG, the table says the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.diagnostics.health import Bar

WIDTH, HEIGHT = 960, 220
_LEFT, _TOP, _BOTTOM = 44, 12, 28
_GAP = 5
#: A day with anything on it is at least this high, so that one item beside a thousand is seen.
_LEAST = 3


@dataclass(frozen=True)
class Drawn:
    """One day: where it stands, and how high each part is. refused_y, refused_high: on top, with a line of air between."""

    bar: Bar
    x: float
    wide: float
    y: float
    high: float
    refused_y: float
    refused_high: float
    #: Every fifth day is named below.
    named: bool

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return self.x + self.wide / 2


@dataclass(frozen=True)
class Line:
    """A grid line: its value, and how far down."""

    value: int
    y: float


@dataclass(frozen=True)
class Chart:
    """The whole picture; width and height in SVG units."""

    bars: Sequence[Drawn]
    lines: Sequence[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    base: int = HEIGHT - _BOTTOM


def drawn(bars: Sequence[Bar]) -> Chart:
    """The picture of these days."""
    most = max((bar.done + bar.refused for bar in bars), default=0)
    step = _step(most)
    top = max(step * -(-most // step), step)
    room = HEIGHT - _TOP - _BOTTOM
    base = HEIGHT - _BOTTOM
    wide = (WIDTH - _LEFT) / max(len(bars), 1)
    made = []
    for place, bar in enumerate(bars):
        high = max(bar.done * room / top, _LEAST if bar.done else 0)
        refused = max(bar.refused * room / top, _LEAST if bar.refused else 0)
        air = 1 if high and refused else 0
        made.append(
            Drawn(
                bar,
                round(_LEFT + place * wide, 1),
                round(wide - _GAP, 1),
                round(base - high, 1),
                round(high, 1),
                round(base - high - air - refused, 1),
                round(refused, 1),
                place % 5 == 0,
            )
        )
    lines = [Line(value, round(base - value * room / top, 1)) for value in range(0, top + 1, step)]
    return Chart(made, lines)


def _step(most: int) -> int:
    """A round number, so that there are two to five lines."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if most <= 4 * step:
                return step
        size *= 10

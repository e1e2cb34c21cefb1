"""What a query says, once it is read: the shapes that `parse` returns and `evaluate` obeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Path:
    """A field as written, split at its dots; `at` is its place in the text, for the ^ of an error message."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, its escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """The string after LIKE as a regular expression that must match the whole value."""

    regex: str


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool


@dataclass(frozen=True, slots=True)
class Null:
    pass


@dataclass(frozen=True, slots=True)
class Day:
    """YYYY-MM-DD."""

    value: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time with its offset, held in UTC and in whole seconds: SOQL compares no finer."""

    value: datetime


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """TODAY, LAST_WEEK, LAST_N_DAYS:7 ...: `name` in capitals without its number, `count` that number or 0."""

    name: str
    count: int


Literal = Text | Pattern | Number | Truth | Null | Day | Moment | DateLiteral


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of = != < <= > >= LIKE IN NOT IN; all but the last two have exactly one value."""

    path: Path
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Comparison | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Selected:
    """One entry of the SELECT list; `alias` is the stray word behind it, if any."""

    path: Path
    alias: str | None


@dataclass(frozen=True, slots=True)
class Order:
    path: Path
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Source:
    """FROM `name` [`alias`], `at` its place in the text."""

    name: str
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. `select` is empty for SELECT COUNT(). `text` is the query as it was sent."""

    text: str
    select: tuple[Selected, ...]
    source: Source
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def is_count(self) -> bool:
        return not self.select

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
class Call:
    """A function as written: COUNT(Id), CALENDAR_YEAR(convertTimezone(CreatedDate)), FIELDS(ALL)."""

    function: str
    of: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Distance:
    """DISTANCE(Location__c, GEOLOCATION(..), 'km'): read, and refused, for no field here holds a place."""

    path: Path
    at: int


Expression = Path | Call | Distance


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
    """`operator` is one of = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES; the last four may have several values.

    `among` is the query of a semi-join, IN (SELECT ..), or of an anti-join; there are no values then.
    """

    path: Expression
    operator: str
    values: tuple[Literal, ...] = ()
    among: Query | None = None


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
    """A field or a function of the SELECT list; `alias` is the word behind it, if any."""

    path: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class Child:
    """A sub-query of the SELECT list: (SELECT Id FROM Tasks)."""

    query: Query
    alias: str | None


@dataclass(frozen=True, slots=True)
class TypeOf:
    """TYPEOF Who WHEN Contact THEN Title ELSE Name END: which fields, by what the parent is."""

    relationship: Path
    when: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    alias: str | None


Entry = Selected | Child | TypeOf


@dataclass(frozen=True, slots=True)
class Order:
    path: Expression
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Source:
    """FROM `name` [`alias`], `at` its place in the text; a second source is a path from an alias: c.Account a."""

    name: str
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP BY `by`; `totals` is ROLLUP, CUBE or nothing. `at` is where it stands."""

    by: tuple[Expression, ...]
    totals: str | None
    having: Condition | None
    at: int


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or one inside another. `text` is the query as it was sent, the outermost one.

    `select` is empty for SELECT COUNT(). `unknown` are the clauses that read well and mean nothing to this org: (what
    it says, where it stands).
    """

    text: str
    select: tuple[Entry, ...]
    source: Source
    more_sources: tuple[Source, ...] = ()
    scope: str | None = None
    where: Condition | None = None
    group: Grouping | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    unknown: tuple[tuple[str, int], ...] = ()

    @property
    def is_count(self) -> bool:
        return not self.select

"""What an aggregate query answers: rows in groups, and what each group comes to.

Salesforce: "GROUP BY", "GROUP BY ROLLUP", "GROUP BY CUBE", "HAVING", "Aggregate Functions", "Aliases".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from orgbox.errors import OrgError
from orgbox.schema.types import Field
from orgbox.soql.catalogue import Row
from orgbox.soql.columns import Column, Columns
from orgbox.soql.criteria import Asked
from orgbox.soql.functions import DATE_FUNCTIONS, formatted
from orgbox.soql.ordering import ordering
from orgbox.soql.predicates import predicate
from orgbox.soql.rendering import json_value
from orgbox.soql.syntax import Call, Entry, Expression, Query, Selected

MOST_TOTALS = 3
_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})
_ORDERED = _NUMBERS | {
    "date",
    "datetime",
    "string",
    "picklist",
    "id",
    "reference",
    "combobox",
    "email",
    "phone",
    "url",
}
_NOT_GROUPABLE = frozenset(
    {"datetime", "double", "currency", "percent", "textarea", "multipicklist", "address"}
)
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Aggregate:
    """Which field types a function takes, the type it gives (None: the field's own), and what it makes of values."""

    takes: frozenset[str] | None
    gives: str | None
    of: Callable[[list[Any]], Any]


AGGREGATES: dict[str, _Aggregate] = {
    "AVG": _Aggregate(_NUMBERS, "double", lambda values: sum(values) / len(values) if values else None),
    "COUNT": _Aggregate(None, "int", len),
    "COUNT_DISTINCT": _Aggregate(None, "int", lambda values: len(set(values))),
    "MAX": _Aggregate(_ORDERED, None, lambda values: max(values, default=None)),
    "MIN": _Aggregate(_ORDERED, None, lambda values: min(values, default=None)),
    "SUM": _Aggregate(_NUMBERS, None, lambda values: sum(values) if values else None),
}


def is_aggregate(query: Query) -> bool:
    """Whether the answer is of groups: it says GROUP BY, or selects an aggregate or a date function."""
    return query.group is not None or any(
        isinstance(entry, Selected) and _is_grouping_call(entry.path) for entry in query.select
    )


def _is_grouping_call(expression: Expression) -> bool:
    if not isinstance(expression, Call):
        return False
    name = expression.function.upper()
    return (
        name in AGGREGATES or name in DATE_FUNCTIONS or name == "GROUPING" or _is_grouping_call(expression.of)
    )


class _GroupColumns(Columns):
    """The columns of a group: what it is grouped by, and its aggregates, each computed once and only if asked for."""

    def __init__(self, columns: Columns, keys: Sequence[Column]) -> None:
        self.query, self.schema, self._of_rows = columns.query, columns.schema, columns
        self._keys = {column.key for column in keys}
        self.wanted: dict[tuple[str, ...], tuple[Column, _Aggregate]] = {}

    def resolve(self, expression: Expression) -> Column:
        if isinstance(expression, Call):
            name = expression.function.upper()
            if name in AGGREGATES:
                return self._aggregated(expression, name)
            if name == "GROUPING":
                return self._grouping(expression)
            if name == "FORMAT" and isinstance(expression.of, Call):
                column = self.resolve(expression.of)
                return replace(column, form=formatted(column.field, self._of_rows.zone))
        column = self._of_rows.resolve(expression)
        if column.key not in self._keys:
            message = f"Field must be grouped or aggregated: {column.field.name}"
            raise self.refuse(expression, message, "MALFORMED_QUERY")
        return replace(column, hops=(), function=column.function, read=_reading(column.key))

    def _aggregated(self, call: Call, name: str) -> Column:
        column, aggregate = self._of_rows.resolve(call.of), AGGREGATES[name]
        field = column.field
        if not field.filterable or (aggregate.takes is not None and field.type not in aggregate.takes):
            message = f"field {field.name} does not support aggregate operator {name}"
            raise self.refuse(call, message, "MALFORMED_QUERY")
        key = (f"{name}({'.'.join(column.key)})",)
        self.wanted[key] = (column, aggregate)
        result = Field(field.name, aggregate.gives or field.type, scale=field.scale, picklist=field.picklist)
        return Column(result, (), _reading(key), name)

    def _grouping(self, call: Call) -> Column:
        column = self.resolve(call.of)
        key = (f"GROUPING({'.'.join(self._of_rows.resolve(call.of).key)})",)
        return Column(Field(column.field.name, "int"), (), _reading(key), "GROUPING")


def _reading(key: tuple[str, ...]) -> Callable[[Row], Any]:
    name = ".".join(key)
    return lambda group: group.get(name)


def groups(query: Query, columns: Columns, asked: Asked) -> Callable[[list[Row]], list[Record]]:
    """What turns the matching rows into the records of the answer. OrgError MALFORMED_QUERY or INVALID_FIELD."""
    keys = _keys(query, columns)
    of_groups = _GroupColumns(columns, keys)
    if query.group is None and query.limit is not None:
        message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
        raise columns.refuse(
            query.select[0].path.at if isinstance(query.select[0], Selected) else 0,
            message,
            "MALFORMED_QUERY",
        )
    shown = _shown(query.select, of_groups)
    sort = ordering(query.order, of_groups, tie=None)
    having = query.group and query.group.having
    fulfils = predicate(having, of_groups, asked) if having else None
    totals = query.group.totals if query.group else None

    def records(rows: list[Row]) -> list[Record]:
        found = [
            group
            for by in _groupings(keys, totals)
            for group in _grouped(rows, keys, by, of_groups)
            if fulfils is None or fulfils(group)
        ]
        sort(found)
        end = None if query.limit is None else query.offset + query.limit
        return [
            {"attributes": {"type": "AggregateResult"}}
            | {name: _value(column, group) for name, column in shown.items()}
            for group in found[query.offset : end]
        ]

    return records


def _keys(query: Query, columns: Columns) -> list[Column]:
    if query.group is None:
        return []
    keys = [columns.resolve(expression) for expression in query.group.by]
    for expression, column in zip(query.group.by, keys, strict=True):
        if not column.function and (not column.field.groupable or column.field.type in _NOT_GROUPABLE):
            message = f"field '{column.field.name}' can not be grouped in a query call"
            raise columns.refuse(expression, message, "MALFORMED_QUERY")
    if query.group.totals and len(keys) > MOST_TOTALS:
        message = f"a maximum of {MOST_TOTALS} fields is allowed in GROUP BY {query.group.totals}"
        raise columns.refuse(query.group.at, message, "MALFORMED_QUERY")
    return keys


def _shown(select: Iterable[Entry], columns: _GroupColumns) -> dict[str, Column]:
    """The columns of the answer by name: the alias, the field's own, or expr0, expr1, ... for the functions."""
    shown: dict[str, Column] = {}
    unnamed = 0
    for entry in select:
        if not isinstance(entry, Selected):
            raise OrgError("MALFORMED_QUERY", "Grouped queries can not select sub-queries or TYPEOF")
        column = columns.resolve(entry.path)
        name = entry.alias or column.field.name
        if entry.alias is None and column.function:
            name, unnamed = f"expr{unnamed}", unnamed + 1
        if any(name.lower() == other.lower() for other in shown):
            raise columns.refuse(entry.path, f"duplicate alias: {name}", "MALFORMED_QUERY")
        shown[name] = column
    return shown


def _groupings(keys: Sequence[Column], totals: str | None) -> Iterator[tuple[Column, ...]]:
    """The sets of keys that are grouped by: all of them, and with ROLLUP or CUBE the sub-totals after them."""
    sizes = range(len(keys), -1, -1)
    if totals == "ROLLUP":
        yield from (tuple(keys[:size]) for size in sizes)
    elif totals == "CUBE":
        yield from (chosen for size in sizes for chosen in combinations(keys, size))
    else:
        yield tuple(keys)


def _grouped(
    rows: list[Row], keys: Sequence[Column], by: Sequence[Column], columns: _GroupColumns
) -> Iterator[dict[str, Any]]:
    """One dictionary a group: its keys, 1 or 0 for each as GROUPING() says, and its aggregates."""
    if not by and not rows and keys:
        return
    found: dict[tuple[Any, ...], list[Row]] = {} if by else {(): rows}
    if by:
        reads = [column.read for column in by]
        for row in rows:
            found.setdefault(tuple(read(row) for read in reads), []).append(row)
    for values, members in sorted(found.items(), key=lambda item: [(v is not None, v) for v in item[0]]):
        group: dict[str, Any] = {
            f"GROUPING({'.'.join(column.key)})": int(column not in by) for column in keys
        }
        group |= {".".join(column.key): value for column, value in zip(by, values, strict=True)}
        for key, (column, aggregate) in columns.wanted.items():
            read = column.read
            group[".".join(key)] = aggregate.of([v for row in members if (v := read(row)) is not None])
        yield group


def _value(column: Column, group: Row) -> Any:
    value = column.read(group)
    if column.form is not None:
        return column.form(value)
    return json_value(column.field, value)

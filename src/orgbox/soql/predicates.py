"""WHERE as one function of a row, compiled once per query; and what of it an index could use.

Null: `=`, `!=`, IN and NOT IN know it; every other comparison with it is no. NOT is two-valued: it turns a no into
a yes, for null too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from orgbox.soql.assumptions import NOT_IN_KEEPS_NULL
from orgbox.soql.catalogue import Hint, Row
from orgbox.soql.columns import Columns
from orgbox.soql.criteria import Asked, Criterion, Range, criterion
from orgbox.soql.syntax import All, AnyOf, Comparison, Condition, Not

Predicate = Callable[[Row], bool]


def predicate(condition: Condition, columns: Columns, asked: Asked) -> Predicate:
    """OrgError when a field is unknown or may not be filtered so."""
    match condition:
        case Comparison():
            return _test(criterion(condition, columns, asked))
        case Not(part):
            return _opposite(predicate(part, columns, asked))
        case All(parts):
            return _every([predicate(part, columns, asked) for part in parts])
        case AnyOf(parts):
            return _some([predicate(part, columns, asked) for part in parts])


def hints(condition: Condition, columns: Columns, asked: Asked) -> Iterator[Hint]:
    """What holds for every answer: the comparisons of own fields that are joined by the outermost AND."""
    for part in condition.parts if isinstance(condition, All) else (condition,):
        if isinstance(part, Comparison):
            it = criterion(part, columns, asked)
            if not it.column.hops and not it.column.function:
                yield from _hints(it)


def _hints(it: Criterion) -> Iterator[Hint]:
    name, operator = it.column.field.name, it.operator
    value = it.values[0] if it.values else None  # a semi-join that found nothing has none
    if it.kind in ("date", "datetime") and operator not in ("!=", "IN", "NOT IN"):
        if value is None:
            yield name, "=", None
        if isinstance(value, Range):
            if operator in ("=", ">=", ">"):
                yield name, ">=", value.end if operator == ">" else value.start
            if operator in ("=", "<=", "<"):
                yield name, "<", value.start if operator == "<" else value.end
    elif operator == "=" or (it.kind == "number" and operator in ("<", "<=", ">", ">=")):
        yield name, operator, value
    elif operator == "IN" and it.kind in ("text", "id", "number"):
        yield name, "IN", it.values


def _every(parts: list[Predicate]) -> Predicate:
    def every(row: Row) -> bool:
        for part in parts:  # noqa: SIM110  (a generator costs more than the whole test)
            if not part(row):
                return False
        return True

    return every


def _some(parts: list[Predicate]) -> Predicate:
    def some(row: Row) -> bool:
        for part in parts:  # noqa: SIM110
            if part(row):
                return True
        return False

    return some


def _opposite(part: Predicate) -> Predicate:
    return lambda row: not part(row)


def _test(it: Criterion) -> Predicate:
    read = it.column.read
    match it.operator:
        case "=" | "IN":
            return _equal(it)
        case "!=":
            return _opposite(_equal(it))
        case "NOT IN":
            among = _equal(it)
            if NOT_IN_KEEPS_NULL or it.kind == "boolean":
                return _opposite(among)
            return lambda row: read(row) is not None and not among(row)
        case "LIKE":
            flags = re.DOTALL if it.column.field.case_sensitive else re.DOTALL | re.IGNORECASE
            matches = re.compile(it.values[0], flags).fullmatch
            return lambda row: (value := read(row)) is not None and matches(value) is not None
        case "INCLUDES":
            return _includes(it)
        case "EXCLUDES":
            return _opposite(_includes(it))
        case _:
            return _ordered(it)


def _includes(it: Criterion) -> Predicate:
    """Whether a multi-select picklist holds all parts of one of the values: 'A;B' asks for both."""
    read = it.column.read
    wanted = [frozenset(part.lower() for part in (value or "").split(";")) for value in it.values]

    def includes(row: Row) -> bool:
        held = {part.lower() for part in (read(row) or "").split(";")}
        return any(parts <= held for parts in wanted)

    return includes


def _equal(it: Criterion) -> Predicate:
    """Whether the field has one of the values."""
    read, none_too = it.column.read, None in it.values
    values = [value for value in it.values if value is not None]
    if it.kind in ("date", "datetime"):
        tests = [_within(it, value) for value in values]
        if none_too:
            tests.append(lambda row: read(row) is None)
        return tests[0] if len(tests) == 1 else _some(tests)

    key = _key(it)
    if it.kind == "boolean":
        return lambda row: key(read(row)) in values
    wanted = {key(value) for value in values}
    if len(wanted) == 1 and not none_too:
        (only,) = wanted
        return lambda row: (value := read(row)) is not None and key(value) == only
    return lambda row: none_too if (value := read(row)) is None else key(value) in wanted


def _within(it: Criterion, range_: Range) -> Predicate:
    read, start, end = it.column.read, range_.start, range_.end
    return lambda row: (value := read(row)) is not None and start <= value < end


def _ordered(it: Criterion) -> Predicate:
    """< <= > >=. Against a range, "greater" begins where the range ends and "less" where it starts."""
    read, operator, bound = it.column.read, it.operator, it.values[0]
    if isinstance(bound, Range):
        edge: Any = bound.end if operator in ("<=", ">") else bound.start
        if operator in ("<", "<="):
            return lambda row: (value := read(row)) is not None and value < edge
        return lambda row: (value := read(row)) is not None and value >= edge

    key = _key(it)
    edge = key(bound)
    if operator == "<":
        return lambda row: (value := read(row)) is not None and key(value) < edge
    if operator == "<=":
        return lambda row: (value := read(row)) is not None and key(value) <= edge
    if operator == ">":
        return lambda row: (value := read(row)) is not None and key(value) > edge
    return lambda row: (value := read(row)) is not None and key(value) >= edge


def _key(it: Criterion) -> Callable[[Any], Any]:
    """What two values of the field must share to be equal, and what orders them."""
    if it.kind == "id":
        return lambda value: value[:15]
    if it.kind == "text" and not it.column.field.case_sensitive:
        return str.lower if it.operator in ("=", "!=", "IN", "NOT IN") else str.upper
    return bool if it.kind == "boolean" else _itself


def _itself(value: Any) -> Any:
    return value

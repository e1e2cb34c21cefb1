"""What IN (SELECT ..) and NOT IN (SELECT ..) compare with: the values of the inner query, found before the outer one.

Salesforce: "Semi-Joins with IN and Anti-Joins with NOT IN", and its list of what neither may do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from orgbox.soql.columns import Column, Columns
from orgbox.soql.syntax import All, AnyOf, Comparison, Condition, Expression, Not, Query, Selected, Text

MOST = 2
Ids = Callable[[Query, Columns, Column], list[str]]
"""The values of one column of a query's rows, nulls left out."""


def joined(
    condition: Condition, columns: Columns, catalogue_columns: Callable[[Query], Columns], ids: Ids
) -> Condition:
    """The same condition with every sub-select replaced by its values. OrgError MALFORMED_QUERY for one that may not be."""
    found = list(_sub_selects(condition))
    if not found:
        return condition
    top = condition.parts if isinstance(condition, All) else (condition,)
    for comparison in found:
        if comparison not in top:
            message = (
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
                "expressions."
            )
            raise columns.refuse(comparison.path, message, "MALFORMED_QUERY")
    if len(found) > MOST:
        message = f"Maximum {MOST} semi join sub-selects are allowed"
        raise columns.refuse(found[MOST].path, message, "MALFORMED_QUERY")
    values = {comparison: _values(comparison, columns, catalogue_columns, ids) for comparison in found}
    if isinstance(condition, All):
        return All(
            tuple(
                values.get(part, part) if isinstance(part, Comparison) else part for part in condition.parts
            )
        )
    return values[found[0]]


def _sub_selects(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Comparison():
            if condition.among is not None:
                yield condition
        case Not(part):
            yield from _sub_selects(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _sub_selects(part)


def _values(
    comparison: Comparison, columns: Columns, inner_columns: Callable[[Query], Columns], ids: Ids
) -> Comparison:
    query, left = comparison.among, comparison.path
    assert query is not None  # noqa: S101 - only those were chosen
    inner = inner_columns(query)
    (entry,) = query.select
    assert isinstance(entry, Selected)  # noqa: S101 - the grammar leaves nothing else
    if query.where is not None and any(True for _ in _sub_selects(query.where)):
        raise columns.refuse(left, "Nesting of semi join sub-selects is not supported", "MALFORMED_QUERY")
    outer_column, inner_column = columns.resolve(left), inner.resolve(entry.path)
    _same_kind(comparison.path, entry.path, columns, inner, outer_column, inner_column)
    found = ids(query, inner, inner_column)
    return replace(comparison, values=tuple(Text(value) for value in dict.fromkeys(found)), among=None)


def _same_kind(
    left: Expression,
    right: Expression,
    outer: Columns,
    inner: Columns,
    outer_column: Column,
    inner_column: Column,
) -> None:
    for where, columns, column, side in (
        (left, outer, outer_column, "left operand field in the where expression for outer query"),
        (right, inner, inner_column, "selected field in the semi join sub-select"),
    ):
        if column.field.type not in ("id", "reference") or column.function:
            message = f"The {side} should be an id field, cannot use: '{column.field.name}'"
            raise columns.refuse(where, message, "MALFORMED_QUERY")
    if outer.schema.name == inner.schema.name and outer_column.field.type == "id":
        message = "The inner and outer selects should not be on the same object type"
        raise outer.refuse(left, message, "MALFORMED_QUERY")
    if not _targets(outer_column, outer) & _targets(inner_column, inner):
        message = (
            f"The selected field '{inner_column.field.name}' in the subquery and the left operand field "
            f"'{outer_column.field.name}' in the where expression in the outer query should point to the same object "
            "type"
        )
        raise outer.refuse(left, message, "MALFORMED_QUERY")


def _targets(column: Column, columns: Columns) -> set[str]:
    if column.field.type == "reference":
        return set(column.field.reference_to)
    return set(column.hops[-1].reference_to) if column.hops else {columns.schema.name}

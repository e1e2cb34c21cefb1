"""In which order rows are answered: as ORDER BY says, and by Id where it leaves a tie.

Salesforce: "ORDER BY". Text sorts by its upper case, a picklist by the place of its values in the picklist.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from orgbox.schema.types import Field
from orgbox.soql.catalogue import Row
from orgbox.soql.columns import Column, Columns
from orgbox.soql.syntax import Order

Sort = Callable[[list[Any]], None]
"""Sorts in place."""

_TEXT = {"string", "textarea", "combobox", "email", "phone", "url"}


def ordering(order: tuple[Order, ...], columns: Columns, tie: str | None = "Id") -> Sort:
    """OrgError INVALID_FIELD for a field that is unknown or can not be sorted. `tie` decides where all else is even."""
    passes: list[tuple[Callable[[Row], Any], bool]] = []
    decided = False
    for term in order:
        column = columns.resolve(term.path)
        if not column.field.sortable:
            message = f"field '{column.field.name}' can not be sorted in a query call"
            raise columns.refuse(term.path, message)
        passes.append((_key(column, term), term.descending))
        decided = decided or column.key == ("Id",)
    if not decided and tie is not None:
        passes.append((itemgetter(tie), False))

    def sort(rows: list[Row]) -> None:
        for key, reverse in reversed(passes):  # sorting is stable: the last word is the first pass
            rows.sort(key=key, reverse=reverse)

    return sort


def _key(column: Column, term: Order) -> Callable[[Row], tuple[Any, ...]]:
    # "NULLS FIRST and NULLS LAST aren't supported" for relationship fields: their nulls stay on top.
    nulls_first = term.nulls_first or column.field.type == "reference"
    null_rank = int(nulls_first == term.descending)
    null, rank = (null_rank,), 1 - null_rank
    read, worth = column.read, _worth(column.field)
    if column.field.type == "boolean":
        return lambda row: (bool(read(row)),)  # never null

    def key(row: Row) -> tuple[Any, ...]:
        value = read(row)
        return null if value is None else (rank, worth(value))

    return key


def _worth(field: Field) -> Callable[[Any], Any]:
    if field.type == "picklist":
        places = {entry.value.lower(): place for place, entry in enumerate(field.picklist)}
        return lambda value: (places.get(value.lower(), len(places)), value.upper())
    if field.type in _TEXT and not field.case_sensitive:
        return str.upper
    if field.type == "datetime":
        return lambda value: value.replace(microsecond=0)
    return lambda value: value

"""The answer to a query: the rows that fulfil it, in order, as records. Pure: all it knows of the org is its catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from orgbox.errors import OrgError
from orgbox.soql.catalogue import Catalogue, Row
from orgbox.soql.columns import Column, Columns
from orgbox.soql.criteria import Asked
from orgbox.soql.ordering import ordering
from orgbox.soql.predicates import hints, predicate
from orgbox.soql.rendering import renderer
from orgbox.soql.syntax import Query


@dataclass(frozen=True, slots=True)
class Result:
    """`total` rows answer the query after LIMIT and OFFSET. `records` are JSON-ready, and none for COUNT()."""

    total: int
    records: list[dict[str, Any]] = field(default_factory=list)
    is_count: bool = False


def evaluate(query: Query, catalogue: Catalogue, all_rows: bool) -> Result:
    """Answer `query`; with `all_rows`, among deleted and archived rows too (queryAll).

    OrgError INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR or MALFORMED_QUERY, before any row is read.
    """
    try:
        return _answer(query, catalogue, all_rows)
    except RecursionError:
        raise OrgError(
            "QUERY_TOO_COMPLICATED", "Query is too complicated: too many nested conditions"
        ) from None


def _answer(query: Query, catalogue: Catalogue, all_rows: bool) -> Result:
    columns = Columns(query, catalogue)
    selected = _selected(query, columns)
    sort = ordering(query.order, columns)
    rows = _matching(query, columns, catalogue, all_rows)
    end = None if query.limit is None else query.offset + query.limit
    if query.is_count:
        return Result(total=len(rows[query.offset : end]), is_count=True)
    sort(rows)
    render = renderer(selected, columns, catalogue.url_prefix)
    records = [render(row) for row in rows[query.offset : end]]
    return Result(total=len(records), records=records)


def _selected(query: Query, columns: Columns) -> list[Column]:
    selected: dict[tuple[str, ...], Column] = {}
    for entry in query.select:
        column = columns.resolve(entry.path)
        if entry.alias:
            message = "only aggregate expressions use field aliasing"
            raise columns.refuse(entry.path, message, "MALFORMED_QUERY")
        if column.key in selected:
            raise OrgError("INVALID_FIELD", f"duplicate field selected: {'.'.join(column.key)}")
        selected[column.key] = column
    return list(selected.values())


def _matching(query: Query, columns: Columns, catalogue: Catalogue, all_rows: bool) -> list[Row]:
    name = columns.schema.name
    if query.where is None:
        return list(catalogue.scan(name, all_rows))
    asked = Asked(catalogue.now(), ZoneInfo(catalogue.time_zone))
    fulfils = predicate(query.where, columns, asked)
    rows: Iterable[Row] | None = catalogue.narrow(name, list(hints(query.where, columns, asked)))
    if rows is None:
        rows = catalogue.scan(name, all_rows)
    elif not all_rows:
        # An index does not know who asks: query() never shows deleted and archived rows (docs/salesforce.md §2.4).
        rows = (row for row in rows if not row.get("IsDeleted") and not row.get("IsArchived"))
    return [row for row in rows if fulfils(row)]

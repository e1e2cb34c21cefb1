"""What does a query job find? A query that Bulk can run, its columns, and its rows (docs/salesforce.md §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orgbox.bulk.table import at, cell
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.schema.types import Field
from orgbox.soql import Named, Query, evaluate, named_columns, parse
from orgbox.soql.grouping import is_aggregate
from orgbox.soql.syntax import Child, TypeOf
from orgbox.view import View


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows of a query job: the columns by their dotted names, and the records as JSON has them."""

    sobject: str
    columns: tuple[tuple[str, Field], ...]
    records: list[dict[str, Any]]

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _ in self.columns]

    def cells(self, start: int, end: int) -> list[list[str]]:
        """Some of the rows as texts."""
        return [
            [cell(field, at(record, name)) for name, field in self.columns]
            for record in self.records[start:end]
        ]


def readable(org: Org, user_id: str, soql: str) -> Query:
    """The query, if Bulk runs such. Raises OrgError, before any row is read."""
    query = parse(soql)
    if is_aggregate(query) or query.is_count:
        raise OrgError("API_ERROR", "Aggregate queries are not supported in Bulk Query")
    if query.offset or any(isinstance(entry, TypeOf) for entry in query.select):
        raise OrgError("API_ERROR", "OFFSET and TYPEOF are not supported in Bulk Query")
    if any(isinstance(entry, Child) for entry in query.select):
        raise OrgError("API_ERROR", "Nested queries are not supported in Bulk Query")
    with org.transaction(user_id) as tx:
        columns = _flat(named_columns(query, View(tx, "")))
    if any(field.type in ("base64", "junctionidlist") for _, field in columns):
        raise OrgError("API_ERROR", "Binary fields and lists of ids are not supported in Bulk Query")
    return query


def read(org: Org, user_id: str, query: Query, prefix: str, *, all_rows: bool) -> Answered:
    """Run it. Raises OrgError."""
    with org.transaction(user_id) as tx:
        view = View(tx, prefix)
        named = named_columns(query, view)
        records = evaluate(query, view, all_rows).records
        return Answered(view.schema(query.source.name).name, tuple(_flat(named)), records)


def _flat(named: Sequence[Named], above: str = "") -> list[tuple[str, Field]]:
    flat: list[tuple[str, Field]] = []
    for each in named:
        name = above + each.name
        flat += _flat(each.below, f"{name}.") if each.below else [(name, each.described)]
    return flat

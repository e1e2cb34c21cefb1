"""The answer to a query: the rows that fulfil it, in order, as records. Pure: all it knows of the org is its catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from orgbox.errors import OrgError
from orgbox.schema.types import Field
from orgbox.soql.catalogue import Catalogue, Hint, Row
from orgbox.soql.columns import Column, Columns
from orgbox.soql.criteria import Asked
from orgbox.soql.grouping import groups, is_aggregate
from orgbox.soql.joins import joined
from orgbox.soql.ordering import ordering
from orgbox.soql.predicates import Predicate, hints, predicate
from orgbox.soql.rendering import Written, renderer
from orgbox.soql.selection import selection
from orgbox.soql.syntax import Child, Query

_SCOPES = frozenset({"everything", "mine"})
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """`total` rows answer the query after LIMIT and OFFSET. `records` are JSON-ready, and none for COUNT().

    `paged` is whether a long answer may be given in pages, which that of an aggregate query may not.
    """

    total: int
    records: list[Record] = field(default_factory=list)
    is_count: bool = False
    paged: bool = True


def evaluate(query: Query, catalogue: Catalogue, all_rows: bool) -> Result:
    """Answer `query`; with `all_rows`, among deleted and archived rows too (queryAll).

    OrgError INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR or MALFORMED_QUERY, before any row is read.
    """
    try:
        return _Answer(catalogue, all_rows).to(query)
    except RecursionError:
        raise OrgError(
            "QUERY_TOO_COMPLICATED", "Query is too complicated: too many nested conditions"
        ) from None


class _Answer:
    """The answering of one query and of those inside it, for one user at one moment."""

    def __init__(self, catalogue: Catalogue, all_rows: bool) -> None:
        self._catalogue = catalogue
        self._all_rows = all_rows
        self._asked = Asked(catalogue.now(), ZoneInfo(catalogue.time_zone))

    def to(self, query: Query) -> Result:
        columns = Columns(query, self._catalogue)
        if query.is_count:
            if query.order or query.group:
                at = query.order[0].path.at if query.order else query.group.at if query.group else 0
                raise columns.refuse(at, "COUNT() can not be ordered or grouped", "MALFORMED_QUERY")
            rows = self._rows(query, columns)()
            return Result(len(_cut(query, rows)), is_count=True)
        if is_aggregate(query):
            grouped = groups(query, columns, self._asked)
            records = grouped(self._rows(query, columns)())
            return Result(len(records), records, paged=False)
        finish = self._records(query, columns)
        records = finish(self._rows(query, columns)())
        return Result(len(records), records)

    def _rows(self, query: Query, columns: Columns) -> Callable[..., list[Row]]:
        """What reads the rows that fulfil WHERE and USING SCOPE, the children of some parents only if they are named."""
        for says, at in query.unknown:
            raise columns.refuse(at, f"{says} is not supported here", "MALFORMED_QUERY")
        if min(query.limit or 0, query.offset) < 0:
            raise OrgError("MALFORMED_QUERY", "LIMIT and OFFSET must not be negative")
        if query.scope is not None and query.scope not in _SCOPES:
            raise columns.refuse(
                query.source.at, f"scope '{query.scope}' is not supported", "MALFORMED_QUERY"
            )
        where, fulfils, known = query.where, None, list[Hint]()
        if where is not None:
            where = joined(where, columns, lambda inner: Columns(inner, self._catalogue), self._ids)
            fulfils = predicate(where, columns, self._asked)
            known = list(hints(where, columns, self._asked))
        if query.scope == "mine":
            known.append(("OwnerId", "=", self._catalogue.user_id[:15]))
            fulfils = _and_owned(fulfils, self._catalogue.user_id)

        def read(reference: Field | None = None, parents: Sequence[str] = ()) -> list[Row]:
            among = [] if reference is None else [(reference.name, "IN", tuple(i[:15] for i in parents))]
            return self._read(columns.schema.name, [*known, *among], fulfils)

        return read

    def _read(self, name: str, known: list[Hint], fulfils: Predicate | None) -> list[Row]:
        rows: Iterable[Row] | None = self._catalogue.narrow(name, known) if known else None
        if rows is None:
            rows = self._catalogue.scan(name, self._all_rows)
        elif not self._all_rows:
            # An index does not know who asks: query() never shows deleted and archived rows (docs/salesforce.md §2.4).
            rows = (row for row in rows if not row.get("IsDeleted") and not row.get("IsArchived"))
        return list(rows) if fulfils is None else [row for row in rows if fulfils(row)]

    def _records(self, query: Query, columns: Columns) -> Callable[[list[Row]], list[Record]]:
        """What puts rows in order, cuts them and writes them."""
        of_children: list[Callable[[list[Row]], None]] = []

        def child(entry: Child, of: Columns) -> tuple[str, Written]:
            name, fetch, written = self._child(entry, of)
            of_children.append(fetch)
            return name, written

        selected = selection(query, columns, self._catalogue, child)
        sort = ordering(query.order, columns)
        render = renderer(selected, columns, self._catalogue.url_prefix)

        def finish(rows: list[Row]) -> list[Record]:
            sort(rows)
            rows = _cut(query, rows)
            for fetch in of_children:
                fetch(rows)
            return [render(row) for row in rows]

        return finish

    def _child(self, entry: Child, parent: Columns) -> tuple[str, Callable[[list[Row]], None], Written]:
        """A sub-query: its name, what reads it for all rows at once, and what it says of one (null for nothing)."""
        query = entry.query
        found = self._catalogue.children(parent.schema.name, query.source.name)
        if found is None:
            message = (
                f"Didn't understand relationship '{query.source.name}' in FROM part of query call. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
            raise parent.refuse(query.source.at, message, "INVALID_TYPE")
        schema, reference = found
        columns = Columns(query, self._catalogue, schema)
        if query.is_count or is_aggregate(query):
            message = "Only root queries support aggregate expressions"
            raise columns.refuse(query.source.at, message, "MALFORMED_QUERY")
        rows_of, finish = self._rows(query, columns), self._records(query, columns)
        answers: dict[str, Record] = {}

        def fetch(rows: list[Row]) -> None:
            wanted = [row["Id"] for row in rows]
            families: dict[str, list[Row]] = {identifier: [] for identifier in wanted}
            for each in rows_of(reference, wanted):
                if (family := families.get(each.get(reference.name) or "")) is not None:
                    family.append(each)
            for identifier, family in families.items():
                if family and (records := finish(family)):
                    answers[identifier] = {"totalSize": len(records), "done": True, "records": records}

        name = reference.child_relationship or query.source.name
        return name, fetch, lambda row: answers.get(row["Id"])

    def _ids(self, query: Query, columns: Columns, column: Column) -> list[str]:
        return [value for row in self._rows(query, columns)() if (value := column.read(row)) is not None]


def _cut(query: Query, rows: list[Row]) -> list[Row]:
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _and_owned(fulfils: Predicate | None, user_id: str) -> Predicate:
    return lambda row: row.get("OwnerId") == user_id and (fulfils is None or fulfils(row))

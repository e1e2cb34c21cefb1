"""What a query of records selects: columns, FIELDS(..), TYPEOF, and the sub-queries that others answer.

Salesforce: "SELECT", "FIELDS()", "TYPEOF".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from orgbox.errors import OrgError
from orgbox.soql.catalogue import Catalogue, Row
from orgbox.soql.columns import Column, Columns
from orgbox.soql.rendering import Written, renderer
from orgbox.soql.syntax import Call, Child, Path, Query, Selected, TypeOf

MOST_FIELDS_ROWS = 200
ChildAnswers = Callable[[Child, Columns], tuple[str, Written]]
"""The name and the answer, row by row, of a sub-query."""


def selection(
    query: Query, columns: Columns, catalogue: Catalogue, child: ChildAnswers
) -> dict[str, Column | Written]:
    """The entries by the name they are written under. OrgError INVALID_FIELD or MALFORMED_QUERY."""
    selected: dict[str, Column | Written] = {}

    def put(name: str, entry: Column | Written) -> None:
        if name in selected:
            raise OrgError("INVALID_FIELD", f"duplicate field selected: {name}")
        selected[name] = entry

    for entry in query.select:
        match entry:
            case Child():
                put(*child(entry, columns))
            case TypeOf():
                put(*_typeof(entry, columns, catalogue))
            case Selected():
                if (every := every_field(entry, query, columns)) is None:
                    _plain(entry, columns, put)
                for column in every or ():
                    put(".".join(column.key), column)
    return selected


def every_field(entry: Selected, query: Query, columns: Columns) -> list[Column] | None:
    """The columns of FIELDS(ALL), FIELDS(CUSTOM) or FIELDS(STANDARD); None for any other entry."""
    match entry.path:
        case Call(function, Path((group,)), at) if function.upper() == "FIELDS":
            return list(_fields(group, at, query, columns))
    return None


def _plain(entry: Selected, columns: Columns, put: Callable[[str, Column | Written], None]) -> None:
    column = columns.resolve(entry.path)
    if entry.alias is None:
        put(".".join(column.key), column)
        return
    form = column.form
    if form is None:
        message = "only aggregate expressions use field aliasing"
        raise columns.refuse(entry.path, message, "MALFORMED_QUERY")
    put(entry.alias, lambda row: form(column.read(row)))


def _fields(group: str, at: int, query: Query, columns: Columns) -> Iterator[Column]:
    wanted = group.upper()
    if wanted not in ("ALL", "CUSTOM", "STANDARD"):
        raise columns.refuse(at, f"FIELDS({group}) is not known: ALL, CUSTOM or STANDARD", "MALFORMED_QUERY")
    if wanted != "STANDARD" and (query.limit is None or query.limit > MOST_FIELDS_ROWS):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MOST_FIELDS_ROWS}"
        raise columns.refuse(at, message, "MALFORMED_QUERY")
    for field in columns.schema.fields:
        if wanted == "ALL" or field.custom == (wanted == "CUSTOM"):
            yield columns.field(Path((field.name,), at))


def _typeof(entry: TypeOf, columns: Columns, catalogue: Catalogue) -> tuple[str, Written]:
    (name,) = entry.relationship.names
    hop = columns.schema.by_lower_relationship.get(name.lower())
    if hop is None or len(hop.reference_to) < 2:
        message = f"TYPEOF is for polymorphic relationships, and '{name}' is none of {columns.schema.name}"
        raise columns.refuse(entry.relationship, message)
    branches = {catalogue.schema(sobject).name: paths for sobject, paths in entry.when}
    if wrong := [sobject for sobject in branches if sobject not in hop.reference_to]:
        message = f"{name} is never a {wrong[0]}"
        raise columns.refuse(entry.relationship, message)
    shapes: dict[str, Written] = {}
    for sobject in hop.reference_to:
        inner = Columns(replace(columns.query, more_sources=()), catalogue, catalogue.schema(sobject))
        resolved = (inner.field(path) for path in branches.get(sobject, ()) or _common(entry, inner))
        chosen = {".".join(column.key): column for column in resolved}
        shapes[sobject] = renderer(chosen, inner, catalogue.url_prefix)

    def written(row: Row) -> Any:
        parent = columns.parent(row, hop)
        return None if parent is None else shapes[columns.parent_type(row, hop)](parent)

    return hop.relationship_name or hop.name, written


def _common(entry: TypeOf, inner: Columns) -> tuple[Path, ...]:
    """ELSE's fields, of which an object has those that it has."""
    return tuple(path for path in entry.otherwise if path.names[0].lower() in inner.schema.by_lower_name)

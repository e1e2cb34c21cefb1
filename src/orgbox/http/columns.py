"""What does a query say of its columns? `columns=true`, which people's tools ask for to head a table."""

from __future__ import annotations

from typing import Any

from orgbox.http.call import Answer, Call
from orgbox.soql import Named, named_columns, parse
from orgbox.view import View

_NUMBERS = frozenset({"currency", "double", "int", "percent"})
_APEX_TYPES = {
    "boolean": "Boolean",
    "currency": "Decimal",
    "date": "Date",
    "datetime": "Datetime",
    "double": "Decimal",
    "id": "Id",
    "int": "Integer",
    "percent": "Decimal",
    "reference": "Id",
}


def columns_of(call: Call, text: str) -> Answer:
    """200 {columnMetadata, entityName, groupBy, idSelected, keyPrefix}; nothing is read."""
    query = parse(text)
    with call.transaction() as tx:
        view = View(tx, call.prefix)
        schema, named = view.schema(query.source.name), named_columns(query, view)
    return Answer(
        200,
        {
            "columnMetadata": [_column(each) for each in named],
            "entityName": schema.name,
            "groupBy": query.group is not None,
            "idSelected": any(each.name == "Id" for each in named),
            "keyPrefix": schema.key_prefix,
        },
    )


def _column(named: Named) -> dict[str, Any]:
    described = named.described
    kind = described.type
    return {
        "aggregate": named.aggregate,
        "apexType": _APEX_TYPES.get(kind, "String"),
        "booleanType": kind == "boolean",
        "columnName": named.name,
        "custom": described.custom,
        "displayName": named.shown or named.name,
        "foreignKeyName": described.relationship_name,
        "insertable": described.createable,
        "joinColumns": [_column(each) for each in named.below],
        "numberType": kind in _NUMBERS,
        "textType": kind not in _NUMBERS and kind not in ("boolean", "date", "datetime"),
        "updatable": described.updateable,
    }

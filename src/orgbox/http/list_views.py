"""Which lists does the org keep of an sObject, and what is in them? /sobjects/X/listviews.

Every sObject that people write has two: all of its records, and those that the user owns.
"""

from __future__ import annotations

from typing import Any

from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema
from orgbox.ids import to18
from orgbox.schema.types import Field, ObjectSchema
from orgbox.soql import evaluate, parse
from orgbox.view import View
from orgbox.writes import not_found

_MOST_ROWS = 2_000
_SHOWN_FIRST = (
    "Subject",
    "Name",
    "Status",
    "StageName",
    "Priority",
    "ActivityDate",
    "Email",
    "Phone",
    "OwnerId",
)


def list_views(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X/listviews: {done, listviews, nextRecordsUrl, size, sobjectType}."""
    schema = found_schema(call, sobject)
    listed = [_summary(call, schema, identifier) for identifier in _kept(schema)]
    return Answer(
        200,
        {
            "done": True,
            "listviews": listed,
            "nextRecordsUrl": None,
            "size": len(listed),
            "sobjectType": schema.name,
        },
    )


def list_view(call: Call, sobject: str, identifier: str) -> Answer:
    """GET /sobjects/X/listviews/{id}."""
    schema = found_schema(call, sobject)
    return Answer(200, _summary(call, schema, _known(schema, identifier)))


def list_view_describe(call: Call, sobject: str, identifier: str) -> Answer:
    """GET /sobjects/X/listviews/{id}/describe: its columns and its query."""
    schema = found_schema(call, sobject)
    known = _known(schema, identifier)
    return Answer(
        200,
        {
            "columns": _columns(schema),
            "id": known,
            "orderBy": [{"fieldNameOrPath": "Id", "nullsPosition": "first", "sortDirection": "ascending"}],
            "query": _query(schema, known),
            "relatedEntityId": None,
            "scope": "mine" if _kept(schema)[known].startswith("My") else "everything",
            "scopeEntityId": None,
            "sobjectType": schema.name,
            "whereCondition": {"conditions": [], "conjunction": "and"},
        },
    )


def list_view_results(call: Call, sobject: str, identifier: str) -> Answer:
    """GET /sobjects/X/listviews/{id}/results: the records, column by column."""
    schema = found_schema(call, sobject)
    known = _known(schema, identifier)
    with call.transaction() as tx:
        rows = evaluate(parse(_query(schema, known)), View(tx, call.prefix), False).records
    names = [field.name for field in _fields(schema)]
    records = [{"columns": [{"fieldNameOrPath": name, "value": row[name]} for name in names]} for row in rows]
    return Answer(
        200,
        {
            "columns": _columns(schema),
            "developerName": _kept(schema)[known],
            "done": True,
            "id": known,
            "label": _label(_kept(schema)[known]),
            "records": records,
            "size": len(records),
        },
    )


def _kept(schema: ObjectSchema) -> dict[str, str]:
    """The developer names of an sObject's lists by their ids."""
    if not schema.updateable:
        return {}
    names = [f"All{schema.name}"] + [f"My{schema.name}"] * ("OwnerId" in schema.by_name)
    return {to18(f"00B{schema.key_prefix}{order:09}"): name for order, name in enumerate(names)}


def _known(schema: ObjectSchema, identifier: str) -> str:
    full = to18(identifier[:15]) if len(identifier) in (15, 18) else ""
    if full not in _kept(schema):
        raise not_found()
    return full


def _summary(call: Call, schema: ObjectSchema, identifier: str) -> dict[str, Any]:
    url = f"{call.prefix}/sobjects/{schema.name}/listviews/{identifier}"
    name = _kept(schema)[identifier]
    return {
        "describeUrl": f"{url}/describe",
        "developerName": name,
        "id": identifier,
        "label": _label(name),
        "resultsUrl": f"{url}/results",
        "soqlCompatible": True,
        "url": url,
    }


def _label(name: str) -> str:
    return name.replace("All", "All ", 1) if name.startswith("All") else name.replace("My", "My ", 1)


def _fields(schema: ObjectSchema) -> list[Field]:
    shown = [schema.by_name[name] for name in _SHOWN_FIRST if name in schema.by_name]
    return [schema.by_name["Id"], *shown]


def _columns(schema: ObjectSchema) -> list[dict[str, Any]]:
    return [
        {
            "ascendingLabel": "A-Z",
            "descendingLabel": "Z-A",
            "fieldNameOrPath": field.name,
            "hidden": field.name == "Id",
            "label": field.label,
            "searchable": False,
            "selectListItem": field.name,
            "sortDirection": "ascending" if field.name == "Id" else None,
            "sortIndex": 0 if field.name == "Id" else None,
            "sortable": field.sortable,
            "type": field.type,
        }
        for field in _fields(schema)
    ]


def _query(schema: ObjectSchema, identifier: str) -> str:
    scope = " USING SCOPE mine" if _kept(schema)[identifier].startswith("My") else ""
    names = ", ".join(field.name for field in _fields(schema))
    return f"SELECT {names} FROM {schema.name}{scope} ORDER BY Id LIMIT {_MOST_ROWS}"  # noqa: S608 - SOQL of our own words

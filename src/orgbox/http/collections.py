"""What happens to up to 200 rows in one call? sObject Collections (docs/salesforce.md §2.7).

A call that can be read is always answered 200; each row has its own result. Rows are taken in runs of one sObject;
a run in which one row cannot be locked fails as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from orgbox.errors import OrgError
from orgbox.foreign_keys import with_ids
from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema, row_values
from orgbox.http.shapes import chosen_fields, record_json
from orgbox.writes import Transaction

_MOST_ROWS = 200
_MOST_RUNS = 10
_ROLLED_BACK = OrgError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)

Write = Callable[[Transaction], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a collection: its sObject and what is to be done with it (returns its result)."""

    sobject: str
    write: Write


def insert(call: Call) -> Answer:
    """POST /composite/sobjects {allOrNone, records: [{attributes: {type}, ...}]}."""

    def row(sobject: str, values: dict[str, Any]) -> Row:
        return Row(sobject, lambda tx: _success(tx.insert(sobject, _named(tx, sobject, values))))

    records, all_or_none = _given(call)
    return _run(call, [row(_type(call, record), row_values(record)) for record in records], all_or_none)


def update(call: Call) -> Answer:
    """PATCH /composite/sobjects {allOrNone, records: [{attributes: {type}, id, ...}]}."""

    def row(sobject: str, record: dict[str, Any]) -> Row:
        identifier = next((value for name, value in record.items() if name.lower() == "id"), None)
        values = {name: value for name, value in row_values(record).items() if name.lower() != "id"}

        def write(tx: Transaction) -> dict[str, Any]:
            if not isinstance(identifier, str):
                raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",))
            tx.update(sobject, identifier, _named(tx, sobject, values))
            return _success(tx.live(tx.state.schema(sobject), identifier)["Id"])

        return Row(sobject, write)

    records, all_or_none = _given(call)
    return _run(call, [row(_type(call, record), record) for record in records], all_or_none)


def upsert(call: Call, sobject: str, ext_field: str) -> Answer:
    """PATCH /composite/sobjects/X/Field; each result says `created`."""
    schema = found_schema(call, sobject)
    field = schema.find(ext_field)
    if field is None:
        raise OrgError("INVALID_FIELD", f"No such column '{ext_field}' on sobject of type {schema.name}")
    records, all_or_none = _given(call)
    keys = [
        next((v for n, v in record.items() if n.lower() == field.name.lower()), None) for record in records
    ]
    twice = {key for key, times in Counter(k for k in keys if isinstance(k, str)).items() if times > 1}

    def row(record: dict[str, Any], key: Any) -> Row:
        values = {n: v for n, v in row_values(record).items() if n.lower() != field.name.lower()}

        def write(tx: Transaction) -> dict[str, Any]:
            if key in twice:
                raise OrgError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", (field.name,))
            if field.type == "id" and not isinstance(key, str | None):
                raise OrgError("MALFORMED_ID", f"malformed id {key}", ("Id",))
            identifier, created = tx.upsert(schema.name, field.name, key, _named(tx, schema.name, values))
            return _success(identifier) | {"created": created}

        return Row(_type(call, record), write)

    rows = [
        row(record, None if isinstance(key, list | dict) else key)
        for record, key in zip(records, keys, strict=True)
    ]
    if any(each.sobject != schema.name for each in rows):
        raise OrgError("INVALID_TYPE", f"All records of this call must be of type {schema.name}")
    return _run(call, rows, all_or_none)


def delete(call: Call) -> Answer:
    """DELETE /composite/sobjects?ids=a,b&allOrNone=."""
    identifiers = _listed(call, "ids")
    if not identifiers:
        raise OrgError("MISSING_ARGUMENT", "The ids parameter is required")
    prefixes = call.service.org.state.by_prefix

    def row(identifier: str) -> Row:
        schema = prefixes.get(identifier[:3])

        def write(tx: Transaction) -> dict[str, Any]:
            if schema is None:
                raise OrgError("MALFORMED_ID", f"malformed id {identifier}", ("Id",))
            full = tx.live(schema, identifier)["Id"]
            tx.delete(schema.name, full)
            return _success(full)

        return Row("" if schema is None else schema.name, write)

    return _run(call, [row(i) for i in identifiers], call.params.get("allOrNone", "").lower() == "true")


def retrieve(call: Call, sobject: str) -> Answer:
    """GET ?ids=&fields= or POST {ids, fields}: the records in the order asked, null where there is none."""
    schema = found_schema(call, sobject)
    if call.method == "POST":
        given = call.json_object()
        identifiers, names = _strings(given.get("ids")), _strings(given.get("fields"))
    else:
        identifiers, names = _listed(call, "ids"), _listed(call, "fields")
    if not identifiers or not names:
        raise OrgError("MISSING_ARGUMENT", "The ids and the fields of the records are required")
    fields = chosen_fields(schema, names)
    records: list[dict[str, Any] | None] = []
    with call.transaction() as tx:
        for identifier in identifiers:
            try:
                record = tx.live(schema, identifier.strip())
            except OrgError:
                records.append(None)
            else:
                records.append(record_json(schema, record, call.prefix, fields))
    return Answer(200, records)


def _given(call: Call) -> tuple[list[dict[str, Any]], bool]:
    given = call.json_object()
    if unknown := given.keys() - {"allOrNone", "records"}:
        raise OrgError("JSON_PARSER_ERROR", f'Unrecognized field "{min(unknown)}"')
    records, all_or_none = given.get("records"), given.get("allOrNone", False)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise OrgError("JSON_PARSER_ERROR", "records must be an array of sObjects")
    if not isinstance(all_or_none, bool):
        raise OrgError("JSON_PARSER_ERROR", "allOrNone must be true or false")
    return records, all_or_none


def _type(call: Call, record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise OrgError("INVALID_INPUT", "Each record needs attributes with its type")
    return call.service.org.schema(name).name


def _run(call: Call, rows: Sequence[Row], all_or_none: bool) -> Answer:
    runs = [list(run) for _, run in groupby(rows, key=lambda row: row.sobject)]
    if len(rows) > _MOST_ROWS:
        raise OrgError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {_MOST_ROWS} records into this call",
        )
    if len(runs) > _MOST_RUNS:
        raise OrgError("INVALID_INPUT", f"Cannot have more than {_MOST_RUNS} chunks in a single operation")
    results: list[dict[str, Any]] = []
    with call.transaction() as tx:
        start = tx.mark()
        for run in runs:
            results += _write(tx, run)
        if all_or_none and not all(result["success"] for result in results):
            tx.back_to(start)
            results = [_failure(_ROLLED_BACK) if result["success"] else result for result in results]
    return Answer(200, results)


def _write(tx: Transaction, rows: Sequence[Row]) -> list[dict[str, Any]]:
    mark = tx.mark()
    results = []
    for row in rows:
        try:
            results.append(row.write(tx))
        except OrgError as error:
            if error.code == "UNABLE_TO_LOCK_ROW":
                tx.back_to(mark)
                return [_failure(error)] * len(rows)
            results.append(_failure(error))
    return results


def _success(identifier: str) -> dict[str, Any]:
    return {"id": identifier, "success": True, "errors": []}


def _failure(error: OrgError) -> dict[str, Any]:
    code, message = error.code, error.message
    if code == "NOT_FOUND":
        # A path that leads nowhere is NOT_FOUND; a row's id that does is a wrong reference.
        code, message = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
    return {
        "success": False,
        "errors": [{"statusCode": code, "message": message, "fields": list(error.fields)}],
    }


def _named(tx: Transaction, sobject: str, values: dict[str, Any]) -> dict[str, Any]:
    return with_ids(tx, tx.state.schema(sobject), values)


def _strings(given: Any) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _listed(call: Call, name: str) -> list[str]:
    return [part.strip() for part in call.params.get(name, "").split(",") if part.strip()]

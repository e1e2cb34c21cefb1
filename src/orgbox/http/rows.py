"""What can be done with one row? sObject Rows and rows by external id (docs/salesforce.md §2.5, §2.6, §2.10)."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from orgbox.errors import OrgError
from orgbox.foreign_keys import with_ids
from orgbox.http.call import Answer, Call
from orgbox.http.multipart import row_of
from orgbox.http.shapes import chosen_fields, record_json
from orgbox.ids import canonical
from orgbox.records import Record
from orgbox.schema.types import ObjectSchema
from orgbox.validation import clean_value
from orgbox.writes import Transaction, not_found


def create(call: Call, sobject: str) -> Answer:
    """POST /sobjects/X: 201 {id, success, errors} and its Location."""
    schema = found_schema(call, sobject)
    with call.transaction() as tx:
        identifier = tx.insert(schema.name, with_ids(tx, schema, row_values(row_of(call, schema))))
    call.service.recent.note(call.user_id, identifier)
    return _made(call, schema, identifier)


def read(call: Call, sobject: str, identifier: str) -> Answer:
    """GET /sobjects/X/id[?fields=]: 200, or 304 with If-Modified-Since."""
    schema = found_schema(call, sobject)
    with call.transaction() as tx:
        return _shown(call, schema, tx.live(schema, identifier))


def change(call: Call, sobject: str, identifier: str) -> Answer:
    """PATCH /sobjects/X/id: 204, or 412 with If-Unmodified-Since."""
    schema = found_schema(call, sobject)
    values, since = row_values(row_of(call, schema)), call.http_date("If-Unmodified-Since")
    with call.transaction() as tx:
        tx.update(schema.name, identifier, with_ids(tx, schema, values), unless_modified_since=since)
    call.service.recent.note(call.user_id, canonical(identifier))
    return Answer(204)


def remove(call: Call, sobject: str, identifier: str) -> Answer:
    """DELETE /sobjects/X/id: 204. No condition is looked at (docs/salesforce.md §2.10)."""
    schema = found_schema(call, sobject)
    with call.transaction() as tx:
        tx.delete(schema.name, identifier)
    return Answer(204)


def read_by_key(call: Call, sobject: str, field: str, value: str) -> Answer:
    """GET /sobjects/X/Field/value."""
    schema = found_schema(call, sobject)
    with call.transaction() as tx:
        found = _by_key(tx, schema, field, value)
        if len(found) > 1:
            return _many(call, schema, found)
        return _shown(call, schema, tx.live(schema, found[0]))


def upsert(call: Call, sobject: str, field: str, value: str) -> Answer:
    """PATCH /sobjects/X/Field/value: 201 made, 200 changed (204 before v46), 300 when several rows match."""
    schema = found_schema(call, sobject)
    values, since = row_values(call.json_object()), call.http_date("If-Unmodified-Since")
    described = schema.find(field)
    if described is not None and any(name.lower() == described.name.lower() for name in values):
        raise OrgError(
            "INVALID_FIELD",
            f"The {described.name} field should not be specified in the sobject data.",
            (described.name,),
        )
    with call.transaction() as tx:
        found = [] if described is None or described.type == "id" else _matches(tx, schema, field, value)
        if len(found) > 1:
            return _many(call, schema, found)
        if not found and call.params.get("updateOnly", "").lower() == "true":
            raise not_found()
        identifier, created = tx.upsert(
            schema.name, field, value, with_ids(tx, schema, values), unless_modified_since=since
        )
    if created:
        return _made(call, schema, identifier, {"created": True})
    if call.version_number < 46:
        return Answer(204)
    return Answer(200, {"id": identifier, "success": True, "errors": [], "created": False})


def remove_by_key(call: Call, sobject: str, field: str, value: str) -> Answer:
    """DELETE /sobjects/X/Field/value."""
    schema = found_schema(call, sobject)
    with call.transaction() as tx:
        found = _by_key(tx, schema, field, value)
        if len(found) > 1:
            return _many(call, schema, found)
        tx.delete(schema.name, found[0])
    return Answer(204)


def found_schema(call: Call, sobject: str) -> ObjectSchema:
    """The sObject of a path. Raises OrgError NOT_FOUND, which a path gets where a query gets INVALID_TYPE."""
    state = call.service.org.state
    try:
        schema, access = state.schema(sobject), state.access.get(call.user_id)
        return schema if access is None else access.schema(schema)
    except OrgError:
        raise not_found() from None


def row_values(given: dict[str, Any]) -> dict[str, Any]:
    """A row's fields without its attributes."""
    return {name: value for name, value in given.items() if name != "attributes"}


def _made(call: Call, schema: ObjectSchema, identifier: str, more: dict[str, Any] | None = None) -> Answer:
    body = {"id": identifier, "success": True, "errors": [], **(more or {})}
    return Answer(201, body, {"Location": f"{call.prefix}/sobjects/{schema.name}/{identifier}"})


def _shown(call: Call, schema: ObjectSchema, record: Record) -> Answer:
    since = call.http_date("If-Modified-Since")
    modified = record["LastModifiedDate"]
    headers = {"Last-Modified": format_datetime(modified, usegmt=True)}
    if since is not None and modified <= since:
        return Answer(304, None, headers)
    names = call.params.get("fields")
    fields = None if names is None else chosen_fields(schema, names.split(","))
    return Answer(200, record_json(schema, record, call.prefix, fields), headers)


def _matches(tx: Transaction, schema: ObjectSchema, field: str, value: str) -> list[str]:
    described = schema.find(field)
    if described is None or not described.is_key:
        raise OrgError(
            "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}"
        )
    return tx.holder(schema, described, clean_value(described, value))


def _by_key(tx: Transaction, schema: ObjectSchema, field: str, value: str) -> list[str]:
    found = _matches(tx, schema, field, value)
    if not found:
        raise not_found()
    return found


def _many(call: Call, schema: ObjectSchema, found: list[str]) -> Answer:
    return Answer(300, [f"{call.prefix}/sobjects/{schema.name}/{identifier}" for identifier in found])

"""How is a record written in JSON? (docs/salesforce.md §2.4, §2.5)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema


def moment(value: datetime) -> str:
    """2022-03-17T16:21:26.000+0000."""
    return f"{value.isoformat()[:19]}.000+0000"


def record_json(
    schema: ObjectSchema, record: Record, prefix: str, fields: Iterable[Field] | None = None
) -> dict[str, Any]:
    """A record with its attributes; every field, or those asked for, nulls included."""
    body: dict[str, Any] = {
        "attributes": {"type": schema.name, "url": f"{prefix}/sobjects/{schema.name}/{record['Id']}"}
    }
    for field in schema.fields if fields is None else fields:
        value = record[field.name]
        if field.type == "base64" and value is not None:
            value = f"{body['attributes']['url']}/{field.name}"  # bytes are read from an address of their own
        body[field.name] = _value(field, value)
    return body


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return False if value is None and field.type == "boolean" else value


def chosen_fields(schema: ObjectSchema, names: Iterable[str]) -> list[Field]:
    """The fields of those names, each once, the Id always among them. Raises OrgError INVALID_FIELD."""
    chosen = {"Id": schema.by_name["Id"]}
    for name in names:
        field = schema.find(name.strip())
        if field is None:
            raise OrgError(
                "INVALID_FIELD", f"No such column '{name.strip()}' on sobject of type {schema.name}"
            )
        chosen[field.name] = field
    return list(chosen.values())

"""How does a record get into an org without being written by a user? For a lifelike org, and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orgbox.derived import derive
from orgbox.errors import OrgError
from orgbox.ids import canonical
from orgbox.records import Record
from orgbox.state import State
from orgbox.validation import clean_value


def plant(state: State, admin_id: str, sobject: str, values: Mapping[str, Any]) -> str:
    """Put a record in as if it had always been there; see `Org.plant`."""
    schema = state.schema(sobject)
    given: dict[str, Any] = {}
    for name, value in values.items():
        field = schema.find(name)
        if field is None:
            raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {schema.name}")
        given[field.name] = canonical(value) if field.type == "id" else clean_value(field, value)
    created = given.get("CreatedDate") or state.stamp()
    modified = given.get("LastModifiedDate") or created
    audit = {
        "Id": given.get("Id") or state.mint.new(schema.key_prefix),
        "CreatedDate": created,
        "CreatedById": admin_id,
        "LastModifiedDate": modified,
        "LastModifiedById": admin_id,
        "SystemModstamp": modified,
        "OwnerId": admin_id,
    }
    record = Record(schema.defaults)
    record.update((name, value) for name, value in audit.items() if name in schema.by_name)
    record = record.next(given)
    tables = state.tables
    derive(schema, record, None, record["SystemModstamp"], lambda name, i: tables[name].records.get(i))
    record = record.next(given)
    tables[schema.name].put(record)
    if record["IsDeleted"]:
        state.bin.add(record["SystemModstamp"], record["Id"])
    state.changes += 1
    return str(record["Id"])

"""Which record is meant by a parent's key? {"Account": {"Key__c": "42"}} instead of an id (docs/salesforce.md §2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orgbox.commits import Pending
from orgbox.errors import OrgError
from orgbox.schema.types import Field, ObjectSchema
from orgbox.validation import clean_value


def with_ids(pending: Pending, schema: ObjectSchema, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with an id for every parent that was named by its key. Raises OrgError INVALID_FIELD."""
    if not any(isinstance(value, dict) for value in values.values()):
        return dict(values)
    resolved: dict[str, Any] = {}
    for name, value in values.items():
        reference = schema.by_lower_relationship.get(name.lower()) if isinstance(value, dict) else None
        if reference is None:
            resolved[name] = value
        else:
            resolved[reference.name] = _found(pending, reference, value)
    return resolved


def _found(pending: Pending, reference: Field, given: dict[str, Any]) -> str:
    keys = {name: value for name, value in given.items() if name != "attributes"}
    if len(keys) != 1:
        raise OrgError(
            "INVALID_FIELD", f"{reference.relationship_name} must name its record by one external ID field"
        )
    ((name, value),) = keys.items()
    attributes = given.get("attributes")
    wanted = attributes.get("type") if isinstance(attributes, dict) else None
    for sobject in reference.reference_to:
        schema = pending.state.schemas.get(sobject.lower())
        field = None if schema is None else schema.find(name)
        if schema is None or field is None or (wanted is not None and wanted != sobject):
            continue
        if not (field.external_id or field.unique):
            raise OrgError("INVALID_FIELD", f"{name} is not an External ID or indexed field for {sobject}")
        found = pending.holder(schema, field, clean_value(field, value))
        if len(found) == 1:
            return found[0]
        code, said = (
            ("INVALID_FIELD", "not found") if not found else ("DUPLICATE_EXTERNAL_ID", "is not unique")
        )
        raise OrgError(
            code, f"Foreign key external ID: {value} {said} for field {field.name} in entity {sobject}"
        )
    raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {reference.reference_to[0]}")

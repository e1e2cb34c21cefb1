"""How does an org outlive its process? One file of JSON lines, replaced as a whole.

The first line is the org: format, seed, ids given out, custom objects, fields that differ from the standard ones,
validation rules and lookup filters, the bin's bookkeeping, what users chose for Email to Salesforce, and whatever the
caller keeps beside it. Every further line is one record: [sObject, {field: value}].
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from dataclasses import fields as words_of
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orgbox.clock import Clock
from orgbox.mail_matching import Associations
from orgbox.org import Org
from orgbox.policies import LookupFilter, ValidationRule
from orgbox.records import Record
from orgbox.schema import STANDARD
from orgbox.schema.audit import STAMPS
from orgbox.schema.relations import TASK_RELATION
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

FORMAT = 1
# What every record holds, though not every sObject shows it.
_AUDIT = {field.name: field for field in STAMPS}


class UnreadableOrg(ValueError):
    """The file does not hold an org of this format; nothing was read. Start with another file, or reset it."""


def save(org: Org, path: Path, beside: Mapping[str, Any] | None = None) -> None:
    """Write the committed state, and what the caller keeps `beside` it; the old file stays until all is on disk."""
    partial = path.with_name(path.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        for line in _lines(org, beside or {}):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_iso) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path, clock: Clock) -> tuple[Org, dict[str, Any]]:
    """(the org as it was saved, what was kept beside it). Raises UnreadableOrg; a missing file is an OSError."""
    with path.open(encoding="utf-8") as file:
        try:
            head = json.loads(next(file, "null"))
            if not isinstance(head, dict) or head.get("orgbox") != FORMAT:
                raise UnreadableOrg(f"{path} is not an orgbox file of format {FORMAT}.")
            org = _org(head, clock)
            for line in file:
                sobject, values = json.loads(line)
                _put(org, org.schema(sobject), values)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise UnreadableOrg(f"{path} is damaged: {error!r}.") from error
    return org, head["beside"]


def _lines(org: Org, beside: Mapping[str, Any]) -> Iterator[Any]:
    state = org.state
    yield {
        "orgbox": FORMAT,
        "seed": org.seed,
        "started_at": state.started_at,
        "ids": state.mint.made,
        "objects": [_head(schema) for schema in state.schemas.values() if schema.custom],
        "policies": [[type(policy).__name__, asdict(policy)] for policy in state.policies],
        "fields": [
            [schema.name, asdict(field)] for schema in state.schemas.values() for field in _own_fields(schema)
        ],
        "deleted_with": state.deleted_with,
        "emptied_to": state.emptied_to,
        "associations": {user: asdict(chosen) for user, chosen in state.associations.items()},
        "filed_type": state.filed_type,
        "shared_activities": "taskrelation" in state.schemas,
        "beside": beside,
    }
    for sobject, table in state.tables.items():
        for record in table.records.values():
            yield [sobject, record]


def _head(schema: ObjectSchema) -> dict[str, Any]:
    """A custom object without its fields, which are listed with those of the others."""
    return {word.name: getattr(schema, word.name) for word in words_of(schema) if word.name != "fields"}


def _own_fields(schema: ObjectSchema) -> Iterator[Field]:
    standard = {each.name: each.by_name for each in STANDARD}.get(schema.name, {})
    return (field for field in schema.fields if standard.get(field.name) != field)


def _org(head: dict[str, Any], clock: Clock) -> Org:
    org = Org(clock, head["seed"])
    state = org.state
    for table in state.tables.values():
        for identifier in list(table.records):
            table.remove(identifier)
    state.mint.made = head["ids"]
    state.started_at = datetime.fromisoformat(head["started_at"])
    state.deleted_with = head["deleted_with"]
    state.emptied_to = {name: datetime.fromisoformat(text) for name, text in head["emptied_to"].items()}
    state.associations = {
        user: Associations(**{**chosen, "excluded": tuple(chosen["excluded"])})
        for user, chosen in head.get("associations", {}).items()
    }
    state.filed_type = head.get("filed_type", state.filed_type)
    if head.get("shared_activities", False):
        state.describe(TASK_RELATION)
    for described in head.get("objects", []):
        state.describe(ObjectSchema(**described))
    for sobject, described in head["fields"]:
        schema, field = org.schema(sobject), _field(described)
        fields = {known.name: known for known in schema.fields} | {field.name: field}
        state.describe(replace(schema, fields=tuple(fields.values())))
    for kind, described in head.get("policies", []):
        org.add_policy((ValidationRule if kind == "ValidationRule" else LookupFilter)(**described))
    return org


def _field(described: dict[str, Any]) -> Field:
    choices = tuple(PicklistValue(**choice) for choice in described["picklist"])
    return Field(**described | {"picklist": choices, "reference_to": tuple(described["reference_to"])})


def _put(org: Org, schema: ObjectSchema, values: dict[str, Any]) -> None:
    record = Record(values)
    for name, value in values.items():
        kind = (schema.by_name.get(name) or _AUDIT[name]).type
        if kind == "datetime":
            record[name] = datetime.fromisoformat(value)
        elif kind == "date":
            record[name] = date.fromisoformat(value)
    org.state.tables[schema.name].put(record)
    if record["IsDeleted"]:
        org.state.bin.add(record["SystemModstamp"], record["Id"])


def _iso(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON.")

"""How is a change written? In Avro, by a schema of its sObject's fields (Pub/Sub API: "Event Deserialization Considerations").

The header's lists of fields are bitmaps: one hexadecimal number in which the bit of a field's place in the schema is set.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from fastavro import parse_schema, schemaless_writer

from orgbox.pubsub.log import ChangeEvent, key_of
from orgbox.schema.types import Field, ObjectSchema

_NAMESPACE = "com.sforce.eventbus"
_CHANGES = ("CREATE", "UPDATE", "DELETE", "UNDELETE")
_GAPS = tuple(f"GAP_{change}" for change in (*_CHANGES, "OVERFLOW"))
# What every record has and no change event tells beside its header.
_UNTOLD = frozenset({"Id", "IsDeleted", "IsArchived", "SystemModstamp", "TaskWhoIds"})
_TYPES = {
    "boolean": "boolean",
    "currency": "double",
    "date": "long",
    "datetime": "long",
    "double": "double",
    "int": "int",
    "percent": "double",
}
_TEXTS = {"type": "array", "items": "string"}
_HEADER = {
    "type": "record",
    "name": "ChangeEventHeader",
    "namespace": _NAMESPACE,
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": _TEXTS},
        {
            "name": "changeType",
            "type": {"type": "enum", "name": "ChangeType", "symbols": [*_CHANGES, *_GAPS]},
        },
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": _TEXTS},
        {"name": "diffFields", "type": _TEXTS},
        {"name": "changedFields", "type": _TEXTS},
    ],
}


class EventSchema:
    """The schema of one sObject's change events as it is now: its id, its JSON, and how an event is written by it."""

    def __init__(self, schema: ObjectSchema) -> None:
        told = [field for field in schema.fields if field.name not in _UNTOLD and field.type != "base64"]
        described = {
            "type": "record",
            "name": f"{schema.name.removesuffix('__c')}{'__' if schema.custom else ''}ChangeEvent",
            "namespace": _NAMESPACE,
            "fields": [{"name": "ChangeEventHeader", "type": _HEADER}, *map(_described, told)],
        }
        self._fields = told
        self.json = json.dumps(described, separators=(",", ":"))
        digest = hashlib.md5(self.json.encode(), usedforsecurity=False).digest()
        self.id = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self._parsed = parse_schema(described)

    def payload(self, event: ChangeEvent, seed: int, hidden: frozenset[str] = frozenset()) -> bytes:
        """An event in Avro, without the fields that its reader may not see."""
        header = {
            "entityName": event.sobject,
            "recordIds": [event.record["Id"]],
            "changeType": event.change,
            "changeOrigin": event.origin,
            "transactionKey": key_of(seed, event.transaction),
            "sequenceNumber": event.sequence,
            "commitTimestamp": _milliseconds(event.at),
            "commitNumber": event.transaction,
            "commitUser": event.user_id,
            "nulledFields": self._bitmap(event.nulled - hidden),
            "diffFields": [],
            "changedFields": self._bitmap(event.changed - hidden),
        }
        values = {
            field.name: _written(field, event.record[field.name])
            for field in self._fields
            if field.name not in hidden
            and (event.change in ("CREATE", "UNDELETE") or field.name in event.changed)
        }
        out = io.BytesIO()
        schemaless_writer(out, self._parsed, {"ChangeEventHeader": header, **values})
        return out.getvalue()

    def _bitmap(self, names: Iterable[str]) -> list[str]:
        wanted = set(names)
        # The header is the first field of the schema.
        bits = sum(1 << place for place, field in enumerate(self._fields, start=1) if field.name in wanted)
        digits = f"{bits:X}"
        return [f"0x{digits.zfill(len(digits) + len(digits) % 2)}"] if bits else []


def _described(field: Field) -> dict[str, Any]:
    return {"name": field.name, "type": ["null", _TYPES.get(field.type, "string")], "default": None}


def _written(field: Field, value: Any) -> Any:
    if isinstance(value, datetime):
        return _milliseconds(value)
    if isinstance(value, date):
        return _milliseconds(datetime.combine(value, time.min, UTC))
    return float(value) if value is not None and _TYPES.get(field.type) == "double" else value


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

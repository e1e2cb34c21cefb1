"""How are a file's bytes read? GET /sobjects/X/id/Field for a field of bytes (REST API: "sObject Blob Get")."""

from __future__ import annotations

from orgbox.contents import bytes_of
from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema
from orgbox.writes import not_found


def names_bytes(call: Call, sobject: str, name: str) -> bool:
    """Whether the last part of a path is a field of bytes, and not the value of a key."""
    schema = call.service.org.state.schemas.get(sobject.lower())
    field = None if schema is None else schema.find(name)
    return field is not None and field.type == "base64"


def read(call: Call, sobject: str, identifier: str, name: str) -> Answer:
    """200 with the bytes alone."""
    schema = found_schema(call, sobject)
    field = schema.find(name)
    if field is None:
        raise not_found()
    with call.transaction() as tx:
        kept = tx.live(schema, identifier)[field.name]
    return Answer(200, bytes_of(kept), {"Content-Type": "application/octet-stream"})

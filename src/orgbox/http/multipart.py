"""How does a request carry bytes beside words? The parts of a multipart/form-data body (REST API: "Insert or Update Blob Data")."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Call, read_json
from orgbox.schema.types import ObjectSchema


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it is called, its media type without parameters, and its bytes."""

    name: str
    kind: str
    content: bytes


def is_multipart(content_type: str) -> bool:
    """Whether a body of that Content-Type has parts."""
    return content_type.lower().startswith("multipart/form-data")


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """The parts of a body, byte for byte; none when it has no boundary or no part is whole."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        return
    line = b"--" + boundary.encode("utf-8", "replace")
    # curl sends what a file holds, so that lines may end with LF alone; but all of them then.
    end = b"\r\n" if line + b"\r\n" in body else b"\n"
    for piece in (end + body).split(end + line)[1:-1]:
        head, blank, content = piece.lstrip(b" \t").removeprefix(end).partition(end * 2)
        if blank:
            yield _part(head, content)


def row_of(call: Call, schema: ObjectSchema) -> dict[str, Any]:
    """A row's values: the JSON body, or the JSON part of a multipart one and its files as base64 under their fields' names.

    Raises OrgError INVALID_MULTIPART_REQUEST, JSON_PARSER_ERROR.
    """
    content_type = call.headers.get("content-type", "")
    if not (isinstance(call.body, bytes) and is_multipart(content_type)):
        return call.json_object()
    values: dict[str, Any] | None = None
    files: dict[str, str] = {}
    for part in parts(content_type, call.body):
        field = schema.find(part.name)
        if field is not None and field.type == "base64":
            files[field.name] = base64.b64encode(part.content).decode()
        elif values is None and (part.kind == "application/json" or part.name.startswith("entity_")):
            given = read_json(part.content)
            values = given if isinstance(given, dict) else None
    if values is None:
        raise OrgError(
            "INVALID_MULTIPART_REQUEST",
            "Multipart message must include a non-binary part of application/json",
        )
    return values | files


def _part(head: bytes, content: bytes) -> Part:
    headers = message_from_bytes(head)
    name = headers.get_param("name", header="Content-Disposition")
    return Part(str(name), headers.get_content_type(), content)

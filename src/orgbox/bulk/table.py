"""How do rows look as CSV? What a client uploads, and what it gets back (docs/salesforce.md §3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orgbox.errors import OrgError
from orgbox.schema.types import Field, ObjectSchema

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"
_NUMBERS = frozenset({"currency", "double", "int", "percent"})
csv.field_size_limit(1 << 24)


class UnreadableTable(ValueError):
    """The upload is no CSV as the job said it would be; its message is what the job says when it has failed."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An upload: its header, and each row's cells in that order."""

    header: tuple[str, ...]
    rows: list[list[str]]


def read_table(content: bytes, delimiter: str = ",", line_ending: str | None = None) -> Uploaded:
    """Read an upload; an empty one has no rows. Raises UnreadableTable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable("InvalidBatch : Failed to parse CSV: the data is not UTF-8") from None
    first = text.partition("\n")[0]
    if line_ending is not None and "\n" in text and first.endswith("\r") != (line_ending == "\r\n"):
        named = "CRLF" if line_ending == "\r\n" else "LF"
        raise UnreadableTable(
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {named}"
        )
    try:
        lines = [
            line
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if line
        ]
    except csv.Error as error:
        raise UnreadableTable(f"InvalidBatch : Failed to parse CSV: {error}") from None
    if not lines:
        return Uploaded((), [])
    header, *rows = lines
    return Uploaded(tuple(name.strip() for name in header), rows)


def values_of(schema: ObjectSchema, header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """A row's values; empty cells are left out, #N/A empties a field, Account.Key__c names a parent by its key.

    Raises OrgError when the row is longer or shorter than the header, or a cell does not fit its field.
    """
    if len(row) != len(header):
        raise OrgError("INVALID_FIELD", f"Row has {len(row)} cells, and the header has {len(header)}")
    values: dict[str, Any] = {}
    for name, text in zip(header, row, strict=True):
        relationship, dot, key = name.partition(".")
        if dot:
            if text not in ("", NULL):
                values[relationship] = {key: text}
        elif text:
            field = schema.find(name)
            values[name] = None if text == NULL else text if field is None else typed(field, text)
    return values


def typed(field: Field, text: str) -> Any:
    """A cell as the value that JSON would have; texts that are no such value stay, and are refused as texts."""
    if field.type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), text)
    if field.type in _NUMBERS:
        try:
            return int(text) if field.type == "int" else float(text)
        except ValueError:
            return text
    return text


def written(
    header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",", line_ending: str = "\n"
) -> bytes:
    """Rows as CSV, every cell in quotes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def cell(field: Field, value: Any) -> str:
    """A value of a query's answer as a cell: nothing for null, and a moment with Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.type == "datetime" and isinstance(value, str):
        return value.removesuffix("+0000") + "Z"
    return str(value)


def epoch(field: Field, value: Any) -> Any:
    """A value as Bulk API 1 writes it in JSON: dates and moments in milliseconds since 1970."""
    if field.type in ("date", "datetime") and isinstance(value, str):
        text = value if field.type == "datetime" else f"{value}T00:00:00.000+0000"
        return int(datetime.fromisoformat(text.removesuffix("+0000") + "+00:00").timestamp() * 1000)
    return value


def at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a record; None when a parent on the way is missing."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value

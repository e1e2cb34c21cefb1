"""Is this a value that the field can hold, and how is it kept? Pure; one cleaner for each field type."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from orgbox.errors import OrgError
from orgbox.ids import NULL_ID, canonical
from orgbox.schema.types import Field, ObjectSchema

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d{1,6})?(?:Z|([+-]\d{2}):?(\d{2}))")
_YEARS = range(1700, 4001)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clean(schema: ObjectSchema, values: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """What a client sent, by canonical field names and as the org keeps it; None empties a field.

    Raises OrgError INVALID_FIELD, INVALID_FIELD_FOR_INSERT_UPDATE, STRING_TOO_LONG, JSON_PARSER_ERROR,
    INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, NUMBER_OUTSIDE_VALID_RANGE, INVALID_EMAIL_ADDRESS, MALFORMED_ID.
    """
    cleaned: dict[str, Any] = {}
    refused: list[str] = []
    for name, value in values.items():
        field = schema.find(name)
        if field is None:
            raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {schema.name}")
        if field.type == "id":
            raise OrgError(
                "INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data."
            )
        if not (field.createable if creating else field.updateable):
            refused.append(field.name)
            continue
        cleaned[field.name] = clean_value(field, value)
    if refused:
        raise OrgError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this "
            "field and verify that it is read/write for your profile or permission set.",
            tuple(refused),
        )
    return cleaned


def clean_value(field: Field, value: Any) -> Any:
    """One value as the org keeps it; None when it is empty."""
    if value is None:
        if field.type == "boolean":
            raise _unreadable(field, value)
        return None
    return _CLEANERS[field.type](field, value)


def missing(schema: ObjectSchema, record: Mapping[str, Any]) -> OrgError | None:
    """The refusal of a record that lacks required fields, or None."""
    names = tuple(name for name in schema.required if record.get(name) is None)
    if not names:
        return None
    return OrgError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable(field, value)
    kept = value.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if not kept.isascii():
        kept = kept.encode("utf-8", "replace").decode()  # half a surrogate pair becomes a question mark
    if not kept:
        return None
    if len(kept) > field.length:
        raise OrgError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {kept[:255]} (max length={field.length})",
            (field.name,),
        )
    return kept


def _bytes(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable(field, value)
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode()
    except (binascii.Error, ValueError):
        raise _unreadable(field, value[:40]) from None


def _junction(field: Field, value: Any) -> list[str] | None:
    if not isinstance(value, list):
        raise _unreadable(field, value)
    return [canonical(each) for each in value if each not in ("", NULL_ID)] or None


def _email(field: Field, value: Any) -> str | None:
    kept = _text(field, value)
    if kept is not None and not _EMAIL.fullmatch(kept):
        raise OrgError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {kept}", (field.name,)
        )
    return kept


def _picklist(field: Field, value: Any) -> str | None:
    kept = _text(field, value)
    if kept is not None and field.restricted and kept not in field.active_values:
        raise OrgError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {kept}",
            (field.name,),
        )
    return kept


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _unreadable(field, value)


def _number(field: Field, value: Any) -> int | float:
    whole = field.type == "int"
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _unreadable(field, value)
    if whole and value != int(value):
        raise _unreadable(field, value)
    if field.digits and abs(value) >= 10 ** (field.digits - field.scale):
        raise OrgError(
            "NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: value outside of valid range", (field.name,)
        )
    return int(value) if whole else round(float(value), field.scale)


def _date(field: Field, value: Any) -> date:
    if isinstance(value, datetime):
        raise _unreadable(field, value)
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise _unreadable(field, value) from None
    if isinstance(value, date) and value.year in _YEARS:
        return value
    raise _unreadable(field, value)


def _datetime(field: Field, value: Any) -> datetime:
    if isinstance(value, str):
        value = parse_datetime(value)
    if isinstance(value, datetime) and value.tzinfo is not None and value.year in _YEARS:
        return value.astimezone(UTC).replace(microsecond=0)
    raise _unreadable(field, value)


def parse_datetime(text: str) -> datetime | None:
    """An ISO-8601 moment with its zone (`Z`, `+00:00` or `+0000`), or None when it is not one."""
    shape = _DATETIME.fullmatch(text)
    if shape is None:
        return None
    hours, minutes = shape[2] or "+00", shape[3] or "00"
    try:
        return datetime.fromisoformat(f"{shape[1]}{hours}:{minutes}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _reference(field: Field, value: Any) -> str | None:
    if value in ("", NULL_ID):
        return None
    try:
        return canonical(value)
    except OrgError:
        raise wrong_reference(field, value) from None


def wrong_reference(field: Field, value: Any) -> OrgError:
    """The refusal of an id that no record the field may point to could have."""
    return OrgError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))


def _unreadable(field: Field, value: Any) -> OrgError:
    kinds = {
        bool: "VALUE_BOOLEAN",
        int: "VALUE_NUMBER_INT",
        float: "VALUE_NUMBER_FLOAT",
        type(None): "VALUE_NULL",
    }
    kind = kinds.get(type(value), "VALUE_STRING")
    return OrgError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.type} from {kind} value {value} or request may be missing a "
        f"required field for {field.name}",
        (field.name,),
    )


_CLEANERS: dict[str, Callable[[Field, Any], Any]] = {
    "base64": _bytes,
    "boolean": _boolean,
    "combobox": _text,
    "currency": _number,
    "date": _date,
    "datetime": _datetime,
    "double": _number,
    "email": _email,
    "int": _number,
    "junctionidlist": _junction,
    "multipicklist": _text,
    "percent": _number,
    "phone": _text,
    "picklist": _picklist,
    "reference": _reference,
    "string": _text,
    "textarea": _text,
    "url": _text,
}

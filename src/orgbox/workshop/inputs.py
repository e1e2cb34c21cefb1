"""How does a person see a value, and how type another? One entry for each kind of field."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import Any

from orgbox.schema.types import Field

_INPUTS = {"date": "date", "email": "email", "int": "number", "url": "url"}


def shown(field: Field, value: Any) -> str:
    """A value as a person reads it, and as the API would take it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}Z"
    return value.isoformat() if isinstance(value, date) else str(value)


def entry(field: Field, value: Any, typed_in: str | None) -> str:
    """An entry with its label; `typed_in` is what the person had typed, when it was refused."""
    name, label = escape(field.name), escape(field.label or field.name)
    text = shown(field, value) if typed_in is None else typed_in
    if field.type == "boolean":
        ticked = bool(value) if typed_in is None else bool(typed_in)
        tick = f'<input type="checkbox" name="{name}" value="yes"{" checked" if ticked else ""}>'
        return f'<label class="tick">{tick} {label}</label>'
    if field.picklist and (field.restricted or text in field.by_value or not text):
        options = "".join(
            f"<option{' selected' if choice == text else ''}>{escape(choice)}</option>"
            for choice in ("", *field.by_value)
        )
        return f'<label>{label}<select name="{name}">{options}</select></label>'
    if field.type in ("base64", "textarea"):
        return (
            f'<label class="wide">{label}<textarea name="{name}" rows="3">{escape(text)}</textarea></label>'
        )
    kind, most = _INPUTS.get(field.type, "text"), f' maxlength="{field.length}"' if field.length else ""
    return f'<label>{label}<input type="{kind}" name="{name}" value="{escape(text)}"{most}></label>'

"""Whether a comparison is allowed for its field, and what its literals are worth there.

Salesforce: "fieldExpression", "Comparison Operators", "Use null in WHERE". A date, a datetime and a date literal
all become a half-open `Range`, so that whole seconds and whole days need no further thought.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orgbox.soql.columns import Column, Columns
from orgbox.soql.date_literals import span
from orgbox.soql.syntax import (
    Comparison,
    DateLiteral,
    Day,
    Literal,
    Moment,
    Null,
    Number,
    Pattern,
    Text,
    Truth,
)

_KINDS = {
    **dict.fromkeys(("string", "textarea", "picklist", "combobox", "email", "phone", "url"), "text"),
    **dict.fromkeys(("id", "reference"), "id"),
    **dict.fromkeys(("int", "long", "double", "currency", "percent"), "number"),
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "multipicklist": "multi",
}
_EQUALITY = {"=", "!=", "IN", "NOT IN"}
_OPERATORS = {
    "text": _EQUALITY | {"<", "<=", ">", ">=", "LIKE"},
    "id": _EQUALITY | {"<", "<=", ">", ">="},
    "number": _EQUALITY | {"<", "<=", ">", ">="},
    "boolean": _EQUALITY,
    "date": _EQUALITY | {"<", "<=", ">", ">="},
    "datetime": _EQUALITY | {"<", "<=", ">", ">="},
    "multi": {"=", "!=", "INCLUDES", "EXCLUDES"},
}
_TYPE_WORDS = {
    "text": "string and should be enclosed in quotes",
    "id": "ID and should be enclosed in quotes",
    "number": "double and should not be enclosed in quotes",
    "boolean": "boolean and should not be enclosed in quotes",
    "date": "date and should not be enclosed in quotes",
    "datetime": "dateTime and should not be enclosed in quotes",
    "multi": "string and should be enclosed in quotes",
}
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` on, up to but not including `end`: two dates or two datetimes."""

    start: date | datetime
    end: date | datetime


@dataclass(frozen=True, slots=True)
class Criterion:
    """A comparison that makes sense.

    `kind` is text, id, number, boolean, date, datetime or multi. `values` are, in that order, str (a regular
    expression for LIKE), str of 15 characters, number, bool, Range, Range, str; None is null, and so is an empty string that
    is to be equal.
    """

    column: Column
    kind: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """When and where the question is put: what date literals depend on."""

    now: datetime
    zone: ZoneInfo


def criterion(comparison: Comparison, columns: Columns, asked: Asked) -> Criterion:
    """OrgError INVALID_FIELD or INVALID_QUERY_FILTER_OPERATOR when field, operator and literals do not go together."""
    path, operator = comparison.path, comparison.operator
    column = columns.resolve(path)
    field = column.field
    kind = _KINDS.get(field.type)
    if kind is None or not field.filterable:
        raise columns.refuse(path, f"field '{field.name}' can not be filtered in a query call")
    orders_null = any(isinstance(value, Null) for value in comparison.values) and operator not in _EQUALITY
    if operator not in _OPERATORS[kind] or orders_null:
        raise columns.refuse(path, f"invalid operator on {field.type} field", "INVALID_QUERY_FILTER_OPERATOR")
    try:
        values = tuple(_worth(literal, kind, asked) for literal in comparison.values)
        if operator in _EQUALITY:
            values = tuple(None if value == "" else value for value in values)
    except TypeError:
        wanted = "int and should not be enclosed in quotes" if field.type == "int" else _TYPE_WORDS[kind]
        message = f"value of filter criterion for field '{field.name}' must be of type {wanted}"
        raise columns.refuse(path, message) from None
    except ValueError as error:
        raise columns.refuse(path, str(error), "INVALID_QUERY_FILTER_OPERATOR") from None
    return Criterion(column, kind, operator, values)


def _worth(literal: Literal, kind: str, asked: Asked) -> Any:
    """TypeError for a literal of another type; ValueError, with the sentence, for one that cannot be."""
    match kind, literal:
        case _, Null():
            return False if kind == "boolean" else None  # "null matches FALSE values"
        case (("text" | "multi"), Text(value)):
            return value
        case "text", Pattern(regex):
            return regex
        case "id", Text(value):
            return _short_id(value)
        case ("number", Number(value)) | ("boolean", Truth(value)):
            return value
        case "date", Day(value):
            return Range(value, value + timedelta(days=1))
        case "datetime", Moment(value):
            return Range(value, value + timedelta(seconds=1))
        case (("date" | "datetime"), DateLiteral()):
            days = span(literal, asked.now, asked.zone)
            return Range(days.first, days.after) if kind == "date" else Range(days.start, days.end)
    raise TypeError


def _short_id(value: str) -> str:
    if value and not _ID.fullmatch(value):
        raise ValueError(f"invalid ID field: {value}")
    return value[:15]

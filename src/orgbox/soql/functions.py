"""What the functions of one value give: the date functions, toLabel and FORMAT. Pure.

Salesforce: "Date Functions", "toLabel()", "FORMAT()". A datetime is taken in UTC, or within convertTimezone() in the
user's own zone. The fiscal year is the calendar's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from orgbox.schema.types import Field

_DATES = frozenset({"date", "datetime"})
_NUMBERS = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Function:
    """`takes` are the field types it accepts, `gives` the type of its result, `of` what it makes of a value."""

    takes: frozenset[str]
    gives: str
    of: Callable[[Any], Any]


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


DATE_FUNCTIONS: dict[str, Function] = {
    "CALENDAR_MONTH": Function(_DATES, "int", lambda day: day.month),
    "CALENDAR_QUARTER": Function(_DATES, "int", _quarter),
    "CALENDAR_YEAR": Function(_DATES, "int", lambda day: day.year),
    "DAY_IN_MONTH": Function(_DATES, "int", lambda day: day.day),
    "DAY_IN_WEEK": Function(_DATES, "int", lambda day: day.isoweekday() % 7 + 1),  # 1 is Sunday
    "DAY_IN_YEAR": Function(_DATES, "int", lambda day: day.timetuple().tm_yday),
    "DAY_ONLY": Function(frozenset({"datetime"}), "date", lambda moment: moment.date()),
    "FISCAL_MONTH": Function(_DATES, "int", lambda day: day.month),
    "FISCAL_QUARTER": Function(_DATES, "int", _quarter),
    "FISCAL_YEAR": Function(_DATES, "int", lambda day: day.year),
    "HOUR_IN_DAY": Function(frozenset({"datetime"}), "int", lambda moment: moment.hour),
    "WEEK_IN_MONTH": Function(_DATES, "int", lambda day: (day.day + 6) // 7),
    "WEEK_IN_YEAR": Function(_DATES, "int", lambda day: (day.timetuple().tm_yday + 6) // 7),
}
"""By capitals. Each names a group of rows, so that a query that selects one is an aggregate query."""


def of_moment(function: Function, zone: ZoneInfo | None) -> Callable[[Any], Any]:
    """The function of a date or a datetime (aware), which is taken in `zone`, UTC without one; null of null."""

    def result(value: Any) -> Any:
        if value is None:
            return None
        return function.of(value.astimezone(zone or UTC) if isinstance(value, datetime) else value)

    return result


def label(field: Field) -> Callable[[Any], Any]:
    """toLabel(): a picklist value as people read it, which is its own label in this org."""
    labels = {choice.value: choice.value for choice in field.picklist}
    return lambda value: labels.get(value, value)


def formatted(field: Field, zone: ZoneInfo) -> Callable[[Any], Any]:
    """FORMAT(): a number, a date or a datetime as en_US writes it; anything else stays."""
    if field.type in _NUMBERS:
        places = 0 if field.type == "int" else field.scale
        sign = "$" if field.type == "currency" else ""
        return lambda value: None if value is None else f"{sign}{value:,.{places}f}"
    if field.type == "datetime":
        return lambda value: None if value is None else _moment(value.astimezone(zone))
    if field.type == "date":
        return lambda value: None if value is None else f"{value.month}/{value.day}/{value.year}"
    return lambda value: value


def _moment(value: datetime) -> str:
    hour = value.hour % 12 or 12
    half = "AM" if value.hour < 12 else "PM"
    return f"{value.month}/{value.day}/{value.year}, {hour}:{value.minute:02d} {half}"

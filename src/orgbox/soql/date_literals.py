"""Which days TODAY, LAST_WEEK, LAST_N_DAYS:7 ... mean, in the time zone of the user who asks.

Salesforce: "Filter Query Results Using Date Literals". The fiscal year is the calendar's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orgbox.soql.assumptions import FIRST_DAY_OF_THE_WEEK
from orgbox.soql.syntax import DateLiteral


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, twice: days [first, after) for a date, instants [start, end) in UTC for a datetime."""

    first: date
    after: date
    start: datetime
    end: datetime


def span(literal: DateLiteral, now: datetime, zone: ZoneInfo) -> Span:
    """The range of `literal` at `now` (aware). ValueError where it leaves the calendar."""
    today = now.astimezone(zone).date()
    unit, begin, stop = _units(literal)
    try:
        first, after = _start(unit, today, begin), _start(unit, today, stop)
        start, end = _midnight(first, zone), _midnight(after, zone)
    except (OverflowError, ValueError):
        raise ValueError(f"Invalid date literal: {literal.name}:{literal.count}") from None
    if literal.name in ("LAST_N_DAYS", "LAST_90_DAYS"):
        end = now.replace(microsecond=0) + timedelta(seconds=1)  # "continues up to the current second"
    return Span(first, after, start, end)


def _units(literal: DateLiteral) -> tuple[str, int, int]:
    """(unit, begin, stop): the range runs from the start of unit `begin` to that of `stop`; the current one is 0."""
    name, n = literal.name.replace("FISCAL_", ""), literal.count
    single = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
    if name in single:
        return "DAY", single[name], single[name] + 1
    if name in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        name, n = name.replace("90", "N"), 90
    if ago := re.fullmatch(r"N_(\w+)S_AGO", name):
        return ago[1], -n, 1 - n
    if name == "LAST_N_DAYS":
        return "DAY", -n, 1  # alone among the LAST_N_, it holds the current unit
    if counted := re.fullmatch(r"(LAST|NEXT)_N_(\w+)S", name):
        return (counted[2], -n, 0) if counted[1] == "LAST" else (counted[2], 1, n + 1)
    which, unit = name.split("_")
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
    return unit, offset, offset + 1


def _start(unit: str, today: date, offset: int) -> date:
    """The first day of the unit that lies `offset` units after the current one."""
    if unit == "DAY":
        return today + timedelta(days=offset)
    if unit == "WEEK":
        days_into_week = (today.weekday() - FIRST_DAY_OF_THE_WEEK) % 7
        return today + timedelta(days=7 * offset - days_into_week)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    month = today.year * 12 + today.month - 1
    year, month = divmod((month // months + offset) * months, 12)
    return date(year, month + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)

"""On which days does a series of tasks fall? Pure: a pattern in, its days out (Object reference: Task, docs/salesforce.md §4.4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count, takewhile

from orgbox.records import Record

PATTERN = (
    "RecurrenceType",
    "RecurrenceStartDateOnly",
    "RecurrenceInterval",
    "RecurrenceDayOfWeekMask",
    "RecurrenceDayOfMonth",
    "RecurrenceInstance",
    "RecurrenceMonthOfYear",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_INSTANCES = ("First", "Second", "Third", "Fourth", "Last")
NEEDS: dict[str, tuple[str, ...]] = {
    "RecursDaily": ("RecurrenceInterval",),
    "RecursEveryWeekday": ("RecurrenceDayOfWeekMask",),
    "RecursWeekly": ("RecurrenceInterval", "RecurrenceDayOfWeekMask"),
    "RecursMonthly": ("RecurrenceInterval", "RecurrenceDayOfMonth"),
    "RecursMonthlyNth": ("RecurrenceInterval", "RecurrenceInstance", "RecurrenceDayOfWeekMask"),
    "RecursYearly": ("RecurrenceDayOfMonth", "RecurrenceMonthOfYear"),
    "RecursYearlyNth": ("RecurrenceInstance", "RecurrenceDayOfWeekMask", "RecurrenceMonthOfYear"),
}
"""The fields of each type of pattern; all others of PATTERN but type and start stay empty."""
MOST = {
    "RecursDaily": 100,
    "RecursEveryWeekday": 100,
    "RecursWeekly": 53,
    "RecursYearly": 10,
    "RecursYearlyNth": 10,
}
MOST_OF_OTHERS = 60
"""How many occurrences a series of each type may have."""


def days(master: Record) -> list[date]:
    """The days of the occurrences, from the start to the end of the series."""
    start, end = master["RecurrenceStartDateOnly"], master["RecurrenceEndDateOnly"]
    kind = master["RecurrenceType"]
    found = takewhile(lambda day: day <= end, (day for day in _PATTERNS[kind](master, start) if day >= start))
    most = MOST.get(kind, MOST_OF_OTHERS)
    return [day for _, day in zip(range(most + 1), found, strict=False)]


def next_day(task: Record, today: date) -> date | None:
    """When a task that repeats itself is due again after it was closed; None when it does not."""
    interval = timedelta(days=task["RecurrenceInterval"] or 1)
    match task["RecurrenceRegeneratedType"]:
        case "RecurrenceRegenerateAfterDueDate":
            return (task["ActivityDate"] or today) + interval
        case "RecurrenceRegenerateAfterToday":
            return today + interval
    return None


def _daily(master: Record, start: date) -> Iterator[date]:
    step = max(master["RecurrenceInterval"], 1)
    return (start + timedelta(days=step * n) for n in _range())


def _weekdays(master: Record, start: date) -> Iterator[date]:
    return (day for n in _range() if (day := start + timedelta(days=n)).weekday() < 5)


def _weekly(master: Record, start: date) -> Iterator[date]:
    sunday = start - timedelta(days=start.isoweekday() % 7)
    weeks = (sunday + timedelta(weeks=max(master["RecurrenceInterval"], 1) * n) for n in _range())
    return (
        week + timedelta(days=d)
        for week in weeks
        for d in range(7)
        if master["RecurrenceDayOfWeekMask"] >> d & 1
    )


def _monthly(master: Record, start: date) -> Iterator[date]:
    for year, month in _months(start, master["RecurrenceInterval"]):
        yield date(year, month, min(master["RecurrenceDayOfMonth"], monthrange(year, month)[1]))


def _monthly_nth(master: Record, start: date) -> Iterator[date]:
    for year, month in _months(start, master["RecurrenceInterval"]):
        yield _nth(master, year, month)


def _yearly(master: Record, start: date) -> Iterator[date]:
    month = _MONTHS.index(master["RecurrenceMonthOfYear"]) + 1
    for year in range(start.year, date.max.year):
        yield date(year, month, min(master["RecurrenceDayOfMonth"], monthrange(year, month)[1]))


def _yearly_nth(master: Record, start: date) -> Iterator[date]:
    month = _MONTHS.index(master["RecurrenceMonthOfYear"]) + 1
    return (_nth(master, year, month) for year in range(start.year, date.max.year))


def _nth(master: Record, year: int, month: int) -> date:
    """The first, second, third, fourth or last day of a month that the mask names."""
    mask = master["RecurrenceDayOfWeekMask"]
    every = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    fitting = [day for day in every if mask >> (day.isoweekday() % 7) & 1]
    place = _INSTANCES.index(master["RecurrenceInstance"])
    return fitting[-1] if place == len(_INSTANCES) - 1 else fitting[place]


def _months(start: date, interval: int) -> Iterator[tuple[int, int]]:
    for n in count():
        year, month = divmod(start.year * 12 + start.month - 1 + max(interval, 1) * n, 12)
        if year >= date.max.year:
            return
        yield year, month + 1


def _range() -> range:
    """More steps than any series has days, and few enough to stay within the calendar."""
    return range(20_000)


_PATTERNS: dict[str, Callable[[Record, date], Iterator[date]]] = {
    "RecursDaily": _daily,
    "RecursEveryWeekday": _weekdays,
    "RecursMonthly": _monthly,
    "RecursMonthlyNth": _monthly_nth,
    "RecursWeekly": _weekly,
    "RecursYearly": _yearly,
    "RecursYearlyNth": _yearly_nth,
}

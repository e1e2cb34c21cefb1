"""When does an event begin and end? Its times follow from each other, and not every length goes (Object reference: Event).

Of a timed event StartDateTime and ActivityDateTime are one, and EndDateTime and DurationInMinutes say the same; an all-day
event has days, whose moments are midnight in UTC. Pure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from orgbox.errors import OrgError
from orgbox.records import Record

_LONGEST = timedelta(days=14)
_AGE = timedelta(days=365)
_DAY = timedelta(days=1)


def fill_in(event: Record, old: Record | None) -> None:
    """Fill in the times that follow from those that were given; what is missing stays so, and `refusal` says it."""
    before = Record() if old is None else old
    changed = {name for name in _TIMES if event[name] != before[name]}
    start = _start(event, before, changed)
    end = _end(event, before, changed, start)
    event["EventSubtype"] = "Event"
    all_day = event["IsAllDayEvent"]
    told: dict[str, object] = {
        "StartDateTime": start,
        "EndDateTime": end,
        "ActivityDateTime": None if all_day else start,
        "ActivityDate": None if start is None else start.date(),
        "EndDate": None if end is None else end.date(),
    }
    if start is not None and end is not None:
        lasts = end - start + _DAY if all_day else end - start  # of whole days the last counts too
        told["DurationInMinutes"] = int(lasts.total_seconds()) // 60
    for name, value in told.items():
        if value is None:
            event.pop(name, None)
        else:
            event[name] = value


def refusal(event: Record) -> OrgError | None:
    """Why an event cannot have these times, or None."""
    start, end = event["StartDateTime"], event["EndDateTime"]
    if start is None or end is None:
        lacking = ("ActivityDate",) if event["IsAllDayEvent"] else ("DurationInMinutes", "ActivityDateTime")
        return OrgError(
            "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(lacking)}]", lacking
        )
    if end < start:
        return _wrong("Event duration can not be negative: Event Duration")
    if end - start > _LONGEST:
        return _wrong("An event can not last longer than 14 days: Event Duration")
    return None


def archivable(event: Record, now: datetime) -> bool:
    """Whether the archive takes an event: it ended a year ago (docs/salesforce.md §4.5)."""
    return not event["IsDeleted"] and event["EndDateTime"] is not None and event["EndDateTime"] <= now - _AGE


_TIMES = (
    "StartDateTime",
    "ActivityDateTime",
    "ActivityDate",
    "EndDateTime",
    "DurationInMinutes",
    "IsAllDayEvent",
)


def _start(event: Record, old: Record, changed: set[str]) -> datetime | None:
    if event["IsAllDayEvent"]:
        if "ActivityDate" in changed and event["ActivityDate"] is not None:
            return _midnight(event["ActivityDate"])
        given = event["StartDateTime"] or event["ActivityDateTime"]
        return None if given is None else _midnight(given.date())
    for name in ("StartDateTime", "ActivityDateTime"):
        if name in changed:
            moved: datetime | None = event[name]
            return moved
    kept: datetime | None = old["StartDateTime"]
    return kept


def _end(event: Record, old: Record, changed: set[str], start: datetime | None) -> datetime | None:
    all_day = event["IsAllDayEvent"]
    if "EndDateTime" in changed and event["EndDateTime"] is not None:
        given: datetime = event["EndDateTime"]
        return _midnight(given.date()) if all_day else given
    if start is None:
        return None
    if "DurationInMinutes" in changed and event["DurationInMinutes"] is not None:
        lasts = timedelta(minutes=event["DurationInMinutes"])
        return start + (max(lasts, _DAY) - _DAY) if all_day else start + lasts
    if old["StartDateTime"] is not None and old["EndDateTime"] is not None:
        lasted: timedelta = old["EndDateTime"] - old["StartDateTime"]
        return start + lasted
    return start if all_day else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _wrong(message: str) -> OrgError:
    return OrgError("FIELD_INTEGRITY_EXCEPTION", message, ("DurationInMinutes",))

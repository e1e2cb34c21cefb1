"""Which activities does the org put away? Old closed tasks and events leave query and stay in queryAll (docs/salesforce.md §4.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from orgbox import meetings
from orgbox.records import Record
from orgbox.state import State

_AGE = timedelta(days=365)


def archivable(task: Record, now: datetime) -> bool:
    """Whether the next run of the job takes this task: closed, and due or else made a year ago."""
    if not task["IsClosed"] or task["IsDeleted"]:
        return False
    due: date | None = task["ActivityDate"]
    if due is not None:
        return due <= (now - _AGE).date()
    return bool(task["CreatedDate"] <= now - _AGE)


def run(state: State) -> list[str]:
    """Archive what is old enough; returns the ids. It happens in the database: no stamp moves."""
    now = state.clock.now()
    chosen: list[str] = []
    for sobject, is_old in (("Task", archivable), ("Event", meetings.archivable)):
        table = state.tables[sobject]
        for activity in list(table.records.values()):
            if not activity["IsArchived"] and is_old(activity, now) and activity["Id"] not in state.locks:
                table.put(activity.next({"IsArchived": True}))
                chosen.append(activity["Id"])
    state.changes += 1
    return chosen

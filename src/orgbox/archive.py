"""Which tasks does the org put away? Old closed ones leave query and stay in queryAll (docs/salesforce.md §4.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
    table = state.tables["Task"]
    chosen = [
        task
        for task in table.records.values()
        if not task["IsArchived"] and archivable(task, now) and task["Id"] not in state.locks
    ]
    for task in chosen:
        table.put(task.next({"IsArchived": True}))
    state.changes += 1
    return [task["Id"] for task in chosen]

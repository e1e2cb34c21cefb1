"""What does a change leave behind so that undo can put it back, and until when may it? Pure.

A snapshot is JSON: {"what": the change, "at": when it was made, "before": the columns as they were}. The column
Reminder.undo is overwritten by every change a person makes and emptied by every change that comes from Salesforce,
so a snapshot that is there always is of the last change.
"""

from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

UNDO_FOR = timedelta(minutes=10)

Change = Literal["edit", "complete", "reopen", "delete"]


class Columns(Protocol):
    """The columns of a reminder that a person can change."""

    name: str
    details: str
    status: str
    priority: str
    due: date | None
    completed_at: datetime | None
    deleted_at: datetime | None


def snapshot(what: Change, reminder: Columns, at: datetime) -> dict[str, Any]:
    """`reminder` as it is, just before `what` is done to it."""
    return {
        "what": what,
        "at": at.isoformat(),
        "before": {
            "name": reminder.name,
            "details": reminder.details,
            "status": reminder.status,
            "priority": reminder.priority,
            "due": reminder.due and reminder.due.isoformat(),
            "completed_at": reminder.completed_at and reminder.completed_at.isoformat(),
            "deleted_at": reminder.deleted_at and reminder.deleted_at.isoformat(),
        },
    }


def before(left: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """The columns to put back; None when nothing was left behind, or more than UNDO_FOR ago."""
    if left is None or now - datetime.fromisoformat(left["at"]) > UNDO_FOR:
        return None
    columns = dict(left["before"])
    columns["due"] = columns["due"] and date.fromisoformat(columns["due"])
    for moment in ("completed_at", "deleted_at"):
        columns[moment] = columns[moment] and datetime.fromisoformat(columns[moment])
    return columns

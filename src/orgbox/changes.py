"""What changed and what was deleted between two moments? getUpdated and getDeleted.

Both ignore seconds and cover up to the start of the oldest transaction that is still running: that date is the
only exact watermark Salesforce gives (docs/salesforce.md §2.9).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from orgbox import recycle_bin
from orgbox.errors import OrgError
from orgbox.schema.types import ObjectSchema
from orgbox.state import State

_UPDATES_KEPT = timedelta(days=30)
_MOST_IDS = 600_000


def updated(state: State, sobject: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
    """(ids written in [start, end), latestDateCovered). Raises OrgError INVALID_REPLICATION_DATE and others."""
    schema = _replicated(state, sobject)
    start, end = _minute(start), _minute(end)
    if start >= end:
        raise OrgError("INVALID_REPLICATION_DATE", "startDate before endDate expected")
    if start < _minute(state.clock.now() - _UPDATES_KEPT):
        raise OrgError("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    table = state.tables[schema.name]
    found = [i for _, i in table.by_stamp.between(start, end) if not table.records[i]["IsDeleted"]]
    if len(found) > _MOST_IDS:
        raise OrgError("EXCEEDED_ID_LIMIT", "too many records in range; narrow the dates")
    return found, _covered(state, end)


def deleted(
    state: State, sobject: str, start: datetime, end: datetime
) -> tuple[list[tuple[str, datetime]], datetime, datetime]:
    """([(id, deleted at)] in [start, end), earliestDateAvailable, latestDateCovered)."""
    schema = _replicated(state, sobject)
    start, end = _minute(start), _minute(end)
    if end - start < timedelta(minutes=1):
        raise OrgError(
            "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than the startDate"
        )
    if start < _minute(state.clock.now() - recycle_bin.KEPT):
        raise OrgError("INVALID_REPLICATION_DATE", "startDate cannot be more than 15 days ago")
    found = [
        (identifier, moment) for moment, identifier in recycle_bin.in_bin(state, schema.name, start, end)
    ]
    earliest = state.emptied_to.get(schema.name, state.started_at)
    return found, earliest, _covered(state, end)


def _replicated(state: State, sobject: str) -> ObjectSchema:
    schema = state.schema(sobject)
    if not schema.replicateable:
        raise OrgError(
            "INVALID_TYPE_FOR_OPERATION", f"entity type {schema.name} does not support replication"
        )
    return schema


def _covered(state: State, end: datetime) -> datetime:
    oldest = min((holder.started_at for holder in state.open), default=end)
    return min(end, oldest.replace(microsecond=0), state.stamp())


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)

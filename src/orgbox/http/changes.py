"""What changed between two moments, over HTTP: /sobjects/X/updated and /deleted (docs/salesforce.md §2.9)."""

from __future__ import annotations

from datetime import datetime

from orgbox import changes, recycle_bin
from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema
from orgbox.http.shapes import moment
from orgbox.validation import parse_datetime


def updated(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X/updated?start=&end=: {ids, latestDateCovered}."""
    schema, state = found_schema(call, sobject), call.service.org.state
    recycle_bin.expire(state)
    ids, covered = changes.updated(state, schema.name, _moment(call, "start"), _moment(call, "end"))
    return Answer(200, {"ids": ids, "latestDateCovered": moment(covered)})


def deleted(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X/deleted?start=&end=: {deletedRecords, earliestDateAvailable, latestDateCovered}."""
    schema, state = found_schema(call, sobject), call.service.org.state
    recycle_bin.expire(state)
    found, earliest, covered = changes.deleted(
        state, schema.name, _moment(call, "start"), _moment(call, "end")
    )
    return Answer(
        200,
        {
            "deletedRecords": [{"deletedDate": moment(when), "id": identifier} for identifier, when in found],
            "earliestDateAvailable": moment(earliest),
            "latestDateCovered": moment(covered),
        },
    )


def _moment(call: Call, name: str) -> datetime:
    text = call.params.get(name, "")
    value = parse_datetime(text)
    if value is None:
        raise OrgError("INVALID_REPLICATION_DATE", f"{name} is not an ISO 8601 date and time: '{text}'")
    return value

"""Which fields does Salesforce fill in by itself? Pure: a new version, the one before, and a way to see parents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from orgbox import contents, meetings
from orgbox.archive import archivable
from orgbox.records import Record
from orgbox.schema.types import ObjectSchema

Look = Callable[[str, str], Record | None]
"""(sObject, id) -> the record as the writing transaction sees it, or None."""


def derive(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    """Fill in the fields that follow from others; `record` is a version that is not committed yet."""
    rule = _RULES.get(schema.name)
    if rule is not None:
        rule(schema, record, old, now, look)


def _set(record: Record, name: str, value: Any) -> None:
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value


def _task(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    status, priority = record["Status"], record["Priority"]
    if old is None or status != old["Status"]:
        # CompletedDateTime follows each new closed status; with the same status it stays (docs/salesforce.md §4.1).
        choice = schema.by_name["Status"].by_value.get(status)
        record["IsClosed"] = closed = choice is not None and choice.closed
        _set(record, "CompletedDateTime", now if closed else None)
    if old is None or priority != old["Priority"]:
        choice = schema.by_name["Priority"].by_value.get(priority)
        record["IsHighPriority"] = choice is not None and choice.high
    if old is None or record["WhatId"] != old["WhatId"] or record["WhoId"] != old["WhoId"]:
        _set(record, "AccountId", _account_of(record, look))
    if record["IsArchived"] and not archivable(record, now):
        record["IsArchived"] = False


def _event(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    meetings.fill_in(record, old)
    if old is None or record["WhatId"] != old["WhatId"] or record["WhoId"] != old["WhoId"]:
        _set(record, "AccountId", _account_of(record, look))
    if record["IsArchived"] and not meetings.archivable(record, now):
        record["IsArchived"] = False


def _account_of(task: Record, look: Look) -> str | None:
    what, who = task["WhatId"], task["WhoId"]
    if what is not None:
        if what.startswith("001"):
            return str(what)
        parent = look("Opportunity", what)
    elif who is not None and who.startswith("003"):
        parent = look("Contact", who)
    else:
        parent = None
    return None if parent is None else parent["AccountId"]


def _person(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    record["Name"] = " ".join(part for part in (record["FirstName"], record["LastName"]) if part)


def _file(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    contents.measure(record, old)


def _version(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    contents.measure_version(record, old)


def _opportunity(schema: ObjectSchema, record: Record, old: Record | None, now: datetime, look: Look) -> None:
    choice = schema.by_name["StageName"].by_value.get(record["StageName"])
    record["IsClosed"] = choice is not None and choice.closed
    record["IsWon"] = choice is not None and choice.won


_RULES: dict[str, Callable[[ObjectSchema, Record, Record | None, datetime, Look], None]] = {
    "Attachment": _file,
    "Contact": _person,
    "ContentVersion": _version,
    "Document": _file,
    "Event": _event,
    "Lead": _person,
    "Opportunity": _opportunity,
    "Task": _task,
    "User": _person,
}

"""How values travel: ids, dates, SOQL literals, the limits header, and a Task record as a typed row. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime as _rfc_format
from email.utils import parsedate_to_datetime
from typing import Any

Json = Mapping[str, Any]
"""One decoded JSON object. The functions here turn it into typed rows; nothing else reads into it."""

_CHECKSUM_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?", re.ASCII)
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_LIMIT = re.compile(r"(?<![a-z-])api-usage=(\d+)/(\d+)")
_SOQL_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def encode_json(body: Any) -> bytes:
    """A request body; a date becomes '2026-11-23', an aware datetime its UTC second."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_json_text).encode()


def _json_text(value: object) -> str:
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot travel as JSON: {type(value).__name__}")


# --- ids (docs/salesforce.md §8) ------------------------------------------------------------------------------


def id18(record_id: str) -> str:
    """The 18-character form of a 15- or 18-character id; ValueError for anything else."""
    if not _ID.fullmatch(record_id):
        raise ValueError(f"not a Salesforce id: {record_id!r}")
    short = record_id[:15]
    return short + "".join(_checksum(short[at : at + 5]) for at in (0, 5, 10))


def _checksum(block: str) -> str:
    return _CHECKSUM_SIGNS[sum(1 << at for at, sign in enumerate(block) if "A" <= sign <= "Z")]


def api_name(name: str) -> str:
    """`name` if it can be a field's or an object's API name; ValueError otherwise (it goes into SOQL as it is)."""
    if not _API_NAME.fullmatch(name):
        raise ValueError(f"not an API name: {name!r}")
    return name


# --- dates -----------------------------------------------------------------------------------------------


def parse_datetime(text: str) -> datetime:
    """'2022-03-17T16:21:26.000+0000' as an aware UTC datetime."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"no time zone: {text!r}")
    return parsed.astimezone(UTC)


def format_datetime(moment: datetime) -> str:
    """An aware datetime as SOQL and REST want it, in UTC and whole seconds: '2022-03-17T16:21:26Z'."""
    return _aware(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_http_date(text: str) -> datetime:
    """A Date header as an aware UTC datetime of whole seconds."""
    return parsedate_to_datetime(text).astimezone(UTC)


def format_http_date(moment: datetime) -> str:
    """An aware datetime for If-Unmodified-Since: 'Thu, 17 Mar 2022 16:21:26 GMT'."""
    return _rfc_format(_aware(moment).replace(microsecond=0), usegmt=True)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


# --- SOQL literals ---------------------------------------------------------------------------------------


def soql_text(value: str) -> str:
    """A quoted SOQL string literal, so that no value can end it early."""
    return f"'{value.translate(_SOQL_ESCAPES)}'"


def soql_in(values: Iterable[str]) -> str:
    """('a','b') for an IN clause; ValueError when there is nothing to look for."""
    literals = ",".join(soql_text(value) for value in values)
    if not literals:
        raise ValueError("an empty IN list")
    return f"({literals})"


# --- the allowance ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LimitInfo:
    """API calls used and allowed in the org's rolling 24 hours, as one answer told at `seen_at`."""

    used: int
    max: int
    seen_at: datetime


def parse_limit_info(header: str, seen_at: datetime) -> LimitInfo | None:
    """'api-usage=10018/100000; per-app-api-usage=…' (docs/salesforce.md §2.11); None when it says nothing."""
    found = _LIMIT.search(header)
    return LimitInfo(int(found.group(1)), int(found.group(2)), seen_at) if found else None


# --- Task ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One Task as read at one moment (docs/salesforce.md §4.1). Ids have 18 characters, moments are in UTC.

    `key` is the value of the field that carries our own key, None when the org has none or the row is not ours.
    """

    id: str
    subject: str | None
    status: str
    priority: str
    activity_date: date | None
    description: str | None
    owner_id: str
    who_id: str | None
    what_id: str | None
    who_name: str | None
    what_name: str | None
    account_name: str | None
    is_closed: bool
    is_deleted: bool
    is_archived: bool
    is_recurrence: bool
    recurrence_activity_id: str | None
    task_subtype: str | None
    type: str | None
    created_date: datetime
    last_modified_date: datetime
    last_modified_by_id: str
    system_modstamp: datetime
    key: str | None


TASK_COLUMNS = (
    "Id",
    "Subject",
    "Status",
    "Priority",
    "ActivityDate",
    "Description",
    "OwnerId",
    "WhoId",
    "WhatId",
    "Who.Name",
    "What.Name",
    "Account.Name",
    "IsClosed",
    "IsDeleted",
    "IsArchived",
    "IsRecurrence",
    "RecurrenceActivityId",
    "TaskSubtype",
    "Type",
    "CreatedDate",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
)


def task_row(record: Json, key_field: str | None) -> TaskRow:
    """The typed row of one query record with TASK_COLUMNS; KeyError or ValueError if it is not one."""
    due = record["ActivityDate"]
    return TaskRow(
        id=id18(record["Id"]),
        subject=record["Subject"],
        status=record["Status"],
        priority=record["Priority"],
        activity_date=date.fromisoformat(due) if due else None,
        description=record["Description"],
        owner_id=id18(record["OwnerId"]),
        who_id=_optional_id(record["WhoId"]),
        what_id=_optional_id(record["WhatId"]),
        who_name=_name(record["Who"]),
        what_name=_name(record["What"]),
        account_name=_name(record["Account"]),
        is_closed=record["IsClosed"],
        is_deleted=record["IsDeleted"],
        is_archived=record["IsArchived"],
        is_recurrence=record["IsRecurrence"],
        recurrence_activity_id=_optional_id(record["RecurrenceActivityId"]),
        task_subtype=record["TaskSubtype"],
        type=record["Type"],
        created_date=parse_datetime(record["CreatedDate"]),
        last_modified_date=parse_datetime(record["LastModifiedDate"]),
        last_modified_by_id=id18(record["LastModifiedById"]),
        system_modstamp=parse_datetime(record["SystemModstamp"]),
        key=record[key_field] if key_field else None,
    )


def _optional_id(value: str | None) -> str | None:
    return id18(value) if value else None


def _name(parent: Json | None) -> str | None:
    return parent["Name"] if parent else None

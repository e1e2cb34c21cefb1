"""Decoded answers of Salesforce as the typed results of `outcomes`. Pure.

A payload of another shape ends in KeyError, TypeError or ValueError; the client turns these into OutcomeUnknown.
"""

from __future__ import annotations

from datetime import datetime

from tandem.salesforce.outcomes import DeletedLog, Description, FieldInfo, Limits, QueryPage, UpdatedLog
from tandem.salesforce.wire import Json, id18, parse_datetime


def query_page(payload: Json, read_at: datetime) -> QueryPage:
    """One page of a query (docs/salesforce.md §2.4)."""
    return QueryPage(
        records=tuple(payload["records"]),
        total=int(payload["totalSize"]),
        done=bool(payload["done"]),
        next_url=None if payload["done"] else payload["nextRecordsUrl"],
        read_at=read_at,
    )


def limits(payload: Json, read_at: datetime) -> Limits:
    """GET /limits (docs/salesforce.md §2.2). Entries without Max and Remaining of their own are left out."""
    by_name = {
        name: (int(entry["Max"]), int(entry["Remaining"]))
        for name, entry in payload.items()
        if "Max" in entry and "Remaining" in entry
    }
    return Limits(by_name, read_at)


def description(payload: Json, read_at: datetime) -> Description:
    """GET /sobjects/X/describe (docs/salesforce.md §2.3)."""
    fields = {described["name"]: _field(described) for described in payload["fields"]}
    return Description(
        name=payload["name"],
        createable=bool(payload["createable"]),
        updateable=bool(payload["updateable"]),
        deletable=bool(payload["deletable"]),
        fields=fields,
        read_at=read_at,
    )


def _field(described: Json) -> FieldInfo:
    choices = [entry for entry in described.get("picklistValues") or () if entry["active"]]
    return FieldInfo(
        name=described["name"],
        type=described["type"],
        length=int(described["length"]),
        createable=bool(described["createable"]),
        updateable=bool(described["updateable"]),
        filterable=bool(described["filterable"]),
        unique=bool(described["unique"]),
        external_id=bool(described["externalId"]),
        custom=bool(described["custom"]),
        picklist=tuple(entry["value"] for entry in choices),
        preselected=next((entry["value"] for entry in choices if entry.get("defaultValue")), ""),
    )


def deleted_log(payload: Json, read_at: datetime) -> DeletedLog:
    """getDeleted (docs/salesforce.md §2.9)."""
    return DeletedLog(
        deleted=tuple(
            (id18(entry["id"]), parse_datetime(entry["deletedDate"])) for entry in payload["deletedRecords"]
        ),
        earliest_available=parse_datetime(payload["earliestDateAvailable"]),
        covered_to=parse_datetime(payload["latestDateCovered"]),
        read_at=read_at,
    )


def updated_log(payload: Json, read_at: datetime) -> UpdatedLog:
    """getUpdated (docs/salesforce.md §2.9)."""
    return UpdatedLog(
        ids=tuple(id18(found) for found in payload["ids"]),
        covered_to=parse_datetime(payload["latestDateCovered"]),
        read_at=read_at,
    )

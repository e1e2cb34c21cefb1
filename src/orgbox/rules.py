"""Which combinations of values does Salesforce refuse, though each value alone is fine? Pure."""

from __future__ import annotations

from collections.abc import Callable

from orgbox import meetings, series
from orgbox.errors import OrgError
from orgbox.records import Record


def broken_rule(sobject: str, record: Record, old: Record | None) -> OrgError | None:
    """The refusal of a version, or None when its fields go together."""
    rule = _RULES.get(sobject)
    return None if rule is None else rule(record, old)


def _lead_and_more(record: Record, kind: str) -> OrgError | None:
    who = record["WhoId"]
    if who is None or record["WhatId"] is None or not who.startswith("00Q"):
        return None
    return OrgError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"You can only relate {kind} to a lead or to another record, not to both: WhoId, WhatId",
        ("WhoId", "WhatId"),
    )


def _event(record: Record, old: Record | None) -> OrgError | None:
    return _lead_and_more(record, "an event") or meetings.refusal(record)


def _task(record: Record, old: Record | None) -> OrgError | None:
    if (refusal := _lead_and_more(record, "a task")) is not None:
        return refusal
    if not record["IsRecurrence"]:
        return None
    if record["ActivityDate"] is not None:
        return OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "ActivityDate cannot be set on the master record of a recurring series",
            ("ActivityDate",),
        )
    if old is not None and record["Status"] != old["Status"]:
        return OrgError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Status cannot be updated on the master record of a recurring series",
            ("Status",),
        )
    return None if record["RecurrenceRegeneratedType"] is not None else _series(record)


def _series(master: Record) -> OrgError | None:
    """A pattern has its own fields, no others, and not too many days."""
    wanted: tuple[str, ...] = ("RecurrenceStartDateOnly", "RecurrenceEndDateOnly", "RecurrenceType")
    wanted += series.NEEDS.get(master["RecurrenceType"], ())
    lacking = tuple(name for name in wanted if master[name] is None)
    if lacking:
        return OrgError(
            "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(lacking)}]", lacking
        )
    beyond = tuple(name for name in series.PATTERN if name not in wanted and master[name] is not None)
    if beyond:
        return _wrong_series(f"{', '.join(beyond)} must be empty for {master['RecurrenceType']}", beyond)
    if "RecurrenceDayOfWeekMask" in wanted and not 1 <= master["RecurrenceDayOfWeekMask"] <= 127:
        return _wrong_series("The days of the week are a number from 1 to 127", ("RecurrenceDayOfWeekMask",))
    if "RecurrenceDayOfMonth" in wanted and not 1 <= master["RecurrenceDayOfMonth"] <= 31:
        return _wrong_series("The day of the month is a number from 1 to 31", ("RecurrenceDayOfMonth",))
    if len(series.days(master)) > series.MOST.get(master["RecurrenceType"], series.MOST_OF_OTHERS):
        return _wrong_series("The series has too many occurrences", ("RecurrenceEndDateOnly",))
    return None


def _wrong_series(message: str, fields: tuple[str, ...]) -> OrgError:
    return OrgError("FIELD_INTEGRITY_EXCEPTION", message, fields)


def _lead(record: Record, old: Record | None) -> OrgError | None:
    if old is not None and old["IsConverted"]:
        return OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    return None


_FREE_OF_A_SENT_EMAIL = frozenset(
    {"IsExternallyVisible", "ActivityId", "LastModifiedDate", "LastModifiedById", "SystemModstamp"}
)


def _email(record: Record, old: Record | None) -> OrgError | None:
    """What may change of an email that is no draft: who sees it, custom fields, New to Read (docs/salesforce.md §4.6)."""
    if old is None:
        if record["Status"] in ("0", "1", "2", "4") and not record["Incoming"]:
            return OrgError(
                "FIELD_INTEGRITY_EXCEPTION", "An email that you log must have the status Sent", ("Status",)
            )
        return None
    if old["Status"] == "5":
        return None
    free = _FREE_OF_A_SENT_EMAIL | ({"RelatedToId"} if record["IsClientManaged"] else set())
    changed = {
        n
        for n in record.keys() | old.keys()
        if record[n] != old[n] and n not in free and not n.endswith("__c")
    }
    if changed == {"Status"} and (old["Status"], record["Status"]) == ("0", "1"):
        return None
    if not changed:
        return None
    name = min(changed)
    return OrgError(
        "INSUFFICIENT_ACCESS_OR_READONLY", f"{name} of an email that is no draft cannot be changed", (name,)
    )


_RULES: dict[str, Callable[[Record, Record | None], OrgError | None]] = {
    "EmailMessage": _email,
    "Event": _event,
    "Lead": _lead,
    "Task": _task,
}

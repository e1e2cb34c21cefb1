"""How Tasks are asked for and what may be written: SOQL texts, and the checks made before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tandem.salesforce.errors import BadInput
from tandem.salesforce.wire import TASK_COLUMNS, api_name, format_datetime, id18, soql_in, soql_text

SUBJECT_LENGTH = 255
DESCRIPTION_LENGTH = 32_000
_LEAD_PREFIX = "00Q"


def changed_since_soql(
    owners: Sequence[str],
    since: datetime,
    after: tuple[datetime, str] | None,
    key_field: str | None,
    limit: int,
) -> str:
    """One page of changes. The keyset neither loses nor repeats rows of one second (docs/salesforce.md §9.2)."""
    if after is None:
        begin = f"SystemModstamp >= {format_datetime(since)}"
    else:
        stamp, last_id = format_datetime(after[0]), soql_text(id18(after[1]))
        begin = f"((SystemModstamp = {stamp} AND Id > {last_id}) OR SystemModstamp > {stamp})"
    where = f"{begin} AND OwnerId IN {soql_in(map(id18, owners))}"
    return f"{_from_task(_columns(key_field), where)} ORDER BY SystemModstamp, Id LIMIT {limit}"


def count_changed_soql(owners: Sequence[str], since: datetime) -> str:
    """How many Tasks `changed_since_soql` would find over all its pages."""
    where = f"SystemModstamp >= {format_datetime(since)} AND OwnerId IN {soql_in(map(id18, owners))}"
    return _from_task("COUNT()", where)


def by_id_soql(ids: Sequence[str], key_field: str | None) -> str:
    """Tasks by id; through queryAll also the deleted and archived ones."""
    found = _from_task(_columns(key_field), f"Id IN {soql_in(map(id18, ids))}")
    return f"{found} ORDER BY Id"


def by_key_soql(keys: Sequence[str], key_field: str) -> str:
    """Tasks by our own key, the oldest first; through queryAll also the deleted and archived ones."""
    found = _from_task(_columns(key_field), f"{api_name(key_field)} IN {soql_in(keys)}")
    return f"{found} ORDER BY CreatedDate, Id"


def _from_task(selected: str, where: str) -> str:
    # Safe to put together: every value went through soql_text, id18 or format_datetime, every name through api_name.
    return f"SELECT {selected} FROM Task WHERE {where}"  # noqa: S608


def _columns(key_field: str | None) -> str:
    extra = (api_name(key_field),) if key_field and key_field not in TASK_COLUMNS else ()
    return ", ".join(TASK_COLUMNS + extra)


def check_new_task(fields: Mapping[str, Any], key_field: str) -> None:
    """BadInput if Salesforce would refuse this new Task anyway, or if it could not be found again."""
    if not fields.get(key_field):
        raise BadInput("the new task carries no key", code="NO_KEY", fields=(key_field,))
    check_task(fields, series=bool(fields.get("IsRecurrence")))


def check_task(fields: Mapping[str, Any], series: bool = False) -> None:
    """BadInput if Salesforce would refuse these fields anyway (docs/salesforce.md §4.1, §4.2; rule SF-2)."""
    _check_length(fields, "Subject", SUBJECT_LENGTH, "the subject")
    _check_length(fields, "Description", DESCRIPTION_LENGTH, "the details")
    if series and "ActivityDate" in fields:
        raise BadInput(
            "a recurring series has no due date of its own",
            code="DUE_DATE_ON_SERIES",
            fields=("ActivityDate",),
            remedy="Change the due date of one of its tasks instead.",
        )
    who, what = fields.get("WhoId"), fields.get("WhatId")
    if what and isinstance(who, str) and who.startswith(_LEAD_PREFIX):
        raise BadInput(
            "a task of a lead cannot belong to a deal or account as well",
            code="LEAD_WITH_WHAT",
            fields=("WhoId", "WhatId"),
            remedy="Leave one of the two out, or convert the lead first.",
        )


def _check_length(fields: Mapping[str, Any], name: str, longest: int, called: str) -> None:
    value = fields.get(name)
    if isinstance(value, str) and len(value) > longest:
        over = len(value) - longest
        raise BadInput(
            f"{called} has {len(value):,} characters; Salesforce takes {longest:,}",
            code="TOO_LONG",
            fields=(name,),
            remedy=f"Shorten {called} by {over:,} character{'s' if over > 1 else ''}.",
        )

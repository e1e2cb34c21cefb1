"""What happens to a record that is deleted, and how does it come back?

A deleted record stays in the recycle bin for 15 days: out of query, in queryAll with IsDeleted true, listed by
getDeleted. Its children by a cascading reference go and come back with it (docs/salesforce.md §4.2, §9.9).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from orgbox import task_relations
from orgbox.commits import Pending
from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema
from orgbox.state import State

KEPT = timedelta(days=15)


def delete(pending: Pending, schema: ObjectSchema, record: Record) -> None:
    """Put a live record into the bin, and whatever hangs on it."""
    pending.went_with(record["Id"], None)
    _delete(pending, schema, record, record["Id"])


def _delete(pending: Pending, schema: ObjectSchema, record: Record, root: str) -> None:
    identifier = record["Id"]
    pending.lock((identifier, record["AccountId"], record["WhoId"], record["WhatId"]))
    pending.write(schema.name, record.next({"IsDeleted": True, **_touched(pending)}))
    if identifier != root:
        pending.went_with(identifier, root)
    for child_schema, field in cascades(pending.state, schema.name):
        for child in pending.children(child_schema, field, identifier):
            if not child["IsDeleted"] and not task_relations.survives(
                pending, child_schema, field, child, identifier
            ):
                _delete(pending, child_schema, child, root)


def undelete(pending: Pending, schema: ObjectSchema, record: Record) -> None:
    """Bring a record back from the bin, and whatever went with it.

    Raises OrgError DUPLICATE_VALUE when a live record has taken its unique value meanwhile.
    """
    root = record["Id"]
    _undelete(pending, schema, record)
    # A child of a child names the root too, so every cascading object is asked once for those.
    for child_schema, field in cascades(pending.state, schema.name):
        _undelete_children(pending, child_schema, field, root, root)


def _undelete_children(pending: Pending, schema: ObjectSchema, field: Field, parent: str, root: str) -> None:
    for child in pending.children(schema, field, parent):
        if child["IsDeleted"] and pending.deleted_with(child["Id"]) == root:
            _undelete(pending, schema, child)
            for next_schema, next_field in cascades(pending.state, schema.name):
                _undelete_children(pending, next_schema, next_field, child["Id"], root)


def _undelete(pending: Pending, schema: ObjectSchema, record: Record) -> None:
    for field in schema.keys:
        if field.unique and (value := record[field.name]) is not None:
            pending.claim(schema, field, value)
            for holder in pending.holder(schema, field, value):
                raise duplicate(field, holder)
    pending.lock((record["Id"],))
    pending.write(schema.name, record.next({"IsDeleted": False, **_touched(pending)}))
    pending.went_with(record["Id"], None)


def duplicate(field: Field, holder: str) -> OrgError:
    """The refusal of a unique value that a live record holds; the id has 15 characters (docs/salesforce.md §8)."""
    return OrgError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field.name} duplicates value on record with id: {holder[:15]}",
    )


def cascades(state: State, parent: str) -> list[tuple[ObjectSchema, Field]]:
    """The sObjects and references that go with a record of this sObject."""
    return [
        (schema, field)
        for schema in state.schemas.values()
        for field in schema.parents
        if field.cascade_delete and parent in field.reference_to
    ]


def _touched(pending: Pending) -> dict[str, object]:
    stamp = pending.state.stamp()
    return {"LastModifiedDate": stamp, "LastModifiedById": pending.user_id, "SystemModstamp": stamp}


def expire(state: State) -> None:
    """Let what has been in the bin for 15 days vanish."""
    limit = state.clock.now() - KEPT
    if state.bin.count(None, limit):
        _erase(state, list(state.bin.between(None, limit)), None)


def empty(state: State, sobject: str | None = None) -> None:
    """Empty the bin, of one sObject or of all, as a person does: no witness of those deletions stays behind."""
    chosen = [
        (moment, i) for moment, i in state.bin.between() if sobject in (None, state.by_prefix[i[:3]].name)
    ]
    _erase(state, chosen, state.stamp())


def purge(state: State, identifier: str) -> None:
    """Hard-delete one record: it leaves the bin at once. Raises OrgError NOT_FOUND when it is not in the bin."""
    chosen = [entry for entry in state.bin.between() if entry[1] == identifier]
    if not chosen:
        raise OrgError("NOT_FOUND", "The requested resource does not exist")
    _erase(state, chosen, state.stamp())


def _erase(state: State, entries: list[tuple[datetime, str]], emptied_at: datetime | None) -> None:
    state.changes += 1
    for deleted_at, identifier in entries:
        schema = state.by_prefix[identifier[:3]]
        table = state.tables[schema.name]
        table.remove(identifier)
        state.bin.outdate()
        state.deleted_with.pop(identifier, None)
        # getDeleted's earliestDateAvailable: when something was physically deleted last.
        moment = emptied_at or deleted_at
        state.emptied_to[schema.name] = max(state.emptied_to.get(schema.name, moment), moment)


def in_bin(state: State, sobject: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """(deleted at, id) of one sObject's records in the bin, start <= moment < end."""
    prefix = state.schema(sobject).key_prefix
    return (entry for entry in state.bin.between(start, end) if entry[1].startswith(prefix))

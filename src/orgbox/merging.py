"""What becomes of two records that are one? Merge of accounts, contacts and leads (docs/salesforce.md §9.9).

What hung on the losers hangs on the winner afterwards, open and closed, archived too; the losers go into the bin and name
the winner. Undeleting a loser brings back the bare record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orgbox import task_relations
from orgbox.derived import derive
from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema
from orgbox.writes import Transaction

MERGED = frozenset({"Account", "Contact", "Lead"})
_MOST_LOSERS = 2


def merge(
    tx: Transaction, sobject: str, winner: str, losers: Sequence[str], values: Mapping[str, Any]
) -> None:
    """Merge up to two records into the winner, which takes `values` along. Raises OrgError; then nothing is done."""
    schema = tx.state.schema(sobject)
    if schema.name not in MERGED:
        raise OrgError("INVALID_TYPE_FOR_OPERATION", f"entity type {schema.name} does not support merge")
    if not 1 <= len(losers) <= _MOST_LOSERS:
        raise OrgError("INVALID_OPERATION", "Merge takes one or two records to merge into the master")
    master = str(tx.live(schema, winner)["Id"])
    gone = [str(tx.live(schema, loser)["Id"]) for loser in losers]
    if master in gone or len(set(gone)) < len(gone):
        raise OrgError("INVALID_OPERATION", "The records to merge must be different from each other")
    mark = tx.mark()
    try:
        for loser in gone:
            for child_schema, field in _references(tx, schema):
                for child in tx.children(child_schema, field, loser):
                    if not child["IsDeleted"]:
                        _move(tx, child_schema, field, child, master)
            tx.write(schema.name, tx.live(schema, loser).next({"MasterRecordId": master}))
            tx.delete(schema.name, loser)
        task_relations.settle(tx, mark)
        tx.update(schema.name, master, values)
    except OrgError:
        tx.back_to(mark)
        raise


def _references(tx: Transaction, schema: ObjectSchema) -> list[tuple[ObjectSchema, Field]]:
    """The references by which children are found, owners' and the merge's own left out."""
    return [
        (child, field)
        for child in tx.state.schemas.values()
        for field in child.parents
        if schema.name in field.reference_to
    ]


def _move(tx: Transaction, schema: ObjectSchema, field: Field, child: Record, master: str) -> None:
    stamp = tx.state.stamp()
    touched = {"LastModifiedDate": stamp, "LastModifiedById": tx.user_id, "SystemModstamp": stamp}
    moved = tx.live(schema, child["Id"]).next({field.name: master, **touched})
    derive(schema, moved, child, stamp, tx.look)
    tx.lock((moved["Id"],))
    tx.write(schema.name, moved)

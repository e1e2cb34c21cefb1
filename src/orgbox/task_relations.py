"""Whom does a task concern when it may concern several? Shared Activities: one row of TaskRelation for each (docs/salesforce.md §4.2).

A task's WhoId is one of its people, WhatId its one other record; TaskWhoIds lists the people, WhoCount and WhatCount count. The
rows and these fields are brought into step whenever either is written, whatever wrote it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgbox.commits import Pending
from orgbox.derived import derive
from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.relations import OF_A_TASK, TASK_RELATION
from orgbox.schema.types import Field, ObjectSchema

if TYPE_CHECKING:
    from orgbox.writes import Transaction

_PEOPLE = ("003", "00Q")
_MOST_PEOPLE = 50


def is_on(pending: Pending) -> bool:
    """Whether the org has Shared Activities."""
    return "taskrelation" in pending.state.schemas


def switch_on(tx: Transaction) -> None:
    """Give the org Shared Activities, for good; the tasks that are there get their rows."""
    if is_on(tx):
        return
    task = tx.state.schema("Task")
    tx.state.describe(TASK_RELATION)
    tx.state.describe(replace(task, fields=(*task.fields, *OF_A_TASK)))
    for record in list(tx.records("Task")):
        if not record["IsDeleted"]:
            related = record.next({})
            follow_the_task(tx, related, None)
            tx.write("Task", related)


def follow_the_task(tx: Transaction, task: Record, old: Record | None) -> None:
    """Give a task that was written the rows that its fields ask for. Raises OrgError for people who do not go together."""
    there = _rows(tx, task["Id"])
    people = _people(task, old, [row["RelationId"] for row in there if not row["IsWhat"]])
    what = [] if task["WhatId"] is None else [task["WhatId"]]
    wanted = [*people, *what]
    for row in there:
        if row["RelationId"] not in wanted:
            _unrelate(tx, row)
    known = {row["RelationId"] for row in there}
    for relation in wanted:
        if relation not in known:
            _relate(tx, task, relation)
    _count(task, people, what)


def follow_the_relation(tx: Transaction, relation: Record, old: Record | None) -> None:
    """Bring a task into step with a row that was made by itself. Raises OrgError for one that does not go with the others."""
    others = [row for row in _rows(tx, relation["TaskId"]) if row["Id"] != relation["Id"]]
    relation["IsWhat"] = not relation["RelationId"].startswith(_PEOPLE)
    if any(row["RelationId"] == relation["RelationId"] for row in others):
        raise OrgError("DUPLICATE_VALUE", "duplicate value found: TaskId, RelationId", ("RelationId",))
    if relation["IsWhat"] and any(row["IsWhat"] for row in others):
        raise _wrong("A task is related to one account or opportunity only", "RelationId")
    _check([row["RelationId"] for row in (*others, relation) if not row["IsWhat"]], relation["IsWhat"])
    _bring_into_step(tx, relation["TaskId"])


def settle(tx: Transaction, mark: int) -> None:
    """Bring into step the tasks whose rows were written since the mark: deleted, brought back, or moved by a merge."""
    rows = (
        tx.look(sobject, identifier)
        for sobject, identifier, _ in tx.trail[mark:]
        if sobject == "TaskRelation"
    )
    for task in dict.fromkeys(row["TaskId"] for row in rows if row is not None):
        _bring_into_step(tx, task)


def repoint(tx: Transaction, lead: str, contact: str) -> None:
    """The rows of a lead become those of the contact that it was converted to."""
    schema = tx.state.schema("TaskRelation")
    for row in tx.children(schema, schema.by_name["RelationId"], lead):
        if not row["IsDeleted"]:
            tx.write(schema.name, row.next({"RelationId": contact}))


def survives(pending: Pending, schema: ObjectSchema, field: Field, task: Record, gone: str) -> bool:
    """Whether a task stays when one of its people is deleted: as long as there is another."""
    if schema.name != "Task" or field.name != "WhoId" or not is_on(pending):
        return False
    return any(not row["IsWhat"] and row["RelationId"] != gone for row in _rows(pending, task["Id"]))


def _people(task: Record, old: Record | None, known: list[str]) -> list[str]:
    """Whom a task that was written concerns, in order; its WhoId is settled here."""
    listed, who = task["TaskWhoIds"], task["WhoId"]
    if listed != (None if old is None else old["TaskWhoIds"]):
        people = list(
            dict.fromkeys(([] if who is None or who in (listed or ()) else [who]) + list(listed or ()))
        )
        if old is not None and who == old["WhoId"] and who not in (listed or ()):
            people = [person for person in people if person != who]
    elif old is not None and who is None and old["WhoId"] is not None:
        people = [person for person in known if person != old["WhoId"]]
    else:
        people = known if who is None or who in known else [*known, who]
    _check(people, task["WhatId"] is not None)
    if who not in people:
        _set(task, "WhoId", people[0] if people else None)
    return people


def _check(people: list[str], has_what: bool) -> None:
    for person in people:
        if not person.startswith(_PEOPLE):
            raise _wrong(f"{person} is neither a contact nor a lead", "TaskWhoIds")
    if any(person.startswith("00Q") for person in people) and (len(people) > 1 or has_what):
        raise _wrong("A task that is related to a lead is related to nothing else", "TaskWhoIds")
    if len(people) > _MOST_PEOPLE:
        raise _wrong(f"A task is related to {_MOST_PEOPLE} contacts at most", "TaskWhoIds")


def _bring_into_step(tx: Transaction, task_id: str) -> None:
    """What a task says of its rows, of which there may be one too many; no stamp of it moves."""
    task = tx.look("Task", task_id)
    if task is None or task["IsDeleted"]:
        return
    people, what = list[str](), list[str]()
    for row in _rows(tx, task_id):
        place = what if row["IsWhat"] else people
        if row["RelationId"] in place:
            _unrelate(tx, row)
        else:
            place.append(row["RelationId"])
    told = task.next({"WhatId": what[0] if what else None})
    if told["WhoId"] not in people:
        _set(told, "WhoId", people[0] if people else None)
    _count(told, people, what)
    derive(tx.state.schema("Task"), told, task, task["SystemModstamp"], tx.look)
    tx.write("Task", told)


def _rows(pending: Pending, task: str) -> list[Record]:
    schema = pending.state.schema("TaskRelation")
    found = pending.children(schema, schema.by_name["TaskId"], task)
    return [row for row in found if not row["IsDeleted"]]


def _relate(tx: Transaction, task: Record, relation: str) -> None:
    schema = tx.state.schema("TaskRelation")
    reference = schema.by_name["RelationId"]
    target = tx.state.by_prefix.get(relation[:3])
    record = None if target is None else tx.look(target.name, relation)
    if record is None or record["IsDeleted"]:
        raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("TaskWhoIds",))
    stamp = tx.state.stamp()
    row = Record(schema.defaults).next(
        {
            "Id": tx.state.mint.new(schema.key_prefix),
            "TaskId": task["Id"],
            reference.name: relation,
            "IsWhat": not relation.startswith(_PEOPLE),
            "CreatedDate": stamp,
            "CreatedById": tx.user_id,
            "LastModifiedDate": stamp,
            "LastModifiedById": tx.user_id,
            "SystemModstamp": stamp,
        }
    )
    tx.write(schema.name, row)


def _unrelate(tx: Transaction, row: Record) -> None:
    stamp = tx.state.stamp()
    touched = {"LastModifiedDate": stamp, "LastModifiedById": tx.user_id, "SystemModstamp": stamp}
    tx.write("TaskRelation", row.next({"IsDeleted": True, **touched}))


def _count(task: Record, people: list[str], what: list[str]) -> None:
    _set(task, "TaskWhoIds", people or None)
    task["WhoCount"], task["WhatCount"] = len(people), len(what)


def _set(record: Record, name: str, value: object) -> None:
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value


def _wrong(message: str, field: str) -> OrgError:
    return OrgError("FIELD_INTEGRITY_EXCEPTION", message, (field,))

"""What else does Salesforce write when a row is written? The Task of an email, the occurrences of a series, a file's document.

Called when a version has passed all checks and before it is put down; what is written here goes with it or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from orgbox import contents, series, task_relations
from orgbox.records import Record
from orgbox.schema.email import DRAFT

if TYPE_CHECKING:
    from orgbox.writes import Transaction

Consequence = Callable[["Transaction", Record, Record | None], None]
_TO_PEOPLE = frozenset({"ToAddress", "CcAddress", "BccAddress"})
_MOST_SUBJECT = 255


def email_gets_its_task(tx: Transaction, email: Record, old: Record | None) -> None:
    """An email that is no draft has a Task; related to something else, it gets another one (docs/salesforce.md §4.6)."""
    if email["Status"] == DRAFT:
        return
    if old is not None and old["ActivityId"] is not None:
        if old["RelatedToId"] == email["RelatedToId"]:
            return
        tx.delete("Task", old["ActivityId"])
    related = email["RelatedToId"]
    people = related is not None and related[:3] in ("003", "00Q")
    closed = next(
        choice.value for choice in tx.state.schema("Task").by_name["Status"].picklist if choice.closed
    )
    moment = email["MessageDate"] or email["CreatedDate"]
    email["ActivityId"] = tx.insert(
        "Task",
        {
            "Subject": f"Email: {email['Subject'] or ''}"[:_MOST_SUBJECT],
            "TaskSubtype": "Email",
            "Status": closed,
            "ActivityDate": moment.date(),
            "Description": email["TextBody"] and email["TextBody"][:32_000],
            "WhoId" if people else "WhatId": related,
        },
    )


def person_joins_the_emails_task(tx: Transaction, relation: Record, old: Record | None) -> None:
    """The first person an email went to becomes the Who of its Task, if that has none."""
    person = relation["RelationId"]
    if (
        old is not None
        or person is None
        or person[:3] not in ("003", "00Q")
        or relation["RelationType"] not in _TO_PEOPLE
    ):
        return
    email = tx.look("EmailMessage", relation["EmailMessageId"])
    task = (
        tx.look("Task", email["ActivityId"])
        if email is not None and email["ActivityId"] is not None
        else None
    )
    if task is None or task["IsDeleted"] or task["WhoId"] is not None:
        return
    if not (person.startswith("00Q") and task["WhatId"] is not None):
        tx.update("Task", task["Id"], {"WhoId": person})


def series_gets_its_tasks(tx: Transaction, task: Record, old: Record | None) -> None:
    """A master has its occurrences; a task that repeats itself is made anew when it is closed (docs/salesforce.md §4.4)."""
    if task["IsRecurrence"]:
        if task["RecurrenceType"] is not None:
            _occur(tx, task, old)
    elif old is not None and task["IsClosed"] and not old["IsClosed"]:
        again = series.next_day(task, tx.state.stamp().date())
        if again is not None:
            kept = ("RecurrenceRegeneratedType", "RecurrenceInterval")
            tx.insert("Task", _copied(task, again) | {name: task[name] for name in kept})


def _occur(tx: Transaction, master: Record, old: Record | None) -> None:
    """Make the occurrences that the pattern asks for, and delete the open ones that it asks for no more.

    Another start or another pattern replaces every open occurrence; another end only adds or takes away at the end.
    """
    schema = tx.state.schema("Task")
    there = tx.children(schema, schema.by_name["RecurrenceActivityId"], master["Id"])
    live = [task for task in there if not task["IsDeleted"]]
    anew = old is not None and any(master[name] != old[name] for name in series.PATTERN)
    if old is not None and not anew and master["RecurrenceEndDateOnly"] == old["RecurrenceEndDateOnly"]:
        return
    wanted = series.days(master)
    for task in live:
        if not task["IsClosed"] and (anew or task["ActivityDate"] not in wanted):
            tx.delete("Task", task["Id"])
    last = None if old is None or anew else old["RecurrenceEndDateOnly"]
    kept = {task["ActivityDate"] for task in live if task["IsClosed"] or not anew}
    for day in wanted:
        if day not in kept and (last is None or day > last):
            tx.insert("Task", _copied(master, day), series=master["Id"])


def _copied(task: Record, day: date) -> dict[str, Any]:
    """What an occurrence takes over; its status is that of a new task."""
    return {"ActivityDate": day} | {name: task[name] for name in _COPIED if task[name] is not None}


_COPIED = (
    "Subject",
    "Priority",
    "OwnerId",
    "WhoId",
    "WhatId",
    "TaskWhoIds",
    "Description",
    "Type",
    "TaskSubtype",
)

_CONSEQUENCES: dict[str, Consequence] = {
    "ContentDocument": contents.document_tells_its_version,
    "ContentDocumentLink": contents.link_is_the_only_one,
    "ContentVersion": contents.version_gets_its_document,
    "EmailMessage": email_gets_its_task,
    "EmailMessageRelation": person_joins_the_emails_task,
    "TaskRelation": task_relations.follow_the_relation,
}


def consequence_of(tx: Transaction, sobject: str, record: Record) -> Consequence | None:
    """What follows when this version is written; nothing for nearly every row."""
    if sobject != "Task":
        return _CONSEQUENCES.get(sobject)
    is_series = record["IsRecurrence"] or record["RecurrenceRegeneratedType"] is not None
    if not task_relations.is_on(tx):
        return series_gets_its_tasks if is_series else None
    return _both if is_series else task_relations.follow_the_task


def _both(tx: Transaction, task: Record, old: Record | None) -> None:
    task_relations.follow_the_task(tx, task, old)
    series_gets_its_tasks(tx, task, old)

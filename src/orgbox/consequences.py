"""What else does Salesforce write when a row is written? The Task of an email, the occurrences of a series.

Called when a version has passed all checks and before it is put down; what is written here goes with it or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

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


CONSEQUENCES: dict[str, Consequence] = {
    "EmailMessage": email_gets_its_task,
    "EmailMessageRelation": person_joins_the_emails_task,
}

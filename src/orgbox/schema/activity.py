"""What do a Task and an Event have in common? The fields of Activity, of which both are made (Object reference: Activity).

Each object puts them in its own order, under its own name for its records' side of a relationship.
"""

from __future__ import annotations

from orgbox.schema.audit import owner, read_only
from orgbox.schema.types import Field, PicklistValue, choices


def who(children: str) -> Field:
    """Whom it is with: a person, who calls the activities `children`."""
    return _about("Who", "Name ID", ("Contact", "Lead"), children)


def what(children: str) -> Field:
    """What it is about: a record, which calls the activities `children`."""
    return _about("What", "Related To ID", ("Account", "Opportunity"), children)


def subject(*suggested: str) -> Field:
    """Its subject: any words, these are suggested."""
    return Field("Subject", "combobox", "Subject", 255, groupable=False, picklist=choices(*suggested))


def subtype(sobject: str, values: tuple[PicklistValue, ...]) -> Field:
    """Of which kind it is, said once when it is made."""
    return Field(
        f"{sobject}Subtype",
        "picklist",
        f"{sobject} Subtype",
        40,
        updateable=False,
        restricted=True,
        picklist=values,
    )


def _about(relationship: str, label: str, targets: tuple[str, ...], children: str) -> Field:
    return Field(
        f"{relationship}Id",
        "reference",
        label,
        18,
        reference_to=targets,
        relationship_name=relationship,
        child_relationship=children,
        cascade_delete=True,
    )


DUE = Field("ActivityDate", "date", "Due Date Only")
DESCRIPTION = Field(
    "Description", "textarea", "Description", 32000, filterable=False, sortable=False, groupable=False
)
#: The account of its person or record, worked out by Salesforce.
ACCOUNT = read_only(
    Field("AccountId", "reference", "Account ID", 18, reference_to=("Account",), relationship_name="Account")
)
OWNER = owner("Assigned To ID")
IS_ARCHIVED = read_only(Field("IsArchived", "boolean", "Archived", nillable=False))
REMINDER = (
    Field("ReminderDateTime", "datetime", "Reminder Date/Time"),
    Field("IsReminderSet", "boolean", "Reminder Set", nillable=False),
)

"""What is a Task? Types, lengths and who may write what, as docs/salesforce.md §4.1 has them."""

from __future__ import annotations

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, owner, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

STATUS = (
    PicklistValue("Not Started", default=True),
    PicklistValue("In Progress"),
    PicklistValue("Completed", closed=True),
    PicklistValue("Waiting on someone else"),
    PicklistValue("Deferred"),
)
PRIORITY = (
    PicklistValue("High", high=True),
    PicklistValue("Normal", default=True),
    PicklistValue("Low"),
)


def _values(*names: str) -> tuple[PicklistValue, ...]:
    return tuple(PicklistValue(name) for name in names)


_RECURRENCE = (
    Field("RecurrenceStartDateOnly", "date", "Recurrence Start"),
    Field("RecurrenceEndDateOnly", "date", "Recurrence End"),
    Field(
        "RecurrenceTimeZoneSidKey",
        "picklist",
        "Recurrence Time Zone",
        40,
    ),
    Field(
        "RecurrenceType",
        "picklist",
        "Recurrence Type",
        40,
        restricted=True,
        picklist=_values(
            "RecursDaily",
            "RecursEveryWeekday",
            "RecursMonthly",
            "RecursMonthlyNth",
            "RecursWeekly",
            "RecursYearly",
            "RecursYearlyNth",
        ),
    ),
    Field("RecurrenceInterval", "int", "Recurrence Interval", digits=9),
    Field("RecurrenceDayOfWeekMask", "int", "Recurrence Day of Week Mask", digits=9),
    Field("RecurrenceDayOfMonth", "int", "Recurrence Day of Month", digits=9),
    Field(
        "RecurrenceInstance",
        "picklist",
        "Recurrence Instance",
        40,
        restricted=True,
        picklist=_values("First", "Second", "Third", "Fourth", "Last"),
    ),
    Field(
        "RecurrenceMonthOfYear",
        "picklist",
        "Recurrence Month of Year",
        40,
        restricted=True,
        picklist=_values(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
    ),
    Field(
        "RecurrenceRegeneratedType",
        "picklist",
        "Repeat This Task",
        40,
        restricted=True,
        picklist=_values(
            "RecurrenceRegenerateAfterDueDate", "RecurrenceRegenerateAfterToday", "RecurrenceRegenerated"
        ),
    ),
)

TASK = ObjectSchema(
    name="Task",
    key_prefix="00T",
    label="Task",
    label_plural="Tasks",
    name_field="Subject",
    fields=(
        ID,
        Field(
            "WhoId",
            "reference",
            "Name ID",
            18,
            reference_to=("Contact", "Lead"),
            relationship_name="Who",
            child_relationship="Tasks",
            cascade_delete=True,
        ),
        Field(
            "WhatId",
            "reference",
            "Related To ID",
            18,
            reference_to=("Account", "Opportunity"),
            relationship_name="What",
            child_relationship="Tasks",
            cascade_delete=True,
        ),
        Field(
            "Subject",
            "combobox",
            "Subject",
            255,
            groupable=False,
            picklist=_values("Call", "Email", "Send Letter", "Send Quote", "Other"),
        ),
        Field("ActivityDate", "date", "Due Date Only"),
        Field("Status", "picklist", "Status", 255, nillable=False, picklist=STATUS),
        Field("Priority", "picklist", "Priority", 20, nillable=False, picklist=PRIORITY),
        read_only(Field("IsHighPriority", "boolean", "High Priority", nillable=False)),
        owner("Assigned To ID"),
        Field(
            "Description", "textarea", "Description", 32000, filterable=False, sortable=False, groupable=False
        ),
        Field("Type", "picklist", "Type", 40, picklist=_values("Call", "Email", "Meeting", "Other")),
        IS_DELETED,
        read_only(
            Field(
                "AccountId",
                "reference",
                "Account ID",
                18,
                reference_to=("Account",),
                relationship_name="Account",
            )
        ),
        read_only(Field("IsClosed", "boolean", "Closed", nillable=False)),
        *STAMPS,
        read_only(Field("IsArchived", "boolean", "Archived", nillable=False)),
        Field("IsVisibleInSelfService", "boolean", "Public", nillable=False),
        Field("CallDurationInSeconds", "int", "Call Duration", digits=8),
        Field(
            "CallType",
            "picklist",
            "Call Type",
            40,
            restricted=True,
            picklist=_values("Internal", "Inbound", "Outbound"),
        ),
        Field("CallDisposition", "string", "Call Result", 255),
        Field("CallObject", "string", "Call Object Identifier", 255),
        Field("ReminderDateTime", "datetime", "Reminder Date/Time"),
        Field("IsReminderSet", "boolean", "Reminder Set", nillable=False),
        read_only(
            Field(
                "RecurrenceActivityId",
                "reference",
                "Recurrence Activity ID",
                18,
                reference_to=("Task",),
                relationship_name="RecurrenceActivity",
                child_relationship="RecurringTasks",
                cascade_delete=True,
            )
        ),
        Field(
            "IsRecurrence", "boolean", "Create Recurring Series of Tasks", nillable=False, updateable=False
        ),
        *_RECURRENCE,
        Field(
            "TaskSubtype",
            "picklist",
            "Task Subtype",
            40,
            updateable=False,
            restricted=True,
            picklist=(
                PicklistValue("Task", default=True),
                *_values("Email", "ListEmail", "Call", "LinkedIn"),
            ),
        ),
        read_only(Field("CompletedDateTime", "datetime", "Completed Date/Time")),
    ),
)

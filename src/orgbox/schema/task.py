"""What is a Task? Types, lengths and who may write what, as docs/salesforce.md §4.1 has them.

The fields that an Event has too stand in activity.py.
"""

from __future__ import annotations

from orgbox.schema import activity
from orgbox.schema.audit import ID, IS_DELETED, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue, choices

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
        picklist=choices(
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
        picklist=choices("First", "Second", "Third", "Fourth", "Last"),
    ),
    Field(
        "RecurrenceMonthOfYear",
        "picklist",
        "Recurrence Month of Year",
        40,
        restricted=True,
        picklist=choices(
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
        picklist=choices(
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
        activity.who("Tasks"),
        activity.what("Tasks"),
        activity.subject("Call", "Email", "Send Letter", "Send Quote", "Other"),
        activity.DUE,
        Field("Status", "picklist", "Status", 255, nillable=False, picklist=STATUS),
        Field("Priority", "picklist", "Priority", 20, nillable=False, picklist=PRIORITY),
        read_only(Field("IsHighPriority", "boolean", "High Priority", nillable=False)),
        activity.OWNER,
        activity.DESCRIPTION,
        Field("Type", "picklist", "Type", 40, picklist=choices("Call", "Email", "Meeting", "Other")),
        IS_DELETED,
        activity.ACCOUNT,
        read_only(Field("IsClosed", "boolean", "Closed", nillable=False)),
        *STAMPS,
        activity.IS_ARCHIVED,
        Field("IsVisibleInSelfService", "boolean", "Public", nillable=False),
        Field("CallDurationInSeconds", "int", "Call Duration", digits=8),
        Field(
            "CallType",
            "picklist",
            "Call Type",
            40,
            restricted=True,
            picklist=choices("Internal", "Inbound", "Outbound"),
        ),
        Field("CallDisposition", "string", "Call Result", 255),
        Field("CallObject", "string", "Call Object Identifier", 255),
        *activity.REMINDER,
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
        activity.subtype(
            "Task", (PicklistValue("Task", default=True), *choices("Email", "ListEmail", "Call", "LinkedIn"))
        ),
        read_only(Field("CompletedDateTime", "datetime", "Completed Date/Time")),
    ),
)

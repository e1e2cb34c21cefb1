"""What is an Event? A meeting in a user's calendar, with the custom fields that a Task has (Object reference: Event).

The standard fields that a Task has too stand in activity.py.
Series of events, invitees and calendars that are no user's are not here.
"""

from __future__ import annotations

from orgbox.schema import activity
from orgbox.schema.audit import ID, IS_DELETED, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue, choices

EVENT = ObjectSchema(
    name="Event",
    key_prefix="00U",
    label="Event",
    label_plural="Events",
    name_field="Subject",
    fields=(
        ID,
        activity.who("Events"),
        activity.what("Events"),
        activity.subject("Call", "Email", "Meeting", "Send Letter/Quote", "Other"),
        Field("Location", "string", "Location", 255),
        Field("IsAllDayEvent", "boolean", "All-Day Event", nillable=False),
        Field("ActivityDateTime", "datetime", "Due Date Time"),
        activity.DUE,
        Field("DurationInMinutes", "int", "Duration", digits=8),
        Field("StartDateTime", "datetime", "Start Date Time"),
        Field("EndDateTime", "datetime", "End Date Time"),
        read_only(Field("EndDate", "date", "End Date")),
        activity.DESCRIPTION,
        activity.ACCOUNT,
        activity.OWNER,
        Field("IsPrivate", "boolean", "Private", nillable=False),
        Field(
            "ShowAs",
            "picklist",
            "Show Time As",
            40,
            restricted=True,
            picklist=(
                PicklistValue("Busy", default=True),
                PicklistValue("OutOfOffice"),
                PicklistValue("Free"),
            ),
        ),
        IS_DELETED,
        read_only(Field("IsChild", "boolean", "Is Child", nillable=False)),
        read_only(Field("IsGroupEvent", "boolean", "Is Group Event", nillable=False)),
        read_only(
            Field(
                "GroupEventType",
                "picklist",
                "Group Event Type",
                40,
                restricted=True,
                picklist=(PicklistValue("0", default=True), *choices("1", "2", "3")),
            )
        ),
        *STAMPS,
        activity.IS_ARCHIVED,
        *activity.REMINDER,
        activity.subtype("Event", choices("Event")),
    ),
)

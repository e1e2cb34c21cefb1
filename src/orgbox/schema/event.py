"""What is an Event? A meeting in a user's calendar, with the custom fields that a Task has (Object reference: Event).

Series of events, invitees and calendars that are no user's are not here.
"""

from __future__ import annotations

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, owner, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

EVENT = ObjectSchema(
    name="Event",
    key_prefix="00U",
    label="Event",
    label_plural="Events",
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
            child_relationship="Events",
            cascade_delete=True,
        ),
        Field(
            "WhatId",
            "reference",
            "Related To ID",
            18,
            reference_to=("Account", "Opportunity"),
            relationship_name="What",
            child_relationship="Events",
            cascade_delete=True,
        ),
        Field(
            "Subject",
            "combobox",
            "Subject",
            255,
            groupable=False,
            picklist=tuple(
                PicklistValue(value) for value in ("Call", "Email", "Meeting", "Send Letter/Quote", "Other")
            ),
        ),
        Field("Location", "string", "Location", 255),
        Field("IsAllDayEvent", "boolean", "All-Day Event", nillable=False),
        Field("ActivityDateTime", "datetime", "Due Date Time"),
        Field("ActivityDate", "date", "Due Date Only"),
        Field("DurationInMinutes", "int", "Duration", digits=8),
        Field("StartDateTime", "datetime", "Start Date Time"),
        Field("EndDateTime", "datetime", "End Date Time"),
        read_only(Field("EndDate", "date", "End Date")),
        Field(
            "Description", "textarea", "Description", 32000, filterable=False, sortable=False, groupable=False
        ),
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
        owner("Assigned To ID"),
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
                picklist=(PicklistValue("0", default=True), *(PicklistValue(value) for value in "123")),
            )
        ),
        *STAMPS,
        read_only(Field("IsArchived", "boolean", "Archived", nillable=False)),
        Field("ReminderDateTime", "datetime", "Reminder Date/Time"),
        Field("IsReminderSet", "boolean", "Reminder Set", nillable=False),
        Field(
            "EventSubtype",
            "picklist",
            "Event Subtype",
            40,
            updateable=False,
            restricted=True,
            picklist=(PicklistValue("Event"),),
        ),
    ),
)

"""What is an email that is kept as a record? EmailMessage and whom it names (Object reference: EmailMessage, docs/salesforce.md §4.6)."""

from __future__ import annotations

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

SENT, DRAFT = "3", "5"
STATUSES = {"0": "New", "1": "Read", "2": "Replied", SENT: "Sent", "4": "Forwarded", DRAFT: "Draft"}


def _long(name: str, label: str, length: int) -> Field:
    return Field(name, "textarea", label, length, filterable=False, sortable=False, groupable=False)


EMAIL_MESSAGE = ObjectSchema(
    name="EmailMessage",
    key_prefix="02s",
    label="Email Message",
    label_plural="Email Messages",
    name_field="Subject",
    fields=(
        ID,
        read_only(
            Field(
                "ActivityId",
                "reference",
                "Activity ID",
                18,
                reference_to=("Task",),
                relationship_name="Activity",
                child_relationship="EmailMessages",
            )
        ),
        Field(
            "RelatedToId",
            "reference",
            "Related To ID",
            18,
            reference_to=("Account", "Contact", "Lead", "Opportunity"),
            relationship_name="RelatedTo",
            child_relationship="Emails",
        ),
        Field(
            "ReplyToEmailMessageId",
            "reference",
            "Email Message ID",
            18,
            reference_to=("EmailMessage",),
            relationship_name="ReplyToEmailMessage",
        ),
        Field("Subject", "string", "Subject", 3000, groupable=False),
        _long("TextBody", "Text Body", 131072),
        _long("HtmlBody", "HTML Body", 131072),
        _long("Headers", "Headers", 32000),
        Field("FromName", "string", "From Name", 1000, groupable=False),
        Field("FromAddress", "string", "From Address", 1000, groupable=False),
        Field("ToAddress", "string", "To Address", 4000, groupable=False),
        Field("CcAddress", "string", "CC Address", 4000, groupable=False),
        Field("BccAddress", "string", "BCC Address", 4000, groupable=False),
        Field("Incoming", "boolean", "Is Incoming", nillable=False),
        read_only(Field("HasAttachment", "boolean", "Has Attachment", nillable=False)),
        Field(
            "Status",
            "picklist",
            "Status",
            40,
            nillable=False,
            restricted=True,
            picklist=tuple(PicklistValue(value, default=value == SENT) for value in STATUSES),
        ),
        Field("MessageDate", "datetime", "Message Date"),
        Field("IsExternallyVisible", "boolean", "Is Externally Visible", nillable=False),
        Field("IsClientManaged", "boolean", "Is Client Managed", nillable=False, updateable=False),
        Field("MessageIdentifier", "string", "Message ID", 765, external_id=True),
        Field("ThreadIdentifier", "string", "Thread ID", 765, external_id=True),
        Field("ClientThreadIdentifier", "string", "Client Thread ID", 765),
        Field("IsTracked", "boolean", "Is Tracked", nillable=False),
        read_only(Field("IsBounced", "boolean", "Is Bounced", nillable=False)),
        IS_DELETED,
        *STAMPS,
    ),
)

EMAIL_MESSAGE_RELATION = ObjectSchema(
    name="EmailMessageRelation",
    key_prefix="0ED",
    label="Email Message Relation",
    label_plural="Email Message Relations",
    name_field="Id",
    fields=(
        ID,
        Field(
            "EmailMessageId",
            "reference",
            "Email Message ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=("EmailMessage",),
            relationship_name="EmailMessage",
            child_relationship="EmailMessageRelations",
            cascade_delete=True,
        ),
        Field(
            "RelationId",
            "reference",
            "Relation ID",
            18,
            reference_to=("Contact", "Lead", "User"),
            relationship_name="Relation",
            child_relationship="EmailMessageRelations",
        ),
        Field(
            "RelationType",
            "picklist",
            "Relation Type",
            40,
            nillable=False,
            updateable=False,
            restricted=True,
            picklist=tuple(PicklistValue(f"{kind}Address") for kind in ("To", "Cc", "Bcc", "From", "Other")),
        ),
        Field("RelationAddress", "string", "Relation Address", 4000, updateable=False, groupable=False),
        IS_DELETED,
        *STAMPS,
    ),
)

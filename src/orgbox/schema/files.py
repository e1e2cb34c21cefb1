"""What are files in an org? Content with its versions and links, and the older Attachment and Document (Object reference)."""

from __future__ import annotations

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, owner, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

_RECORDS = ("Account", "Contact", "Event", "EmailMessage", "Lead", "Opportunity", "Task")


def _bytes(name: str, label: str) -> Field:
    """What a file holds: base64 in JSON going in, an address to read it from coming out."""
    return Field(name, "base64", label, nillable=False, filterable=False, sortable=False, groupable=False)


def _long(name: str, label: str, length: int) -> Field:
    return Field(name, "textarea", label, length, filterable=False, sortable=False, groupable=False)


_OF_THE_LATEST_VERSION = (
    Field("Title", "string", "Title", 255),
    _long("Description", "Description", 1000),
)
_KIND = (
    read_only(Field("FileType", "string", "File Type", 20)),
    read_only(Field("FileExtension", "string", "File Extension", 40)),
    read_only(Field("ContentSize", "int", "Size", digits=9)),
)

CONTENT_DOCUMENT = ObjectSchema(
    name="ContentDocument",
    key_prefix="069",
    label="Content Document",
    label_plural="Content Documents",
    name_field="Title",
    createable=False,
    fields=(
        ID,
        *_OF_THE_LATEST_VERSION,
        *_KIND,
        read_only(
            Field(
                "LatestPublishedVersionId",
                "reference",
                "Latest Published Version ID",
                18,
                reference_to=("ContentVersion",),
                relationship_name="LatestPublishedVersion",
            )
        ),
        owner("Owner ID"),
        IS_DELETED,
        *STAMPS,
    ),
)

CONTENT_VERSION = ObjectSchema(
    name="ContentVersion",
    key_prefix="068",
    label="Content Version",
    label_plural="Content Versions",
    name_field="Title",
    deletable=False,
    fields=(
        ID,
        Field(
            "ContentDocumentId",
            "reference",
            "ContentDocument ID",
            18,
            updateable=False,
            reference_to=("ContentDocument",),
            relationship_name="ContentDocument",
            child_relationship="ContentVersions",
            cascade_delete=True,
        ),
        read_only(Field("IsLatest", "boolean", "Is Latest", nillable=False)),
        read_only(Field("VersionNumber", "string", "Version Number", 20)),
        *_OF_THE_LATEST_VERSION,
        Field("PathOnClient", "string", "Path On Client", 500, nillable=False, updateable=False),
        Field("ReasonForChange", "string", "Reason For Change", 1000),
        *_KIND,
        read_only(Field("Checksum", "string", "Checksum", 50)),
        _bytes("VersionData", "Version Data"),
        Field(
            "FirstPublishLocationId",
            "reference",
            "First Publish Location ID",
            18,
            updateable=False,
            reference_to=(*_RECORDS, "User"),
            relationship_name="FirstPublishLocation",
        ),
        Field(
            "Origin",
            "picklist",
            "Content Origin",
            40,
            updateable=False,
            restricted=True,
            picklist=(PicklistValue("C", default=True), PicklistValue("H")),
        ),
        owner("Owner ID"),
        IS_DELETED,
        *STAMPS,
    ),
)

CONTENT_DOCUMENT_LINK = ObjectSchema(
    name="ContentDocumentLink",
    key_prefix="06A",
    label="Content Document Link",
    label_plural="Content Document Link",
    name_field="Id",
    fields=(
        ID,
        Field(
            "LinkedEntityId",
            "reference",
            "Linked Entity ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=(*_RECORDS, "User"),
            relationship_name="LinkedEntity",
            child_relationship="ContentDocumentLinks",
            cascade_delete=True,
        ),
        Field(
            "ContentDocumentId",
            "reference",
            "ContentDocument ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=("ContentDocument",),
            relationship_name="ContentDocument",
            child_relationship="ContentDocumentLinks",
            cascade_delete=True,
        ),
        Field(
            "ShareType",
            "picklist",
            "Share Type",
            40,
            nillable=False,
            restricted=True,
            picklist=(PicklistValue("V", default=True), PicklistValue("C"), PicklistValue("I")),
        ),
        Field(
            "Visibility",
            "picklist",
            "Visibility",
            40,
            restricted=True,
            picklist=(
                PicklistValue("AllUsers", default=True),
                PicklistValue("InternalUsers"),
                PicklistValue("SharedUsers"),
            ),
        ),
        IS_DELETED,
        read_only(Field("SystemModstamp", "datetime", "System Modstamp", nillable=False)),
    ),
)

ATTACHMENT = ObjectSchema(
    name="Attachment",
    key_prefix="00P",
    label="Attachment",
    label_plural="Attachments",
    fields=(
        ID,
        Field(
            "ParentId",
            "reference",
            "Parent ID",
            18,
            nillable=False,
            reference_to=_RECORDS,
            relationship_name="Parent",
            child_relationship="Attachments",
            cascade_delete=True,
        ),
        Field("Name", "string", "File Name", 255, nillable=False),
        Field("IsPrivate", "boolean", "Private", nillable=False),
        Field("ContentType", "string", "Content Type", 120),
        read_only(Field("BodyLength", "int", "Body Length", digits=9)),
        _bytes("Body", "Body"),
        Field("Description", "string", "Description", 500),
        owner("Owner ID"),
        IS_DELETED,
        *STAMPS,
    ),
)

DOCUMENT = ObjectSchema(
    name="Document",
    key_prefix="015",
    label="Document",
    label_plural="Documents",
    fields=(
        ID,
        Field(
            "FolderId",
            "reference",
            "Folder ID",
            18,
            nillable=False,
            reference_to=("User",),  # each user's own documents; other folders are not here
            relationship_name="Folder",
        ),
        Field("Name", "string", "Document Name", 255, nillable=False),
        Field("DeveloperName", "string", "Document Unique Name", 80),
        Field("ContentType", "string", "MIME Type", 120),
        Field("Type", "string", "File Extension", 40),
        Field("IsPublic", "boolean", "Externally Available", nillable=False),
        read_only(Field("BodyLength", "int", "Body Length", digits=9)),
        _bytes("Body", "Body"),
        Field("Description", "string", "Description", 255),
        Field("Keywords", "string", "Keywords", 255),
        IS_DELETED,
        *STAMPS,
    ),
)

FILES = (ATTACHMENT, CONTENT_DOCUMENT, CONTENT_DOCUMENT_LINK, CONTENT_VERSION, DOCUMENT)

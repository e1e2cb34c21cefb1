"""Which fields does every record carry, whatever it is?"""

from __future__ import annotations

from dataclasses import replace

from orgbox.schema.types import Field

ID = Field("Id", "id", "Record ID", 18, nillable=False, createable=False, updateable=False, default=None)
IS_DELETED = Field("IsDeleted", "boolean", "Deleted", nillable=False, createable=False, updateable=False)


def read_only(description: Field) -> Field:
    """The same field, written by Salesforce alone."""
    return replace(description, createable=False, updateable=False)


def owner(label: str) -> Field:
    """OwnerId: the user who does the work; the writer, unless somebody else is named."""
    return Field(
        "OwnerId", "reference", label, 18, nillable=False, reference_to=("User",), relationship_name="Owner"
    )


STAMPS: tuple[Field, ...] = (
    read_only(Field("CreatedDate", "datetime", "Created Date", nillable=False)),
    read_only(
        Field(
            "CreatedById",
            "reference",
            "Created By ID",
            18,
            nillable=False,
            reference_to=("User",),
            relationship_name="CreatedBy",
        )
    ),
    read_only(Field("LastModifiedDate", "datetime", "Last Modified Date", nillable=False)),
    read_only(
        Field(
            "LastModifiedById",
            "reference",
            "Last Modified By ID",
            18,
            nillable=False,
            reference_to=("User",),
            relationship_name="LastModifiedBy",
        )
    ),
    read_only(Field("SystemModstamp", "datetime", "System Modstamp", nillable=False)),
)

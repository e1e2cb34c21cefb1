"""Who works in the org, and what the org says about itself: User and Organization."""

from __future__ import annotations

from orgbox.schema.audit import ID, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema

USER = ObjectSchema(
    name="User",
    key_prefix="005",
    label="User",
    label_plural="Users",
    deletable=False,
    fields=(
        ID,
        Field("Username", "string", "Username", 80, nillable=False, unique=True),
        Field("LastName", "string", "Last Name", 80, nillable=False),
        Field("FirstName", "string", "First Name", 40),
        read_only(Field("Name", "string", "Full Name", 121, nillable=False)),
        Field("Alias", "string", "Alias", 8),
        Field("Email", "email", "Email", 128, nillable=False),
        Field("Phone", "phone", "Phone", 40),
        Field("Title", "string", "Title", 80),
        Field("Department", "string", "Department", 80),
        Field("IsActive", "boolean", "Active", nillable=False, default=True),
        Field("TimeZoneSidKey", "picklist", "Time Zone", 40, nillable=False, default="America/Los_Angeles"),
        Field("LocaleSidKey", "picklist", "Locale", 40, nillable=False, default="en_US"),
        Field("LanguageLocaleKey", "picklist", "Language", 40, nillable=False, default="en_US"),
        read_only(Field("UserType", "picklist", "User Type", 40, default="Standard")),
        *STAMPS,
    ),
)

ORGANIZATION = ObjectSchema(
    name="Organization",
    key_prefix="00D",
    label="Organization",
    label_plural="Organizations",
    createable=False,
    updateable=False,
    deletable=False,
    replicateable=False,
    fields=tuple(
        read_only(described)
        for described in (
            ID,
            Field("Name", "string", "Name", 80, nillable=False),
            Field("OrganizationType", "picklist", "Edition", 40),
            Field("IsSandbox", "boolean", "Is Sandbox", nillable=False),
            Field("InstanceName", "string", "Instance Name", 5),
            Field("NamespacePrefix", "string", "Namespace Prefix", 15),
            Field("TrialExpirationDate", "datetime", "Trial Expiration Date"),
            Field("TimeZoneSidKey", "picklist", "Time Zone", 40),
            Field("DefaultLocaleSidKey", "picklist", "Locale", 40),
            Field("LanguageLocaleKey", "picklist", "Language", 40),
            *STAMPS,
        )
    ),
)

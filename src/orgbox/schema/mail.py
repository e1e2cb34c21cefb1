"""Where does mail for the org go? The services that take it in, and their addresses (Salesforce Help: "Email to Salesforce")."""

from __future__ import annotations

from orgbox.schema.audit import ID, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

EMAIL_SERVICES_FUNCTION = ObjectSchema(
    name="EmailServicesFunction",
    key_prefix="091",
    label="Email Service",
    label_plural="Email Services",
    createable=False,
    updateable=False,
    deletable=False,
    replicateable=False,
    name_field="FunctionName",
    fields=tuple(
        read_only(described)
        for described in (
            ID,
            Field("FunctionName", "string", "Email Service Name", 64, nillable=False),
            Field("IsActive", "boolean", "Active", nillable=False, default=True),
            Field(
                "AuthorizedSenders", "textarea", "Accept Email From", 4000, filterable=False, groupable=False
            ),
            Field("IsAuthenticationRequired", "boolean", "Advanced Email Security Settings", nillable=False),
            Field(
                "AuthorizationFailureAction",
                "picklist",
                "Unauthorized Sender Action",
                40,
                nillable=False,
                picklist=(
                    PicklistValue("UseSystemDefault"),
                    PicklistValue("Bounce", default=True),
                    PicklistValue("Discard"),
                    PicklistValue("Requeue"),
                ),
            ),
            *STAMPS,
        )
    ),
)

EMAIL_SERVICES_ADDRESS = ObjectSchema(
    name="EmailServicesAddress",
    key_prefix="093",
    label="Email Services Address",
    label_plural="Email Services Addresses",
    createable=False,
    deletable=False,
    replicateable=False,
    name_field="LocalPart",
    fields=(
        ID,
        Field("IsActive", "boolean", "Active", nillable=False, default=True),
        read_only(Field("LocalPart", "string", "Email address", 64, nillable=False)),
        read_only(Field("EmailDomainName", "string", "Email Address Domain", 255)),
        Field("AuthorizedSenders", "textarea", "Accept Email From", 4000),
        read_only(
            Field(
                "RunAsUserId",
                "reference",
                "Context User ID",
                18,
                nillable=False,
                reference_to=("User",),
                relationship_name="RunAsUser",
            )
        ),
        read_only(
            Field(
                "FunctionId",
                "reference",
                "Email Service ID",
                18,
                nillable=False,
                reference_to=("EmailServicesFunction",),
                relationship_name="Function",
                child_relationship="Addresses",
            )
        ),
        *STAMPS,
    ),
)

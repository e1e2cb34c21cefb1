"""Whom is sold to, and what: Account, Contact, Lead, Opportunity and OpportunityContactRole."""

from __future__ import annotations

from dataclasses import replace

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, owner, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue, choices

_SOURCES = choices("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")


def _long_text(label: str = "Description") -> Field:
    return Field("Description", "textarea", label, 32000, filterable=False, sortable=False, groupable=False)


_SALUTATIONS = choices("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx.")
_BOUNCED = (
    Field("EmailBouncedReason", "string", "Email Bounced Reason", 255),
    Field("EmailBouncedDate", "datetime", "Email Bounced Date"),
)


def _names(nillable_last: bool = False) -> tuple[Field, ...]:
    return (
        Field("LastName", "string", "Last Name", 80, nillable=nillable_last),
        Field("FirstName", "string", "First Name", 40),
        Field("Salutation", "picklist", "Salutation", 40, picklist=_SALUTATIONS),
        read_only(Field("Name", "string", "Full Name", 121, nillable=False)),
    )


def _account(children: str) -> Field:
    return Field(
        "AccountId",
        "reference",
        "Account ID",
        18,
        reference_to=("Account",),
        relationship_name="Account",
        child_relationship=children,
        cascade_delete=True,
    )


def _merged_into(sobject: str) -> Field:
    return read_only(
        Field(
            "MasterRecordId",
            "reference",
            "Master Record ID",
            18,
            reference_to=(sobject,),
            relationship_name="MasterRecord",
        )
    )


def _converted_to(name: str, target: str) -> Field:
    relationship = name.removesuffix("Id")
    label = f"Converted {target} ID"
    return read_only(
        Field(name, "reference", label, 18, reference_to=(target,), relationship_name=relationship)
    )


ACCOUNT = ObjectSchema(
    name="Account",
    key_prefix="001",
    label="Account",
    label_plural="Accounts",
    fields=(
        ID,
        IS_DELETED,
        _merged_into("Account"),
        Field("Name", "string", "Account Name", 255, nillable=False),
        Field(
            "Type",
            "picklist",
            "Account Type",
            40,
            picklist=(PicklistValue("Customer"), PicklistValue("Prospect")),
        ),
        Field(
            "ParentId",
            "reference",
            "Parent Account ID",
            18,
            reference_to=("Account",),
            relationship_name="Parent",
            child_relationship="ChildAccounts",
        ),
        Field("Phone", "phone", "Account Phone", 40),
        Field("Website", "url", "Website", 255),
        Field("Industry", "picklist", "Industry", 40),
        Field("BillingCity", "string", "Billing City", 40),
        Field("BillingCountry", "string", "Billing Country", 80),
        Field("AnnualRevenue", "currency", "Annual Revenue", digits=18),
        Field("NumberOfEmployees", "int", "Employees", digits=8),
        _long_text("Account Description"),
        owner("Owner ID"),
        *STAMPS,
    ),
)

CONTACT = ObjectSchema(
    name="Contact",
    key_prefix="003",
    label="Contact",
    label_plural="Contacts",
    fields=(
        ID,
        IS_DELETED,
        _merged_into("Contact"),
        _account("Contacts"),
        *_names(),
        Field("Email", "email", "Email", 80),
        Field("Phone", "phone", "Business Phone", 40),
        Field("MobilePhone", "phone", "Mobile Phone", 40),
        Field("Title", "string", "Title", 128),
        Field("Department", "string", "Department", 80),
        Field(
            "ReportsToId",
            "reference",
            "Reports To ID",
            18,
            reference_to=("Contact",),
            relationship_name="ReportsTo",
        ),
        Field("MailingCity", "string", "Mailing City", 40),
        Field("MailingCountry", "string", "Mailing Country", 80),
        Field("LeadSource", "picklist", "Lead Source", 255, picklist=_SOURCES),
        Field("HasOptedOutOfEmail", "boolean", "Email Opt Out", nillable=False),
        Field("DoNotCall", "boolean", "Do Not Call", nillable=False),
        *_BOUNCED,
        _long_text("Contact Description"),
        owner("Owner ID"),
        *STAMPS,
    ),
)

LEAD = ObjectSchema(
    name="Lead",
    key_prefix="00Q",
    label="Lead",
    label_plural="Leads",
    fields=(
        ID,
        IS_DELETED,
        _merged_into("Lead"),
        *_names(),
        Field("Company", "string", "Company", 255, nillable=False),
        Field("Website", "url", "Website", 255),
        Field("Industry", "picklist", "Industry", 255),
        Field("Email", "email", "Email", 80),
        Field("Phone", "phone", "Phone", 40),
        Field("MobilePhone", "phone", "Mobile Phone", 40),
        Field("Title", "string", "Title", 128),
        Field("City", "string", "City", 40),
        Field("Country", "string", "Country", 80),
        Field("LeadSource", "picklist", "Lead Source", 255, picklist=_SOURCES),
        Field(
            "Status",
            "picklist",
            "Status",
            255,
            nillable=False,
            picklist=(
                PicklistValue("Open - Not Contacted", default=True),
                PicklistValue("Working - Contacted"),
                PicklistValue("Closed - Converted", closed=True),
                PicklistValue("Closed - Not Converted", closed=True),
            ),
        ),
        Field("HasOptedOutOfEmail", "boolean", "Email Opt Out", nillable=False),
        Field("DoNotCall", "boolean", "Do Not Call", nillable=False),
        *(replace(field, createable=False) for field in _BOUNCED),
        _long_text(),
        owner("Owner ID"),
        read_only(Field("IsConverted", "boolean", "Converted", nillable=False)),
        read_only(Field("ConvertedDate", "date", "Converted Date")),
        _converted_to("ConvertedAccountId", "Account"),
        _converted_to("ConvertedContactId", "Contact"),
        _converted_to("ConvertedOpportunityId", "Opportunity"),
        *STAMPS,
    ),
)

OPPORTUNITY = ObjectSchema(
    name="Opportunity",
    key_prefix="006",
    label="Opportunity",
    label_plural="Opportunities",
    fields=(
        ID,
        IS_DELETED,
        _account("Opportunities"),
        Field("Name", "string", "Name", 120, nillable=False),
        Field(
            "StageName",
            "picklist",
            "Stage",
            255,
            nillable=False,
            picklist=(
                PicklistValue("Prospecting"),
                PicklistValue("Qualification"),
                PicklistValue("Proposal/Price Quote"),
                PicklistValue("Negotiation/Review"),
                PicklistValue("Closed Won", closed=True, won=True),
                PicklistValue("Closed Lost", closed=True),
            ),
        ),
        Field("CloseDate", "date", "Close Date", nillable=False),
        Field("Amount", "currency", "Amount", digits=18, scale=2),
        Field("Type", "picklist", "Opportunity Type", 255),
        Field("LeadSource", "picklist", "Lead Source", 255, picklist=_SOURCES),
        read_only(Field("IsClosed", "boolean", "Closed", nillable=False)),
        read_only(Field("IsWon", "boolean", "Won", nillable=False)),
        _long_text(),
        owner("Owner ID"),
        *STAMPS,
    ),
)

OPPORTUNITY_CONTACT_ROLE = ObjectSchema(
    name="OpportunityContactRole",
    key_prefix="00K",
    label="Opportunity Contact Role",
    label_plural="Opportunity Contact Role",
    name_field="Id",
    fields=(
        ID,
        Field(
            "OpportunityId",
            "reference",
            "Opportunity ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=("Opportunity",),
            relationship_name="Opportunity",
            child_relationship="OpportunityContactRoles",
            cascade_delete=True,
        ),
        Field(
            "ContactId",
            "reference",
            "Contact ID",
            18,
            nillable=False,
            reference_to=("Contact",),
            relationship_name="Contact",
            child_relationship="OpportunityContactRoles",
            cascade_delete=True,
        ),
        Field("Role", "picklist", "Role", 40),
        Field("IsPrimary", "boolean", "Primary", nillable=False),
        *STAMPS,
        IS_DELETED,
    ),
)

"""What does the org say about a field? The 57 words of a field in sObject Describe (docs/salesforce.md §2.3)."""

from __future__ import annotations

from typing import Any

from orgbox.schema.types import Field, ObjectSchema

_SOAP_TYPES = {
    "base64": "xsd:base64Binary",
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "id": "tns:ID",
    "int": "xsd:int",
    "percent": "xsd:double",
    "reference": "tns:ID",
}
_NAME_PARTS = frozenset({"FirstName", "LastName", "Salutation"})
_SYSTEM = frozenset(
    {
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
)
# The parts of a compound field, by the field that they make up.
_COMPOUNDS = {
    "Account": {"BillingCity": "BillingAddress", "BillingCountry": "BillingAddress", "Name": "Name"},
    "Contact": {"MailingCity": "MailingAddress", "MailingCountry": "MailingAddress"},
    "Lead": {"City": "Address", "Country": "Address"},
}
# What nobody's field-level security hides: the parts of a name, the dates of a series, and what Salesforce fills in.
_NOT_PERMISSIONABLE = _NAME_PARTS | frozenset(
    {
        "ActivityDate",
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedDate",
        "ConvertedOpportunityId",
        "EmailBouncedDate",
        "EmailBouncedReason",
        "MasterRecordId",
        "Subject",
    }
)
_WHOLLY_OPEN = frozenset({"OpportunityContactRole"})
# An event's times and what Salesforce makes of them belong to the page as a whole; whether it takes all day does not.
_NOT_PERMISSIONABLE_OF_AN_EVENT = frozenset(
    {
        "AccountId",
        "ActivityDateTime",
        "DurationInMinutes",
        "EndDate",
        "EndDateTime",
        "EventSubtype",
        "GroupEventType",
        "ReminderDateTime",
        "ShowAs",
        "StartDateTime",
    }
)
_ACTIVITIES = frozenset({"Event", "Task"})
_NUMBERS = frozenset({"currency", "double", "percent"})
_PREFILTERED = frozenset({"Account", "Contact", "Opportunity"})

# What no field of this org is or has.
_SAME_FOR_ALL: dict[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def field_json(schema: ObjectSchema, field: Field) -> dict[str, Any]:
    """One field of an sObject's describe."""
    polymorphic = len(field.reference_to) > 1
    numbered = field.digits if field.type in _NUMBERS else 0
    return _SAME_FOR_ALL | {
        "aggregatable": field.filterable and field.type != "boolean" and field.name != "ActivityDate",
        "byteLength": field.length * (1 if field.type in ("id", "reference") else 3),
        "cascadeDelete": field.cascade_delete and schema.custom,  # of master-detail alone
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": _compound(schema, field),
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default_value,
        "defaultedOnCreate": field.default_value is not None
        or field.name == "OwnerId"
        or field.name in _SYSTEM,
        "digits": field.digits if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": _extra(schema, field),
        "filterable": field.filterable,
        "groupable": field.groupable and field.type not in ("datetime", "currency", "double", "percent"),
        "idLookup": _is_id_lookup(schema, field),
        "label": _label(schema, field),
        "length": field.length,
        "name": field.name,
        "nameField": field.name == schema.name_field and field.type != "id",
        "namePointing": polymorphic,
        "nillable": field.nillable,
        "permissionable": _is_permissionable(schema, field),
        "picklistValues": [
            {
                "active": choice.active,
                "defaultValue": choice.default,
                "label": choice.value,
                "validFor": None,
                "value": choice.value,
            }
            for choice in field.picklist
        ],
        "polymorphicForeignKey": polymorphic,
        "precision": numbered,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted,
        "searchPrefilterable": field.nillable
        and field.name != "MasterRecordId"
        and not _PREFILTERED.isdisjoint(field.reference_to),
        "scale": field.scale,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _label(schema: ObjectSchema, field: Field) -> str:
    if field.type != "id":
        return field.label
    return "Activity ID" if schema.name in _ACTIVITIES else f"{schema.label} ID"


def _is_permissionable(schema: ObjectSchema, field: Field) -> bool:
    """Whether field-level security can hide it."""
    if schema.name == "Event" and field.name in _NOT_PERMISSIONABLE_OF_AN_EVENT:
        return False
    if field.name == "IsAllDayEvent":
        return True
    return field.nillable and field.name not in _NOT_PERMISSIONABLE and schema.name not in _WHOLLY_OPEN


def _compound(schema: ObjectSchema, field: Field) -> str | None:
    if field.name in _NAME_PARTS and "Name" in schema.by_name:
        return "Name"
    return _COMPOUNDS.get(schema.name, {}).get(field.name)


def _extra(schema: ObjectSchema, field: Field) -> str | None:
    if field.type == "textarea":
        return "plaintextarea"
    if schema.name == "Account" and field.name == "Name":
        return "switchablepersonname"
    return "personname" if field.name in (*_NAME_PARTS, "Name") and "LastName" in schema.by_name else None


def _is_id_lookup(schema: ObjectSchema, field: Field) -> bool:
    by_name = schema.name == "Opportunity" and field.name == "Name"
    return by_name or field.type == "id" or field.is_key

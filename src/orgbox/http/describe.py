"""What does the org say about its sObjects? Describe Global and sObject Describe (docs/salesforce.md §2.3)."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from orgbox.http.call import Answer, Call
from orgbox.http.recent import recent_items
from orgbox.http.rows import found_schema
from orgbox.schema.types import Field, ObjectSchema

_SOAP_TYPES = {
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
_NAME_PARTS = frozenset({"FirstName", "LastName"})
_SYSTEM = frozenset({"Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})


def describe_global(call: Call) -> Answer:
    """GET /sobjects; 304 with If-Modified-Since."""
    if (unchanged := _unchanged(call)) is not None:
        return unchanged
    schemas = sorted(call.service.org.state.schemas.values(), key=lambda schema: schema.name)
    summaries = [_summary(call, schema) for schema in schemas]
    return _dated(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": summaries})


def describe_short(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X: what it is, and what the user touched last."""
    schema = found_schema(call, sobject)
    items = recent_items(call, schema.name)
    return Answer(200, {"objectDescribe": _summary(call, schema), "recentItems": items})


def describe(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X/describe; 304 with If-Modified-Since."""
    schema = found_schema(call, sobject)
    if (unchanged := _unchanged(call)) is not None:
        return unchanged
    body: dict[str, Any] = {
        "actionOverrides": [],
        "childRelationships": _children(call, schema),
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(schema, field) for field in schema.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [],
    }
    return _dated(call, dict(sorted((body | _summary(call, schema)).items())))


def _unchanged(call: Call) -> Answer | None:
    since, described_at = call.http_date("If-Modified-Since"), call.service.org.state.described_at
    return Answer(304) if since is not None and described_at <= since else None


def _dated(call: Call, body: dict[str, Any]) -> Answer:
    described_at = call.service.org.state.described_at
    return Answer(200, body, {"Last-Modified": format_datetime(described_at, usegmt=True)})


def _summary(call: Call, schema: ObjectSchema) -> dict[str, Any]:
    path = f"{call.prefix}/sobjects/{schema.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": schema.createable,
        "custom": schema.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": schema.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": schema.key_prefix,
        "label": schema.label,
        "labelPlural": schema.label_plural or schema.label,
        "layoutable": schema.updateable,
        "mergeable": schema.name in ("Account", "Contact", "Lead"),
        "mruEnabled": schema.createable,
        "name": schema.name,
        "queryable": True,
        "replicateable": schema.replicateable,
        "retrieveable": True,
        "searchable": schema.createable,
        "triggerable": schema.updateable,
        "undeletable": schema.deletable,
        "updateable": schema.updateable,
        "urls": {
            "describe": f"{path}/describe",
            "rowTemplate": f"{path}/{{ID}}",
            "sobject": path,
        },
    }


def _children(call: Call, parent: ObjectSchema) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": field.cascade_delete,
            "childSObject": schema.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.child_relationship,
            "restrictedDelete": False,
        }
        for schema in call.service.org.state.schemas.values()
        for field in schema.fields
        if parent.name in field.reference_to
    ]


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
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}


def _field(schema: ObjectSchema, field: Field) -> dict[str, Any]:
    polymorphic = len(field.reference_to) > 1
    return _SAME_FOR_ALL | {
        "aggregatable": field.filterable,
        "byteLength": field.length * (1 if field.type in ("id", "reference") else 3),
        "cascadeDelete": field.cascade_delete,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": "Name" if field.name in _NAME_PARTS and "Name" in schema.by_name else None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": None if field.picklist else field.default_value,
        "defaultedOnCreate": field.default_value is not None
        or field.name == "OwnerId"
        or field.name in _SYSTEM,
        "digits": field.digits if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": "personname" if field.name == "Name" and "LastName" in schema.by_name else None,
        "filterable": field.filterable,
        "groupable": field.groupable and field.type not in ("datetime", "currency", "double", "percent"),
        "idLookup": field.type == "id" or field.unique or field.external_id,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == schema.name_field,
        "namePointing": polymorphic,
        "nillable": field.nillable,
        "permissionable": field.nillable and field.name not in _SYSTEM,
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
        "precision": field.digits if field.type in ("currency", "double", "percent") else 0,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }

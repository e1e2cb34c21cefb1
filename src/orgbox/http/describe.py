"""What does the org say about its sObjects? Describe Global and sObject Describe (docs/salesforce.md §2.3)."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from orgbox.http.call import Answer, Call
from orgbox.http.describe_fields import field_json
from orgbox.http.recent import recent_items
from orgbox.http.rows import found_schema
from orgbox.schema.types import ObjectSchema

_FEEDS = frozenset({"Account", "Contact", "Lead", "Opportunity", "Task", "User"})
# Rows that are a part of another record: nobody searches for them or brings them back alone.
_PARTS = frozenset({"OpportunityContactRole"})
_NEITHER_LISTED_NOR_APPROVED = _PARTS | {"Event"}


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
        "fields": [field_json(schema, field) for field in schema.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": schema.name not in _PARTS,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [],
    }
    return _dated(call, dict(sorted((body | _summary(call, schema, whole=True)).items())))


def _unchanged(call: Call) -> Answer | None:
    since, described_at = call.http_date("If-Modified-Since"), call.service.org.state.described_at
    return Answer(304) if since is not None and described_at <= since else None


def _dated(call: Call, body: dict[str, Any]) -> Answer:
    described_at = call.service.org.state.described_at
    return Answer(200, body, {"Last-Modified": format_datetime(described_at, usegmt=True)})


def _summary(call: Call, schema: ObjectSchema, *, whole: bool = False) -> dict[str, Any]:
    """What describe, describe global and describe short say alike; `whole` is describe itself."""
    searched = schema.createable and schema.name not in _PARTS
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": schema.createable,
        "custom": schema.custom,
        "customSetting": False,
        "deepCloneable": schema.name == "Opportunity",
        "deletable": schema.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": schema.name in _FEEDS,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": schema.key_prefix,
        "label": schema.label,
        "labelPlural": schema.label_plural or schema.label,
        "layoutable": schema.updateable,
        "mergeable": schema.name in ("Account", "Contact", "Lead"),
        "mruEnabled": searched,
        "name": schema.name,
        "queryable": True,
        "replicateable": schema.replicateable,
        "retrieveable": True,
        "searchable": searched,
        "triggerable": schema.updateable,
        "undeletable": schema.deletable and schema.name not in _PARTS,
        "updateable": schema.updateable,
        "urls": _urls(call, schema, whole=whole),
    }


def _urls(call: Call, schema: ObjectSchema, *, whole: bool) -> dict[str, str]:
    path = f"{call.prefix}/sobjects/{schema.name}"
    urls = {"describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}", "sobject": path}
    if schema.updateable:
        urls |= {
            "compactLayouts": f"{path}/describe/compactLayouts",
            "layouts": f"{path}/describe/layouts",
            "quickActions": f"{path}/quickActions",
        }
    if schema.name == "Event":
        urls["eventSeriesUpdates"] = f"{path}/{{ID}}/fromThisEventOnwards"
    if schema.updateable and schema.name not in _NEITHER_LISTED_NOR_APPROVED:
        urls |= {"approvalLayouts": f"{path}/describe/approvalLayouts", "listviews": f"{path}/listviews"}
    if schema.updateable and whole:
        urls |= {
            "uiDetailTemplate": f"{call.base_url}/{{ID}}",
            "uiEditTemplate": f"{call.base_url}/{{ID}}/e",
            "uiNewRecord": f"{call.base_url}/{schema.key_prefix}/e",
        }
    return urls


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

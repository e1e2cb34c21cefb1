"""How would the org's pages lay out a record? /sobjects/X/describe/layouts: one layout, two columns, every field."""

from __future__ import annotations

from typing import Any

from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema
from orgbox.ids import NULL_ID, to18
from orgbox.schema.types import Field, ObjectSchema
from orgbox.writes import not_found

_COLUMNS = 2
_MASTER = "012000000000000AAA"


def layouts(call: Call, sobject: str) -> Answer:
    """GET /sobjects/X/describe/layouts: {layouts, recordTypeMappings, recordTypeSelectorRequired}."""
    schema = found_schema(call, sobject)
    if not schema.updateable:
        raise not_found()
    identifier = to18(f"00h{schema.key_prefix}000000000")
    return Answer(
        200,
        {
            "layouts": [_layout(schema, identifier)],
            "recordTypeMappings": [
                {
                    "active": True,
                    "available": True,
                    "defaultRecordTypeMapping": True,
                    "developerName": "Master",
                    "layoutId": identifier,
                    "master": True,
                    "name": "Master",
                    "picklistsForRecordType": [],
                    "recordTypeId": _MASTER,
                    "urls": {"layout": f"{call.prefix}/sobjects/{schema.name}/describe/layouts/{_MASTER}"},
                }
            ],
            "recordTypeSelectorRequired": [False],
        },
    )


def layout(call: Call, sobject: str, record_type: str) -> Answer:
    """GET /sobjects/X/describe/layouts/{record type}: the one layout."""
    schema = found_schema(call, sobject)
    if record_type not in (_MASTER, _MASTER[:15], NULL_ID) or not schema.updateable:
        raise not_found()
    return Answer(200, _layout(schema, to18(f"00h{schema.key_prefix}000000000")))


def _layout(schema: ObjectSchema, identifier: str) -> dict[str, Any]:
    shown = [field for field in schema.fields if field.name != "Id"]
    written = [field for field in shown if field.createable or field.updateable]
    return {
        "buttonLayoutSection": None,
        "detailLayoutSections": [_section(schema, shown)],
        "editLayoutSections": [_section(schema, written)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": identifier,
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": None,
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _section(schema: ObjectSchema, fields: list[Field]) -> dict[str, Any]:
    rows = [fields[start : start + _COLUMNS] for start in range(0, len(fields), _COLUMNS)]
    return {
        "collapsed": False,
        "columns": _COLUMNS,
        "heading": f"{schema.label} Information",
        "layoutRows": [
            {"layoutItems": [_item(field) for field in row], "numItems": len(row)} for row in rows
        ],
        "layoutSectionId": None,
        "parentLayoutId": None,
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(field: Field) -> dict[str, Any]:
    return {
        "editableForNew": field.createable,
        "editableForUpdate": field.updateable,
        "label": field.label,
        "layoutComponents": [
            {
                "details": {"name": field.name},
                "displayLines": 1,
                "tabOrder": 1,
                "type": "Field",
                "value": field.name,
            }
        ],
        "placeholder": False,
        "required": field.createable and not field.nillable and field.type != "boolean",
    }

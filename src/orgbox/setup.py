"""What does an admin set up in an org? Custom fields and objects, rules and picklists, from one small JSON file.

    {
      "objects": [{"name": "Deal__c", "key_prefix": "a00", "label": "Deal", "fields": [...]}],
      "fields": {"Activity": [{"name": "MSE_Opened__c", "type": "boolean"},
                              {"name": "Key__c", "type": "string", "length": 64, "unique": true, "external_id": true}]},
      "picklists": {"Task.Type": {"values": ["Call", "Email"], "restricted": true}},
      "rules": [{"sobject": "Task", "name": "Result", "when": "TaskSubtype = 'Call' AND CallDisposition = null",
                 "message": "A call needs a result", "field": "CallDisposition"}],
      "filters": [{"sobject": "Task", "field": "WhatId", "target": "Opportunity", "only": "IsClosed = false"}],
      "shared_activities": true
    }

A field's words are those of `Field`; besides them `required`, and a picklist is a list of its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields as words_of
from typing import TYPE_CHECKING, Any

from orgbox import task_relations
from orgbox.policies import LookupFilter, Policy, ValidationRule
from orgbox.schema.audit import ID, IS_DELETED, STAMPS, owner, read_only
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

if TYPE_CHECKING:
    from orgbox.org import Org

_LENGTHS = {"string": 255, "email": 80, "phone": 40, "url": 255, "picklist": 255, "multipicklist": 4099}
_TYPES = frozenset(
    {
        "boolean",
        "currency",
        "date",
        "datetime",
        "double",
        "int",
        "percent",
        "reference",
        "textarea",
        *_LENGTHS,
    }
)
_WORDS = {word.name for word in words_of(Field)} - {"custom"}


class UnreadableSetup(ValueError):
    """The set-up names something that is no part of an org; nothing of it was done."""


def set_up(org: Org, given: Mapping[str, Any]) -> None:
    """Do what a set-up says. Raises UnreadableSetup, or OrgError for a name that is taken or unknown."""
    parts: dict[str, Callable[[Org, Any], None]] = {
        "objects": _objects,
        "fields": _fields,
        "picklists": _picklists,
        "rules": lambda org, rules: _policies(org, ValidationRule, rules),
        "filters": lambda org, filters: _policies(org, LookupFilter, filters),
        "shared_activities": _share_activities,
    }
    if unknown := given.keys() - parts.keys():
        raise UnreadableSetup(f"A set-up has no {min(unknown)!r}; it has {', '.join(parts)}.")
    try:
        for name, part in parts.items():
            if name in given:
                part(org, given[name])
    except (TypeError, KeyError, AttributeError) as error:
        raise UnreadableSetup(f"A set-up cannot be read so: {error}") from error


def custom_field(described: Mapping[str, Any]) -> Field:
    """A custom field from its description. Raises UnreadableSetup."""
    words = dict(described)
    name, kind = words.get("name", ""), words.get("type", "")
    if not name.endswith("__c"):
        raise UnreadableSetup(f"A custom field's name ends with __c, and {name!r} does not.")
    if kind not in _TYPES:
        raise UnreadableSetup(f"{name} has no type {kind!r}; there are {', '.join(sorted(_TYPES))}.")
    if words.pop("required", False):
        words["nillable"] = False
    if unknown := words.keys() - _WORDS:
        raise UnreadableSetup(f"{name} has no {min(unknown)!r}.")
    words.setdefault("label", name.removesuffix("__c").replace("_", " "))
    words.setdefault(
        "length", _LENGTHS.get(kind, 32_768 if kind == "textarea" else 18 if kind == "reference" else 0)
    )
    words["picklist"] = tuple(PicklistValue(value) for value in words.get("picklist", ()))
    words["reference_to"] = tuple(words.get("reference_to", ()))
    if kind == "reference":
        words.setdefault("relationship_name", name.removesuffix("c") + "r")
    if kind in ("double", "currency", "percent", "int"):
        words.setdefault("digits", 18)
    if kind == "boolean":
        words["nillable"] = False
    if kind in ("textarea", "multipicklist"):
        words = {"groupable": False, "sortable": False, "filterable": kind == "multipicklist"} | words
    return Field(**words, custom=True)


def _objects(org: Org, objects: list[Mapping[str, Any]]) -> None:
    for each in objects:
        words = dict(each)
        fields = tuple(custom_field(described) for described in words.pop("fields", ()))
        name = read_only(Field("Name", "string", "Name", 80)) if words.pop("numbered", False) else _NAME
        schema = ObjectSchema(
            **{"label_plural": words.get("label", words["name"]), "label": words["name"]} | words,
            custom=True,
            fields=(ID, owner("Owner ID"), IS_DELETED, name, *STAMPS, *fields),
        )
        org.add_object(schema)


_NAME = Field("Name", "string", "Name", 80)


def _fields(org: Org, fields: Mapping[str, list[Mapping[str, Any]]]) -> None:
    for sobject, described in fields.items():
        for each in described:
            # Task and Event share the custom fields of Activity (docs/salesforce.md §4.3).
            for name in ("Task", "Event") if sobject == "Activity" else (sobject,):
                org.add_field(name, custom_field(each))


def _picklists(org: Org, picklists: Mapping[str, Mapping[str, Any]]) -> None:
    for path, words in picklists.items():
        sobject, _, name = path.partition(".")
        values = [
            PicklistValue(value) if isinstance(value, str) else PicklistValue(**value)
            for value in words["values"]
        ]
        org.set_picklist(sobject, name, values, restricted=bool(words.get("restricted", False)))


def _share_activities(org: Org, on: Any) -> None:
    if on is True:
        with org.transaction() as tx:
            task_relations.switch_on(tx)
    elif on is not False:
        raise UnreadableSetup("shared_activities is true or false.")


def _policies(org: Org, kind: type[Policy], policies: list[Mapping[str, Any]]) -> None:
    for each in policies:
        org.add_policy(kind(**each))

"""What is it that Salesforce refused, field by field, under Salesforce's own names?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.diagnostics.items import Item
from tandem.sync.fields import SALESFORCE_NAMES, FieldMap
from tandem.sync.models import Link, OrgSync


def sent_of(item: Item) -> Mapping[str, Any]:
    """The fields as they are sent when it is tried again."""
    if item.kind == "task":
        return _of_task(item.row)
    if item.kind == "unsubscribe":
        return {"Email": item.row.address, "HasOptedOutOfEmail": True}
    return dict(item.row.body)


def _of_task(link: Link) -> dict[str, Any]:
    """The write that is open; else all of the task, or what has changed in it since both sides agreed."""
    if link.intent_sf is not None:
        return _named(link.intent_sf)
    if link.reminder is None:
        return {}
    sync = OrgSync.objects.filter(org=link.org_id).first() or OrgSync()
    fields = FieldMap(sync.subject_template, status_words=sync.status_words)
    ours = {
        "name": link.reminder.name,
        "status": link.reminder.status,
        "priority": link.reminder.priority,
        "due": link.reminder.due.isoformat() if link.reminder.due else "",
        "details": link.reminder.details,
    }
    agreed = link.base_app or {}
    values = fields.to_create(ours)
    return _named({name: value for name, value in values.items() if agreed.get(name) != ours[name]})


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {SALESFORCE_NAMES.get(name, name): value for name, value in values.items()}

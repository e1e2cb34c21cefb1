"""What an org's describe of Task tells us before anything is synced: how we create, and which words it has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tandem.salesforce import FieldInfo

KEY_FIELD = "Tandem_Key__c"
#: A standard, filterable text field of 255 characters that every org has (docs/salesforce.md §4.3).
FALLBACK_FIELD = "CallObject"


@dataclass(frozen=True, slots=True)
class CreateMode:
    """Which field carries our key, and whether Salesforce keeps it unique: mode A, else B (docs/engine.md §2.6)."""

    field: str
    unique: bool


def create_mode(task: Iterable[FieldInfo]) -> CreateMode:
    """The best mode that this org allows. A package may have put its namespace before the field's name."""
    named = [
        field for field in task if field.name.endswith(KEY_FIELD) and field.createable and field.filterable
    ]
    for field in named:
        if field.unique and field.external_id:
            return CreateMode(field.name, unique=True)
    return CreateMode(named[0].name if named else FALLBACK_FIELD, unique=False)


def task_statuses(task: Iterable[FieldInfo]) -> list[str]:
    """The Task status values that are active in this org."""
    return [value for field in task if field.name == "Status" for value in field.picklist]

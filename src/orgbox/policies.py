"""Which rows does an admin's rule refuse? Validation rules and lookup filters, each a condition in SOQL."""

from __future__ import annotations

from dataclasses import dataclass

from orgbox.commits import Pending
from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import ObjectSchema
from orgbox.soql import holds
from orgbox.view import View


@dataclass(frozen=True)
class ValidationRule:
    """Refuses a row of `sobject` for which `when` holds, with `message` at `field` (of the page, without one)."""

    sobject: str
    name: str
    when: str
    message: str
    field: str | None = None


@dataclass(frozen=True)
class LookupFilter:
    """Lets `field` of `sobject` refer to rows of `target` for which `only` holds, and to no others of it."""

    sobject: str
    field: str
    target: str
    only: str
    message: str = "Value does not exist or does not match filter criteria."


Policy = ValidationRule | LookupFilter


def check(policy: Policy, pending: Pending) -> None:
    """Raises OrgError, as a query would, when the policy's condition cannot be asked of its sObject."""
    sobject, condition = (
        (policy.sobject, policy.when) if isinstance(policy, ValidationRule) else (policy.target, policy.only)
    )
    holds(condition, sobject, View(pending, ""), {})


def refusal(pending: Pending, schema: ObjectSchema, record: Record, old: Record | None) -> OrgError | None:
    """Why this version may not be, or None. A lookup is looked at when it changes."""
    for policy in pending.state.policies:
        if policy.sobject != schema.name:
            continue
        if isinstance(policy, ValidationRule):
            if holds(policy.when, schema.name, View(pending, ""), record):
                fields = (policy.field,) if policy.field else ()
                return OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", policy.message, fields)
        elif _filtered_out(pending, policy, record, old):
            return OrgError("FIELD_FILTER_VALIDATION_EXCEPTION", policy.message, (policy.field,))
    return None


def _filtered_out(pending: Pending, policy: LookupFilter, record: Record, old: Record | None) -> bool:
    target = record[policy.field]
    schema = pending.state.schema(policy.target)
    if target is None or (old is not None and old[policy.field] == target):
        return False
    if not target.startswith(schema.key_prefix):
        return False
    parent = pending.look(schema.name, target)
    return parent is not None and not holds(policy.only, schema.name, View(pending, ""), parent)

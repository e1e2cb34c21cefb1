"""What may a user of the org not see, and not change? Pure.

Who has no Access may do everything, as a user with "View All Data" and "Modify All Data" does. The refusals are those of
a profile without a permission, of field-level security and of private sharing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from orgbox.errors import OrgError
from orgbox.refusals import REFUSALS
from orgbox.schema.types import ObjectSchema


@dataclass(frozen=True)
class Access:
    """A user's limits. sObjects and fields by their API names, fields as `Task.Type`.

    hidden: sObjects that are not there for the user; read_only: those that the user may not write; hidden_fields and
    read_only_fields likewise; own_only: sObjects of which the user sees the rows that he or she owns.
    """

    hidden: frozenset[str] = field(default_factory=frozenset)
    read_only: frozenset[str] = field(default_factory=frozenset)
    hidden_fields: frozenset[str] = field(default_factory=frozenset)
    read_only_fields: frozenset[str] = field(default_factory=frozenset)
    own_only: frozenset[str] = field(default_factory=frozenset)

    def schema(self, schema: ObjectSchema) -> ObjectSchema:
        """The description that the user gets. Raises OrgError INVALID_TYPE for a hidden sObject."""
        if schema.name in self.hidden:
            raise OrgError("INVALID_TYPE", f"sObject type '{schema.name}' is not supported.")
        return _seen(schema, self)

    def sees(self, schema: ObjectSchema, record: Mapping[str, Any], user_id: str) -> bool:
        """Whether a row is there for the user."""
        if schema.name in self.hidden:
            return False
        return schema.name not in self.own_only or record.get("OwnerId") in (None, user_id)

    def refusal(self, schema: ObjectSchema, operation: str) -> OrgError | None:
        """Why this sObject may not be written: insert, update or delete; None when it may."""
        if schema.name not in self.read_only:
            return None
        if operation == "insert":
            return OrgError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {schema.label}"
            )
        return REFUSALS["INSUFFICIENT_ACCESS_OR_READONLY"].error("INSUFFICIENT_ACCESS_OR_READONLY")


@lru_cache(maxsize=256)
def _seen(schema: ObjectSchema, access: Access) -> ObjectSchema:
    fields = tuple(
        replace(each, createable=False, updateable=False)
        if f"{schema.name}.{each.name}" in access.read_only_fields or schema.name in access.read_only
        else each
        for each in schema.fields
        if f"{schema.name}.{each.name}" not in access.hidden_fields
    )
    return schema if fields == schema.fields else replace(schema, fields=fields)

"""How does a row get written? Every insert, update, upsert, delete and undelete goes through one transaction.

A row is written whole or not at all: each method checks everything before it writes, so a refused row leaves no
trace and the transaction can go on with the next one, as collections with allOrNone=false need.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from orgbox import guards, policies, recycle_bin, task_relations
from orgbox.commits import Pending
from orgbox.consequences import consequence_of
from orgbox.derived import derive
from orgbox.errors import OrgError
from orgbox.ids import canonical
from orgbox.records import Record
from orgbox.refusals import REFUSALS
from orgbox.rules import broken_rule
from orgbox.schema.types import Field, ObjectSchema
from orgbox.state import Change
from orgbox.validation import clean, clean_value, missing, wrong_reference


class Transaction(Pending):
    """One user's writes, seen by others when it commits. Made by `Org.begin`."""

    __slots__ = ()

    def insert(self, sobject: str, values: Mapping[str, Any], *, series: str | None = None) -> str:
        """Make a record; returns its id. Raises OrgError with the code Salesforce would answer.

        `series` is the master of which a Task is an occurrence, for `orgbox.consequences` alone.
        """
        schema = self.state.schema(sobject)
        if not schema.createable:
            raise _unsupported(schema, "create")
        seen = self._permitted(schema, "insert")
        if self.state.guarded:
            guards.insert(self, schema)
        written = self._prepare("insert", schema, None, clean(seen, values, creating=True))
        stamp = self.state.stamp()
        record = Record(schema.defaults).next(written)
        if record["OwnerId"] is None and "OwnerId" in schema.by_name:
            record["OwnerId"] = self.user_id
        if (refusal := missing(schema, record)) is not None:
            raise refusal
        record |= {
            "CreatedDate": stamp,
            "CreatedById": self.user_id,
            "LastModifiedDate": stamp,
            "LastModifiedById": self.user_id,
            "SystemModstamp": stamp,
        }
        if series is not None:
            record["RecurrenceActivityId"] = series
        self._check(schema, record, None, written)
        if schema.name == "Task" and not record["IsClosed"] and record["ActivityDate"] is not None:
            self.lock((record["AccountId"], record["WhoId"], record["WhatId"]))
        record["Id"] = self.state.mint.new(schema.key_prefix)
        self._write_with_consequences(schema, record, None)
        return str(record["Id"])

    def update(
        self,
        sobject: str,
        identifier: str,
        values: Mapping[str, Any],
        *,
        unless_modified_since: datetime | None = None,
    ) -> None:
        """Change a record. One that changes nothing still makes a version with new stamps (docs/salesforce.md §9.5).

        `unless_modified_since` is If-Unmodified-Since: raises OrgError ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE
        when LastModifiedDate lies after it.
        """
        schema = self.state.schema(sobject)
        if not schema.updateable:
            raise _unsupported(schema, "update")
        old = self.live(schema, identifier)
        seen = self._permitted(schema, "update")
        if self.state.guarded:
            guards.change(self, old)
        locked = (old["AccountId"], old["WhoId"], old["WhatId"]) if schema.name == "Task" else ()
        self.lock((old["Id"], *locked))
        if unless_modified_since is not None and old["LastModifiedDate"] > unless_modified_since:
            raise OrgError(
                "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
                "The record was modified after the date that was given",
            )
        written = self._prepare("update", schema, old, clean(seen, values, creating=False))
        record = old.next(written)
        if (refusal := missing(schema, record)) is not None:
            raise refusal
        stamp = self.state.stamp()
        record |= {"LastModifiedDate": stamp, "LastModifiedById": self.user_id, "SystemModstamp": stamp}
        self._check(schema, record, old, written)
        if schema.name == "Task":
            self.lock((record["AccountId"], record["WhoId"], record["WhatId"]))
        self._write_with_consequences(schema, record, old)

    def upsert(
        self,
        sobject: str,
        ext_field: str,
        value: Any,
        values: Mapping[str, Any],
        *,
        unless_modified_since: datetime | None = None,
    ) -> tuple[str, bool]:
        """Update the one record with this key, or insert it; returns (id, created). The condition is `update`'s.

        Raises OrgError DUPLICATE_EXTERNAL_ID when several records have the key; nothing is written then.
        """
        schema = self.state.schema(sobject)
        field = schema.find(ext_field)
        if field is not None and field.type == "id":
            if value is None:
                return self.insert(sobject, values), True
            self.update(sobject, value, values, unless_modified_since=unless_modified_since)
            return canonical(value), False
        if field is None or not field.is_key:
            raise OrgError(
                "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {ext_field}"
            )
        key = clean_value(field, value)
        if key is None:
            raise OrgError("MISSING_ARGUMENT", f"{field.name} not specified", (field.name,))
        found = self.holder(schema, field, key)
        if len(found) > 1:
            raise OrgError(
                "DUPLICATE_EXTERNAL_ID",
                f"{field.name}: more than one record found for external id field: [{', '.join(found)}]",
                (field.name,),
            )
        if found:
            self.update(sobject, found[0], values, unless_modified_since=unless_modified_since)
            return found[0], False
        return self.insert(sobject, {**values, field.name: key}), True

    def delete(self, sobject: str, identifier: str) -> None:
        """Put a record into the recycle bin, and its children with it."""
        schema = self.state.schema(sobject)
        if not schema.deletable:
            raise _unsupported(schema, "delete")
        old = self.live(schema, identifier)
        self._permitted(schema, "delete")
        if self.state.guarded:
            guards.change(self, old)
        for trigger in self.state.triggers:
            trigger(Change("delete", schema.name, self.user_id, old, {}))
        mark = self.mark()
        try:
            recycle_bin.delete(self, schema, old)
            task_relations.settle(self, mark)
        except OrgError:
            self.back_to(mark)
            raise

    def undelete(self, sobject: str, identifier: str) -> None:
        """Bring a record back from the bin under its old id, and the children that went with it."""
        schema = self.state.schema(sobject)
        record = self.look(schema.name, self._canonical(schema, identifier))
        if record is None:
            raise not_found()
        guards.writing(self)
        if not record["IsDeleted"]:
            raise OrgError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        mark = self.mark()
        try:
            recycle_bin.undelete(self, schema, record)
            task_relations.settle(self, mark)
        except OrgError:
            self.back_to(mark)
            raise

    def live(self, schema: ObjectSchema, identifier: str) -> Record:
        """The record with that id, in 15 or 18 characters. Raises OrgError NOT_FOUND or ENTITY_IS_DELETED."""
        record = self.look(schema.name, identifier) or self.look(
            schema.name, self._canonical(schema, identifier)
        )
        if record is None:
            raise not_found()
        if self.access is not None and not self.access.sees(schema, record, self.user_id):
            raise not_found()
        if record["IsDeleted"]:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted")
        return record

    def _write_with_consequences(self, schema: ObjectSchema, record: Record, old: Record | None) -> None:
        consequence = consequence_of(self, schema.name, record)
        if consequence is None:
            self.write(schema.name, record)
            return
        mark = self.mark()
        try:
            self.write(schema.name, record)
            consequence(self, record, old)
        except OrgError:
            self.back_to(mark)
            raise

    def _permitted(
        self, schema: ObjectSchema, operation: Literal["insert", "update", "delete"]
    ) -> ObjectSchema:
        """The description by which this user may write. Raises OrgError when the user may not at all."""
        if self.access is None:
            return schema
        seen = self.access.schema(schema)
        if (refusal := self.access.refusal(schema, operation)) is not None:
            raise refusal
        return seen

    def _canonical(self, schema: ObjectSchema, identifier: str) -> str:
        full = canonical(identifier)
        if not full.startswith(schema.key_prefix):
            raise OrgError(
                "MALFORMED_ID", f"{schema.label} ID: id value of incorrect type: {identifier}", ("Id",)
            )
        return full

    def _prepare(
        self,
        operation: Literal["insert", "update"],
        schema: ObjectSchema,
        old: Record | None,
        cleaned: dict[str, Any],
    ) -> dict[str, Any]:
        """Run the triggers over the values; what they put in is held to the same rules as what a client sends."""
        if not self.state.triggers:
            return cleaned
        change = Change(operation, schema.name, self.user_id, old, dict(cleaned))
        for trigger in self.state.triggers:
            trigger(change)
        if change.values == cleaned:
            return cleaned
        return {name: clean_value(schema.by_name[name], value) for name, value in change.values.items()}

    def _check(
        self, schema: ObjectSchema, record: Record, old: Record | None, written: dict[str, Any]
    ) -> None:
        """Finish a version and refuse it if it cannot stand."""
        for name, value in written.items():
            field = schema.by_name[name]
            if field.reference_to and value is not None:
                self._check_reference(schema, field, value)
        derive(schema, record, old, record["SystemModstamp"], self.look)
        if (refusal := broken_rule(schema.name, record, old)) is not None:
            raise refusal
        if self.state.policies and (refusal := policies.refusal(self, schema, record, old)) is not None:
            raise refusal
        for field in schema.keys:
            value = record[field.name]
            if field.unique and value is not None and (old is None or old[field.name] != value):
                self.claim(schema, field, value)
                for holder in self.holder(schema, field, value):
                    if old is None or holder != old["Id"]:
                        raise recycle_bin.duplicate(field, holder)

    def _check_reference(self, schema: ObjectSchema, field: Field, identifier: str) -> None:
        target = self.state.by_prefix.get(identifier[:3])
        if target is None or target.name not in field.reference_to:
            raise wrong_reference(field, identifier)
        record = self.look(target.name, identifier)
        if record is None:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
        if record["IsDeleted"]:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted", (field.name,))
        if self.access is not None and not self.access.sees(target, record, self.user_id):
            code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
            raise OrgError(code, REFUSALS[code].message, (field.name,))
        if record["IsConverted"]:
            raise REFUSALS["CANNOT_UPDATE_CONVERTED_LEAD"].error("CANNOT_UPDATE_CONVERTED_LEAD")
        if field.name == "OwnerId" and not record["IsActive"]:
            raise OrgError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{identifier[:15]}] as owner of {schema.label.lower()}",
                (field.name,),
            )


def not_found() -> OrgError:
    """The refusal of an id, or a path, that leads nowhere."""
    return OrgError("NOT_FOUND", "The requested resource does not exist")


def _unsupported(schema: ObjectSchema, verb: str) -> OrgError:
    return OrgError("INVALID_TYPE_FOR_OPERATION", f"entity type {schema.name} does not support {verb}")

"""Where are the committed records of one sObject, and how are they found without reading them all?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from orgbox.schema.types import Field, ObjectSchema
from orgbox.timeline import Timeline


class Record(dict[str, Any]):
    """One version of a record: its filled fields by API name; an empty field reads as None.

    A version is never changed once it is committed: a write makes the next one. Whoever holds a version, keeps
    it. Values are str, bool, int, float, date, aware datetime.
    """

    __slots__ = ()

    def __missing__(self, name: str) -> None:
        return None

    def next(self, values: dict[str, Any]) -> Record:
        """The version after this one, with these values; None empties a field."""
        version = Record(self)
        for name, value in values.items():
            if value is None:
                version.pop(name, None)
            else:
                version[name] = value
        return version


def key_of(field: Field, value: Any) -> Any:
    """The form under which two values of a key field are the same."""
    return value if field.case_sensitive else _folded(value)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


class Table:
    """The committed records of one sObject, deleted and archived ones too, with their indexes.

    Indexes: by SystemModstamp; by SystemModstamp within each owner; by parent; by key without regard to case.
    """

    __slots__ = ("_by_key", "_parents", "by_owner", "by_parent", "by_stamp", "keys", "records")

    def __init__(self, schema: ObjectSchema) -> None:
        self.records: dict[str, Record] = {}
        self.by_stamp = Timeline(self._stamped)
        self.by_owner: dict[str, Timeline] = {}
        self.by_parent: dict[str, dict[str, dict[str, None]]] = {}
        self._by_key: dict[str, dict[Any, dict[str, None]]] = {}
        self.keys: tuple[Field, ...] = ()
        self._parents: tuple[str, ...] = ()
        self.describe(schema)

    def describe(self, schema: ObjectSchema) -> None:
        """Index what this description asks for; fields may have joined since."""
        self.keys = schema.keys
        self._parents = tuple(f.name for f in schema.parents)
        for field in self.keys:
            if field.name not in self._by_key:
                self._by_key[field.name] = {}
                for identifier, record in self.records.items():
                    self._index_key(field, identifier, None, record)
        for name in self._parents:
            self.by_parent.setdefault(name, {})

    def put(self, record: Record) -> None:
        """Make a version the committed one."""
        identifier = record["Id"]
        old = self.records.get(identifier)
        self.records[identifier] = record
        self._index_stamp(identifier, old, record)
        for name in self._parents:
            before = None if old is None else old.get(name)
            after = record.get(name)
            if before != after:
                children = self.by_parent[name]
                if before is not None:
                    del children[before][identifier]
                if after is not None:
                    children.setdefault(after, {})[identifier] = None
        for field in self.keys:
            self._index_key(field, identifier, old, record)

    def remove(self, identifier: str) -> None:
        """Forget a record for ever, as emptying the recycle bin does."""
        old = self.records.pop(identifier)
        for name in self._parents:
            if (parent := old.get(name)) is not None:
                del self.by_parent[name][parent][identifier]
        for field in self.keys:
            self._index_key(field, identifier, old, None)
        self.by_stamp.outdate()
        if (owner := old.get("OwnerId")) is not None:
            self.by_owner[owner].outdate()

    def children(self, field: str, parent: str) -> Iterable[str]:
        """Ids of the records, deleted ones too, whose reference `field` is that parent."""
        return tuple(self.by_parent[field].get(parent, ()))

    def holders(self, field: Field, value: Any) -> list[str]:
        """Ids of the live records that hold this value of a key field."""
        key = key_of(field, value)
        return [
            identifier
            for identifier in self.spelt_alike(field, value)
            if not (record := self.records[identifier])["IsDeleted"]
            and key_of(field, record[field.name]) == key
        ]

    def spelt_alike(self, field: Field, value: Any) -> Iterable[str]:
        """Ids of all records, deleted ones too, that hold this value of a key field in any case."""
        return self._by_key[field.name].get(_folded(value), ())

    def _stamped(self, identifier: str, moment: datetime) -> bool:
        record = self.records.get(identifier)
        return record is not None and record["SystemModstamp"] == moment

    def _owned(self, owner: str) -> Timeline:
        def holds(identifier: str, moment: datetime) -> bool:
            record = self.records.get(identifier)
            return record is not None and record["SystemModstamp"] == moment and record["OwnerId"] == owner

        return Timeline(holds)

    def _index_stamp(self, identifier: str, old: Record | None, record: Record) -> None:
        stamp, owner = record["SystemModstamp"], record["OwnerId"]
        moved = old is None or old["SystemModstamp"] != stamp
        if moved:
            self.by_stamp.add(stamp, identifier)
            if old is not None:
                self.by_stamp.outdate()
        old_owner = None if old is None else old["OwnerId"]
        if owner is None and old_owner is None:
            return
        if moved or owner != old_owner:
            if owner is not None:
                if (timeline := self.by_owner.get(owner)) is None:
                    timeline = self.by_owner[owner] = self._owned(owner)
                timeline.add(stamp, identifier)
            if old_owner is not None:
                self.by_owner[old_owner].outdate()

    def _index_key(self, field: Field, identifier: str, old: Record | None, record: Record | None) -> None:
        before = None if old is None else _folded(old.get(field.name))
        after = None if record is None else _folded(record.get(field.name))
        if before == after:
            return
        index = self._by_key[field.name]
        if before is not None:
            holders = index[before]
            del holders[identifier]
            if not holders:
                del index[before]
        if after is not None:
            index.setdefault(after, {})[identifier] = None

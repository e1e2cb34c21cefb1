"""How an sObject and its fields are described: the words that describe() itself uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class PicklistValue:
    """One value of a picklist.

    `closed` and `high` carry TaskStatus.IsClosed and TaskPriority.IsHighPriority; `closed` and `won` those of
    an opportunity's stage.
    """

    value: str
    default: bool = False
    active: bool = True
    closed: bool = False
    high: bool = False
    won: bool = False


def choices(*values: str) -> tuple[PicklistValue, ...]:
    """The values of a picklist, none of them the default."""
    return tuple(PicklistValue(value) for value in values)


@dataclass(frozen=True)
class Field:
    """One field, in describe()'s terms (`type` is describe's: id, string, picklist, date, datetime, reference, ...)."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    custom: bool = False
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    child_relationship: str | None = None
    cascade_delete: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    restricted: bool = False
    default: object = None
    digits: int = 0
    scale: int = 0

    @cached_property
    def is_key(self) -> bool:
        """Whether records are found, and upserted, by it: unique ones, external ids and addresses (describe's idLookup)."""
        return self.unique or self.external_id or self.type == "email"

    @cached_property
    def default_value(self) -> object:
        """What an insert that does not name the field gets: the default, a picklist's default, or False."""
        if self.default is not None:
            return self.default
        if self.type == "boolean":
            return False
        return next((choice.value for choice in self.picklist if choice.default), None)

    @cached_property
    def active_values(self) -> frozenset[str]:
        """The values a restricted picklist accepts."""
        return frozenset(choice.value for choice in self.picklist if choice.active)

    @cached_property
    def by_value(self) -> dict[str, PicklistValue]:
        """A picklist's values by their API name, retired ones too."""
        return {choice.value: choice for choice in self.picklist}


@dataclass(frozen=True)
class ObjectSchema:
    """One sObject: `key_prefix` is the first three characters of its ids."""

    name: str
    key_prefix: str
    label: str
    fields: tuple[Field, ...] = field(default_factory=tuple)
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    replicateable: bool = True
    custom: bool = False
    name_field: str = "Name"
    label_plural: str = ""

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by their exact API name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def by_lower_name(self) -> dict[str, Field]:
        """Fields by lower-case API name: Salesforce matches names without regard to case."""
        return {f.name.lower(): f for f in self.fields}

    @cached_property
    def by_lower_relationship(self) -> dict[str, Field]:
        """Reference fields by lower-case relationship name (`who` -> WhoId)."""
        return {f.relationship_name.lower(): f for f in self.fields if f.relationship_name}

    @cached_property
    def defaults(self) -> dict[str, object]:
        """What a new record holds before anybody gives it a value."""
        return {f.name: f.default_value for f in self.fields if f.default_value is not None}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that people may write and nobody may leave empty."""
        return tuple(f.name for f in self.fields if f.createable and not f.nillable and f.type != "boolean")

    @cached_property
    def keys(self) -> tuple[Field, ...]:
        """The fields by which a record is found without reading all: unique ones, external ids and addresses."""
        return tuple(f for f in self.fields if f.is_key)

    @cached_property
    def parents(self) -> tuple[Field, ...]:
        """The references whose children are looked up: owners, accounts and whatever deletes them along."""
        return tuple(f for f in self.fields if f.cascade_delete or f.name in ("OwnerId", "AccountId"))

    def find(self, name: str) -> Field | None:
        """The field of that name in any case, or None."""
        return self.by_name.get(name) or self.by_lower_name.get(name.lower())

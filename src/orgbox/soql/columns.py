"""Which field a path names, and how it is read from a row: own fields, parents' fields, Who, What and Owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from orgbox.errors import OrgError
from orgbox.schema.types import Field, ObjectSchema
from orgbox.soql.catalogue import Catalogue, Row
from orgbox.soql.place import refusal
from orgbox.soql.syntax import Path, Query

PARENT_TYPE = Field("Type", "string")
"""Who.Type, What.Type, Owner.Type: the name of the object that the parent is, and no field of its record."""

NAME = ObjectSchema(
    "Name",
    "",
    "Name",
    (
        Field("Id", "id"),
        Field("Name", "string"),
        PARENT_TYPE,
        Field("FirstName", "string"),
        Field("LastName", "string"),
        Field("Title", "string"),
        Field("Email", "email"),
        Field("Phone", "phone"),
        Field("Username", "string"),
        Field("Alias", "string"),
    ),
)
"""What may be asked of a parent that is one of several objects. Object reference: Name."""

DEEPEST_PATH = 5
"""Relationships in one path ("Understanding Relationship Query Limitations")."""

_REFER = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, slots=True)
class Column:
    """A field reached from the queried object: `hops` are the reference fields on the way to its record."""

    field: Field
    hops: tuple[Field, ...]
    read: Callable[[Row], Any]

    @property
    def key(self) -> tuple[str, ...]:
        """The canonical path, e.g. ("Account", "Owner", "Name")."""
        return (*(hop.relationship_name or hop.name for hop in self.hops), self.field.name)


class Columns:
    """The columns of one query: resolves paths, and reads parents once per query."""

    def __init__(self, query: Query, catalogue: Catalogue) -> None:
        self._query = query
        self._catalogue = catalogue
        self._parents: dict[str, Row | None] = {}
        self.schema = self._source()

    def _source(self) -> ObjectSchema:
        source = self._query.source
        try:
            return self._catalogue.schema(source.name)
        except OrgError as error:
            raise refusal(error.code, error.message, self._query.text, source.at) from None

    def resolve(self, path: Path) -> Column:
        """OrgError INVALID_FIELD when a relationship or the field is unknown."""
        *relationships, last = self._without_source(path)
        if len(relationships) > DEEPEST_PATH:
            message = f"field path can not span more than {DEEPEST_PATH} relationships"
            raise self.refuse(path, message, "MALFORMED_QUERY")
        schema, hops = self.schema, list[Field]()
        for relationship in relationships:
            hop = schema.by_lower_relationship.get(relationship.lower())
            if hop is None:
                raise self.refuse(
                    path,
                    f"Didn't understand relationship '{relationship}' in field path. If you are attempting to use a "
                    f"custom relationship, be sure to append the '__r' after the custom relationship name. {_REFER}",
                )
            hops.append(hop)
            schema = NAME if len(hop.reference_to) > 1 else self._catalogue.schema(hop.reference_to[0])
        field = schema.by_lower_name.get(last.lower())
        if field is None:
            raise self.refuse(
                path,
                f"No such column '{last}' on entity '{schema.name}'. If you are attempting to use a custom field, "
                f"be sure to append the '__c' after the custom field name. {_REFER}",
            )
        return Column(field, tuple(hops), self._reader(field, tuple(hops)))

    def refuse(self, path: Path, message: str, code: str = "INVALID_FIELD") -> OrgError:
        return refusal(code, message, self._query.text, path.at)

    def parent(self, row: Row, hop: Field) -> Row | None:
        """The record that `row` refers to by the reference field `hop`."""
        record_id = row.get(hop.name)
        if record_id is None:
            return None
        if record_id not in self._parents:
            self._parents[record_id] = self._catalogue.get(self.parent_type(row, hop), record_id)
        return self._parents[record_id]

    def parent_type(self, row: Row, hop: Field) -> str:
        """The object of the record that `row` refers to by `hop`."""
        return (
            hop.reference_to[0] if len(hop.reference_to) == 1 else self._catalogue.sobject_of(row[hop.name])
        )

    def _without_source(self, path: Path) -> tuple[str, ...]:
        """A path may begin with the alias or with the object's own name."""
        first, *rest = (name.lower() for name in path.names)
        alias = self._query.source.alias
        is_alias = alias is not None and first == alias.lower()
        is_object = first == self.schema.name.lower()
        return path.names[1:] if rest and (is_alias or is_object) else path.names

    def _reader(self, field: Field, hops: tuple[Field, ...]) -> Callable[[Row], Any]:
        if not hops:
            return methodcaller("get", field.name)

        def read(row: Row) -> Any:
            reached: Row = row
            for hop in hops:
                came_from = reached
                parent = self.parent(came_from, hop)
                if parent is None:
                    return None
                reached = parent
            return self.parent_type(came_from, hops[-1]) if field is PARENT_TYPE else reached.get(field.name)

        return read

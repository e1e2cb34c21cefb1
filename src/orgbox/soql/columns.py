"""Which field an expression names, and how it is read from a row: own fields, parents' fields, functions of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Any
from zoneinfo import ZoneInfo

from orgbox.errors import OrgError
from orgbox.schema.types import Field, ObjectSchema
from orgbox.soql.catalogue import Catalogue, Row
from orgbox.soql.functions import DATE_FUNCTIONS, formatted, label, of_moment
from orgbox.soql.place import refusal
from orgbox.soql.syntax import Call, Distance, Expression, Path, Query

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

_CUSTOM_OBJECT = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name."
)
_REFER = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, slots=True)
class Column:
    """A field reached from the queried object: `hops` are the reference fields on the way to its record.

    `function` is the function around it, if there is one; `field` then describes the result. `form` is what the
    answer makes of a value.
    """

    field: Field
    hops: tuple[Field, ...]
    read: Callable[[Row], Any]
    function: str = ""
    form: Callable[[Any], Any] | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The canonical path, e.g. ("Account", "Owner", "Name"), or ("CALENDAR_YEAR(CreatedDate)",)."""
        path = (*(hop.relationship_name or hop.name for hop in self.hops), self.field.name)
        return (f"{self.function}({'.'.join(path)})",) if self.function else path


class Columns:
    """The columns of one query: resolves paths, and reads parents once per query."""

    def __init__(self, query: Query, catalogue: Catalogue, schema: ObjectSchema | None = None) -> None:
        """`schema` is the object of a sub-query, whose FROM names a relationship."""
        self.query = query
        self._catalogue = catalogue
        self._parents: dict[str, Row | None] = {}
        self.schema = schema or self._source()
        self._aliases = {source.alias.lower(): source for source in query.more_sources if source.alias}

    def _source(self) -> ObjectSchema:
        source = self.query.source
        try:
            return self._catalogue.schema(source.name)
        except OrgError as error:
            message = (
                f"{error.message} {_CUSTOM_OBJECT} {_REFER}"
                if error.code == "INVALID_TYPE"
                else error.message
            )
            raise refusal(error.code, message, self.query.text, source.at) from None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the user who asks."""
        return ZoneInfo(self._catalogue.time_zone)

    def resolve(self, expression: Expression) -> Column:
        """OrgError INVALID_FIELD when a relationship or the field is unknown, MALFORMED_QUERY for a function there."""
        match expression:
            case Path():
                return self.field(expression)
            case Call():
                return self._applied(expression)
            case Distance():
                column = self.field(expression.path)
                message = f"field '{column.field.name}' is not a geolocation field"
                raise self.refuse(expression, message)

    def _applied(self, call: Call) -> Column:
        name, inside = call.function.upper(), call.of
        if (date_function := DATE_FUNCTIONS.get(name)) is not None:
            zone = None
            if isinstance(inside, Call) and inside.function.lower() == "converttimezone":
                zone, inside = self.zone, inside.of
            column = self.resolve(inside)
            if column.field.type not in date_function.takes or column.function:
                message = f"function {name} can not be applied to field '{column.field.name}'"
                raise self.refuse(call, message, "MALFORMED_QUERY")
            of, read = of_moment(date_function, zone), column.read
            shown = name if zone is None else f"{name}(convertTimezone"
            described = replace(column.field, type=date_function.gives, filterable=True, sortable=True)
            return Column(described, column.hops, lambda row: of(read(row)), shown)
        if name == "TOLABEL":
            column = self.resolve(inside)
            return replace(column, form=label(column.field))
        if name == "FORMAT":
            column = self.resolve(inside)
            return replace(column, form=formatted(column.field, self.zone))
        if name in ("AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM", "GROUPING"):
            raise self.refuse(call, f"aggregate function {name} is not allowed here", "MALFORMED_QUERY")
        raise self.refuse(call, f"unknown function '{call.function}'", "MALFORMED_QUERY")

    def field(self, path: Path) -> Column:
        """The column of a plain field."""
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

    def refuse(self, where: Expression | int, message: str, code: str = "INVALID_FIELD") -> OrgError:
        """Point at an expression, or at a place in the text."""
        at = where if isinstance(where, int) else where.at
        return refusal(code, message, self.query.text, at)

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

    def schema_of(self, name: str) -> ObjectSchema:
        """The object of that name. OrgError INVALID_TYPE."""
        return self._catalogue.schema(name)

    def _without_source(self, path: Path) -> tuple[str, ...]:
        """A path may begin with the alias or with the object's own name."""
        first, *rest = (name.lower() for name in path.names)
        if rest and (further := self._aliases.get(first)) is not None:
            base = Path(tuple(further.name.split(".")), path.at)
            return (*self._without_source(base), *path.names[1:])
        alias = self.query.source.alias
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

"""Which columns does a query answer with, before any row is read? For `columns=true` and for the header of a CSV."""

from __future__ import annotations

from dataclasses import dataclass, field

from orgbox.schema import types
from orgbox.soql.catalogue import Catalogue
from orgbox.soql.columns import Columns
from orgbox.soql.grouping import is_aggregate
from orgbox.soql.selection import every_field
from orgbox.soql.syntax import Call, Child, Distance, Expression, Path, Query, Selected

_TEXT = types.Field("", "string")


@dataclass(slots=True)
class Named:
    """A column by the name it has in the answer; `below` are those of a parent, or of a sub-query's rows.

    `shown` is the expression as it was written, for an aggregate; `described` describes what is in it.
    """

    name: str
    described: types.Field = _TEXT
    shown: str = ""
    aggregate: bool = False
    below: list[Named] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Dotted names, as in the header of a CSV."""
        if not self.below:
            return [self.name]
        return [f"{self.name}.{path}" for each in self.below for path in each.paths]


def named_columns(query: Query, catalogue: Catalogue) -> list[Named]:
    """The columns in order, parents nested. Raises what `evaluate` would raise for the SELECT list."""
    return _named(query, Columns(query, catalogue), catalogue)


def _named(query: Query, columns: Columns, catalogue: Catalogue) -> list[Named]:
    grouped = is_aggregate(query)
    named: list[Named] = []
    unnamed = 0
    for entry in query.select:
        if isinstance(entry, Child):
            found = catalogue.children(columns.schema.name, entry.query.source.name)
            if found is not None:
                schema, reference = found
                below = _named(entry.query, Columns(entry.query, catalogue, schema), catalogue)
                name = reference.child_relationship or schema.name
                named.append(Named(name, aggregate=True, below=below))
        elif not isinstance(entry, Selected):
            named.append(Named(entry.relationship.names[-1]))
        elif grouped and isinstance(entry.path, Call):
            name = entry.alias or f"expr{unnamed}"
            unnamed += entry.alias is None
            named.append(Named(name, shown=_written(entry.path), aggregate=True))
        elif (paths := every_field(entry, query, columns)) is not None:
            named += [Named(column.field.name, column.field) for column in paths]
        elif entry.alias is not None:
            named.append(Named(entry.alias, columns.resolve(entry.path).field))
        else:
            column = columns.resolve(entry.path)
            into = named
            for hop in () if grouped else column.hops:
                into = _into(into, hop.relationship_name or hop.name)
            into.append(Named(column.field.name, column.field))
    return named


def _into(named: list[Named], name: str) -> list[Named]:
    for each in named:
        if each.name == name and each.below:
            return each.below
    parent = Named(name)
    named.append(parent)
    return parent.below


def _written(expression: Expression) -> str:
    match expression:
        case Call():
            return f"{expression.function}({_written(expression.of)})"
        case Path():
            return ".".join(expression.names)
        case Distance():
            return ".".join(expression.path.names)

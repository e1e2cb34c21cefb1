"""How a row is written in an answer: attributes first, then the selected fields in their order, parents nested.

Salesforce REST: "Query". A datetime is 2022-03-17T16:21:26.000+0000, a date YYYY-MM-DD, a null is present.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from orgbox.schema.types import Field
from orgbox.soql.catalogue import Row
from orgbox.soql.columns import PARENT_TYPE, Column, Columns

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A field to write; or, when something is asked beyond it, a reference to follow."""

    described: Field
    beyond: dict[str, _Asked] = field(default_factory=dict)


def renderer(selected: Iterable[Column], columns: Columns, url_prefix: str) -> Callable[[Row], Record]:
    """A function from a row of the queried object to its JSON-ready record."""
    top: dict[str, _Asked] = {}
    for column in selected:
        asked = top
        for hop in column.hops:
            asked = asked.setdefault(hop.relationship_name or hop.name, _Asked(hop)).beyond
        asked[column.field.name] = _Asked(column.field)

    def record(row: Row, sobject: str, asked: dict[str, _Asked]) -> Record:
        answer: Record = {
            "attributes": {"type": sobject, "url": f"{url_prefix}/sobjects/{sobject}/{row['Id']}"}
        }
        for name, entry in asked.items():
            if entry.beyond:
                parent = columns.parent(row, entry.described)
                answer[name] = parent and record(
                    parent, columns.parent_type(row, entry.described), entry.beyond
                )
            else:
                answer[name] = sobject if entry.described is PARENT_TYPE else _written(entry.described, row)
        return answer

    return lambda row: record(row, columns.schema.name, top)


def _written(field: Field, row: Row) -> Any:
    """A field's value as JSON has it. A boolean is never null."""
    value = row.get(field.name)
    if value is None:
        return False if field.type == "boolean" else None
    if field.type == "datetime":
        return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "+0000"
    return value.isoformat() if field.type == "date" else value

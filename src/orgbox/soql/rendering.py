"""How a row is written in an answer: attributes first, then the selected fields in their order, parents nested.

Salesforce REST: "Query". A datetime is 2022-03-17T16:21:26.000+0000, a date YYYY-MM-DD, a null is present.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from orgbox.schema.types import Field
from orgbox.soql.catalogue import Row
from orgbox.soql.columns import PARENT_TYPE, Column, Columns

Record = dict[str, Any]
Written = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A field to write; or, when something is asked beyond it, a reference to follow; or a part of its own making."""

    described: Field
    form: Callable[[Any], Any] | None = None
    part: Written | None = None
    beyond: dict[str, _Asked] = field(default_factory=dict)


def renderer(
    selected: Mapping[str, Column | Written], columns: Columns, url_prefix: str
) -> Callable[[Row], Record]:
    """A function from a row of the queried object to its JSON-ready record.

    A column is written where its path leads to; a function of the row (a sub-query's answer, a TYPEOF) under its name.
    """
    top: dict[str, _Asked] = {}
    for name, entry in selected.items():
        if not isinstance(entry, Column):
            top[name] = _Asked(PARENT_TYPE, part=entry)
            continue
        asked = top
        for hop in entry.hops:
            asked = asked.setdefault(hop.relationship_name or hop.name, _Asked(hop)).beyond
        asked[entry.field.name] = _Asked(entry.field, entry.form)

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
            elif entry.part is not None:
                answer[name] = entry.part(row)
            elif entry.described is PARENT_TYPE:
                answer[name] = sobject
            else:
                value = row.get(entry.described.name)
                answer[name] = entry.form(value) if entry.form else json_value(entry.described, value)
        return answer

    return lambda row: record(row, columns.schema.name, top)


def json_value(field: Field, value: Any) -> Any:
    """A field's value as JSON has it. A boolean is never null."""
    if value is None:
        return False if field.type == "boolean" else None
    if field.type == "datetime":
        return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "+0000"
    return value.isoformat() if field.type == "date" else value

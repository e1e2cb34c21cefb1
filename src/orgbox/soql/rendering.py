"""How a row is written in an answer: attributes first, then the selected fields in their order, parents nested.

Salesforce REST: "Query". A datetime is 2022-03-17T16:21:26.000+0000, a date YYYY-MM-DD, a null is present.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
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

    write, sobject = _writer(top, columns, url_prefix), columns.schema.name
    return lambda row: write(row, sobject)


def _writer(asked: Mapping[str, _Asked], columns: Columns, url_prefix: str) -> Callable[[Row, str], Record]:
    """A function from a row and the name of its object to its record. What can be decided before is decided here."""
    plain: list[tuple[str, str, Callable[[Any], Any] | None]] = []
    others: list[tuple[str, Callable[[Row, str], Any]]] = []
    for name, entry in asked.items():
        if entry.beyond:
            others.append(
                (name, _parent(entry.described, _writer(entry.beyond, columns, url_prefix), columns))
            )
        elif entry.part is not None:
            others.append((name, _ignoring_object(entry.part)))
        elif entry.described.type == "base64":
            others.append((name, _address(entry.described, url_prefix)))
        elif entry.described is PARENT_TYPE:
            others.append((name, lambda row, sobject: sobject))
        else:
            plain.append((name, entry.described.name, entry.form or _FORMS.get(entry.described.type)))
    order = tuple(asked) if others else None

    def record(row: Row, sobject: str) -> Record:
        answer: Record = {
            "attributes": {"type": sobject, "url": f"{url_prefix}/sobjects/{sobject}/{row['Id']}"}
        }
        get = row.get
        for name, field_name, form in plain:
            value = get(field_name)
            answer[name] = value if form is None else form(value)
        if order is None:
            return answer
        for name, written in others:
            answer[name] = written(row, sobject)
        return {"attributes": answer["attributes"], **{name: answer[name] for name in order}}

    return record


def _parent(
    hop: Field, write: Callable[[Row, str], Record], columns: Columns
) -> Callable[[Row, str], Record | None]:
    def written(row: Row, _: str) -> Record | None:
        parent = columns.parent(row, hop)
        return None if parent is None else write(parent, columns.parent_type(row, hop))

    return written


def _address(described: Field, url_prefix: str) -> Callable[[Row, str], str | None]:
    """Where the bytes of a field are read: they are in no answer themselves."""

    def written(row: Row, sobject: str) -> str | None:
        if row.get(described.name) is None:
            return None
        return f"{url_prefix}/sobjects/{sobject}/{row['Id']}/{described.name}"

    return written


def _ignoring_object(part: Written) -> Callable[[Row, str], Any]:
    return lambda row, _: part(row)


def json_value(field: Field, value: Any) -> Any:
    """A field's value as JSON has it. A boolean is never null."""
    form = _FORMS.get(field.type)
    return value if form is None else form(value)


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    text = (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()
    return f"{text[:19]}.000+0000" if value.microsecond == 0 else f"{text[:23]}+0000"


def _date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


_FORMS: dict[str, Callable[[Any], Any]] = {
    "boolean": lambda value: False if value is None else value,
    "date": _date,
    "datetime": _moment,
}
"""How values that are not JSON's own are written, by the type of their field."""

"""How do records go in together with their children? sObject Tree (docs/salesforce.md §2.8).

Up to 200 records of up to 5 sObjects, up to 5 levels deep, all of them or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orgbox.errors import OrgError
from orgbox.foreign_keys import with_ids
from orgbox.http.call import Answer, Call
from orgbox.http.rows import found_schema
from orgbox.http.subrequests import malformed
from orgbox.schema.types import Field, ObjectSchema
from orgbox.view import child_of

_MOST_RECORDS = 200
_MOST_SOBJECTS = 5
_MOST_LEVELS = 5


@dataclass(frozen=True, slots=True)
class _Node:
    """A record to insert; `parent` names the record it hangs on, `by` the field that says so."""

    schema: ObjectSchema
    reference: str
    values: dict[str, Any]
    parent: str | None
    by: Field | None


def tree(call: Call, sobject: str) -> Answer:
    """POST /composite/tree/X: 201 {hasErrors: false, results: [{referenceId, id}]}, or 400 with the errors."""
    nodes = list(_nodes(call, found_schema(call, sobject), call.json_object().get("records"), None, None, 1))
    _check(nodes)
    made: dict[str, str] = {}
    failed: list[dict[str, Any]] = []
    with call.transaction() as tx:
        mark = tx.mark()
        for node in nodes:
            if node.parent is not None and node.parent not in made:
                continue  # its parent was refused, which is said there
            above = {} if node.by is None or node.parent is None else {node.by.name: made[node.parent]}
            try:
                made[node.reference] = tx.insert(
                    node.schema.name, with_ids(tx, node.schema, node.values) | above
                )
            except OrgError as error:
                told = {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}
                failed.append({"referenceId": node.reference, "errors": [told]})
        if failed:
            tx.back_to(mark)
    if failed:
        return Answer(400, {"hasErrors": True, "results": failed})
    results = [{"referenceId": reference, "id": identifier} for reference, identifier in made.items()]
    return Answer(201, {"hasErrors": False, "results": results})


def _nodes(
    call: Call, schema: ObjectSchema, records: Any, parent: str | None, by: Field | None, level: int
) -> Iterator[_Node]:
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise malformed("records must be an array of sObjects")
    if level > _MOST_LEVELS:
        raise OrgError("INVALID_INPUT", f"A tree may be at most {_MOST_LEVELS} levels deep")
    for record in records:
        attributes = record.get("attributes")
        given = attributes if isinstance(attributes, dict) else {}
        reference, named = given.get("referenceId"), given.get("type")
        if not isinstance(reference, str) or not isinstance(named, str):
            raise OrgError("INVALID_INPUT", "Each record needs attributes with its type and referenceId")
        if named.lower() != schema.name.lower():
            raise OrgError("INVALID_INPUT", f"{reference} must be of type {schema.name}")
        values = {n: v for n, v in record.items() if n != "attributes"}
        children = {
            name: v["records"] for name, v in values.items() if isinstance(v, dict) and "records" in v
        }
        yield _Node(schema, reference, {n: v for n, v in values.items() if n not in children}, parent, by)
        for name, below in children.items():
            found = child_of(call.service.org.state, schema.name, name)
            if found is None:
                raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {schema.name}")
            yield from _nodes(call, found[0], below, reference, found[1], level + 1)


def _check(nodes: list[_Node]) -> None:
    if not nodes:
        raise malformed("records must be an array of sObjects")
    if len(nodes) > _MOST_RECORDS:
        raise OrgError("INVALID_INPUT", f"A tree may have at most {_MOST_RECORDS} records")
    if len({node.schema.name for node in nodes}) > _MOST_SOBJECTS:
        raise OrgError("INVALID_INPUT", f"A tree may have at most {_MOST_SOBJECTS} different sObjects")
    if len({node.reference for node in nodes}) < len(nodes):
        raise OrgError("INVALID_INPUT", "Duplicate ReferenceId provided in the request")

"""What happens to the rows of a job? They are written in transactions of 200, each row with its own result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orgbox.errors import OrgError
from orgbox.foreign_keys import with_ids
from orgbox.org import Org
from orgbox.schema.types import ObjectSchema
from orgbox.writes import Transaction

_CHUNK = 200
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")

Values = Callable[[], dict[str, Any]]
"""A row's values when it is its turn; raises OrgError for a row that cannot be read."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row."""

    id: str | None
    created: bool
    error: OrgError | None = None

    @property
    def told(self) -> str:
        """The error as a cell: CODE:message:fields --"""
        if self.error is None:
            return ""
        return f"{self.error.code}:{self.error.message}:{', '.join(self.error.fields)} --"


def write_rows(
    org: Org, user_id: str, schema: ObjectSchema, operation: str, key: str | None, rows: Sequence[Values]
) -> Iterator[RowResult]:
    """Write rows; `key` is the external id field of an upsert. One locked row takes its whole transaction along."""
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        results: list[RowResult] = []
        with org.transaction(user_id) as tx:
            mark = tx.mark()
            for values in chunk:
                try:
                    results.append(_write(tx, schema, operation, key, values()))
                except OrgError as error:
                    if error.code == "UNABLE_TO_LOCK_ROW":
                        tx.back_to(mark)
                        results = [RowResult(None, False, error)] * len(chunk)
                        break
                    results.append(RowResult(None, False, error))
        if operation == "hardDelete":
            for result in results:
                if result.id is not None:
                    org.purge(result.id)
        yield from results


def _write(
    tx: Transaction, schema: ObjectSchema, operation: str, key: str | None, given: dict[str, Any]
) -> RowResult:
    values = with_ids(tx, schema, given)
    if operation == "insert":
        return RowResult(tx.insert(schema.name, values), True)
    if operation == "upsert":
        field = schema.find(key or "")
        known = "" if field is None else field.name.lower()
        value = next((values.pop(name) for name in list(values) if name.lower() == known), None)
        identifier, created = tx.upsert(schema.name, key or "", value, values)
        return RowResult(identifier, created)
    given_id = next((values.pop(name) for name in list(values) if name.lower() == "id"), None)
    if not isinstance(given_id, str):
        raise OrgError("MISSING_ARGUMENT", f"Id not specified in an {operation} call", ("Id",))
    full = str(tx.live(schema, given_id)["Id"])
    if operation == "update":
        tx.update(schema.name, full, values)
    else:
        tx.delete(schema.name, full)
    return RowResult(full, False)

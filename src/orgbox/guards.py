"""When does the org as a whole refuse a write? In maintenance, on a full disk, and for a row that awaits approval."""

from __future__ import annotations

from orgbox.commits import Pending
from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.refusals import REFUSALS
from orgbox.schema.types import ObjectSchema

ROW_BYTES = 2_048
"""What nearly every record counts for in the data storage ("Data Storage Record Size")."""


def writing(pending: Pending) -> None:
    """Raises OrgError while the org is read-only."""
    if pending.state.read_only:
        code = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
        raise REFUSALS[code].error(code)


def insert(pending: Pending, schema: ObjectSchema) -> None:
    """Raises OrgError STORAGE_LIMIT_EXCEEDED when the disk has no room for another row."""
    writing(pending)
    most = pending.state.most_rows
    if most is not None and sum(len(table.records) for table in pending.state.tables.values()) >= most:
        raise OrgError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")


def change(pending: Pending, old: Record) -> None:
    """Raises OrgError ENTITY_IS_LOCKED for a row in an approval process."""
    writing(pending)
    if old["Id"] in pending.state.in_approval:
        raise REFUSALS["ENTITY_IS_LOCKED"].error("ENTITY_IS_LOCKED")

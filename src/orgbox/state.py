"""What is committed in an org at this moment, and who holds what of it?"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from orgbox.access import Access
from orgbox.clock import Clock
from orgbox.errors import OrgError
from orgbox.ids import IdMint
from orgbox.records import Record, Table
from orgbox.schema import STANDARD
from orgbox.schema.types import ObjectSchema
from orgbox.timeline import Timeline

if TYPE_CHECKING:
    from orgbox.mail_matching import Associations
    from orgbox.policies import Policy


class Holder(Protocol):
    """An open transaction, as far as others must know it."""

    started_at: datetime


@dataclass(slots=True)
class Change:
    """A row about to be written, as a trigger sees it.

    `values` are the canonical values that are being written; a trigger may change them, or raise OrgError to
    refuse the row, as a validation rule does.
    """

    operation: Literal["insert", "update", "delete"]
    sobject: str
    user_id: str
    old: Record | None
    values: dict[str, Any]


Trigger = Callable[[Change], None]

Written = tuple[str, Record | None, Record]
"""(sObject, the version before, the version that is committed)"""
Listener = Callable[[str, str, list[Written]], None]
"""Called after a commit with its user, its origin and what it wrote."""


class State:
    """The committed records of an org and the bookkeeping around them. Nothing here decides."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock = clock
        self.mint = IdMint(seed)
        self.schemas: dict[str, ObjectSchema] = {}
        self.by_prefix: dict[str, ObjectSchema] = {}
        self.tables: dict[str, Table] = {}
        self.triggers: MutableSequence[Trigger] = []
        # Who hears of each commit, and where what is being written comes from: com/salesforce/api/rest/67.0;client=x
        self.listeners: MutableSequence[Listener] = []
        self.origin = ""
        # What an admin set up: rules, what users may not do, rows that await approval, and the size of the disk.
        self.policies: list[Policy] = []
        self.access: dict[str, Access] = {}
        self.in_approval: set[str] = set()
        self.most_rows: int | None = None
        self.read_only = False
        # Email to Salesforce: what each user chose on their page, and the Type of what it files ("": the picklist's).
        self.associations: dict[str, Associations] = {}
        self.filed_type = "Email"
        # Open transactions, what they have locked (record ids), and the unique values they have claimed.
        self.open: dict[Holder, None] = {}
        self.locks: dict[str, Holder] = {}
        self.claims: dict[tuple[str, str, Any], Holder] = {}
        # The recycle bin: when each record was deleted, and with which parent it went.
        self.bin = Timeline(self._binned)
        self.deleted_with: dict[str, str] = {}
        self.emptied_to: dict[str, datetime] = {}
        self.changes = 0  # grows whenever what is committed changes
        for schema in STANDARD:
            self.describe(schema)
        self.started_at = self.stamp()

    def stamp(self) -> datetime:
        """Now, in the whole seconds that Salesforce keeps."""
        return self.clock.now().replace(microsecond=0)

    @property
    def guarded(self) -> bool:
        """Whether writes must be asked about at all: see `orgbox.guards`."""
        return self.read_only or self.most_rows is not None or bool(self.in_approval)

    def describe(self, schema: ObjectSchema) -> None:
        """Make this the description of its sObject."""
        self.described_at = self.stamp()
        self.schemas[schema.name.lower()] = schema
        self.by_prefix[schema.key_prefix] = schema
        table = self.tables.get(schema.name)
        if table is None:
            self.tables[schema.name] = Table(schema)
        else:
            table.describe(schema)

    def schema(self, name: str) -> ObjectSchema:
        """The description of an sObject, named in any case. Raises OrgError INVALID_TYPE."""
        schema = self.schemas.get(name.lower())
        if schema is None:
            raise OrgError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return schema

    def table_of(self, identifier: str) -> Table | None:
        """The table in which an id would be, told by its first three characters."""
        schema = self.by_prefix.get(identifier[:3])
        return None if schema is None else self.tables[schema.name]

    def _binned(self, identifier: str, moment: datetime) -> bool:
        table = self.table_of(identifier)
        record = None if table is None else table.records.get(identifier)
        return record is not None and bool(record["IsDeleted"]) and record["SystemModstamp"] == moment

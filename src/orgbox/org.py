"""A Salesforce org in a box, without its HTTP: what may be asked of it, and done to it.

    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    org = Org(clock, seed=7)
    task = org.insert("Task", {"Subject": "Call Ann"})
    clock.advance(60)
    org.update("Task", task, {"Status": "Completed"})
    org.get("Task", task)["IsClosed"]     # True

Deterministic for a clock and a seed; no thread, no file, no socket. Whoever shares an org between threads lets one
of them do the work (orgbox.server does). Errors are OrgError with the code that Salesforce would answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from orgbox import archive, changes, recycle_bin
from orgbox.access import Access
from orgbox.clock import Clock
from orgbox.conversion import Conversion, convert
from orgbox.errors import OrgError
from orgbox.guards import ROW_BYTES
from orgbox.ids import canonical
from orgbox.merging import merge
from orgbox.planting import plant
from orgbox.policies import Policy, check
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema, PicklistValue
from orgbox.soql import Result, evaluate, parse
from orgbox.state import State, Trigger
from orgbox.view import View
from orgbox.writes import Transaction, not_found

_CHOICES = {"Status": ("TaskStatus", "IsClosed"), "Priority": ("TaskPriority", "IsHighPriority")}


class Org:
    """One org. `admin_id` is the user who writes when no other is named.

    `task_fields` are custom fields on Activity, such as
    `Field("Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True)`.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        *,
        name: str = "Orgbox",
        edition: str = "Developer Edition",
        time_zone: str = "America/Los_Angeles",
        task_fields: Iterable[Field] = (),
    ) -> None:
        self.seed = seed
        self.state = State(clock, seed)
        self.id: str = self.state.mint.new("00D")
        self.admin_id: str = self.state.mint.new("005")
        self.plant(
            "User",
            {
                "Id": self.admin_id,
                "Username": f"admin@{self.id[3:15].lower()}.example",
                "LastName": "Admin",
                "Alias": "admin",
                "Email": "admin@org.example",
                "TimeZoneSidKey": time_zone,
            },
        )
        self.plant(
            "Organization",
            {
                "Id": self.id,
                "Name": name,
                "OrganizationType": edition,
                "InstanceName": "BOX1",
                "TimeZoneSidKey": time_zone,
                "DefaultLocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US",
            },
        )
        for field in _CHOICES:
            self._list_choices(field)
        for custom in task_fields:
            for activity in ("Task", "Event"):
                self.add_field(activity, custom)

    @property
    def clock(self) -> Clock:
        """The clock this org goes by."""
        return self.state.clock

    @property
    def triggers(self) -> MutableSequence[Trigger]:
        """Called in order before a row is written; each may change the values or refuse the row."""
        return self.state.triggers

    # Writing ----------------------------------------------------------------------------------------------------

    def insert(self, sobject: str, values: Mapping[str, Any], user: str | None = None) -> str:
        """Make a record; returns its 18-character id."""
        with self.transaction(user) as tx:
            return tx.insert(sobject, values)

    def update(
        self,
        sobject: str,
        identifier: str,
        values: Mapping[str, Any],
        user: str | None = None,
        *,
        unless_modified_since: datetime | None = None,
    ) -> None:
        """Change a record; see `Transaction.update` for the condition."""
        with self.transaction(user) as tx:
            tx.update(sobject, identifier, values, unless_modified_since=unless_modified_since)

    def upsert(
        self, sobject: str, ext_field: str, value: Any, values: Mapping[str, Any], user: str | None = None
    ) -> tuple[str, bool]:
        """Insert or update by a key field; returns (id, created)."""
        with self.transaction(user) as tx:
            return tx.upsert(sobject, ext_field, value, values)

    def delete(self, sobject: str, identifier: str, user: str | None = None) -> None:
        """Put a record into the recycle bin, its children with it."""
        with self.transaction(user) as tx:
            tx.delete(sobject, identifier)

    def undelete(self, sobject: str, identifier: str, user: str | None = None) -> None:
        """Bring a record back from the bin, with the children that went with it."""
        with self.transaction(user) as tx:
            tx.undelete(sobject, identifier)

    def convert_lead(
        self, lead_id: str, *, opportunity: str | None = None, user: str | None = None
    ) -> Conversion:
        """Convert a lead to an account, a contact and, when it is named, an opportunity; its tasks move along."""
        with self.transaction(user) as tx:
            return convert(tx, lead_id, opportunity)

    def merge(
        self,
        sobject: str,
        winner: str,
        losers: Sequence[str],
        values: Mapping[str, Any] | None = None,
        user: str | None = None,
    ) -> None:
        """Merge one or two accounts, contacts or leads into another, as people do; REST cannot."""
        with self.transaction(user) as tx:
            merge(tx, sobject, winner, losers, values or {})

    @contextmanager
    def transaction(self, user: str | None = None) -> Iterator[Transaction]:
        """Writes that commit together at the end of the block, or not at all when it raises."""
        recycle_bin.expire(self.state)
        tx = Transaction(self.state, user or self.admin_id)
        yield tx
        if not tx.done:
            tx.commit()

    def begin(self, user: str | None = None) -> Transaction:
        """A slow transaction: stamps now, shows at `commit()`, holds its rows until then or `rollback()`."""
        recycle_bin.expire(self.state)
        return Transaction(self.state, user or self.admin_id, holds=True)

    def plant(self, sobject: str, values: Mapping[str, Any]) -> str:
        """Put a record in as if it had always been there, for a lifelike org or a test; returns its id.

        Read-only fields may be given too (CreatedDate, SystemModstamp, RecurrenceActivityId, Id, ...) and go before
        what would follow from others. Values are held to their types; references, triggers and rules are not asked.
        """
        return plant(self.state, self.admin_id, sobject, values)

    # Reading ----------------------------------------------------------------------------------------------------

    def get(self, sobject: str, identifier: str, *, deleted: bool = False) -> Record:
        """The committed version of a record. Raises OrgError NOT_FOUND, or ENTITY_IS_DELETED unless `deleted`."""
        recycle_bin.expire(self.state)
        schema = self.state.schema(sobject)
        record = self.state.tables[schema.name].records.get(canonical(identifier))
        if record is None:
            raise not_found()
        if record["IsDeleted"] and not deleted:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted")
        return record

    def scan(self, sobject: str, all_rows: bool = False) -> Iterator[Record]:
        """The committed records of an sObject; deleted and archived ones only with `all_rows`."""
        recycle_bin.expire(self.state)
        return View(Transaction(self.state, self.admin_id), "").scan(sobject, all_rows)

    def query(self, soql: str, user: str | None = None, *, all_rows: bool = False) -> Result:
        """The answer to a SOQL query, as query gives it, or queryAll with `all_rows`."""
        recycle_bin.expire(self.state)
        tx = Transaction(self.state, user or self.admin_id)
        return evaluate(parse(soql), View(tx, "/services/data/v67.0"), all_rows)

    def updated(self, sobject: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
        """getUpdated: (ids, latestDateCovered)."""
        recycle_bin.expire(self.state)
        return changes.updated(self.state, sobject, start, end)

    def deleted(
        self, sobject: str, start: datetime, end: datetime
    ) -> tuple[list[tuple[str, datetime]], datetime, datetime]:
        """getDeleted: ([(id, deleted at)], earliestDateAvailable, latestDateCovered)."""
        recycle_bin.expire(self.state)
        return changes.deleted(self.state, sobject, start, end)

    def schema(self, sobject: str) -> ObjectSchema:
        """The description of an sObject, named in any case. Raises OrgError INVALID_TYPE."""
        return self.state.schema(sobject)

    # Administration ---------------------------------------------------------------------------------------------

    def empty_bin(self, sobject: str | None = None) -> None:
        """Empty the recycle bin, of one sObject or of all: getDeleted no longer tells of those records."""
        recycle_bin.empty(self.state, sobject and self.schema(sobject).name)

    def purge(self, identifier: str) -> None:
        """Remove one record from the bin for ever."""
        recycle_bin.purge(self.state, canonical(identifier))

    def run_archive_job(self) -> list[str]:
        """Archive old closed tasks; returns their ids."""
        return archive.run(self.state)

    def add_field(self, sobject: str, field: Field) -> None:
        """Add a custom field; the records there are have it empty."""
        schema = self.schema(sobject)
        if schema.find(field.name) is not None:
            raise OrgError("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field.name}")
        added = replace(field, custom=True, label=field.label or field.name)
        self.state.describe(replace(schema, fields=(*schema.fields, added)))

    def add_object(self, schema: ObjectSchema) -> None:
        """Add a custom object, with no records."""
        if schema.name.lower() in self.state.schemas or schema.key_prefix in self.state.by_prefix:
            raise OrgError("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {schema.name}")
        self.state.describe(schema)

    def add_policy(self, policy: Policy) -> None:
        """Add a validation rule or a lookup filter; rows that are there already stay. OrgError for a wrong condition."""
        check(policy, Transaction(self.state, self.admin_id))
        self.state.policies.append(policy)

    def limit(self, user: str, access: Access) -> None:
        """Limit what a user may see and change; `Access()` lifts every limit."""
        self.state.access[user] = access

    def lock_for_approval(self, *identifiers: str) -> None:
        """Put these rows, and no others, into an approval process: nobody may change them."""
        self.state.in_approval = {canonical(identifier) for identifier in identifiers}

    def set_maintenance(self, *, on: bool) -> None:
        """Make the org read-only, as during an upgrade, or writable again."""
        self.state.read_only = on

    def set_storage(self, megabytes: float | None) -> None:
        """Give the org so much room for data, 2 KB a row, or all it wants."""
        self.state.most_rows = None if megabytes is None else int(megabytes * 1024 * 1024 / ROW_BYTES)

    def set_picklist(
        self, sobject: str, field: str, values: Sequence[PicklistValue], *, restricted: bool = False
    ) -> None:
        """Give a picklist other values, as an admin does; records keep the words they have."""
        schema = self.schema(sobject)
        described = schema.find(field)
        if described is None:
            raise OrgError("INVALID_FIELD", f"No such column '{field}' on sobject of type {schema.name}")
        changed = replace(described, picklist=tuple(values), restricted=restricted)
        fields = tuple(changed if f.name == changed.name else f for f in schema.fields)
        self.state.describe(replace(schema, fields=fields))
        if schema.name == "Task" and changed.name in _CHOICES:
            self._list_choices(changed.name)

    def _list_choices(self, field: str) -> None:
        """Keep TaskStatus and TaskPriority in step with the picklists they list."""
        listed, flag = _CHOICES[field]
        table = self.state.tables[listed]
        for identifier in list(table.records):
            table.remove(identifier)
        for order, choice in enumerate(self.schema("Task").by_name[field].picklist, start=1):
            self.plant(
                listed,
                {
                    "MasterLabel": choice.value,
                    "ApiName": choice.value,
                    "SortOrder": order,
                    "IsDefault": choice.default,
                    flag: choice.closed if field == "Status" else choice.high,
                },
            )

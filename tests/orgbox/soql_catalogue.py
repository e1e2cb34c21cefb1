"""A small org in memory for the SOQL tests: a few objects, rows given by each test, a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from orgbox.errors import OrgError
from orgbox.schema.types import Field, ObjectSchema, PicklistValue
from orgbox.soql import Result, evaluate, parse
from orgbox.soql.catalogue import Hint, Row

NOW = datetime(2026, 3, 18, 9, 30, 15, tzinfo=UTC)  # a Wednesday

STATUS = tuple(PicklistValue(v) for v in ("Not Started", "In Progress", "Completed", "Deferred"))
TASK = ObjectSchema(
    "Task",
    "00T",
    "Task",
    (
        Field("Id", "id"),
        Field("Subject", "combobox"),
        Field("Status", "picklist", picklist=STATUS),
        Field("ActivityDate", "date"),
        Field("Colours__c", "multipicklist", custom=True),
        Field("Description", "textarea", filterable=False, sortable=False),
        Field("OwnerId", "reference", reference_to=("User", "Group"), relationship_name="Owner"),
        Field(
            "WhoId",
            "reference",
            reference_to=("Contact", "Lead"),
            relationship_name="Who",
            child_relationship="Tasks",
        ),
        Field("AccountId", "reference", reference_to=("Account",), relationship_name="Account"),
        Field("CallDurationInSeconds", "int"),
        Field("IsClosed", "boolean"),
        Field("IsDeleted", "boolean"),
        Field("IsArchived", "boolean"),
        Field("SystemModstamp", "datetime"),
        Field("Key__c", "string", case_sensitive=True, custom=True),
    ),
)
ACCOUNT = ObjectSchema(
    "Account",
    "001",
    "Account",
    (
        Field("Id", "id"),
        Field("Name", "string"),
        Field("Type", "picklist", picklist=(PicklistValue("Customer"),)),
        Field("AnnualRevenue", "currency"),
        Field("OwnerId", "reference", reference_to=("User",), relationship_name="Owner"),
        Field("ParentId", "reference", reference_to=("Account",), relationship_name="Parent"),
        Field("BillingAddress", "address"),
    ),
)
CONTACT = ObjectSchema(
    "Contact",
    "003",
    "Contact",
    (
        Field("Id", "id"),
        Field("Name", "string"),
        Field("Email", "email"),
        Field(
            "AccountId",
            "reference",
            reference_to=("Account",),
            relationship_name="Account",
            child_relationship="Contacts",
        ),
    ),
)
LEAD = ObjectSchema(
    "Lead", "00Q", "Lead", (Field("Id", "id"), Field("Name", "string"), Field("Email", "email"))
)
USER = ObjectSchema("User", "005", "User", (Field("Id", "id"), Field("Name", "string")))
GROUP = ObjectSchema("Group", "00G", "Group", (Field("Id", "id"), Field("Name", "string")))

# Ids that differ in capitals alone, as real neighbours do.
TASK_a, TASK_A = "00T00000000000aAAA", "00T00000000000AAAQ"
ACME, GLOBEX = "001000000000001AAA", "001000000000002AAA"
ANN, LEE = "003000000000001AAA", "00Q000000000001AAA"
REP, QUEUE = "005000000000001AAA", "00G000000000001AAA"

PARENTS: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {
            "Id": ACME,
            "Name": "Acme",
            "Type": "Customer",
            "AnnualRevenue": 12.5,
            "OwnerId": REP,
            "ParentId": GLOBEX,
        },
        {
            "Id": GLOBEX,
            "Name": "Globex",
            "Type": None,
            "AnnualRevenue": None,
            "OwnerId": None,
            "ParentId": None,
        },
    ],
    "Contact": [{"Id": ANN, "Name": "Ann Acme", "Email": "ann@acme.test", "AccountId": ACME}],
    "Lead": [{"Id": LEE, "Name": "Lee Lead", "Email": None}],
    "User": [{"Id": REP, "Name": "Rosa Rep"}],
    "Group": [{"Id": QUEUE, "Name": "Inbox"}],
}


def task_id(number: int) -> str:
    return f"00T{number:012d}AAA"


def task(number: int, **values: Any) -> dict[str, Any]:
    """A whole Task row; what is not given is null, or false."""
    row: dict[str, Any] = {f.name: False if f.type == "boolean" else None for f in TASK.fields}
    return (
        row | {"Id": task_id(number), "Status": "Not Started", "SystemModstamp": NOW, "OwnerId": REP} | values
    )


class MemoryOrg:
    """A Catalogue over lists, without an index; it keeps the hints it was given."""

    url_prefix = "/services/data/v67.0"
    user_id = REP

    def __init__(
        self, tasks: Sequence[dict[str, Any]] = (), *, now: datetime = NOW, time_zone: str = "UTC"
    ) -> None:
        self.rows = PARENTS | {"Task": list(tasks)}
        self.time_zone = time_zone
        self._now = now
        self.hints: list[Hint] = []

    def now(self) -> datetime:
        return self._now

    def schema(self, name: str) -> ObjectSchema:
        for schema in (TASK, ACCOUNT, CONTACT, LEAD, USER, GROUP):
            if schema.name.lower() == name.lower():
                return schema
        raise OrgError("INVALID_TYPE", f"sObject type '{name}' is not supported.")

    def children(self, parent: str, relationship: str) -> tuple[ObjectSchema, Field] | None:
        for schema in (TASK, ACCOUNT, CONTACT):
            for field in schema.fields:
                name = field.child_relationship or ""
                if name.lower() == relationship.lower() and parent in field.reference_to:
                    return schema, field
        return None

    def sobject_of(self, record_id: str) -> str:
        return {s.key_prefix: s.name for s in (TASK, ACCOUNT, CONTACT, LEAD, USER, GROUP)}[record_id[:3]]

    def scan(self, name: str, all_rows: bool) -> Iterable[Row]:
        hidden = ("IsDeleted", "IsArchived")
        return [row for row in self.rows[name] if all_rows or not any(row.get(flag) for flag in hidden)]

    def get(self, name: str, record_id: str) -> Row | None:
        return next((row for row in self.rows[name] if row["Id"] == record_id), None)

    def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Row] | None:
        self.hints = list(hints)
        return None


def ask(org: MemoryOrg, soql: str, *, all_rows: bool = False) -> Result:
    return evaluate(parse(soql), org, all_rows)


def numbers(org: MemoryOrg, where: str, *, all_rows: bool = False) -> list[int]:
    """The numbers of the Tasks that fulfil a WHERE, in order of Id."""
    records = ask(org, f"SELECT Id FROM Task WHERE {where}", all_rows=all_rows).records
    return [int(record["Id"][3:15]) for record in records]

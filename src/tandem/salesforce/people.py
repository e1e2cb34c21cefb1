"""How an org is asked whom an email address stands for: SOQL texts, and the rows they give. Pure.

Matching is by the standard Email field alone (EM-7); Salesforce compares it without case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tandem.salesforce.errors import BadInput
from tandem.salesforce.wire import Json, format_datetime, id18, parse_datetime, soql_in, soql_text

Asked = Literal["lead", "contact", "colleague", "deals", "tasks"]
_API_NAME = re.compile(r"[A-Za-z]\w{0,79}")


@dataclass(frozen=True, slots=True)
class Question:
    """Up to as many names as a query takes: email addresses, or ids of Leads and Contacts (`tasks` takes ids only)."""

    asked: Asked
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A Lead, Contact or User. account_name: of a lead, which has no account, its Company. converted_to: the contact that a
    converted lead has become, "" while it is none.
    """

    id: str
    name: str
    email: str
    created: datetime
    account: str = ""
    account_name: str = ""
    converted: bool = False
    converted_to: str = ""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A contact's role on an open opportunity, whose own account may be another one."""

    contact: str
    opportunity: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class TasksOf:
    """How many Tasks this person has; who has none is in no row."""

    who: str
    number: int


FoundRow = PersonRow | RoleRow | TasksOf


def soql(question: Question) -> str:
    """The query that a question stands for."""
    by_email = "@" in question.names[0]
    names = soql_in(question.names if by_email else map(id18, question.names))
    column = _BY[question.asked][0 if by_email else 1]
    # Safe to put together: every value went through soql_text or id18.
    return f"{_SELECT[question.asked]} {column} IN {names}{_AND.get(question.asked, '')}"


def search_soql(asked: Literal["lead", "contact"], text: str, limit: int) -> str:
    """Leads or Contacts whose name or address contains `text`; % and _ in it stand for themselves."""
    like = soql_text("%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    only = "IsConverted = false AND " if asked == "lead" else ""
    return f"{_SELECT[asked]} {only}(Name LIKE {like} OR Email LIKE {like}) ORDER BY Name LIMIT {limit}"


def without_opt_out_soql(asked: Literal["lead", "contact"], addresses: Sequence[str], field: str) -> str:
    """Leads or Contacts with one of these addresses whose `field` is not set yet (UN-1)."""
    only = "IsConverted = false AND " if asked == "lead" else ""
    return f"{_SELECT[asked]} {only}{_api_name(field)} = false AND Email IN {soql_in(addresses)}"


def opted_out_soql(asked: Literal["lead", "contact"], field: str, since: datetime | None) -> str:
    """Leads or Contacts whose `field` is set, changed since then by Salesforce's clock (UN-3)."""
    changed = f" AND SystemModstamp >= {format_datetime(since)}" if since is not None else ""
    return f"{_SELECT[asked]} {_api_name(field)} = true AND Email != null{changed}"


def _api_name(field: str) -> str:
    """A field's name may go into a query only as a name."""
    if not _API_NAME.fullmatch(field):
        raise BadInput("that is not the API name of a field", code="BAD_FIELD_NAME")
    return field


def row_of(asked: Asked) -> Callable[[Json], FoundRow]:
    """What makes a typed row of one record that `soql` found."""
    return _ROWS[asked]


_SELECT: Mapping[Asked, str] = {
    "lead": "SELECT Id, Name, Email, CreatedDate, Company, IsConverted, ConvertedContactId FROM Lead WHERE",
    "contact": "SELECT Id, Name, Email, CreatedDate, AccountId, Account.Name FROM Contact WHERE",
    "colleague": "SELECT Id, Name, Email, CreatedDate FROM User WHERE",
    "deals": (
        "SELECT ContactId, OpportunityId, Opportunity.Name, Opportunity.AccountId FROM OpportunityContactRole WHERE"
    ),
    "tasks": "SELECT WhoId, COUNT(Id) number FROM Task WHERE",
}
_BY: Mapping[Asked, tuple[str, str]] = {
    "lead": ("Email", "Id"),
    "contact": ("Email", "Id"),
    "colleague": ("Email", "Id"),
    "deals": ("Contact.Email", "ContactId"),
    "tasks": ("WhoId", "WhoId"),
}
_AND: Mapping[Asked, str] = {
    # Customers of a portal are Users too.
    "colleague": " AND UserType = 'Standard'",
    "deals": " AND Opportunity.IsClosed = false",
    # Counted there: a row a person, whatever they have been written.
    "tasks": " GROUP BY WhoId",
}


def _lead(record: Json) -> PersonRow:
    return PersonRow(
        id18(record["Id"]),
        record["Name"] or "",
        (record["Email"] or "").lower(),
        parse_datetime(record["CreatedDate"]),
        account_name=record["Company"] or "",
        converted=bool(record["IsConverted"]),
        converted_to=_optional(record["ConvertedContactId"]),
    )


def _contact(record: Json) -> PersonRow:
    account = record["Account"]
    return PersonRow(
        id18(record["Id"]),
        record["Name"] or "",
        (record["Email"] or "").lower(),
        parse_datetime(record["CreatedDate"]),
        _optional(record["AccountId"]),
        (account["Name"] or "") if account else "",
    )


def _user(record: Json) -> PersonRow:
    email = (record["Email"] or "").lower()
    return PersonRow(id18(record["Id"]), record["Name"] or "", email, parse_datetime(record["CreatedDate"]))


def _role(record: Json) -> RoleRow:
    opportunity = record["Opportunity"]
    return RoleRow(
        id18(record["ContactId"]),
        id18(record["OpportunityId"]),
        (opportunity["Name"] or "") if opportunity else "",
        _optional(opportunity["AccountId"]) if opportunity else "",
    )


def _tasks(record: Json) -> TasksOf:
    return TasksOf(id18(record["WhoId"]), int(record["number"]))


def _optional(value: str | None) -> str:
    return id18(value) if value else ""


_ROWS: Mapping[Asked, Callable[[Json], FoundRow]] = {
    "lead": _lead,
    "contact": _contact,
    "colleague": _user,
    "deals": _role,
    "tasks": _tasks,
}


def rows_of(asked: Asked, records: Sequence[Json]) -> tuple[FoundRow, ...]:
    """The typed rows of a page; KeyError, TypeError or ValueError if it is of another shape."""
    return tuple(map(row_of(asked), records))

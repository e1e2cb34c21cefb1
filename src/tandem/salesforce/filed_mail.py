"""What Salesforce says of Email to Salesforce: where a user's mail goes, and which Tasks it has become (docs/salesforce.md §5).

No answer tells of a message that was taken in: it can only be found by what it became. One method is one API call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.salesforce import composite
from tandem.salesforce.batches import check_count
from tandem.salesforce.caller import Caller
from tandem.salesforce.composite import Subrequest
from tandem.salesforce.errors import SalesforceError
from tandem.salesforce.outcomes import QueryPage
from tandem.salesforce.reader import Reader, page_of, reading
from tandem.salesforce.wire import Json, format_datetime, id18, parse_datetime, soql_in, soql_text

#: Subjects that one call may ask for; each in the two forms in which it may stand on a Task.
MOST_SUBJECTS = 100
_SUBJECTS_A_QUERY = 20
_SUBJECT_LENGTH = 255
_FUNCTION = "EmailToSalesforce"


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One Email to Salesforce address. senders: whose mail it takes, as the user wrote them; none means anybody's."""

    address: str
    active: bool
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailService:
    """A user's addresses. active: whether the org takes mail in at all; None where that cannot be seen."""

    addresses: tuple[MailAddress, ...]
    active: bool | None


@dataclass(frozen=True, slots=True)
class FiledTask:
    """A Task that may be an email that Salesforce filed. Ids have 18 characters, "" for none; names as people see them."""

    id: str
    owner: str
    subject: str
    description: str
    created: datetime
    closed: bool
    who: str = ""
    who_name: str = ""
    who_email: str = ""
    what: str = ""
    what_name: str = ""


class FiledMail:
    """The questions about Email to Salesforce, through one caller."""

    def __init__(self, caller: Caller, reader: Reader, base: str) -> None:
        self._caller = caller
        self._reader = reader
        self._base = base

    def service_of(self, user: str) -> MailService:
        """Where this user's copies go, and whether the org takes them."""
        own, org = self._ask([_address_soql(user), _service_soql()])
        if isinstance(own, SalesforceError):
            raise own
        with reading():
            addresses = tuple(_address(row) for row in own.records)
            active = None if isinstance(org, SalesforceError) else _any_active(org.records)
        return MailService(addresses, active)

    def filed(self, owners: Sequence[str], subjects: Sequence[str], since: datetime) -> list[FiledTask]:
        """The Tasks of these users that bear one of up to 100 subjects and were made at `since` or later, oldest first."""
        check_count(len(subjects), MOST_SUBJECTS, "subjects")
        soqls = [_filed_soql(owners, part, since) for part in _parts(subjects)]
        found: list[FiledTask] = []
        for answer in self._ask(soqls):
            if isinstance(answer, SalesforceError):
                raise answer
            page = answer
            while True:
                with reading():
                    found.extend(_task(row) for row in page.records)
                if page.next_url is None:
                    break
                page = self._reader.more(page.next_url)
        return sorted(found, key=lambda task: (task.created, task.id))

    def _ask(self, soqls: Sequence[str]) -> list[QueryPage | SalesforceError]:
        subrequests = [
            Subrequest(f"query_{number}", "GET", self._reader.query_url("query", soql))
            for number, soql in enumerate(soqls)
        ]
        reply = self._caller.call(
            "POST", f"{self._base}/composite", composite.composite_body(subrequests), was_write=False
        )
        parts = composite.parts_of(reply.payload)
        answers: list[QueryPage | SalesforceError] = []
        for each in subrequests:
            try:
                answers.append(page_of(parts.get(each.reference), reply.read_at))
            except SalesforceError as error:
                answers.append(error)
        return answers


def subject_forms(subject: str) -> tuple[str, str]:
    """As what an email's subject may stand on its Task: as it is, or behind "Email: "; at most 255 characters."""
    return subject[:_SUBJECT_LENGTH], f"Email: {subject}"[:_SUBJECT_LENGTH]


def _address_soql(user: str) -> str:
    # Safe to put together: every value went through soql_text, id18 or format_datetime.
    return (
        "SELECT LocalPart, EmailDomainName, IsActive, AuthorizedSenders FROM EmailServicesAddress "  # noqa: S608
        f"WHERE Function.FunctionName = {soql_text(_FUNCTION)} AND RunAsUserId = {soql_text(id18(user))} "
        "ORDER BY IsActive DESC, CreatedDate DESC"
    )


def _service_soql() -> str:
    return f"SELECT IsActive FROM EmailServicesFunction WHERE FunctionName = {soql_text(_FUNCTION)}"  # noqa: S608  as above


def _filed_soql(owners: Sequence[str], subjects: Sequence[str], since: datetime) -> str:
    forms = dict.fromkeys(form for subject in subjects for form in subject_forms(subject))
    return (
        "SELECT Id, OwnerId, Subject, Description, CreatedDate, IsClosed, WhoId, Who.Name, Who.Email, WhatId, What.Name "  # noqa: S608  as above
        f"FROM Task WHERE OwnerId IN {soql_in(map(id18, owners))} AND Subject IN {soql_in(forms)} "
        f"AND CreatedDate >= {format_datetime(since)} ORDER BY CreatedDate, Id"
    )


def _parts(subjects: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(subjects), _SUBJECTS_A_QUERY):
        yield subjects[start : start + _SUBJECTS_A_QUERY]


def _address(row: Json) -> MailAddress:
    senders = (row["AuthorizedSenders"] or "").replace(";", ",").replace("\n", ",").split(",")
    return MailAddress(
        f"{row['LocalPart']}@{row['EmailDomainName']}".lower(),
        bool(row["IsActive"]),
        tuple(sender.strip().lower() for sender in senders if sender.strip()),
    )


def _any_active(rows: Sequence[Mapping[str, Any]]) -> bool | None:
    # No row says nothing: the service was never set up, or this user may not see it.
    return any(row["IsActive"] for row in rows) if rows else None


def _task(row: Json) -> FiledTask:
    who, what = row["Who"] or {}, row["What"] or {}
    return FiledTask(
        id=id18(row["Id"]),
        owner=id18(row["OwnerId"]),
        subject=row["Subject"] or "",
        description=row["Description"] or "",
        created=parse_datetime(row["CreatedDate"]),
        closed=bool(row["IsClosed"]),
        who=id18(row["WhoId"]) if row["WhoId"] else "",
        who_name=who.get("Name") or "",
        who_email=(who.get("Email") or "").lower(),
        what=id18(row["WhatId"]) if row["WhatId"] else "",
        what_name=what.get("Name") or "",
    )

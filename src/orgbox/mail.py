"""Email to Salesforce: an SMTP door that files what comes to a user's own address as activities.

    door = MailDoor(org)
    await door.open("127.0.0.1", 8025)      # in the event loop that serves the org, which then needs no lock

What is refused is refused in the dialogue, so that the sender's own server writes the bounce. Facts: docs/salesforce.md §5.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from orgbox.ids import canonical
from orgbox.mail_address import is_active, senders, service, spelt, user_with
from orgbox.mail_matching import Associations, Filing, Known, filing, looked_at
from orgbox.mail_reading import Letter, read
from orgbox.org import Org
from orgbox.records import Record

#: Attachments of one letter together, in bytes, and the whole of it with base64 and room for text.
MOST_ATTACHED = 25 * 1024 * 1024
MOST_BYTES = 36 * 1024 * 1024
#: Of the body, in UTF-8; a Task's Description holds 32,000 characters beside.
MOST_BODY = 32 * 1024
_MOST_DESCRIPTION = 32_000
_KEPT = 1_000
_WHO, _WHAT = ("003", "00Q"), ("001", "006")


@dataclass(frozen=True, slots=True)
class Received:
    """One letter at the door: who handed it over as whom, and what was answered. filed: the Tasks it became."""

    envelope_sender: str
    address: str
    content: bytes
    answer: str
    filed: tuple[str, ...] = ()


class MailDoor:
    """The door of one org. `received` are the latest letters, oldest first."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._server: asyncio.Server | None = None
        self.received: deque[Received] = deque(maxlen=_KEPT)

    async def open(self, host: str, port: int) -> int:
        """Listen, in this event loop; the port, which the system chooses for 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._dialogue, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def _dialogue(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="le.salesforce.com",
            ident="orgbox",
            loop=asyncio.get_running_loop(),
        )

    async def handle_RCPT(  # noqa: N802  aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient: only a user's own address, while all of it is active."""
        refusal = refused_address(self._org, address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The letter, for each of its recipients; the first refusal is the answer."""
        content: bytes = envelope.original_content or b""
        taken = [self.take(envelope.mail_from or "", address, content) for address in envelope.rcpt_tos]
        return next(
            (each.answer for each in taken if not each.answer.startswith("250")), "250 2.0.0 OK, queued"
        )

    async def handle_exception(self, error: Exception) -> str:
        """What cannot be read is the sender's to mend."""
        return f"554 5.6.0 The message cannot be read ({type(error).__name__})"

    def take(self, envelope_sender: str, address: str, content: bytes) -> Received:
        """File one letter as it came for one address, or refuse it."""
        answer, filed = self._filed(envelope_sender, address, content)
        received = Received(envelope_sender, address, content, answer, filed)
        self.received.append(received)
        return received

    def _filed(self, envelope_sender: str, address: str, content: bytes) -> tuple[str, tuple[str, ...]]:
        row = user_with(self._org, address)
        if row is None or (refusal := refused_address(self._org, address)):
            return refusal if row is not None else _no_such(address), ()
        letter = read(content, spelt(row))
        if (answer := refused_sender(self._org, row, letter.sender, envelope_sender)) is not None:
            return answer, ()
        if letter.attached > MOST_ATTACHED:
            return "552 5.3.4 The attachments are larger than 25 MB together", ()
        return "250 2.0.0 OK", file(self._org, str(row["RunAsUserId"]), letter)


def refused_address(org: Org, address: str) -> str:
    """The SMTP answer to a recipient that takes no mail, "" for one that does."""
    row = user_with(org, address)
    if row is None:
        return _no_such(address)
    if not is_active(org):
        return "550 5.7.1 Email to Salesforce is not active in this organization"
    if not row["IsActive"] or not org.get("User", row["RunAsUserId"])["IsActive"]:
        return "550 5.7.1 This Email to Salesforce address is not active"
    return ""


def refused_sender(org: Org, row: Record, sender: str, envelope_sender: str) -> str | None:
    """The SMTP answer to a letter of somebody whose mail is not taken; None for the user's own.

    Where the org verifies the sending server, From and the envelope must be of one domain: what passes SPF for a domain
    that From does not show says nothing about From.
    """
    domain = sender.rpartition("@")[2]
    function = service(org)
    verifies = function is not None and function["IsAuthenticationRequired"]
    if verifies and envelope_sender.lower().rpartition("@")[2] != domain:
        return f"550 5.7.26 The sending server is not verified for {domain}"
    allowed = senders(row)
    if not allowed or sender in allowed or domain in allowed:
        return None
    match function is not None and function["AuthorizationFailureAction"]:
        case "Discard":
            return "250 2.0.0 OK"
        case "Requeue":
            return "451 4.7.1 The sender is not authorized yet; try again later"
    return (
        f"550 5.7.1 The sender {sender} is not authorized: it is not among the acceptable email addresses of this "
        "Email to Salesforce address"
    )


def file(org: Org, user: str, letter: Letter) -> tuple[str, ...]:
    """Make the activities of one letter, as this user; the ids of the Tasks."""
    associations = org.state.associations.get(user, Associations())
    made = _filing(org, user, letter, associations)
    common = _task(org, user, letter)
    if made.unresolved:
        open_status = {"Status": "Not Started"}
        return (org.insert("Task", {**common, **open_status}, user),)
    with org.transaction(user) as tx:
        return tuple(
            tx.insert("Task", {**common, ("WhoId" if record.startswith(_WHO) else "WhatId"): record})
            for record in made.records
        )


def _filing(org: Org, user: str, letter: Letter, associations: Associations) -> Filing:
    people = _people(org, user, looked_at(letter, associations))
    contacts = [person.id for person in people if person.is_contact]
    named = [each for each in letter.refs if each.startswith((*_WHO, *_WHAT))]
    return filing(people, _deals(org, user, contacts), _seen(org, user, named), associations)


def _task(org: Org, user: str, letter: Letter) -> dict[str, Any]:
    heads = [("To", letter.to), ("CC", letter.cc)]
    head = "".join(f"{name}: {line}\n" for name, line in heads if line)
    body = letter.body.encode()[:MOST_BODY].decode("utf-8", "ignore")
    described = f"{head}\nSubject: {letter.subject}\nBody:\n{body}"
    task = org.schema("Task").by_name["Type"]
    values: dict[str, Any] = {
        "Subject": f"Email: {letter.subject}"[:255],
        "Status": "Completed",
        "TaskSubtype": "Email",
        "OwnerId": user,
        "ActivityDate": org.clock.now().date(),
        "Description": described[:_MOST_DESCRIPTION],
    }
    filed_type = org.state.filed_type
    return {**values, "Type": filed_type} if filed_type in task.active_values else values


def _people(org: Org, user: str, addresses: Iterable[str]) -> list[Known]:
    listed = _in(addresses)
    if not listed:
        return []
    found = []
    for sobject, only in (("Contact", ""), ("Lead", " AND IsConverted = false")):
        rows = org.query(
            f"SELECT Id, Email, CreatedDate, (SELECT Id FROM Tasks) FROM {sobject} "  # noqa: S608  quoted by _in
            f"WHERE Email IN {listed}{only} ORDER BY Id",
            user,
        ).records
        found += [
            Known(
                str(row["Id"]),
                str(row["Email"]).lower(),
                datetime.fromisoformat(row["CreatedDate"]),
                row["Tasks"]["totalSize"] if row["Tasks"] else 0,
            )
            for row in rows
        ]
    order = {address: place for place, address in enumerate(addresses)}
    return sorted(found, key=lambda person: order.get(person.address, len(order)))


def _deals(org: Org, user: str, contacts: Iterable[str]) -> dict[str, list[str]]:
    listed = _in(contacts)
    deals: dict[str, list[str]] = {}
    if listed:
        rows = org.query(
            "SELECT ContactId, OpportunityId FROM OpportunityContactRole "  # noqa: S608  quoted by _in
            f"WHERE ContactId IN {listed} AND Opportunity.IsClosed = false ORDER BY Id",
            user,
        ).records
        for row in rows:
            deals.setdefault(str(row["ContactId"]), []).append(str(row["OpportunityId"]))
    return deals


def _seen(org: Org, user: str, ids: Iterable[str]) -> list[str]:
    """Those of these ids that exist and that the user may see."""
    seen = []
    for identifier in map(canonical, ids):
        sobject = org.state.by_prefix[identifier[:3]].name
        if org.query(f"SELECT Id FROM {sobject} WHERE Id = '{identifier}'", user).total:  # noqa: S608  of letters and digits only
            seen.append(identifier)
    return seen


def _in(values: Iterable[str]) -> str:
    quoted = ("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values)
    listed = ", ".join(quoted)
    return f"({listed})" if listed else ""


def _no_such(address: str) -> str:
    return f"550 5.1.1 <{address}>: there is no such Email to Salesforce address"

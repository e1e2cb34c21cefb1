"""A desk whose members send emails and make calls, and an org full of people: shorthand for the tests of logging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest

from orgbox.schema.types import Field, PicklistValue
from tandem import clock
from tandem.calls.models import Call
from tandem.emails import services as emails
from tandem.emails.mime import parse
from tandem.emails.models import Email
from tandem.sync.models import Activity, ActivityLink, OrgSync
from tandem.sync_settings import services as settings
from tests.sync.desk import Desk, open_desk, whole

RULES = {"emails": True, "replies": True, "leads": True, "contacts": True}
STATUS = Field("MSE_Email_Status__c", "string", "Email Status", 11)
REPLIED = Field("MSE_Replied__c", "boolean", "Email Replied", nillable=False)
DETAILS = Field("MSE_Details__c", "url", "Email URL", 255)
OUTCOME = Field("mktosales_call_outcome__c", "string", "Call Outcome", 5)


class Office:
    """One org with people in it, and Anna, an admin who sells to them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._sent = 0

    # --- what holds ---

    def rules(self, **rules: Any) -> None:
        """Log emails by these rules from now on."""
        settings.save_email_api(self.desk.member(), {**RULES, **rules})

    def log_calls(self) -> None:
        settings.save_calls(self.desk.member(), {"log": True})

    # --- who is there ---

    def insert(self, sobject: str, **values: Any) -> str:
        return str(self.desk.running.call(lambda: self.desk.org.insert(sobject, values)))

    def lead(self, email: str, name: str = "Lena Lam", **values: Any) -> str:
        first, _, last = name.partition(" ")
        return self.insert("Lead", FirstName=first, LastName=last, Company="Lam", Email=email, **values)

    def account(self, name: str = "Acme") -> str:
        return self.insert("Account", Name=name)

    def contact(self, email: str, name: str = "Carl Smit", **values: Any) -> str:
        first, _, last = name.partition(" ")
        return self.insert("Contact", FirstName=first, LastName=last, Email=email, **values)

    def deal(self, account: str, *contacts: str, name: str = "Big deal", stage: str = "Prospecting") -> str:
        made = self.insert(
            "Opportunity",
            Name=name,
            StageName=stage,
            CloseDate=self.desk.clock.now().date().isoformat(),
            AccountId=account,
        )
        for contact in contacts:
            self.insert("OpportunityContactRole", OpportunityId=made, ContactId=contact)
        return made

    def convert(self, lead: str) -> Any:
        return self.desk.running.call(lambda: self.desk.org.convert_lead(lead))

    def task_type(self, *values: str) -> None:
        choices = [PicklistValue(value) for value in values]
        self.desk.running.call(lambda: self.desk.org.set_picklist("Task", "Type", choices))

    def add_field(self, field: Field) -> None:
        self.desk.running.call(lambda: self.desk.org.add_field("Task", field))

    # --- what people do ---

    def message(
        self,
        *to: str,
        subject: str = "Our offer",
        text: str = "Dear you,\n\nhere it is.",
        sender: str = "anna@tandem.example",
        message_id: str = "",
        answers: str = "",
        **headers: str,
    ) -> bytes:
        """An email as it went over the wire."""
        self._sent += 1
        mail = EmailMessage()
        mail["Message-ID"] = f"<{message_id or f'm{self._sent}@tandem.example'}>"
        mail["From"] = sender
        mail["To"] = ", ".join(to)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(clock.now())
        if answers:
            mail["In-Reply-To"] = f"<{answers}>"
        for name, value in headers.items():
            mail[name] = value
        mail.set_content(text)
        return mail.as_bytes()

    def send(self, *to: str, way: str = Email.Way.RELAY, log: bool = True, **message: Any) -> Email:
        """Anna has sent an email."""
        return emails.told(
            self.desk.member(), message=self.message(*to, **message), way=Email.Way(way), log=log
        )

    def answer(self, email: Email, sender: str, text: str = "Yes, please.") -> Email:
        """Somebody has answered it."""
        raw = self.message("anna@tandem.example", sender=sender, answers=email.message_id, text=text)
        reply = emails.received_reply(self.desk.member(), parse(raw))
        assert reply is not None
        return reply

    def call(self, address: str = "", record: str = "", **values: Any) -> Call:
        now = clock.now()
        told = {"subject": "Asked about the offer", "at": now, "created_at": now, **values}
        return Call.objects.create(member=self.desk.member(), address=address, record=record, **told)

    # --- what came of it ---

    def round(self) -> Any:
        return self.desk.round()

    def settle(self, rounds: int = 12, **wait: float) -> None:
        """Rounds until nothing is owed, letting every wait pass."""
        for _ in range(rounds):
            report = self.desk.round()
            if not report.wrote and report.next_due is None and not report.trouble:
                return
            self.desk.wait(**(wait or {"minutes": 11}))
            OrgSync.objects.update(paused_until=None)

    def activity(self, what: Email | Call) -> Activity:
        if isinstance(what, Call):
            return Activity.objects.get(call=what)
        return Activity.objects.get(email=what)

    def links(self, what: Email | Call) -> list[ActivityLink]:
        return list(ActivityLink.objects.filter(activity=self.activity(what)).order_by("pk"))

    def tasks(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        found = self.desk.running.call(
            lambda: [whole(record) for record in self.desk.org.scan("Task", all_rows=deleted)]
        )
        return [task for task in found if str(task.get("Tandem_Key__c") or "").startswith("log-")]

    def whom(self) -> list[tuple[str, str]]:
        """Whom each Task is about: (WhoId, WhatId), sorted."""
        return sorted((task["WhoId"] or "", task["WhatId"] or "") for task in self.tasks())


@contextmanager
def open_office(
    monkeypatch: pytest.MonkeyPatch, *, fields: Sequence[Field] = (), **options: Any
) -> Iterator[Office]:
    """An office in which nothing has happened and logging is off; `fields` are custom fields on Activity."""
    with open_desk(monkeypatch, **options) as desk:
        for field in fields:
            desk.running.call(lambda field=field: desk.org.add_field("Task", field))  # type: ignore[misc]
        desk.join("anna", role="admin", time_zone="Europe/Amsterdam")
        yield Office(desk)

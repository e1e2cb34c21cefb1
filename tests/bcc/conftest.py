"""An org that files mail, two members connected to it, and emails of theirs that go out without a mail server between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from orgbox.mail import Received
from orgbox.mail_address import give_address
from tandem import clock
from tandem.bcc import confirming
from tandem.config import wiring
from tandem.diagnostics.told import Told
from tandem.diagnostics.why import told_of_emails
from tandem.emails import second_envelope, services
from tandem.emails.models import Email, SecondEnvelope
from tests.sync.desk import Desk, open_desk

JAN = "jan@veldkamp.example"


@dataclass
class Post:
    """The desk, and what mail does there."""

    desk: Desk

    def accept(self, name: str = "anna", senders: str = "", **how: Any) -> str:
        """The member's address in the org, which takes mail of `senders` (their own address unless told otherwise)."""
        org, user = self.desk.org, self.desk.connections[name].user
        mine = senders or self.desk.member(name).email
        return self.desk.running.call(lambda: give_address(org, user, mine, **how))

    def contact(self, email: str = JAN, name: str = "de Vries") -> str:
        values = {"FirstName": "Jan", "LastName": name, "Email": email}
        return self.desk.running.call(lambda: self.desk.org.insert("Contact", values))

    def deal(self, contact: str, name: str = "Deal") -> str:
        def make() -> str:
            values = {"Name": name, "StageName": "Prospecting", "CloseDate": clock.now().date()}
            deal = self.desk.org.insert("Opportunity", values)
            self.desk.org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact})
            return deal

        return self.desk.running.call(make)

    def relay(self, subject: str = "Proposal", to: str = JAN, name: str = "anna", text: str = "Hi") -> Email:
        """An email that just went out through the relay; with BCC active its copy is owed."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.desk.member(name).email, to, subject
        message["Message-ID"] = f"<{clock.new_key()}@tandem.example>"
        message.set_content(text)
        content = message.as_bytes()
        return services.told(self.desk.member(name), message=content, way=Email.Way.RELAY, content=content)

    def deliver(self, email: Email, *, arrives: bool = True) -> Received | None:
        """The copy goes out; it arrives at the org, or is lost behind our provider."""
        envelope = second_envelope.claim(email.pk, clock.new_key(), clock.now())
        assert envelope is not None
        assert second_envelope.hand_over(envelope)
        received = None
        if arrives:
            door, content = self.desk.running.door, bytes(email.source.content)
            received = self.desk.running.call(lambda: door.take(email.sender, envelope.address, content))
        second_envelope.sent(envelope)
        return received

    def look(self, **later: float) -> None:
        """Time passes, and what is due is looked for."""
        self.desk.wait(**(later or {"seconds": 15}))
        for org in confirming.due():
            wiring.look_for_copies(org)

    def told(self, email: Email) -> Told:
        return told_of_emails([email])[email.pk]

    def envelope(self, email: Email) -> SecondEnvelope:
        return SecondEnvelope.objects.get(email=email)


@pytest.fixture
def post(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """Anna, an admin, and Ben; nobody has activated anything."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        desk.join("ben")
        wiring.register_answers()
        yield Post(desk)


@pytest.fixture
def visit(post: Post) -> Callable[[str], Client]:
    """visit("ben"): Ben's browser, without JavaScript."""

    def of(name: str) -> Client:
        client = Client()
        client.force_login(post.desk.member(name))
        return client

    return of

"""The copy for Email to Salesforce, through a real Postfix: what recipients see of it, who sends it, and what a bounce does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from orgbox.clock import RealClock
from orgbox.mail import Received
from orgbox.mail_address import give_address
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem import clock
from tandem.emails import accounts, second_envelope, second_sending, services
from tandem.emails.models import SecondEnvelope, Source
from tests.mail.conftest import Door, Office
from tests.mail.servers import eventually
from tests.mail.test_relay import WRITTEN

JAN, BEN = "jan@veldkamp.example", "ben@acme.example"


@dataclass
class Salesforce:
    """An org that takes Anna's copies, and Jan as its contact."""

    running: RunningOrg
    user: str
    address: str
    office: Office

    @property
    def received(self) -> list[Received]:
        return list(self.running.door.received)

    def accept(self, senders: str) -> None:
        self.running.call(lambda: give_address(self.running.org, self.user, senders))

    def copy(self) -> None:
        """A worker sends what is due."""
        for due in second_envelope.due(clock.now()):
            second_sending.send(due)

    def one(self, count: int = 1) -> Received:
        """The last of so many letters that came."""
        eventually(lambda: len(self.received) == count, f"letter {count} to Salesforce")
        return self.received[-1]


@pytest.fixture
def salesforce(office: Office) -> Iterator[Salesforce]:
    org = Org(RealClock())
    user = org.insert(
        "User", {"LastName": "Bos", "Username": "anna@acme.example", "Email": "anna@acme.example"}
    )
    org.insert("Contact", {"LastName": "de Vries", "Email": JAN})
    address = give_address(org, user, "anna@acme.example")
    with RunningOrg(org, mail_port=office.world.salesforce) as running:
        second_envelope.send_copies(office.anna, address)
        yield Salesforce(running, user, address, office)


def envelope() -> SecondEnvelope:
    return SecondEnvelope.objects.get()


def test_the_copy_has_the_same_bytes_the_members_own_envelope_sender_and_shows_in_no_header(
    office: Office, salesforce: Salesforce
) -> None:
    email = office.send(to=f"Jan <{JAN}>", cc=BEN, subject="Voorstel", text="Dag Jan")
    assert (email.state, salesforce.received) == ("delivered", [])
    salesforce.copy()
    letter = salesforce.one()
    assert (letter.envelope_sender, letter.address) == ("anna@acme.example", salesforce.address)
    assert len(letter.filed) == 1
    for person in (JAN, BEN):
        arrived = office.arrived(person)
        assert b"salesforce" not in arrived.lower()
        assert body_and_own_headers(arrived) == body_and_own_headers(letter.content)
    assert envelope().state == "sent"


def test_what_is_relayed_goes_a_second_time_with_its_signature_whole(
    door: Door, office: Office, salesforce: Salesforce
) -> None:
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN, BEN], WRITTEN)
    salesforce.copy()
    letter = salesforce.one()
    assert letter.content.endswith(WRITTEN)
    assert letter.envelope_sender == "anna@acme.example"
    assert office.arrived(JAN).endswith(WRITTEN)
    assert b"salesforce" not in office.arrived(BEN).lower()
    with door.client() as client:  # by a mail program that tries again
        client.sendmail("anna@acme.example", [JAN], WRITTEN)
    salesforce.copy()
    assert len(salesforce.received) == 1


def test_a_bounce_of_the_copy_is_shown_and_retried_and_the_first_is_untouched(
    office: Office, salesforce: Salesforce
) -> None:
    salesforce.accept("someone.else@acme.example")
    email = office.send(to=JAN, subject="Voorstel")
    services.looked_at([email.pk])
    salesforce.copy()
    assert envelope().state == "sent"
    office.arrived("anna@acme.example")  # the bounce, which Postfix wrote
    office.look()
    bounced = envelope()
    assert (bounced.state, bounced.refusals) == ("owed", 1)
    assert "My Acceptable Email Addresses" in bounced.trouble
    assert "anna@acme.example" in bounced.trouble
    assert "not authorized" in bounced.said
    email.refresh_from_db()
    assert (email.state, email.trouble, email.news) == ("delivered", "", False)
    assert [one.bounced for one in email.recipients.all()] == [""]

    salesforce.accept("someone.else@acme.example, anna@acme.example")
    salesforce.copy()
    assert len(salesforce.received) == 1, "not before its time"
    SecondEnvelope.objects.update(not_before=clock.now())
    salesforce.copy()
    assert salesforce.one(2).filed
    assert (envelope().state, envelope().trouble) == ("sent", "")
    assert len(office.world.inbox(JAN)) == 1


def test_with_the_mailbox_not_watched_a_person_may_send_it_again(
    office: Office, salesforce: Salesforce
) -> None:
    email = office.send(to=JAN, subject="Voorstel")
    salesforce.copy()
    salesforce.one()
    second_envelope.try_again(email)
    salesforce.copy()
    salesforce.one(2)


def test_while_the_provider_does_not_answer_the_copy_waits_and_the_email_is_out(
    office: Office, salesforce: Salesforce
) -> None:
    email = office.send(to=JAN, subject="Voorstel")
    accounts.save_account(office.anna, {"smtp_port": 9})
    salesforce.copy()
    waiting = envelope()
    assert (waiting.state, waiting.attempts) == ("owed", 1)
    assert waiting.not_before is not None
    assert waiting.not_before <= clock.now() + timedelta(minutes=1)
    email.refresh_from_db()
    assert email.state == "delivered"
    assert Source.objects.filter(email=email).exists()


def test_deactivated_none_goes_also_not_what_was_owed(office: Office, salesforce: Salesforce) -> None:
    office.send(to=JAN, subject="Owed")
    second_envelope.stop_copies(office.anna)
    office.send(to=JAN, subject="After")
    salesforce.copy()
    assert envelope().state == "off"
    eventually(lambda: len(office.world.inbox(JAN)) == 2, "both emails")
    assert salesforce.received == []
    assert not Source.objects.exists()


def test_a_changed_address_is_the_one_that_what_is_owed_goes_to(
    office: Office, salesforce: Salesforce
) -> None:
    office.send(to=JAN, subject="Owed")
    org = salesforce.running.org
    new = salesforce.running.call(lambda: give_address(org, salesforce.user, anew=True))
    second_envelope.send_copies(office.anna, new)
    salesforce.copy()
    assert salesforce.one().address == new
    assert envelope().address == new


def body_and_own_headers(content: bytes) -> bytes:
    """Without what servers on the way put on top."""
    return content[content.index(b"From:") :].replace(b"\r\n", b"\n").strip()

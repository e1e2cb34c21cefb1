"""Anna's mail account on real servers, and a Tandem that sends, relays and watches through it."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tandem.accounts.models import Member
from tandem.accounts.services import create_member
from tandem.emails import accounts, mailbox, sending, services
from tandem.emails.models import Email, MailAccount
from tandem.emails.relay import Relay
from tandem.emails.values import checked
from tests.mail import servers
from tests.mail.servers import PASSWORD, Servers
from tests.postgresql import free_port


@pytest.fixture(scope="session")
def running() -> Iterator[Servers]:
    """Postfix and Dovecot. Where they are missing, these tests are skipped, but never in CI."""
    if missing := servers.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with servers.running() as both:
        yield both


@pytest.fixture
def world(running: Servers, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """The servers without mail, and a Tandem that trusts their certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    running.empty()
    return running


@dataclass
class Office:
    """Anna at Tandem, with her mail account."""

    anna: Member
    account: MailAccount
    world: Servers

    def compose(self, **typed: Any) -> Email:
        """An email that is due now: composed, and its undo window over."""
        email = services.send_soon(services.draft(self.anna, checked(**typed)))
        Email.objects.filter(pk=email.pk).update(not_before=email.created_at)
        return email

    def send(self, **typed: Any) -> Email:
        """…and sent."""
        email = self.compose(**typed)
        sending.send(email.pk)
        return Email.objects.get(pk=email.pk)

    def look(self) -> None:
        """One look into Anna's mailbox."""
        MailAccount.objects.update(next_look_at=None)
        mailbox.look(self.account.pk)
        self.account.refresh_from_db()
        assert self.account.trouble == ""

    def arrived(self, address: str) -> bytes:
        """The one message that came to a person."""
        servers.eventually(lambda: bool(self.world.inbox(address)), f"mail to {address}")
        (content,) = self.world.inbox(address)
        return content


@pytest.fixture
def office(transactional_db: None, world: Servers) -> Office:
    """Anna, whose mailbox has been looked into once, so that everything from now on is new."""
    anna = create_member(email="anna@acme.example", name="Anna Bos", time_zone="Europe/Amsterdam")
    account = accounts.save_account(
        anna,
        {
            "address": "anna@acme.example",
            "name": "Anna Bos",
            "smtp_host": "localhost",
            "smtp_port": world.submission,
            "smtp_security": "starttls",
            "imap_host": "localhost",
            "imap_port": world.imap,
            "imap_security": "tls",
            "username": "anna@acme.example",
            "sign_in": "password",
            "password": PASSWORD,
            "watch_sent": True,
        },
    )
    made = Office(anna, account, world)
    made.look()
    return made


@dataclass
class Door:
    """The relay, and how a mail program comes in by it."""

    port: int
    password: str
    world: Servers

    def client(self, user: str = "anna@acme.example", password: str | None = None) -> smtplib.SMTP:
        """Connected, by TLS, signed in."""
        client = smtplib.SMTP("localhost", self.port)
        client.starttls(context=self.world.trust)
        client.login(user, self.password if password is None else password)
        return client


@pytest.fixture
def door(office: Office) -> Iterator[Door]:
    """The relay, with a password of Anna's for it."""
    port = free_port()
    certificate = office.world.certificate
    relay = Relay("127.0.0.1", port, certificate, certificate.with_name("key.pem"))
    relay.start()
    yield Door(port, accounts.make_relay_password(office.anna, "Thunderbird"), office.world)
    relay.stop()

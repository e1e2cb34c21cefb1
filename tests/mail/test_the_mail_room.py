"""The threads of `tandem run` do it all by themselves: what is due goes out, what comes in is found, the relay listens."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tandem.config.mail import MailRoom, relay
from tandem.emails import accounts
from tandem.emails.models import Email, MailAccount
from tests.mail.conftest import Office
from tests.mail.servers import eventually
from tests.mail.test_there_and_back import JAN, answer
from tests.postgresql import free_port


@pytest.fixture
def room(office: Office, settings: Any) -> Iterator[MailRoom]:
    """All of it, as the environment would ask for."""
    settings.RELAY_HOST, settings.RELAY_PORT = "127.0.0.1", str(free_port())
    settings.RELAY_CERTIFICATE = str(office.world.certificate)
    settings.RELAY_KEY = str(office.world.certificate.with_name("key.pem"))
    made = MailRoom()
    made.start()
    yield made
    made.stop()


@pytest.mark.usefixtures("room")
def test_it_sends_relays_and_finds_the_answer(office: Office, settings: Any) -> None:
    email = office.compose(to=JAN, subject="By itself")
    office.world.deliver(JAN, "anna@acme.example", answer(office.arrived(JAN), JAN, "Prima."))
    office.arrived("anna@acme.example")
    MailAccount.objects.update(next_look_at=None)
    eventually(lambda: Email.objects.filter(kind="reply", answers=email).exists(), "the answer")
    assert Email.objects.get(pk=email.pk).state == "delivered"
    with smtplib.SMTP("localhost", int(settings.RELAY_PORT)) as client:
        client.starttls(context=office.world.trust)
        client.login("anna@acme.example", accounts.make_relay_password(office.anna, "Outlook"))


@pytest.mark.usefixtures("room")
def test_a_port_that_is_taken_leaves_everything_else_running(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    second = MailRoom()
    second.start()
    second.stop()
    assert "The relay cannot listen" in caplog.text
    email = office.compose(to=JAN, subject="Goes on")
    eventually(lambda: Email.objects.get(pk=email.pk).state == "delivered", "the sending")


@pytest.mark.parametrize(("port", "certificate"), [("2587", ""), ("2587", "/no/such.pem"), ("smtp", "")])
def test_a_relay_that_cannot_be_set_up_says_what_it_needs(settings: Any, port: str, certificate: str) -> None:
    settings.RELAY_PORT, settings.RELAY_CERTIFICATE, settings.RELAY_KEY = port, certificate, certificate
    with pytest.raises(ImproperlyConfigured, match="TANDEM_RELAY_CERTIFICATE"):
        relay()


def test_without_a_port_there_is_no_relay(settings: Any) -> None:
    settings.RELAY_PORT = ""
    assert relay() is None

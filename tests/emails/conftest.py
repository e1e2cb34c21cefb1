"""What tests of emails may use: messages, a member's mail account, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tandem.accounts.models import Member
from tandem.emails.models import MailAccount
from tests.postgresql import free_port

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """The clock, standing at NOW until the test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(member: Member) -> MailAccount:
    """Anna's mail account; nobody listens there."""
    return MailAccount.objects.create(
        member=member,
        address=member.email,
        name="Anna Bos",
        smtp_host="127.0.0.1",
        smtp_port=9,
        username="anna",
    )


class Server:
    """A mail server that answers as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt: dict[str, str] = {}
        self.data = "250 OK"
        self.hangs_up = False

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:
        self.taken.append(envelope)
        if self.hangs_up:
            server.transport.close()
        return self.data


@pytest.fixture
def server(account: MailAccount) -> Iterator[Server]:
    """…on a port of this machine, behind Anna's account."""
    answering, port = Server(), free_port()
    MailAccount.objects.filter(pk=account.pk).update(smtp_port=port, smtp_security="none")
    running = Controller(answering, hostname="127.0.0.1", port=port)
    running.start()
    yield answering
    running.stop()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every wake, instead of what it would do."""
    from tandem import jobs

    wakes: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda name, id: wakes.append((name, id)))
    return wakes


@pytest.fixture
def mail() -> Callable[..., bytes]:
    """mail(subject="Hi", In_Reply_To="<1@x>"): a message from Anna to Jan as bytes."""

    def write(text: str = "Hello Jan", **headers: str) -> bytes:
        message = EmailMessage()
        plain = {
            "From": "Anna Bos <anna@acme.example>",
            "To": "Jan de Vries <jan@veldkamp.example>",
            "Subject": "Proposal",
            "Date": "Mon, 23 Nov 2026 09:30:00 +0100",
            "Message-ID": "<one@acme.example>",
        }
        for name, value in {
            **plain,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }.items():
            if value:
                message[name] = value
        message.set_content(text)
        return message.as_bytes()

    return write

"""What tests of emails may use: messages, a member's mail account, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
import time_machine

from tandem.accounts.models import Member
from tandem.emails.models import MailAccount

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

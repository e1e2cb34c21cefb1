"""Passwords, tokens and certificates, against the real servers; and the words for each thing that can be wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tandem import clock
from tandem.emails import accounts, mailbox, sending
from tandem.emails.models import Email, MailAccount
from tests.mail.conftest import Office
from tests.mail.servers import token
from tests.postgresql import free_port


@contextmanager
def provider(status: int, answer: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """A token endpoint that gives one answer; its address, and what it was asked."""
    asked: list[str] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def by_token(office: Office, url: str) -> None:
    office.account = accounts.save_account(
        office.anna,
        {"sign_in": "xoauth2", "token_url": url, "client_id": "tandem", "refresh_token": "a refresh token"},
    )


def test_with_oauth_2_mail_is_sent_and_read_by_a_token_that_is_renewed_once(office: Office) -> None:
    told = {"access_token": token("anna@acme.example"), "expires_in": 3600, "refresh_token": "the next one"}
    with provider(200, told) as (url, asked):
        by_token(office, url)
        assert [line.well for line in accounts.try_it(office.account)] == [True, True]
        assert office.send(to="jan@veldkamp.example", subject="By token").state == "delivered"
        office.look()
    assert len(asked) == 1
    assert "refresh_token=a+refresh+token" in asked[0]
    assert MailAccount.objects.get().refresh_token == "the next one"


def test_a_token_that_the_mail_server_refuses_is_told(office: Office) -> None:
    with provider(200, {"access_token": "forged"}) as (url, _asked):
        by_token(office, url)
        email = office.send(to="jan@veldkamp.example", subject="By token")
    assert email.state == "failed"
    assert "535" in email.trouble


def test_a_sign_in_that_the_provider_ended_fails_the_email_and_says_what_to_do(office: Office) -> None:
    with provider(400, {"error": "invalid_grant"}) as (url, _asked):
        by_token(office, url)
        email = office.send(to="jan@veldkamp.example", subject="By token")
    assert email.state == "failed"
    assert "Give a new refresh token" in email.trouble
    assert "invalid_grant" in email.trouble


def test_everything_right_lets_in(office: Office) -> None:
    lines = accounts.try_it(office.account)
    assert [(line.title, line.well) for line in lines] == [("Sending", True), ("Mailbox", True)]


@pytest.mark.parametrize(
    ("wrong", "sending_says", "mailbox_says"),
    [
        ({"password": "wrong"}, "does not accept this user name", "does not accept this user name"),
        (
            {"smtp_host": "no-such-host.invalid", "imap_host": "no-such-host.invalid"},
            "no server named",
            "no server named",
        ),
        ({"smtp_security": "tls", "imap_security": "starttls"}, "does not speak TLS", ""),
        ({"smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"}, "certificate", "certificate"),
    ],
    ids=["password", "host", "kind of TLS", "certificate"],
)
def test_trying_it_says_what_is_wrong_and_what_to_do(
    office: Office, wrong: dict[str, Any], sending_says: str, mailbox_says: str
) -> None:
    if mailbox_says == "":  # a TLS port that waits for a greeting would be waited for in vain
        wrong["imap_host"] = ""
    account = accounts.save_account(office.anna, wrong)
    lines = accounts.try_it(account)
    assert not any(line.well for line in lines)
    assert sending_says in lines[0].words
    assert all(mailbox_says in line.words for line in lines[1:])
    assert all("Nothing was" in line.words for line in lines)


def test_a_wrong_password_is_not_shown_every_minute_and_a_corrected_one_at_once(office: Office) -> None:
    right = office.account.password
    account = accounts.save_account(office.anna, {"password": "wrong"})
    before = clock.now()
    mailbox.look(account.pk)
    account.refresh_from_db()
    assert "does not accept this user name" in account.trouble
    assert account.next_look_at is not None
    assert account.next_look_at >= before + mailbox.AFTER_REFUSAL
    accounts.save_account(office.anna, {"password": right})
    office.look()


def test_a_closed_port_postpones_the_email_and_it_goes_out_later(office: Office) -> None:
    account = accounts.save_account(office.anna, {"smtp_port": free_port()})
    email = office.send(to="jan@veldkamp.example", subject="Later")
    assert (email.state, email.attempts, email.handed_over_at) == ("sending", 1, None)
    assert "Nobody listens" in email.trouble
    assert email.not_before is not None
    accounts.save_account(office.anna, {"smtp_port": office.world.submission})
    assert account.pk == MailAccount.objects.get().pk
    Email.objects.update(not_before=email.created_at)
    sending.send(email.pk)
    assert Email.objects.get().state == "delivered"


def test_a_password_is_never_sent_to_another_machine_without_tls(office: Office) -> None:
    account = accounts.save_account(
        office.anna, {"smtp_security": "none", "smtp_host": "mail.example", "imap_host": ""}
    )
    (line,) = accounts.try_it(account)
    assert "without TLS" in line.words

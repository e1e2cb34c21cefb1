"""Anna's own mail program sends through Tandem: let in by TLS and password only, unchanged, and told the truth."""

from __future__ import annotations

import smtplib

import pytest

from tandem.accounts.models import Member
from tandem.emails import accounts, mailbox, services
from tandem.emails.models import Email, MailAccount, RelayPassword
from tandem.people.services import unsubscribe
from tests.mail.conftest import Door, Office

JAN = "jan@veldkamp.example"
WRITTEN = (
    b"From: Anna Bos <anna@acme.example>\r\nTo: Jan <jan@veldkamp.example>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"Date: Mon, 23 Nov 2026 09:30:00 +0100\r\n"
    b"Message-ID: <relayed@acme.example>\r\nX-Odd:   spaces  stay \r\nDKIM-Signature: v=1; b=abc\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Dag Jan,\r\n.een punt vooraan\r\n..twee\r\n\ttab \xe2\x82\xac \r\n\r\n.\r\n"
).replace(b"\r\n.\r\n", b"\r\n")


def test_the_bytes_arrive_unchanged_and_the_email_is_kept_with_its_hidden_recipient(
    door: Door, office: Office
) -> None:
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN, "ben@acme.example"], WRITTEN)
    arrived = office.arrived(JAN)
    assert arrived.endswith(WRITTEN)
    kept = Email.objects.get()
    assert (kept.came_by, kept.state, kept.subject, kept.member) == (
        "relay",
        "delivered",
        "Café",
        office.anna,
    )
    assert {(one.role, one.address) for one in kept.recipients.all()} == {
        ("to", JAN),
        ("bcc", "ben@acme.example"),
    }
    assert RelayPassword.objects.get().used_at is not None


def test_a_hidden_recipient_whom_the_mail_program_names_twice_is_kept_once(
    door: Door, office: Office
) -> None:
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN, "ben@acme.example", "Ben@acme.example"], WRITTEN)
    kept = Email.objects.get()
    assert {(one.role, one.address) for one in kept.recipients.all()} == {
        ("to", JAN),
        ("bcc", "ben@acme.example"),
    }


def test_the_same_email_by_relay_sent_folder_and_api_is_one_row(door: Door, office: Office) -> None:
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN], WRITTEN)
    office.world.file_away("anna@acme.example", "Sent", WRITTEN)
    office.look()
    services.told(office.anna, message=WRITTEN, way=Email.Way.API)
    assert [email.came_by for email in Email.objects.all()] == ["relay"]


def test_a_message_without_an_id_gets_one_on_top(door: Door, office: Office) -> None:
    bare = WRITTEN.replace(b"Message-ID: <relayed@acme.example>\r\n", b"")
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN], bare)
    arrived = office.arrived(JAN)
    assert arrived.endswith(f"Message-ID: <{Email.objects.get().message_id}>\r\n".encode() + bare)


def test_a_message_of_20_mb_is_relayed_whole(door: Door, office: Office) -> None:
    large = WRITTEN + b"0123456789abcdef" * 4 + b"\r\n"
    large += (b"x" * 76 + b"\r\n") * (20 * 1024 * 1024 // 78)
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN], large)
    assert office.arrived(JAN).endswith(large)


def test_un_7_whoever_wants_no_emails_is_refused_and_the_others_get_theirs(
    door: Door, office: Office
) -> None:
    unsubscribe(office.anna, "BEN@acme.example")
    with door.client() as client:
        refused = client.sendmail("anna@acme.example", [JAN, "ben@acme.example"], WRITTEN)
    assert {address: code for address, (code, _) in refused.items()} == {"ben@acme.example": 550}
    assert b"wants no emails (unsubscribed in Tandem)" in refused["ben@acme.example"][1]
    assert office.arrived(JAN).endswith(WRITTEN)


def test_without_tls_nobody_may_sign_in_or_send(door: Door) -> None:
    with smtplib.SMTP("localhost", door.port) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] in (530, 538)
        assert client.docmd("MAIL", "FROM:<anna@acme.example>")[0] == 530


def test_without_a_password_nobody_may_send(door: Door) -> None:
    with smtplib.SMTP("localhost", door.port) as client:
        client.starttls(context=door.world.trust)
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<anna@acme.example>")[0] == 530


@pytest.mark.parametrize(
    ("user", "password"),
    [("anna@acme.example", "wrong"), ("ben@acme.example", None), ("anna@acme.example", "")],
)
def test_a_wrong_password_is_refused(door: Door, user: str, password: str | None) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        door.client(user, password)
    assert refused.value.smtp_code == 535


def test_a_revoked_password_is_refused(door: Door, office: Office) -> None:
    accounts.revoke_relay_password(office.anna, RelayPassword.objects.get().pk)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        door.client()


def test_who_has_left_the_team_sends_no_more(door: Door, office: Office) -> None:
    Member.objects.filter(pk=office.anna.pk).update(is_active=False)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        door.client()
    MailAccount.objects.update(next_look_at=None)
    assert mailbox.due() == [], "nor is their mailbox looked into"


def test_nobody_sends_as_somebody_else(door: Door) -> None:
    with door.client() as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail("ben@acme.example", [JAN], WRITTEN)
        assert refused.value.smtp_code == 553
        with pytest.raises(smtplib.SMTPDataError) as by_header:
            client.sendmail("anna@acme.example", [JAN], WRITTEN.replace(b"Anna Bos <anna@", b"Ben <ben@"))
        assert by_header.value.smtp_code == 553
    assert not Email.objects.exists()


def test_the_answer_of_the_server_behind_is_passed_back_for_each_recipient(
    door: Door, office: Office
) -> None:
    with door.client() as client:
        refused = client.sendmail("anna@acme.example", [JAN, "nobody@acme.example"], WRITTEN)
    assert list(refused) == ["nobody@acme.example"]
    assert refused["nobody@acme.example"][0] == 550
    office.arrived(JAN)


def test_a_mail_account_that_its_server_refuses_is_told_to_the_mail_program(
    door: Door, office: Office
) -> None:
    accounts.save_account(office.anna, {"password": "changed at the provider"})
    with door.client() as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail("anna@acme.example", [JAN], WRITTEN)
    assert refused.value.smtp_code == 554
    assert b"535" in bytes(refused.value.smtp_error)

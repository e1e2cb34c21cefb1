"""What the pages of email let a member do, and what they never show or give away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tandem.accounts.models import Member
from tandem.emails import accounts, services, templates_of
from tandem.emails.models import Email, MailAccount, RelayPassword, Template
from tandem.emails.values import checked

FILLED = {
    "address": "Anna@Acme.example",
    "name": "Anna Bos",
    "smtp_host": "smtp.acme.example",
    "smtp_port": "587",
    "smtp_security": "starttls",
    "imap_host": "imap.acme.example",
    "imap_port": "993",
    "imap_security": "tls",
    "username": "anna",
    "sign_in": "password",
    "password": "a secret",
}


@pytest.fixture
def pages(client: Client, member: Member) -> Client:
    client.force_login(member)
    return client


def saved(pages: Client, **changes: str) -> int:
    return pages.post("/settings/email", {**FILLED, **changes}).status_code


def test_a_secret_is_kept_encrypted_and_never_shown_again(pages: Client) -> None:
    from django.db import connection

    assert saved(pages) == 302
    assert MailAccount.objects.get().password == "a secret"
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM emails_mailaccount")
        assert "a secret" not in str(cursor.fetchone())
    assert b"a secret" not in pages.get("/settings/email").content
    assert saved(pages, password="", name="Anna") == 302
    assert MailAccount.objects.get().password == "a secret"
    assert MailAccount.objects.get().address == "anna@acme.example"


@pytest.mark.parametrize("place", ["smtp_host", "imap_host"])
def test_a_stored_password_is_not_given_to_another_server_unless_it_is_typed_again(
    pages: Client, place: str
) -> None:
    saved(pages)
    assert saved(pages, password="", **{place: "mail.evil.example"}) == 422
    assert MailAccount.objects.get().smtp_host == "smtp.acme.example"
    assert saved(pages, **{place: "mail.new.example"}) == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_security": "none"},
        {"imap_security": "none"},
        {"password": ""},
        {"address": "anna"},
        {"smtp_port": "0"},
        {
            "sign_in": "xoauth2",
            "client_id": "x",
            "refresh_token": "y",
            "token_url": "http://login.example/token",
        },
        {"sign_in": "xoauth2", "client_id": "x", "refresh_token": "y", "token_url": "file:///etc/passwd"},
        {"sign_in": "xoauth2", "client_id": "x", "token_url": "https://login.example/token"},
    ],
)
def test_an_account_that_cannot_work_or_is_not_safe_is_not_saved(
    pages: Client, wrong: dict[str, str]
) -> None:
    assert saved(pages, **wrong) == 422
    assert not MailAccount.objects.exists()


def test_two_members_cannot_send_by_one_address(pages: Client, colleague: Member) -> None:
    saved(pages)
    pages.force_login(colleague)
    answer = pages.post("/settings/email", FILLED)
    assert answer.status_code == 422
    assert "A colleague sends by this address" in answer.content.decode()
    assert MailAccount.objects.count() == 1


def test_a_relay_password_is_shown_once_kept_as_a_digest_and_only_its_owner_revokes_it(
    pages: Client, member: Member, colleague: Member, settings: Any
) -> None:
    settings.RELAY_PORT = "2587"
    saved(pages)
    shown = pages.post("/settings/email/relay-passwords", {"name": "Outlook"}).content.decode()
    held = RelayPassword.objects.get()
    password = shown.split('id="new-password" readonly value="')[1].split('"')[0]
    assert held.digest not in shown
    assert len(password) == 24
    account = accounts.account_of_relay_password("ANNA@acme.example", password)
    assert account is not None
    assert account.member == member
    assert accounts.account_of_relay_password("ben@acme.example", password) is None
    assert password not in pages.get("/settings/email").content.decode()
    pages.force_login(colleague)
    pages.post(f"/settings/email/relay-passwords/{held.pk}/revoke")
    assert RelayPassword.objects.exists()
    pages.force_login(member)
    pages.post(f"/settings/email/relay-passwords/{held.pk}/revoke")
    assert accounts.account_of_relay_password("anna@acme.example", password) is None


@pytest.mark.parametrize("what", ["edit", "undo", "delete"])
def test_a_colleagues_email_is_not_there(pages: Client, colleague: Member, what: str) -> None:
    theirs = services.draft(colleague, checked(to="jan@veldkamp.example", subject="Theirs"))
    assert pages.post(f"/emails/{theirs.pk}/{what}", {"to": "x@y.example", "subject": "z"}).status_code == 404
    assert Email.objects.get().subject == "Theirs"


def test_a_shared_template_may_be_used_by_colleagues_and_changed_by_its_owner_only(
    pages: Client, colleague: Member
) -> None:
    def share(name: str, shared: bool) -> Template:
        return templates_of.save_template(
            colleague, None, name=name, subject=name, text="Dear {{name}}", shared=shared
        )

    theirs, private = share("Shared", True), share("Private", False)
    assert b"Dear {{name}}" in pages.get(f"/emails/new?template={theirs.pk}").content
    assert b"Dear {{name}}" not in pages.get(f"/emails/new?template={private.pk}").content
    assert pages.get(f"/settings/email/templates/{theirs.pk}").status_code == 404
    assert pages.post(f"/settings/email/templates/{theirs.pk}/delete").status_code == 404


def test_a_template_with_a_field_that_is_none_is_refused(pages: Client) -> None:
    answer = pages.post(
        "/settings/email/templates/new", {"name": "x", "subject": "Hi {{nickname}}", "text": "y"}
    )
    assert answer.status_code == 422
    assert "There is no field {{nickname}}" in answer.content.decode()
    assert not Template.objects.exists()


def test_files_beyond_23_mb_are_refused_and_nothing_is_kept(pages: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    halves = [SimpleUploadedFile("half.bin", b"x" * (12 * 1024 * 1024)) for _ in range(2)]
    answer = pages.post(
        "/emails/new", {"to": "jan@veldkamp.example", "subject": "Large", "attachments": halves}
    )
    assert answer.status_code == 422
    assert "larger than 23 MB" in answer.content.decode()
    assert not Email.objects.exists()


def test_a_schedule_without_a_time_and_one_in_the_past_say_so(pages: Client, account: MailAccount) -> None:
    typed = {"to": "jan@veldkamp.example", "subject": "Later", "do": "schedule"}
    assert "There is no time yet" in pages.post("/emails/new", typed).content.decode()
    past = pages.post("/emails/new", {**typed, "at": "2020-01-01T09:00"}).content.decode()
    assert "This time is over already" in past


def test_the_time_of_a_schedule_is_the_members_own(pages: Client, account: MailAccount) -> None:
    pages.post(
        "/emails/new",
        {"to": "jan@veldkamp.example", "subject": "Later", "do": "schedule", "at": "2099-01-15T09:00"},
    )
    held = Email.objects.get()
    assert held.at is not None
    assert held.at.isoformat() == "2099-01-15T08:00:00+00:00"  # Amsterdam, in winter


def test_a_rotation_of_the_keys_takes_the_secrets_of_mail_accounts_along(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    from tandem.connections.rotation import Rotation, rotate_secrets

    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", old)
    secrets = {"password": "p", "client_secret": "c", "refresh_token": "r"}
    accounts.save_account(member, {**FILLED, **secrets, "smtp_port": 587, "imap_port": 993})
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", f"{new},{old}")
    assert rotate_secrets() == Rotation(renewed=3, forgotten=0)
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", new)
    kept = MailAccount.objects.get()
    assert {name: getattr(kept, name) for name in secrets} == secrets

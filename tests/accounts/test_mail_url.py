"""Where mails go, as TANDEM_MAIL_URL says; what cannot be read is refused with a sentence that keeps the password."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tandem.config.mail_url import mail


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp+tls://anna:p%40ss@mail.acme.example", 587, True, False),
        ("smtps://anna:p%40ss@mail.acme.example", 465, False, True),
        ("smtp://anna:p%40ss@mail.acme.example:2525", 2525, False, False),
    ],
)
def test_a_mail_server_is_named_by_its_url(
    tmp_path: Path, url: str, port: int, starttls: bool, tls: bool
) -> None:
    said = mail(tmp_path, url)
    assert said["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (said["EMAIL_HOST"], said["EMAIL_PORT"]) == ("mail.acme.example", port)
    assert (said["EMAIL_HOST_USER"], said["EMAIL_HOST_PASSWORD"]) == ("anna", "p@ss")
    assert (said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"]) == (starttls, tls)
    assert said["EMAIL_TIMEOUT"] > 0


def test_without_a_server_mails_are_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    said = mail(tmp_path, None)
    assert said == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(tmp_path / "mail"),
    }
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


def test_mails_may_be_printed_or_kept_elsewhere(tmp_path: Path) -> None:
    assert mail(tmp_path, "console:")["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert mail(tmp_path, f"file://{tmp_path}/out")["EMAIL_FILE_PATH"] == f"{tmp_path}/out"


@pytest.mark.parametrize(
    "url", ["mail.acme.example", "imap://a:hunter2@h", "smtp://a:hunter2@h:port", "smtp://", "file://"]
)
def test_a_url_that_cannot_be_read_says_what_to_write_and_keeps_the_password(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        mail(tmp_path, url)
    assert "Write it as smtp+tls://USER:PASSWORD@HOST:587" in str(refused.value)
    assert "hunter2" not in str(refused.value)

"""How the secrets of second factors are kept: encrypted, renewed with the keys, and told about when a key is gone."""

from __future__ import annotations

import json
import time
from base64 import b32decode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import totp
from django.core.cache import cache
from django.test import Client

from tandem.accounts import services
from tandem.config.second_factor import rotate_second_factors
from tandem.encryption import WrongKey

PASSWORD = "a sentence only Anna knows"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def anna(member: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """With an authenticator app and recovery codes, encrypted with the old key."""
    cache.clear()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", OLD)
    member.set_password(PASSWORD)
    member.save()
    TOTP.activate(member, SECRET)
    RecoveryCodes.activate(member)
    return member


def shown_now() -> str:
    return totp.TOTP(b32decode(SECRET), 6, SHA1(), 30).generate(time.time()).decode()


def at_the_second_step(anna: Any) -> Client:
    client = Client()
    answer = client.post("/sign-in", {"login": anna.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code"
    return client


def stored() -> str:
    return json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_password_alone_no_longer_opens_the_door(anna: Any) -> None:
    client = at_the_second_step(anna)
    assert client.get("/")["Location"].startswith("/sign-in")
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 200
    assert client.get("/")["Location"].startswith("/sign-in")
    assert client.post("/sign-in/code", {"code": shown_now()})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_code_works_once(anna: Any) -> None:
    code = shown_now()
    assert at_the_second_step(anna).post("/sign-in/code", {"code": code}).status_code == 302
    assert at_the_second_step(anna).post("/sign-in/code", {"code": code}).status_code == 200


def test_a_recovery_code_works_once(anna: Any) -> None:
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    assert at_the_second_step(anna).post("/sign-in/code", {"code": code}).status_code == 302
    assert at_the_second_step(anna).post("/sign-in/code", {"code": code}).status_code == 200


def test_a_link_from_the_command_line_opens_the_door_for_who_lost_the_phone(anna: Any) -> None:
    client = Client()
    assert client.get(f"/sign-in/{services.sign_in_token(anna)}")["Location"] == "/"
    assert client.post("/account/authenticator/remove").status_code == 302
    assert not Authenticator.objects.filter(type="totp").exists()


def test_somebody_at_an_open_browser_is_asked_who_they_are_before_a_factor_changes(anna: Any) -> None:
    client = Client()
    client.force_login(anna)
    for path in ("/account/authenticator/remove", "/account/recovery-codes", "/account/passkeys/new"):
        assert client.get(path)["Location"].startswith("/sign-in/again"), path
        assert client.post(path).status_code in (302, 405), path
    assert Authenticator.objects.count() == 2


def test_secrets_lie_encrypted(anna: Any) -> None:
    assert SECRET not in stored()
    assert stored().count("v1:") == 2


def test_a_rotation_brings_them_under_the_newest_key(anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", f"{NEW},{OLD}")
    assert rotate_second_factors() == (2, 0)
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", NEW)
    assert at_the_second_step(anna).post("/sign-in/code", {"code": shown_now()}).status_code == 302


def test_a_rotation_that_cannot_read_one_changes_none(anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", NEW)
    with pytest.raises(WrongKey):
        rotate_second_factors()
    assert stored() == before
    assert rotate_second_factors(forget_lost=True) == (0, 2)
    assert not Authenticator.objects.exists()


def test_a_lost_key_is_told_on_the_page_and_not_taken_for_a_wrong_code(
    anna: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = at_the_second_step(anna)
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", NEW)
    answer = client.post("/sign-in/code", {"code": shown_now()})
    assert answer.status_code == 503
    assert "cannot be read with the keys that are configured" in answer.content.decode()

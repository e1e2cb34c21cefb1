"""Secrets at rest: unreadable without the key, readable after a rotation, and clear words when a key is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.test import Client
from typer.testing import CliRunner

from tandem import encryption
from tandem.cli import app as tandem
from tandem.connections.models import Connection, TeamApp
from tandem.connections.rotation import Rotation, rotate_secrets
from tandem.encryption import BrokenKey, WrongKey
from tests.connections.trip import Office


def stored(column: str = "refresh_token", table: str = "connections_connection") -> str:
    """What the database holds, as it holds it."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return str(cursor.fetchone()[0])


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    first = Fernet.generate_key().decode()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", first)
    return first


def test_a_rotation_encrypts_everything_anew(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    token, secret, before = (
        Connection.objects.get().refresh_token,
        TeamApp.objects.get().client_secret,
        stored(),
    )
    newest = Fernet.generate_key().decode()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", f"{newest},{key}")
    assert rotate_secrets() == Rotation(renewed=4, forgotten=0)
    assert stored() != before
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", newest)
    assert Connection.objects.get().refresh_token == token
    assert TeamApp.objects.get().client_secret == secret
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", key)
    with pytest.raises(WrongKey):
        Connection.objects.get()


def test_the_key_file_gets_a_new_first_key_and_keeps_the_old_ones(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TANDEM_ENCRYPTION_KEYS", raising=False)
    settings.TANDEM_HOME = tmp_path
    secret = encryption.keys().encrypt(b"secret")
    old = (tmp_path / "keys").read_text().strip()
    assert encryption.add_key()
    lines = (tmp_path / "keys").read_text().split()
    assert lines[1:] == [old] != lines[:1]
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert encryption.keys().decrypt(secret) == b"secret"
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]


def test_a_wrong_key_changes_nothing_and_says_what_to_do(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    before = stored()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    with pytest.raises(WrongKey, match="Nothing was changed"):
        rotate_secrets()
    assert stored() == before
    client = Client(raise_request_exception=False)
    client.force_login(office.user)
    page = client.get("/settings/salesforce")
    assert page.status_code == 503
    assert "TANDEM_ENCRYPTION_KEYS" in page.content.decode()


def test_what_nobody_can_read_is_forgotten_only_when_told_so(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    assert rotate_secrets(forget_lost=True) == Rotation(renewed=0, forgotten=4)
    lost = Connection.objects.get()
    assert (lost.state, lost.trouble_code, lost.refresh_token) == ("reconnect", "KEY_LOST", "")
    office.use(office.running)
    office.connect(office.user)
    assert office.connection(office.user).state == "connected"


@pytest.mark.parametrize("keys", ["abc", ",", "not-a-key-but-secret," + "x" * 44])
def test_a_broken_key_is_told_without_quoting_it(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", keys)
    with pytest.raises(BrokenKey) as told:
        encryption.keys()
    assert "Correct TANDEM_ENCRYPTION_KEYS" in str(told.value)
    assert not any(key in str(told.value) for key in keys.split(",") if key)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None


def test_the_command_rotates_and_says_what_it_did(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", f"{Fernet.generate_key().decode()},{key}")
    said = CliRunner().invoke(tandem, ["rotate-keys"])
    assert said.exit_code == 0, said.output
    assert "4 secrets are encrypted with the newest key now." in said.output
    assert key not in said.output

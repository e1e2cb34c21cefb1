"""Secrets at rest: unreadable without the key, readable after a rotation, and clear words when a key is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection as database
from typer.testing import CliRunner

from tandem import cli, encryption
from tandem.accounts.models import Member
from tandem.cli import app as tandem
from tandem.connections.models import Connection, TeamApp
from tandem.connections.rotation import Rotation, rotate_secrets
from tandem.emails.models import MailAccount
from tandem.encryption import BrokenKey, WrongKey
from tandem.sync import services as sync
from tandem.sync.models import TaskSync
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
        Connection.with_secrets.get()


def test_a_rotation_leaves_no_secret_of_any_table_under_the_older_key(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    office.connect(office.admin)
    secrets = ("password", "client_secret", "refresh_token", "access_token")
    MailAccount.objects.create(member=office.admin, **dict.fromkeys(secrets, "a secret"))
    newest = Fernet.generate_key().decode()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", f"{newest},{key}")
    rotate_secrets()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", newest)
    columns = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, encryption.EncryptedTextField)
    ]
    assert len(columns) >= 4
    for table, column in columns:
        with database.cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM "{table}"')
            held = [str(cell) for (cell,) in cursor.fetchall() if cell]
        assert held, (table, column)
        assert all(encryption.decrypted(cell) for cell in held)


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


def use_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", Fernet.generate_key().decode())


def lose_the_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no key any more, and TANDEM_HOME has none: a new one is made there."""
    monkeypatch.delenv("TANDEM_ENCRYPTION_KEYS")


def break_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", "half-a-key")


mishaps = pytest.mark.parametrize("mishap", [use_another_key, lose_the_key_file, break_the_key])


def test_a_rotation_with_a_wrong_key_changes_nothing(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    before = stored()
    use_another_key(monkeypatch)
    with pytest.raises(WrongKey, match="Nothing was changed"):
        rotate_secrets()
    assert stored() == before


@mishaps
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_page_says_that_a_secret_cannot_be_read_and_others_go_on(
    key: str,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: Any,
    mishap: Callable[[pytest.MonkeyPatch], None],
    language: str,
) -> None:
    settings.TANDEM_HOME = tmp_path
    office.connect(office.user)
    Member.objects.update(language=language)
    mishap(monkeypatch)
    browser = office.browser(office.user)
    browser.raise_request_exception = False
    page = browser.get("/settings/salesforce")
    assert page.status_code == 200
    shown = page.content.decode()
    assert 'id="unreadable"' in shown
    assert "TANDEM_ENCRYPTION_KEYS" in shown
    assert ("Nothing was changed" in shown) == (language == "en")
    assert "half-a-key" not in shown
    for path in ("/", "/settings/salesforce/sync"):
        assert browser.get(path).status_code == 200, path
    checked = browser.post("/settings/salesforce/check")
    assert checked.status_code == 200
    assert "TANDEM_ENCRYPTION_KEYS" in checked.content.decode()
    refused = browser.post("/settings/salesforce/connect")  # the app's own secret is needed for it
    assert refused.status_code == 503
    assert "TANDEM_ENCRYPTION_KEYS" in refused.content.decode()


def test_who_disconnects_with_a_lost_key_is_disconnected_and_told_to_revoke_there_too(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    use_another_key(monkeypatch)
    page = office.browser(office.user).post("/settings/salesforce/disconnect", follow=True)
    assert "Salesforce could not be told" in page.content.decode()
    assert Connection.objects.get().state == "disconnected"


def test_an_admin_enters_the_secret_anew_and_everybody_connects_again_though_the_key_is_lost(
    key: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.connect(office.user)
    use_another_key(monkeypatch)
    office.use(office.running)
    page = office.connect(office.user)
    assert "Connected to Salesforce as" in page.content.decode()
    assert office.connection(office.user).refresh_token in office.grants()


def run_tandem(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The console script; its exit code."""
    monkeypatch.setattr("sys.argv", ["tandem", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@mishaps
def test_commands_that_need_no_secret_work_without_the_key(
    key: str,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
    mishap: Callable[[pytest.MonkeyPatch], None],
) -> None:
    settings.TANDEM_HOME = tmp_path
    office.connect(office.user)
    sync.switch_on(office.connection(office.user))
    mishap(monkeypatch)
    for words in (
        ("switch", "off", office.user.email),
        ("retry", office.user.email),
        ("approve-deletions",),
        ("sign-in-link", office.user.email),
    ):
        assert run_tandem(monkeypatch, *words) == 0, words
    assert not TaskSync.objects.get().enabled
    assert "cannot be read" not in capsys.readouterr().err


@mishaps
@pytest.mark.parametrize(
    "words",
    [("doctor",), ("sync", "--once"), ("switch", "on", "ben@tandem.example", "--preview"), ("rotate-keys",)],
    ids=" ".join,
)
def test_commands_that_need_one_say_which_key_is_wrong_and_what_to_do(
    key: str,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
    mishap: Callable[[pytest.MonkeyPatch], None],
    words: tuple[str, ...],
) -> None:
    settings.TANDEM_HOME = tmp_path
    office.connect(office.user)
    sync.switch_on(office.connection(office.user))
    mishap(monkeypatch)
    assert run_tandem(monkeypatch, *words) == 1
    said = "".join(capsys.readouterr())
    assert "Nothing was changed" in said
    assert "TANDEM_ENCRYPTION_KEYS" in said
    assert "half-a-key" not in said
    assert "Traceback" not in said


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

"""No token, secret or key in anything that a whole run prints, shows, raises, or stores in clear."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from typer.testing import CliRunner

from tandem.cli import app as tandem
from tandem.config import wiring
from tandem.connections import services, web_flow
from tandem.connections.models import Connection, TeamApp
from tandem.connections.signing_in import sign_in_with_code
from tandem.connections.team_app import app_in_use
from tandem.connections.vault import DatabaseVault
from tandem.salesforce import Consent, SalesforceError
from tandem.sync import services as sync
from tests.connections.trip import Office, open_office


def rows() -> str:
    """Every table, as it lies on disk."""
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        held = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            held.append(repr(cursor.fetchall()))
    return "\n".join(held)


def test_nothing_of_a_whole_run_shows_a_secret(
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", key)
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    secrets = {key}

    def keep(page: Any) -> None:
        shown.append(page.content.decode() + repr(page.headers) + repr(page))

    def note_tokens(office: Office) -> None:
        oauth = office.running.app.state.oauth
        secrets.update(oauth.grants, oauth.sessions, (office.running.app.state.oauth.app.client_secret,))

    with open_office(monkeypatch, rotate_tokens=True) as office:
        for member in (office.admin, office.user):
            keep(office.connect(member))
            note_tokens(office)
        # The session cookie of the org's own pages is a token too, and none of Tandem's business.
        sync.switch_on(office.connection(office.user))
        wiring.run(office.connection(office.user).org_id)
        office.running.call(office.running.app.state.oauth.expire_sessions)
        wiring.run(office.connection(office.user).org_id)
        note_tokens(office)
        for member in (office.admin, office.user):
            for path in ("", "/disconnect"):
                keep(office.browser(member).get(f"/settings/salesforce{path}"))
            keep(office.browser(member).post("/settings/salesforce/check"))
        wrong = {
            "target": "my-domain",
            "my_domain": "evil",
            "client_id": "x",
            "client_secret": "typed-secret",
        }
        secrets.add("typed-secret")
        keep(office.browser(office.admin).post("/settings/salesforce/app", wrong))
        for name in ("app_not_installed", "ip_restricted", "reset_before_commit", "edge_html_503"):
            office.fault(name, path="/oauth2/token")
            keep(office.connect(office.user))
        for command in (["doctor"], ["rotate-keys"]):
            shown.append(CliRunner().invoke(tandem, command).output)
        connection = office.connection(office.user)
        begun = web_flow.begin(1, "http://testserver/")
        consent = Consent("the-code", begun["verifier"], begun["redirect_uri"])
        secrets |= {"the-code", begun["verifier"]}
        vault = DatabaseVault(connection.pk)
        shown += map(repr, [connection, TeamApp.objects.get(), app_in_use(), app_in_use().app(), consent])
        shown += map(
            repr, [vault, vault.current(), services.client_for(connection), connection.__dict__.keys()]
        )
        try:
            sign_in_with_code(app_in_use().app(), consent)
        except SalesforceError as error:
            shown.append("".join(traceback.format_exception(error)))
        note_tokens(office)
        note = rows()
        office.browser(office.user).post("/settings/salesforce/disconnect")
        assert Connection.objects.get(pk=connection.pk).refresh_token == ""
    printed = capfd.readouterr()
    whole = "\n".join([*shown, caplog.text, printed.out, printed.err, note, rows()])
    assert len(secrets) > 10
    assert [secret[:8] for secret in secrets if secret and secret in whole] == []

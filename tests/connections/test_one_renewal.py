"""Ten sessions that end at once are renewed once, whoever asks, and a newer word of a person is never overwritten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as databases

from tandem.connections import services
from tandem.connections.models import Connection
from tandem.connections.vault import DatabaseVault
from tandem.salesforce import SignInNeeded, Tokens
from tests.connections.trip import Office, open_office

THREADS = 10


def renewals(office: Office) -> int:
    entries = office.running.call(lambda: list(office.running.app.state.journal.entries))
    return sum(entry.path.startswith("/services/oauth2/token") for entry in entries)


def test_ten_expired_sessions_at_once_cause_one_refresh(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With rotation: a second refresh would be a replay, and end everything (docs/salesforce.md §1.3)."""
    with open_office(monkeypatch, rotate_tokens=True) as office:
        office.connect(office.user)
        connection = office.connection(office.user)
        office.running.call(office.running.app.state.oauth.expire_sessions)
        before, start = renewals(office), threading.Barrier(THREADS)

        def ask(_: int) -> int:
            try:
                with services.client_for(connection) as client:
                    start.wait()
                    return client.query("SELECT Id FROM User").total
            finally:
                databases.close_all()

        with ThreadPoolExecutor(THREADS) as pool:
            assert list(pool.map(ask, range(THREADS))) == [3] * THREADS
        assert renewals(office) - before == 1
        assert len(office.grants()) == 1
        renewed = Connection.objects.get()
        assert office.grants() == [renewed.refresh_token] != [connection.refresh_token]
        assert renewed.renewing_until is None


def test_who_disconnects_during_a_renewal_stays_disconnected(office: Office) -> None:
    office.connect(office.user)
    connection = office.connection(office.user)
    vault = DatabaseVault(connection.pk)

    def renew(held: Tokens) -> Tokens:
        services.disconnect(connection, by=connection.member)
        return Tokens("late", "later", held.instance_url, held.identity_url)

    with pytest.raises(SignInNeeded):
        vault.exchange(connection.access_token, renew)
    kept = Connection.objects.get()
    assert (kept.state, kept.access_token, kept.refresh_token) == ("disconnected", "", "")


@pytest.mark.parametrize("refused", [False, True])
def test_who_connects_again_during_a_renewal_keeps_the_new_sign_in(office: Office, refused: bool) -> None:
    office.connect(office.user)
    stale = office.connection(office.user).access_token

    def renew(held: Tokens) -> Tokens:
        office.connect(office.user)
        if refused:
            raise SignInNeeded("expired access/refresh token", code="invalid_grant")
        return Tokens("late", "later", held.instance_url, held.identity_url)

    given = DatabaseVault(office.connection(office.user).pk).exchange(stale, renew)
    kept = Connection.objects.get()
    assert given.access_token == kept.access_token not in ("late", stale)
    assert kept.refresh_token in office.grants()

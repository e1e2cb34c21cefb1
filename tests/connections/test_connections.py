"""One member's connection: signing in again, tokens that are renewed meanwhile, and a team that shares one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from django.db import connection as database

from tandem.config.due import due_orgs
from tandem.config.salesforce_port import SalesforcePort
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.connections.vault import DatabaseVault
from tandem.reminders.models import Reminder
from tandem.salesforce import BadInput, Tokens
from tandem.sync.ports import NoAnswer, Why
from tests.sync.desk import Desk, open_desk


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna is connected; sync is off."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna")
        yield desk


def stored(desk: Desk, name: str = "anna") -> Connection:
    return Connection.objects.get(pk=desk.connections[name].pk)


def sign_in_again(desk: Desk, user: str | None = None) -> None:
    """Anna signs in anew; as another `user` of the org, if one is named."""
    oauth = desk.running.app.state.oauth
    token = desk.running.call(lambda: oauth.authorise(user or desk.connections["anna"].user))
    connections.connect(desk.member(), desk.running.url, oauth.app.client_id, oauth.app.client_secret, token)


def another_user(desk: Desk) -> str:
    values = {"LastName": "Cas", "Username": "cas@org.example", "Email": "cas@org.example", "Alias": "cas"}
    return desk.running.call(lambda: desk.org.insert("User", values))


def spoil_the_secret(connection: Connection) -> None:
    """It was encrypted with a key that nobody has any more."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE connections_connection SET access_token = 'v1:nonsense' WHERE id = %s", [connection.pk]
        )


def set_state(desk: Desk, name: str, state: Connection.State) -> None:
    Connection.objects.filter(pk=desk.connections[name].pk).update(state=state)


# --- secrets and tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken, well", [("anna", "ben"), ("ben", "anna")])
def test_a_secret_that_cannot_be_read_stops_nobody_but_its_member(desk: Desk, broken: str, well: str) -> None:
    desk.join("ben")
    for name in ("anna", "ben"):
        desk.switch_on(name)
        desk.insert(f"Of {name}", owner=name)
    spoil_the_secret(desk.connections[broken])
    assert desk.round().trouble_code == "WRONG_KEY"
    assert [reminder.name for reminder in Reminder.objects.all()] == [f"Of {well}"]


def test_a_new_secret_of_the_app_is_used_by_the_process_that_runs_already(desk: Desk) -> None:
    desk.switch_on()
    desk.round()
    oauth = desk.running.app.state.oauth

    def rotate() -> None:
        oauth.app = oauth.apps[oauth.app.client_id] = replace(oauth.app, client_secret="rotated")
        for grant in list(oauth.grants.values()):
            oauth.revoke(grant)

    desk.running.call(rotate)
    desk.round()
    assert stored(desk).state == Connection.State.RECONNECT
    sign_in_again(desk)
    desk.running.call(oauth.expire_sessions)
    assert desk.round().trouble_code == ""
    assert stored(desk).state == Connection.State.CONNECTED


def test_a_slow_renewal_never_overwrites_a_newer_sign_in(desk: Desk) -> None:
    vault = DatabaseVault(desk.connections["anna"].pk)

    def slow(held: Tokens) -> Tokens:
        sign_in_again(desk)
        return replace(held, access_token="of the old sign-in", refresh_token="of the old sign-in")

    used = vault.exchange(vault.current().access_token, slow)
    kept = stored(desk)
    assert "of the old sign-in" not in (used.access_token, kept.access_token, kept.refresh_token)
    assert used.access_token == kept.access_token


def test_a_renewal_that_took_a_minute_leaves_the_claim_of_the_next_one_alone(desk: Desk) -> None:
    first, second = (DatabaseVault(desk.connections["anna"].pk) for _ in range(2))
    stale = first.current().access_token

    def quick(held: Tokens) -> Tokens:
        return replace(held, access_token="the newer one")

    def slow(held: Tokens) -> Tokens:
        desk.wait(seconds=61)
        second.exchange(stale, quick)
        return replace(held, access_token="the older one")

    assert first.exchange(stale, slow).access_token == "the newer one"
    assert stored(desk).access_token == "the newer one"
    assert stored(desk).renewing_until is None


def test_a_round_whose_sign_in_ended_does_not_mark_the_one_that_replaced_it_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.switch_on()
    desk.round()

    def ended(port: SalesforcePort, *asked: Any) -> NoReturn:
        sign_in_again(desk)
        raise NoAnswer(Why.SIGN_IN, "invalid_grant", "expired access/refresh token")

    monkeypatch.setattr(SalesforcePort, "changed_since", ended)
    desk.round()
    assert stored(desk).state == Connection.State.CONNECTED
    assert stored(desk).trouble_text == ""


# --- whose connection it is ----------------------------------------------------------------------------------------------


def test_signing_in_as_another_user_of_the_same_org_is_refused_with_a_sentence(desk: Desk) -> None:
    before = stored(desk)
    other = another_user(desk)
    with pytest.raises(BadInput) as refused:
        sign_in_again(desk, other)
    sentence = refused.value.sentence()
    assert "anna@org.example" in sentence
    assert "Sign in to Salesforce as the same user" in sentence
    kept = stored(desk)
    assert (kept.user, kept.sign_in, kept.access_token) == (before.user, before.sign_in, before.access_token)


def test_signing_in_again_as_the_same_user_takes_up_where_it_was(desk: Desk) -> None:
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    set_state(desk, "anna", Connection.State.RECONNECT)
    sign_in_again(desk)
    desk.edit(reminder, details="after it")
    desk.settle()
    assert desk.there(reminder)["Description"] == "after it"
    assert len(desk.tasks()) == 1


# --- one connection for the whole team -----------------------------------------------------------------------------------


def test_the_team_connection_carries_a_member_whose_own_sign_in_has_ended(desk: Desk) -> None:
    desk.join("admin", team=True)
    desk.switch_on()
    set_state(desk, "anna", Connection.State.RECONNECT)
    assert due_orgs() == [desk.connections["anna"].org_id]
    desk.create("Carried by the admin")
    desk.round()
    assert [task["Subject"] for task in desk.tasks()] == ["Carried by the admin"]


def test_the_team_connection_carries_nothing_for_a_member_who_disconnected(desk: Desk) -> None:
    desk.join("admin", team=True)
    desk.switch_on()
    set_state(desk, "anna", Connection.State.DISCONNECTED)
    desk.create("Private now")
    desk.insert("Not to be read")
    desk.round()
    assert [task["Subject"] for task in desk.tasks()] == ["Not to be read"]
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Private now"]


@pytest.mark.parametrize("state", [Connection.State.RECONNECT, Connection.State.DISCONNECTED])
def test_an_org_whose_team_connection_is_gone_is_not_asked(desk: Desk, state: Connection.State) -> None:
    desk.join("admin", team=True)
    desk.switch_on()
    set_state(desk, "admin", state)
    assert due_orgs() == []
    before = desk.calls
    desk.round()
    assert desk.calls == before


@pytest.mark.parametrize("state", [Connection.State.RECONNECT, Connection.State.DISCONNECTED])
def test_without_a_team_connection_a_member_who_is_not_connected_is_not_carried_by_anybody(
    desk: Desk, state: Connection.State
) -> None:
    desk.join("ben")
    desk.switch_on("anna")
    desk.switch_on("ben")
    set_state(desk, "anna", state)
    desk.create("Waits")
    desk.create("Goes", owner="ben")
    desk.round()
    assert [task["Subject"] for task in desk.tasks()] == ["Goes"]

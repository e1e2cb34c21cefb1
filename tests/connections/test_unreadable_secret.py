"""A stored secret that cannot be read stops its own connection only, and signing in again cures it ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.test import Client

from tandem.config.due import connected_orgs
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.models import TaskSync
from tests.sync.desk import Desk, day, open_desk


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna is connected; sync is off."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna")
        yield desk


def spoil_the_secret(connection: Connection) -> None:
    """It was encrypted with a key that nobody has any more."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE connections_connection SET access_token = 'v1:nonsense' WHERE id = %s", [connection.pk]
        )


def test_ben_whose_secret_cannot_be_read_signs_in_again_and_goes_on(desk: Desk) -> None:
    ben = desk.join("ben")
    desk.switch_on("ben")
    spoil_the_secret(ben)
    oauth = desk.running.app.state.oauth
    token = desk.running.call(lambda: oauth.authorise(ben.user))
    connections.connect(
        desk.member("ben"), desk.running.url, oauth.app.client_id, oauth.app.client_secret, token
    )
    desk.insert("Ben's", owner="ben")
    desk.round()
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Ben's"]


def test_the_command_center_opens_though_a_secret_cannot_be_read(desk: Desk, client: Client) -> None:
    desk.switch_on()
    desk.create("Call Ann", due=day(0))
    spoil_the_secret(desk.connections["anna"])
    client.force_login(desk.member())
    page = client.get("/")
    assert page.status_code == 200
    assert "Call Ann" in page.content.decode()


def test_sync_can_be_switched_off_though_a_secret_cannot_be_read(desk: Desk) -> None:
    desk.switch_on()
    spoil_the_secret(desk.connections["anna"])
    services.switch_off(Connection.objects.only("org").get(pk=desk.connections["anna"].pk))
    assert not TaskSync.objects.get().enabled


def test_the_orgs_that_are_connected_are_known_though_a_secret_cannot_be_read(desk: Desk) -> None:
    spoil_the_secret(desk.connections["anna"])
    assert [name for _, name in connected_orgs()] == ["Orgbox"]

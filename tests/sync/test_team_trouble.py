"""A connection that asks to be connected again is told to the members whose changes wait for it."""

from __future__ import annotations

import pytest

from tandem.connections.models import Connection
from tandem.sync.templatetags.sync_state import sync_states
from tests.sync.desk import Desk


@pytest.mark.parametrize("ended", ["anna", "admin"])
def test_a_new_task_says_that_it_waits_for_a_connection_that_has_ended(desk: Desk, ended: str) -> None:
    if ended == "admin":
        desk.join("admin", team=True)
    desk.switch_on()
    desk.round()
    Connection.objects.filter(pk=desk.connections[ended].pk).update(state=Connection.State.RECONNECT)
    reminder = desk.create("Waits")
    desk.round()
    state = sync_states([reminder])[reminder.pk]
    assert str(state.words) == "Waiting"
    assert state.why


def test_an_edit_says_that_it_waits_for_the_team_connection_that_has_ended(desk: Desk) -> None:
    desk.join("admin", team=True)
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    Connection.objects.filter(pk=desk.connections["admin"].pk).update(state=Connection.State.RECONNECT)
    desk.edit(reminder, details="edited")
    desk.round()
    reminder.refresh_from_db()
    state = sync_states([reminder])[reminder.pk]
    assert str(state.words) == "Waiting"
    assert state.why

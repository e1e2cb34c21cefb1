"""TS-8: a task for a teammate. Until Salesforce has it, whose it is is said here; from then on, there."""

from __future__ import annotations

import pytest

from tandem.config import wiring
from tandem.reminders import questions
from tandem.reminders import services as reminders
from tandem.reminders.errors import OwnerSaidElsewhere
from tandem.reminders.models import Reminder
from tandem.sync import services
from tests.sync.desk import Desk


@pytest.fixture
def team(desk: Desk) -> Desk:
    """Anna and Ben, both in step."""
    wiring.register_answers()
    desk.join("ben")
    for name in ("anna", "ben"):
        desk.switch_on(name)
    desk.round()
    return desk


def test_ts_8_a_task_written_for_a_teammate_is_theirs_in_salesforce_too(team: Desk) -> None:
    written = team.create("Ring Ann", owner="ben")
    team.settle()
    assert team.there(written)["OwnerId"] == team.connections["ben"].user


def test_ts_8_a_task_given_away_before_it_went_out_is_made_for_the_one_who_got_it(team: Desk) -> None:
    anna, ben = team.member("anna"), team.member("ben")
    given = reminders.give(anna.pk, team.create("Ring Ann").pk, ben.pk)
    team.settle()
    assert team.there(given)["OwnerId"] == team.connections["ben"].user
    assert team.link(given).member == ben
    team.edit(given, owner="ben", details="Ben's now")
    team.wait(seconds=5)
    team.settle()
    assert team.there(given)["Description"] == "Ben's now"
    assert len(team.tasks()) == 1


def test_ts_8_a_task_that_salesforce_has_is_given_away_there_and_not_here(team: Desk) -> None:
    anna, ben = team.member("anna"), team.member("ben")
    sent = team.create("Ring Ann")
    team.settle()
    with pytest.raises(OwnerSaidElsewhere):
        reminders.give(anna.pk, sent.pk, ben.pk)
    sent.refresh_from_db()
    assert (sent.owner, sent.rev) == (anna, 1)


def test_fs_2_a_task_from_before_the_sync_stays_here_whoever_gets_it(team: Desk) -> None:
    services.switch_off(team.connections["anna"])
    services.switch_off(team.connections["ben"])
    old = team.create("Ring Ann")
    services.switch_on(team.connections["ben"])
    reminders.give(team.member("anna").pk, old.pk, team.member("ben").pk)
    team.settle()
    assert team.tasks() == []


def test_the_page_knows_which_tasks_came_from_salesforce(team: Desk) -> None:
    team.insert("From there")
    team.create("From here")
    team.settle()
    assert [each.name for each in questions.came_in(Reminder.objects.all())] == ["From there"]  # type: ignore[arg-type]

"""P1, P4, FS-1 … FS-6 from the page's side: nothing moves before Save, the preview comes true, progress, pause, result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client

from tandem import clock
from tandem.config import wiring
from tandem.config.due import due_orgs
from tandem.reminders.models import Reminder
from tandem.sync.models import TaskSync
from tandem.sync.ports import NoAnswer
from tandem.sync_settings import foresee as foreseeing
from tandem.sync_settings import services
from tandem.sync_settings.cards import TasksCard, cards_of
from tandem.sync_settings.foresee import foresee
from tandem.sync_settings.values import TASKS_DEFAULT
from tests.sync.desk import START, Desk, day
from tests.sync.wakes import taken

Visit = Callable[[str], Client]
ON, OFF = {"sync": True}, {"sync": False}
SYNC = "/settings/salesforce/sync"


def card(desk: Desk, name: str = "anna") -> TasksCard:
    return cards_of(desk.member(name), clock.now()).tasks


def fill(desk: Desk, tasks: int, owner: str = "anna") -> None:
    for n in range(tasks):
        desk.plant(f"Task {n}", owner, ActivityDate=day(n % 3), LastModifiedDate=START - timedelta(hours=1))


def test_p_1_the_card_opens_with_sync_chosen_and_nothing_moves_until_save(desk: Desk, visit: Visit) -> None:
    fill(desk, 3)
    before = desk.calls
    page = visit("anna").get(SYNC).content.decode()
    assert TASKS_DEFAULT.sync
    assert 'value="on" class="form-check-input" id="tasks-sync_0" checked' in page
    assert str(card(desk).badge.words) == "Not saved yet"
    desk.round()
    assert (Reminder.objects.count(), desk.calls) == (0, before)
    assert not TaskSync.objects.filter(enabled=True).exists()


@pytest.mark.parametrize("tasks", [0, 1, 27])
def test_p_4_the_preview_is_what_happens(desk: Desk, tasks: int) -> None:
    fill(desk, tasks)
    desk.create("Made before, and never sent")
    seen = foresee(desk.member("anna"))
    assert seen is not None
    services.save_tasks(desk.member("anna"), ON)
    report = desk.round()
    assert (report.imported, report.removed_here, report.created) == (
        seen.to_import,
        seen.to_remove,
        seen.to_send,
    )
    assert report.calls == seen.calls


def test_p_4_switched_on_again_the_preview_counts_what_will_be_removed(desk: Desk) -> None:
    desk.switch_on()
    gone = [desk.insert(f"Gone {n}") for n in range(3)]
    edited = desk.insert("Edited here, deleted there: kept here (P5)")
    desk.insert("Stays")
    desk.settle()
    services.save_tasks(desk.member("anna"), OFF)
    desk.edit(desk.twin(edited), details="mine")
    desk.wait(days=2)
    for sf_id in (*gone, edited):
        desk.delete(sf_id)
    desk.insert("New meanwhile")
    seen = foresee(desk.member("anna"))
    assert seen is not None
    assert (seen.to_import, seen.to_remove, seen.to_send) == (1, 3, 0)
    services.save_tasks(desk.member("anna"), ON)
    report = desk.round()
    assert (report.imported, report.removed_here, report.created) == (1, 3, 0)


def test_p_4_for_everybody_the_preview_is_the_sum(desk: Desk) -> None:
    fill(desk, 2, "anna")
    fill(desk, 3, "ben")
    seen = foresee(desk.member("anna"), everybody=True)
    assert seen is not None
    services.save_tasks(desk.member("anna"), ON, locked=True)
    assert desk.round().imported == seen.to_import == 5


def rows() -> list[list[tuple[object, ...]]]:
    """Every table as it lies on disk, but for the org's own word on its allowance and our count of calls."""
    with database.cursor() as cursor:
        held = []
        for table in sorted(database.introspection.table_names(cursor)):
            if table not in ("connections_org", "sync_callsspent"):
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                held.append(cursor.fetchall())
    return held


@pytest.mark.parametrize("team", [False, True], ids=["each through their own", "through the team's"])
def test_p_4_for_everybody_it_says_what_looking_cost_and_writes_nothing(desk: Desk, team: bool) -> None:
    """Through a team's connection all are asked for in shared calls."""
    for n in range(10):
        desk.join(f"rep{n}")
    if team:
        desk.join("boss", role="admin", team=True)
    for name in desk.connections:
        fill(desk, 2, name)
    before, calls = rows(), desk.calls
    seen = foresee(desk.member("anna"), everybody=True)
    assert seen is not None
    assert rows() == before
    assert (seen.members, seen.left_out) == (len(desk.connections), 0)
    assert seen.to_import == 2 * len(desk.connections)
    assert seen.asked == desk.calls - calls == (1 if team else len(desk.connections))
    services.save_tasks(desk.member("anna"), ON, locked=True)
    report = desk.round()
    assert (report.imported, report.calls) == (seen.to_import, seen.calls)


def test_p_4_of_a_very_large_team_it_asks_for_some_and_says_how_many_more_there_are(
    desk: Desk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreseeing, "MOST_MEMBERS", 2)
    for name in ("cas", "dia"):
        desk.join(name)
    type(desk.connections["dia"]).objects.filter(pk=desk.connections["dia"].pk).update(state="reconnect")
    seen = foresee(desk.member("anna"), everybody=True)
    assert seen is not None
    assert (seen.members, seen.left_out) == (2, 2)
    page = visit("anna").get(f"{SYNC}/tasks/preview?locked=on").content.decode()
    assert "2 more were not looked at and add to this." in page
    assert "Looking cost 2 API calls." in page


def test_p_4_back_again_nobody_elses_deleted_tasks_are_counted_as_mine(desk: Desk) -> None:
    """The delete log of an admin's connection names what everybody deleted."""
    for name in ("anna", "ben"):
        desk.switch_on(name)
    desk.insert("Anna's", "anna")
    bens = desk.insert("Ben's", "ben")
    desk.settle()
    services.save_tasks(desk.member("anna"), OFF)
    desk.delete(bens)
    seen = foresee(desk.member("anna"))
    assert seen is not None
    assert seen.to_remove == 0


def test_p_4_what_is_on_already_is_not_counted_again(desk: Desk) -> None:
    fill(desk, 2, "anna")
    fill(desk, 3, "ben")
    services.save_tasks(desk.member("anna"), ON)
    assert foresee(desk.member("anna")) is None
    seen = foresee(desk.member("anna"), everybody=True)
    assert seen is not None
    assert seen.to_import == 3


def test_the_preview_changes_nothing_and_says_so_when_salesforce_cannot_be_asked(
    desk: Desk, visit: Visit
) -> None:
    fill(desk, 2)
    desk.fault("503_before_commit", times=None)
    with pytest.raises(NoAnswer):
        foresee(desk.member("anna"))
    answer = visit("anna").get(f"{SYNC}/tasks/preview")
    assert answer.status_code == 200
    assert "Salesforce cannot be asked now" in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()


def test_the_preview_is_a_link_where_javascript_is_off(desk: Desk, visit: Visit) -> None:
    fill(desk, 2)
    page = visit("anna").get(f"{SYNC}?open=tasks&preview=1").content.decode()
    assert "2 tasks to import · 0 to remove · 0 to send · about 2 API calls" in page


def test_the_import_is_counted_where_a_restart_finds_it(desk: Desk, visit: Visit) -> None:
    services.save_tasks(desk.member("anna"), ON)
    assert (card(desk).state, card(desk).badge.percent) == ("importing", None)
    TaskSync.objects.update(import_done=312, import_total=1240)
    assert card(desk).badge.percent == 25
    page = visit("anna").get(f"{SYNC}/tasks/progress?said=0").content.decode()
    assert '<progress class="progress" id="tasks-bar" max="100" value="25">' in page
    assert "<strong>312</strong> of <strong>1,240</strong>" in page


def test_a_screen_reader_hears_the_start_each_quarter_and_the_end(desk: Desk, visit: Visit) -> None:
    services.save_tasks(desk.member("anna"), ON)
    fill(desk, 4)
    anna, heard, said = visit("anna"), [], ""
    for done in (0, 1, 10, 24, 25, 26, 49, 50, 74, 75, 99):
        TaskSync.objects.update(import_done=done, import_total=100)
        page = anna.get(f"{SYNC}/tasks/progress?said={said}").content.decode()
        said = page.split("?said=")[1].split('"')[0]
        if 'id="tasks-said"' in page:
            heard.append(done)
    desk.round()
    page = anna.get(f"{SYNC}/tasks/progress?said={said}").content.decode()
    assert heard == [0, 25, 50, 75]
    assert "The first import is finished: 4 tasks read." in page
    assert "hx-get" not in page, "the last answer asks for no more"


def test_the_result_says_what_was_read_what_is_due_and_what_needs_somebody(desk: Desk) -> None:
    fill(desk, 27)
    services.save_tasks(desk.member("anna"), ON)
    desk.round()
    result = card(desk).result
    assert result is not None
    assert (result.read, result.due, result.need_you) == (27, 18, 0)


def test_paused_nothing_travels_and_resumed_it_goes_on_without_losing_what_was_made(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), ON)
    desk.settle()
    services.pause_tasks(desk.member("anna"))
    made = desk.create("Made while paused")
    theirs = desk.insert("Made there while paused")
    before = desk.calls
    desk.round()
    assert desk.calls == before
    assert card(desk).state == "paused"
    services.resume_tasks(desk.member("anna"))
    desk.settle()
    assert desk.there(made)["Subject"] == "Made while paused"
    assert desk.twin(theirs).name == "Made there while paused"


def test_one_members_pause_leaves_the_others_in_step(desk: Desk) -> None:
    for name in ("anna", "ben"):
        services.save_tasks(desk.member(name), ON)
    desk.settle()
    services.pause_tasks(desk.member("anna"))
    desk.insert("Ben's", "ben")
    desk.insert("Anna's", "anna")
    desk.settle()
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Ben's"]


def test_a_pause_ends_the_round_of_a_first_import_and_resuming_imports_everything_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(desk, 30)
    monkeypatch.setattr("tandem.sync.inbound.CHUNK", 10)
    services.save_tasks(desk.member("anna"), ON)
    from tandem.config.salesforce_port import SalesforcePort

    count = SalesforcePort.count_changed

    def pause_while_counting(port: SalesforcePort, *what: object) -> int:
        services.pause_tasks(desk.member("anna"))
        return count(port, *what)  # type: ignore[arg-type]

    with monkeypatch.context() as now:
        now.setattr(SalesforcePort, "count_changed", pause_while_counting)
        desk.round()
    assert Reminder.objects.count() == 0
    assert card(desk).state == "paused"
    desk.wait(hours=30)  # FS-4's window stays the one of the moment of Save
    services.resume_tasks(desk.member("anna"))
    desk.settle()
    assert Reminder.objects.count() == 30
    assert card(desk).state == "on"


def test_switched_off_nothing_is_deleted_and_the_card_says_off(desk: Desk) -> None:
    fill(desk, 3)
    services.save_tasks(desk.member("anna"), ON)
    desk.settle()
    services.save_tasks(desk.member("anna"), OFF)
    assert str(card(desk).badge.words) == "Off"
    assert Reminder.objects.filter(deleted_at=None).count() == 3
    assert len(desk.tasks()) == 3


def test_do_not_sync_is_a_choice_too(desk: Desk, visit: Visit) -> None:
    services.save_tasks(desk.member("anna"), OFF)
    assert str(card(desk).badge.words) == "Off"
    assert 'id="tasks-sync_1" checked' in visit("anna").get(SYNC).content.decode()


def test_who_must_connect_again_is_told_on_the_closed_card(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), ON)
    connection = desk.connections["anna"]
    type(connection).objects.filter(pk=connection.pk).update(state="reconnect")
    assert (card(desk).state, str(card(desk).badge.words)) == ("reconnect", "Reconnect")


def test_the_round_of_a_resumed_sync_is_due_at_once(desk: Desk) -> None:
    wiring.register_wakes()
    services.save_tasks(desk.member("anna"), ON)
    desk.settle()
    services.pause_tasks(desk.member("anna"))
    taken()
    assert due_orgs() == []
    services.resume_tasks(desk.member("anna"))
    assert taken() == [desk.connections["anna"].org_id]

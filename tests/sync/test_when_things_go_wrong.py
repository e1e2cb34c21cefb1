"""Faults over real HTTP: whatever breaks, no task is lost, none is doubled, and the good ones go through."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from tandem.config import wiring
from tandem.connections.explanations import explained
from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.models import Link, OrgSync
from tests.sync.desk import Desk, day, open_desk

REQUEST_FAULTS = [
    "reset_after_commit",
    "reset_before_commit",
    "500_after_commit",
    "503_before_commit",
    "edge_html_503",
    "REQUEST_LIMIT_EXCEEDED",
    "UNABLE_TO_LOCK_ROW",
    "session_expired",
]


def subjects(desk: Desk) -> Counter[str]:
    return Counter(task["Subject"] for task in desk.tasks() if not task["IsDeleted"])


def on(desk: Desk) -> None:
    desk.switch_on()
    desk.round()


def rounds(desk: Desk, number: int = 8) -> None:
    """Rounds over a few hours, so that every pause and back-off ends."""
    for _ in range(number):
        wiring.run(desk.connections["anna"].org_id)
        desk.wait(minutes=16)


def all_in_step(desk: Desk) -> None:
    assert not Link.objects.exclude(intent_op=None).exists()
    assert desk.round().wrote == 0
    for link in Link.objects.filter(closed=None).select_related("reminder"):
        assert link.reminder is not None
        task = desk.task(link.sf_id)
        assert (task["Subject"], task["Description"] or "") == (link.reminder.name, link.reminder.details)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_thirty_new_tasks_reach_salesforce_once_each_when_the_call_meets(desk: Desk, fault: str) -> None:
    on(desk)
    for n in range(30):
        desk.create(f"Task {n}")
    desk.fault(fault, path="composite")
    rounds(desk)
    assert subjects(desk) == Counter({f"Task {n}": 1 for n in range(30)})
    all_in_step(desk)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_edits_and_deletes_arrive_once_each_when_their_calls_meet(desk: Desk, fault: str) -> None:
    on(desk)
    made = [desk.create(f"Task {n}") for n in range(30)]
    desk.round()
    desk.wait(minutes=1)
    for reminder in made[:20]:
        desk.edit(reminder, details="edited")
    for reminder in made[20:]:
        reminders.delete(desk.member().pk, reminder.pk)
    desk.wait(seconds=11)
    # A session that dies twice in a row is a revoked sign-in, which has its own test.
    desk.fault(fault, path="composite", times=1 if fault == "session_expired" else 2)
    rounds(desk)
    tasks = desk.tasks()
    assert len(tasks) == 20
    assert {task["Description"] for task in tasks} == {"edited"}
    all_in_step(desk)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_changes_made_there_arrive_when_the_poll_meets(desk: Desk, fault: str) -> None:
    on(desk)
    desk.insert("Theirs")
    desk.fault(fault, path="query")
    rounds(desk, 3)
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Theirs"]


@pytest.mark.parametrize("fault", ["reset_after_commit", "500_after_commit", "503_before_commit"])
def test_without_a_unique_key_a_lost_answer_is_waited_out_and_nothing_is_doubled(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Mode B: the key rides in CallObject, which Salesforce does not keep unique (docs/engine.md §2.6; R4)."""
    with open_desk(monkeypatch, unique_key=False) as desk:
        desk.join("anna")
        on(desk)
        for n in range(5):
            desk.create(f"Task {n}")
        desk.fault(fault, path="composite")
        rounds(desk)
        assert subjects(desk) == Counter({f"Task {n}": 1 for n in range(5)})
        all_in_step(desk)


def test_one_bad_row_among_two_hundred_waits_and_the_other_199_go_through(desk: Desk) -> None:
    on(desk)
    for n in range(199):
        desk.create(f"Task {n}")
    bad = desk.create("The bad one")
    desk.fault("row_refused", body="The bad one", times=None)
    report = desk.round()
    assert report.created == 199
    assert report.parked == 1
    assert len(subjects(desk)) == 199
    link = desk.link(bad)
    assert link.parked
    assert link.error_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Refused by a validation rule of this org" in link.error_text
    before = desk.calls
    for _ in range(3):
        desk.wait(minutes=15)
        desk.round()
    assert desk.calls - before == 3, "a task that a person must mend is not tried over and over"
    desk.cure()
    assert services.retry_all(desk.member().email) == 1
    desk.settle()
    assert subjects(desk)["The bad one"] == 1


def test_editing_a_refused_task_tries_it_again(desk: Desk) -> None:
    on(desk)
    bad = desk.create("The bad one")
    desk.fault("row_refused", body="The bad one", times=None)
    desk.round()
    desk.edit(bad, name="A good one")
    desk.settle()
    assert subjects(desk) == Counter({"A good one": 1})
    assert not desk.link(bad).parked


def test_a_locked_row_fails_its_batch_for_now_and_all_go_later(desk: Desk) -> None:
    on(desk)
    for n in range(10):
        desk.create(f"Task {n}")
    desk.fault("row_locked", body="Task 5", times=2)
    desk.settle()
    assert subjects(desk) == Counter({f"Task {n}": 1 for n in range(10)})


def test_when_the_api_calls_are_used_up_the_org_waits_and_asks_nothing_meanwhile(desk: Desk) -> None:
    on(desk)
    desk.create("Task")
    desk.fault("REQUEST_LIMIT_EXCEEDED")
    report = desk.round()
    assert report.trouble_code == "REQUEST_LIMIT_EXCEEDED"
    before = desk.calls
    desk.wait(minutes=5)
    assert wiring.run(desk.connections["anna"].org_id) is None
    assert desk.calls == before
    assert OrgSync.objects.get().pause_code == "REQUEST_LIMIT_EXCEEDED"
    desk.wait(minutes=11)
    desk.settle()
    assert subjects(desk) == Counter({"Task": 1})


def test_a_token_that_dies_in_the_middle_of_a_round_is_renewed_once_and_the_round_goes_on(desk: Desk) -> None:
    on(desk)
    for n in range(3):
        desk.create(f"Task {n}")
    old = Connection.objects.get().access_token
    desk.fault("session_expired", path="composite")
    report = desk.round()
    assert report.created == 3
    assert Connection.objects.get().access_token != old
    paths = [entry.path for entry in desk.running.app.state.journal.entries]
    assert sum("oauth2/token" in path for path in paths) == 2  # when connecting, and now


def test_rotated_refresh_tokens_are_stored_before_they_are_used(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_desk(monkeypatch, rotate_tokens=True) as desk:
        desk.join("anna")
        on(desk)
        for n in range(4):
            desk.running.call(desk.running.app.state.oauth.expire_sessions)
            desk.create(f"Task {n}")
            desk.round()
        assert subjects(desk) == Counter({f"Task {n}": 1 for n in range(4)})


def test_a_revoked_connection_asks_to_reconnect_and_what_waits_goes_out_afterwards(desk: Desk) -> None:
    on(desk)
    oauth = desk.running.app.state.oauth
    desk.running.call(lambda: [oauth.revoke(grant) for grant in list(oauth.grants.values())])
    desk.create("Waits")
    report = desk.round()
    assert report.trouble_code == "invalid_grant"
    connection = Connection.objects.get()
    assert (connection.state, connection.trouble_code) == ("reconnect", "invalid_grant")
    before = desk.calls
    desk.wait(minutes=5)
    desk.round()
    assert desk.calls == before, "a dead sign-in is not tried over and over"
    token = desk.running.call(lambda: oauth.authorise(connection.user))
    Connection.objects.update(refresh_token=token)
    connection = Connection.objects.get()
    connection.refresh_token, connection.state = token, "connected"
    connection.save()
    desk.settle()
    assert subjects(desk) == Counter({"Waits": 1})


def test_a_mass_deletion_in_salesforce_is_held_until_somebody_says_so(desk: Desk) -> None:
    tasks = [desk.insert(f"Task {n}") for n in range(40)]
    on(desk)
    desk.wait(minutes=5)
    for task in tasks[:21]:
        desk.delete(task)
    report = desk.round()
    assert report.deletions_held == 21
    assert Reminder.objects.filter(deleted_at=None).count() == 40
    desk.edit(desk.twin(tasks[-1]), details="the others go on")
    desk.settle()
    assert desk.task(tasks[-1])["Description"] == "the others go on"
    assert Reminder.objects.filter(deleted_at=None).count() == 40
    assert services.approve_all_deletions() == [("Orgbox", 21)]
    desk.settle()
    assert Reminder.objects.filter(deleted_at=None).count() == 19
    assert OrgSync.objects.get().deletions == "free"


def test_twenty_deletions_are_carried_out_without_asking(desk: Desk) -> None:
    tasks = [desk.insert(f"Task {n}") for n in range(20)]
    on(desk)
    for task in tasks:
        desk.delete(task)
    desk.settle()
    assert not Reminder.objects.filter(deleted_at=None).exists()


def test_two_workers_at_the_same_org_do_the_work_once(desk: Desk) -> None:
    on(desk)
    for n in range(50):
        desk.create(f"Task {n}")
    org = desk.connections["anna"].org_id
    results: list[object] = []

    def work() -> None:
        from django.db import connection

        try:
            results.append(wiring.run(org))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 4
    desk.settle()
    assert subjects(desk) == Counter({f"Task {n}": 1 for n in range(50)})


def test_a_flow_that_answers_each_of_our_writes_ends_in_silence(desk: Desk) -> None:
    """Every write to Salesforce consumes a change that a member made, so no automation there can keep us writing (I7)."""
    on(desk)

    def rewrite(change: Any) -> None:
        if change.sobject == "Task" and "Subject" in change.values:
            change.values["Subject"] = change.values["Subject"].upper() + "!"

    desk.running.call(lambda: desk.org.triggers.append(rewrite))
    reminder = desk.create("Call Ann")
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.name == "CALL ANN!"
    desk.wait(minutes=1)
    desk.edit(reminder, details="edited")
    desk.settle()
    assert desk.there(reminder)["Subject"] == "CALL ANN!"
    all_in_step(desk)


def test_an_idle_org_costs_one_call_a_round(desk: Desk) -> None:
    for n in range(50):
        desk.insert(f"Task {n}")
    on(desk)
    for _ in range(5):
        desk.wait(minutes=1)
        before = desk.calls
        desk.round()
        assert desk.calls - before == 1


def test_an_idle_team_of_three_costs_one_call_a_round(desk: Desk) -> None:
    desk.join("ben")
    desk.join("admin", team=True)
    for name in ("anna", "ben", "admin"):
        desk.insert(f"Of {name}", owner=name)
        desk.switch_on(name)
    desk.round()
    assert Reminder.objects.count() == 3
    desk.wait(minutes=1)
    before = desk.calls
    desk.round()
    assert desk.calls - before == 1


def test_two_hundred_changed_reminders_cost_at_most_ten_calls(desk: Desk) -> None:
    on(desk)
    made = [desk.create(f"Task {n}") for n in range(200)]
    before = desk.calls
    desk.round()
    print(f"200 creates: {desk.calls - before} calls")
    assert desk.calls - before == 2
    desk.wait(minutes=1)
    for reminder in made:
        desk.edit(reminder, details="edited")
    before = desk.calls
    report = desk.round()
    print(f"200 edits: {desk.calls - before} calls")
    assert report.updated == 200
    assert desk.calls - before <= 10
    for reminder in made:
        reminders.delete(desk.member().pk, reminder.pk)
    desk.wait(seconds=11)
    before = desk.calls
    report = desk.round()
    print(f"200 deletes: {desk.calls - before} calls")
    assert report.deleted == 200
    assert desk.calls - before <= 3


def test_a_status_that_the_org_does_not_have_is_told_before_anything_is_sent(desk: Desk) -> None:
    from orgbox.schema.types import PicklistValue

    desk.running.call(
        lambda: desk.org.set_picklist(
            "Task",
            "Status",
            [PicklistValue("Not Started", default=True), PicklistValue("Klaar", closed=True)],
            restricted=True,
        )
    )
    oauth = desk.running.app.state.oauth
    from tandem.connections.services import connect

    token = desk.running.call(lambda: oauth.authorise(desk.connections["anna"].user))
    connect(desk.member(), desk.running.url, oauth.app.client_id, oauth.app.client_secret, token)
    on(desk)
    reminder = desk.create("Call Ann", due=day(1))
    desk.settle()
    desk.wait(minutes=1)
    reminders.complete(desk.member().pk, reminder.pk)
    before = desk.calls
    desk.round()
    assert desk.calls - before == 1, "nothing was sent"
    link = desk.link(reminder)
    assert link.error_code == "STATUS_NOT_IN_ORG"
    assert "no task status “Completed”" in str(explained(link.error_code, link.error_text))


def test_a_due_date_on_a_series_is_told_before_anything_is_sent(desk: Desk) -> None:
    on(desk)
    reminder = desk.create("Weekly call")
    desk.round()
    sf_id = desk.link(reminder).sf_id
    desk.wait(minutes=1)
    desk.plant("Weekly call", Id=sf_id, IsRecurrence=True, LastModifiedDate=desk.clock.now())
    desk.wait(minutes=1)
    desk.round()
    desk.edit(reminder, due=day(3))
    before = desk.calls
    desk.round()
    assert desk.calls - before == 1
    assert desk.link(reminder).error_code == "DUE_DATE_ON_SERIES"

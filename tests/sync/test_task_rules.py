"""TS-1 … TS-11 over real HTTP (TS-3 and TS-4 as P2 and P3 decide; TS-1, TS-2 in test_there_and_back; TS-7 … TS-9 name
what later slices build on)."""

from __future__ import annotations

import pytest

from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.sync.activity_task import key_of
from tandem.sync.models import Link, OrgSync
from tests.sync.desk import Desk, day


def a_pair(desk: Desk, **values: object) -> Reminder:
    desk.switch_on()
    reminder = desk.create("Call Ann", **values)
    desk.round()
    desk.wait(minutes=1)
    return reminder


def with_template(desk: Desk, template: str) -> None:
    OrgSync.objects.update_or_create(
        org_id=desk.connections["anna"].org_id, defaults={"subject_template": template}
    )


def test_ts_3_with_the_default_template_a_rename_travels_both_ways(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.edit(reminder, name="Renamed here")
    desk.round()
    assert desk.there(reminder)["Subject"] == "Renamed here"
    desk.wait(minutes=1)
    desk.update(desk.link(reminder).sf_id, Subject="Renamed there")
    desk.round()
    reminder.refresh_from_db()
    assert reminder.name == "Renamed there"


def test_ts_3_with_a_template_that_names_the_subject_a_rename_is_rendered_and_sent(desk: Desk) -> None:
    with_template(desk, "[Tandem] {{activity_subject}}")
    reminder = a_pair(desk)
    assert desk.there(reminder)["Subject"] == "[Tandem] Call Ann"
    desk.edit(reminder, name="Renamed here")
    desk.settle()
    assert desk.there(reminder)["Subject"] == "[Tandem] Renamed here"


def test_ts_3_with_a_template_without_the_subject_a_rename_stays_here(desk: Desk) -> None:
    with_template(desk, "Follow up by Tandem")
    reminder = a_pair(desk)
    desk.edit(reminder, name="Renamed here")
    before = desk.calls
    report = desk.round()
    assert desk.there(reminder)["Subject"] == "Follow up by Tandem"
    assert report.updated == 0
    assert desk.calls - before == 1


@pytest.mark.parametrize("template", ["[Tandem] {{activity_subject}}", "Follow up by Tandem"])
def test_ts_4_with_another_template_a_subject_edited_there_never_renames_the_task_here(
    desk: Desk, template: str
) -> None:
    with_template(desk, template)
    reminder = a_pair(desk)
    desk.update(desk.link(reminder).sf_id, Subject="Renamed there")
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.name == "Call Ann"
    assert desk.there(reminder)["Subject"] == "Renamed there"


@pytest.mark.parametrize("status", ["In Progress", "Waiting on someone else", "Deferred"])
def test_ts_5_another_status_leaves_ours_as_it_is_and_survives_unrelated_edits(
    desk: Desk, status: str
) -> None:
    reminder = a_pair(desk)
    desk.update(desk.link(reminder).sf_id, Status=status)
    desk.round()
    reminder.refresh_from_db()
    assert reminder.status == "open"
    desk.wait(minutes=1)
    desk.edit(reminder, name="Renamed", details="New details", due=day(3), priority="high")
    desk.round()
    assert desk.there(reminder)["Status"] == status
    assert desk.there(reminder)["Subject"] == "Renamed"
    assert desk.round().wrote == 0


@pytest.mark.parametrize("status", ["In Progress", "Waiting on someone else", "Deferred"])
def test_ts_5_a_task_in_another_status_is_imported_as_open_and_completing_it_here_completes_it_there(
    desk: Desk, status: str
) -> None:
    task = desk.insert("Theirs", Status=status)
    desk.switch_on()
    desk.round()
    reminder = desk.twin(task)
    assert reminder.status == "open"
    desk.wait(minutes=1)
    reminders.complete(desk.member().pk, reminder.pk)
    desk.round()
    assert desk.task(task)["Status"] == "Completed"


def test_ts_6_low_priority_leaves_ours_as_it_is_and_survives_unrelated_edits(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.update(desk.link(reminder).sf_id, Priority="Low")
    desk.round()
    reminder.refresh_from_db()
    assert reminder.priority == "normal"
    desk.wait(minutes=1)
    desk.edit(reminder, name="Renamed", details="New details")
    reminders.complete(desk.member().pk, reminder.pk)
    desk.round()
    assert desk.there(reminder)["Priority"] == "Low"
    assert desk.there(reminder)["Status"] == "Completed"


def test_ts_6_raising_a_low_priority_here_raises_it_there(desk: Desk) -> None:
    task = desk.insert("Theirs", Priority="Low")
    desk.switch_on()
    desk.round()
    desk.wait(minutes=1)
    desk.edit(desk.twin(task), priority="high")
    desk.round()
    assert desk.task(task)["Priority"] == "High"


def test_ts_10_only_the_members_own_tasks_come_in(desk: Desk) -> None:
    desk.join("ben")
    desk.insert("Anna's", owner="anna")
    desk.insert("Ben's", owner="ben")
    desk.switch_on("anna")
    desk.round()
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Anna's"]


def test_ts_10_a_task_given_to_a_teammate_moves_to_their_command_center(desk: Desk) -> None:
    desk.join("ben")
    desk.switch_on("anna")
    desk.switch_on("ben")
    task = desk.insert("Anna's", owner="anna")
    desk.round()
    desk.wait(minutes=1)
    desk.update(task, OwnerId=desk.connections["ben"].user)
    desk.round()
    assert desk.twin(task).owner == desk.member("ben")
    assert Reminder.objects.count() == 1
    desk.wait(minutes=1)
    desk.edit(desk.twin(task), owner="ben", details="Ben's now")
    desk.settle()
    assert desk.task(task)["Description"] == "Ben's now"


@pytest.mark.parametrize("subtype", ["Task", "Email", "Call"])
def test_ts_11_an_activity_that_we_logged_never_comes_back_as_a_reminder(desk: Desk, subtype: str) -> None:
    desk.switch_on()
    desk.round()
    key = key_of("m1@us.example", "00Q000000000001AAA")
    desk.insert("Our offer", Status="Completed", TaskSubtype=subtype, Tandem_Key__c=key)
    desk.insert("Reopened by hand", Status="Not Started", TaskSubtype=subtype, Tandem_Key__c=key[:-1])
    desk.round()
    assert not Reminder.objects.exists()


def test_ts_11_an_email_that_salesforce_filed_itself_is_not_a_reminder(desk: Desk) -> None:
    desk.switch_on()
    desk.insert("Email: hello", Status="Completed", TaskSubtype="Email")
    desk.round()
    assert not Reminder.objects.exists()


def test_sf_3_the_master_of_a_series_is_never_imported_but_its_occurrences_are(desk: Desk) -> None:
    master = desk.plant("Weekly call", IsRecurrence=True)
    occurrence = desk.plant("Weekly call", RecurrenceActivityId=master, ActivityDate=day(1))
    desk.switch_on()
    desk.round()
    assert [link.sf_id for link in Link.objects.all()] == [occurrence]


def test_em_12_type_is_never_set_on_a_reminders_task(desk: Desk) -> None:
    reminder = a_pair(desk)
    assert desk.there(reminder).get("Type") is None


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati"])
def test_sf_2_a_due_date_is_the_same_day_on_both_sides_whatever_the_time_zone(desk: Desk, zone: str) -> None:
    member = desk.member()
    member.time_zone = zone
    member.save()
    reminder = a_pair(desk, due=day(0))
    assert desk.there(reminder)["ActivityDate"] == day(0)
    desk.update(desk.link(reminder).sf_id, ActivityDate=day(31))
    desk.round()
    reminder.refresh_from_db()
    assert reminder.due == day(31)

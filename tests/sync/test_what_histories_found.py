"""What seeded histories found in the engine, told again over HTTP and the real store (docs/faults.md, B20 and on)."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.config import wiring
from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.store import DjangoStore
from tests.sync.desk import Desk


def test_a_task_given_away_before_two_weeks_of_silence_leaves_the_command_center(desk: Desk) -> None:
    """B22: the update log is not asked so far back, so every open link is read."""
    desk.switch_on()
    task = desk.insert("Call Ann")
    desk.round()
    stranger = desk.running.call(
        lambda: desk.org.insert(
            "User",
            {"LastName": "Cas", "Username": "cas@org.example", "Email": "cas@org.example", "Alias": "cas"},
        )
    )
    desk.update(task, OwnerId=stranger)
    desk.wait(days=16)
    desk.settle()
    assert desk.twin(task).owner is None


def test_switching_on_again_after_a_month_asks_for_no_more_than_salesforce_remembers(desk: Desk) -> None:
    """B21: fifteen days to the second are refused as soon as a minute has passed."""
    desk.switch_on()
    desk.round()
    services.switch_off(desk.connections["anna"])
    desk.wait(days=30, seconds=59)
    desk.switch_on()
    assert desk.round().trouble == ""


def test_a_subject_that_nobody_here_has_seen_is_named_when_a_rename_stands_over_it(desk: Desk) -> None:
    """B23: under a one-way template."""
    desk.switch_on()
    services.set_subject_template(desk.connections["anna"].org_id, "[Tandem] {{activity_subject}}")
    desk.round()
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    desk.update(desk.link(reminder).sf_id or "", Subject="Ann wants a quote")
    desk.settle()
    assert desk.conflicts() == []
    desk.wait(minutes=1)
    desk.edit(reminder, name="Call Bob")
    desk.settle()
    assert desk.there(reminder)["Subject"] == "[Tandem] Call Bob"
    assert [(lost.side, lost.field, lost.value) for lost in desk.conflicts()] == [
        ("salesforce", "name", "Ann wants a quote")
    ]


def test_the_preview_counts_what_was_known_to_be_gone_before_sync_was_switched_off(desk: Desk) -> None:
    """B24: the deletion was seen, and not carried out yet."""
    anna = desk.connections["anna"]
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.round()
    link = desk.link(reminder)
    link.seen_deleted = True
    link.save()
    desk.delete(link.sf_id or "")
    desk.running.call(desk.org.empty_bin)
    services.switch_off(anna)
    assert wiring.preview_for([anna]).to_remove == 1
    desk.switch_on()
    assert desk.round().removed_here == 1


def test_what_somebody_wrote_there_is_named_though_a_member_was_faster_than_our_own_update(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B27: what is sent rests on a base that has moved; an update of ours that met a newer reminder moves nothing."""
    desk.switch_on()
    desk.round()
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    desk.update(desk.link(reminder).sf_id or "", Status="In Progress", Description="theirs")
    desk.wait(minutes=1)
    desk.edit(reminder, status="done")
    change, faster = DjangoStore.change_reminder, iter(("one", "two"))

    def beaten(store: DjangoStore, *given: Any, **named: Any) -> bool:
        if due := next(faster, ""):
            desk.edit(reminder, name=f"Call Bob {due}")
        return change(store, *given, **named)

    monkeypatch.setattr(DjangoStore, "change_reminder", beaten)
    desk.settle()
    assert desk.there(reminder)["Status"] == "Completed"
    assert ("salesforce", "status", "In Progress") in [
        (lost.side, lost.field, lost.value) for lost in desk.conflicts()
    ]


def test_what_died_with_our_delete_is_named_though_sync_was_off_when_a_poll_would_have_shown_it(
    desk: Desk,
) -> None:
    """B33: the reading back of our DELETE was lost (R2), and who comes back after a day polls the last day only."""
    desk.switch_on()
    reminder = desk.create("Call Ann", details="before")
    desk.round()
    desk.wait(minutes=1)
    task = desk.link(reminder).sf_id or ""
    desk.update(task, Description="typed in the last moment")
    desk.delete(task)
    link = desk.link(reminder)
    link.closed, link.closed_by, link.stale = "deleted", "tandem", True
    link.save()
    Reminder.objects.filter(pk=reminder.pk).update(deleted_at=desk.clock.now())
    services.switch_off(desk.connections["anna"])
    desk.wait(days=3)
    desk.switch_on()
    desk.settle()
    assert [(lost.side, lost.field, lost.value, lost.won) for lost in desk.conflicts()] == [
        ("salesforce", "details", "typed in the last moment", "deleted")
    ]


def test_the_preview_does_not_count_a_task_that_came_back_with_its_contact(desk: Desk) -> None:
    """B34: a restored parent brings its Tasks back without a new stamp, so no poll shows it."""
    anna = desk.connections["anna"]
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.round()
    link = desk.link(reminder)
    link.seen_deleted = True  # seen while the contact lay in the bin, and not carried out yet
    link.save()
    services.switch_off(anna)
    desk.wait(minutes=30)
    assert wiring.preview_for([anna]).to_remove == 0
    desk.switch_on()
    assert desk.round().removed_here == 0

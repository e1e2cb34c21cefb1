"""A DELETE takes no condition (R2): one that was decided long ago never destroys what a person wrote since (P5)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tandem.config.salesforce_port import SalesforcePort
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.sync.ports import New, Written
from tests.sync.desk import Desk


def doomed(desk: Desk) -> tuple[Reminder, str]:
    """A pair whose Reminder was deleted here so long ago that nobody can undo it; its DELETE has not been sent."""
    desk.switch_on()
    desk.round()
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    reminders.delete(desk.member().pk, reminder.pk)
    desk.wait(seconds=11)
    return reminder, desk.link(reminder).sf_id or ""


def rounds(desk: Desk, number: int = 8) -> None:
    for _ in range(number):
        desk.wait(minutes=3)
        desk.round()


def test_a_delete_that_never_arrived_is_given_up_when_somebody_wrote_there_over_the_weekend(
    desk: Desk,
) -> None:
    reminder, task = doomed(desk)
    desk.fault("reset_before_commit", path="composite")
    desk.round()
    assert desk.link(reminder).intent_op == "delete"
    desk.wait(days=2)
    desk.update(task, Description="Ben wrote a page here")
    rounds(desk)
    assert not desk.task(task)["IsDeleted"]
    assert desk.task(task)["Description"] == "Ben wrote a page here"
    assert desk.link(reminder).closed == "kept_remote"
    assert [(lost.side, lost.field, lost.value) for lost in desk.conflicts()] == [
        ("tandem", "details", "deleted")
    ]


def test_a_delete_that_may_still_arrive_is_waited_out_before_an_edit_there_is_believed(desk: Desk) -> None:
    reminder, task = doomed(desk)
    desk.fault("reset_before_commit", path="composite")
    desk.round()
    desk.wait(minutes=1)
    desk.update(task, Description="Ben wrote a page here")
    desk.wait(minutes=1)
    desk.round()
    assert desk.link(reminder).intent_op == "delete", "for ten minutes nobody knows whether it lands"
    rounds(desk)
    assert not desk.task(task)["IsDeleted"]
    assert desk.link(reminder).closed == "kept_remote"


def test_a_delete_that_nobody_has_written_over_is_sent_again(desk: Desk) -> None:
    _, task = doomed(desk)
    desk.fault("reset_before_commit", path="composite")
    desk.round()
    assert not desk.task(task)["IsDeleted"]
    desk.wait(days=2)
    rounds(desk)
    assert desk.task(task)["IsDeleted"]
    assert desk.conflicts() == []


def test_a_task_that_somebody_restored_after_a_delete_without_an_answer_is_not_deleted_again(
    desk: Desk,
) -> None:
    _, task = doomed(desk)
    desk.fault("reset_after_commit", path="composite")
    desk.round()
    assert desk.task(task)["IsDeleted"]
    desk.wait(days=2)
    desk.running.call(lambda: desk.org.undelete("Task", task))
    desk.update(task, Description="I need this one")
    rounds(desk)
    assert not desk.task(task)["IsDeleted"]
    assert desk.task(task)["Description"] == "I need this one"


def test_deletes_are_sent_before_creates_so_that_they_follow_the_read_they_rely_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, task = doomed(desk)
    desk.create("New")
    insert = SalesforcePort.insert
    gone_by_then: list[bool] = []

    def noted(port: SalesforcePort, rows: Sequence[New]) -> Written:
        gone_by_then.append(desk.task(task)["IsDeleted"])
        return insert(port, rows)

    monkeypatch.setattr(SalesforcePort, "insert", noted)
    desk.wait(minutes=1)
    report = desk.round()
    assert (report.deleted, report.created) == (1, 1)
    assert gone_by_then == [True]

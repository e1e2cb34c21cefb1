"""Task sync is switched while a round runs: that round began before the switch and writes nothing after it (FS-2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tandem.config import wiring
from tandem.config.due import due_orgs
from tandem.config.salesforce_port import SalesforcePort
from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.models import TaskSync
from tests.sync.desk import Desk


def on(desk: Desk) -> None:
    desk.switch_on()
    desk.round()


def while_the_poll_is_out(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Something happens while the next round's poll is out."""
    changed_since = SalesforcePort.changed_since
    waiting = [happens]

    def slow(port: SalesforcePort, *asked: Any) -> Any:
        page = changed_since(port, *asked)
        while waiting:
            waiting.pop()()
        return page

    monkeypatch.setattr(SalesforcePort, "changed_since", slow)


def run(desk: Desk) -> None:
    wiring.run(desk.connections["anna"].org_id)


def test_what_is_made_after_switching_off_stays_here_though_a_round_is_running(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)

    def switched_off() -> None:
        services.switch_off(desk.connections["anna"])
        desk.create("Made after switching off")

    while_the_poll_is_out(monkeypatch, switched_off)
    run(desk)
    desk.wait(minutes=5)
    run(desk)
    assert desk.tasks() == []


def test_what_a_running_round_has_read_does_not_come_in_after_switching_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.insert("Too late")
    while_the_poll_is_out(monkeypatch, lambda: services.switch_off(desk.connections["anna"]))
    run(desk)
    assert not Reminder.objects.exists()


def test_switching_off_and_on_during_a_round_begins_anew_and_not_from_that_rounds_cursor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.wait(minutes=3)

    def off_and_on() -> None:
        services.switch_off(desk.connections["anna"])
        desk.switch_on()

    while_the_poll_is_out(monkeypatch, off_and_on)
    run(desk)
    seat = TaskSync.objects.get()
    assert (seat.rejoin, seat.import_from, seat.polled_to) == (True, None, None)


def test_what_was_made_between_off_and_on_stays_here_though_a_round_was_running(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.create("Made while on")

    def off_and_on() -> None:
        services.switch_off(desk.connections["anna"])
        desk.create("Made while off")
        desk.switch_on()

    while_the_poll_is_out(monkeypatch, off_and_on)
    run(desk)
    desk.settle()
    assert [task["Subject"] for task in desk.tasks()] == ["Made while on"]


def test_the_round_after_switching_on_again_is_due_at_once_and_owes_nothing_afterwards(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = desk.insert("Deleted while a round was running")
    on(desk)
    desk.wait(minutes=15)

    def off_and_on() -> None:
        services.switch_off(desk.connections["anna"])
        desk.delete(task)
        desk.switch_on()

    while_the_poll_is_out(monkeypatch, off_and_on)
    run(desk)
    assert due_orgs() == [desk.connections["anna"].org_id]
    desk.round()
    assert not TaskSync.objects.get().rejoin
    assert not Reminder.objects.filter(deleted_at=None).exists()

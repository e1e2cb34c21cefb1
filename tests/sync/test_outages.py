"""Salesforce out of reach for an hour, our clock wrong by minutes, our disk full: what becomes of the data, and what the page says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tandem import clock
from tandem.config.salesforce_port import SalesforcePort
from tandem.reminders.models import Reminder
from tandem.sync.models import OrgSync
from tests.sync.desk import Desk


def page(desk: Desk) -> str:
    """The Sync Settings as Anna sees them."""
    browser = Client()
    browser.force_login(desk.member())
    answer = browser.get(reverse("sync-settings"))
    assert answer.status_code == 200
    return answer.content.decode()


def in_step(desk: Desk) -> dict[str, str]:
    """Every name with its details, the same on both sides, each once."""
    here = {row.name: row.details for row in Reminder.objects.filter(deleted_at=None)}
    there = [(task["Subject"], task["Description"] or "") for task in desk.tasks() if not task["IsDeleted"]]
    assert len(here) == Reminder.objects.filter(deleted_at=None).count() == len(there)
    assert here == dict(there)
    return here


def test_salesforce_out_of_reach_for_an_hour_costs_nothing_but_the_hour(desk: Desk) -> None:
    desk.switch_on()
    ours, theirs = desk.create("Ours", details="before"), desk.insert("Theirs", Description="before")
    desk.settle()
    desk.wait(minutes=1)
    desk.fault("reset_before_commit", times=None)
    desk.edit(ours, details="edited in the hour")
    desk.update(theirs, Description="edited there in the hour")
    desk.create("Made in the hour")
    for _ in range(12):
        desk.round()
        desk.wait(minutes=5)
    told = page(desk)
    assert "Salesforce did not give a clear answer" in told
    assert "Nothing is lost and nothing is sent twice" in told
    desk.cure()
    desk.settle()
    assert in_step(desk) == {
        "Ours": "edited in the hour",
        "Theirs": "edited there in the hour",
        "Made in the hour": "",
    }
    assert "did not give a clear answer" not in page(desk)


@pytest.mark.parametrize("minutes", [5, -5])
def test_a_clock_moved_by_five_minutes_changes_when_and_not_what(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    desk.switch_on()
    ours, theirs = desk.create("Ours", details="before"), desk.insert("Theirs", Description="before")
    desk.settle()
    desk.wait(minutes=1)
    desk.edit(ours, details="edited before the move")
    monkeypatch.setattr(clock, "now", lambda: desk.clock.now() + timedelta(minutes=minutes))
    desk.update(theirs, Description="edited there after the move")
    desk.create("Made after the move")
    desk.settle(rounds=60)
    monkeypatch.setattr(clock, "now", desk.clock.now)  # and back
    desk.wait(minutes=1)
    desk.edit(ours, details="edited after all")
    desk.settle(rounds=60)
    assert in_step(desk) == {
        "Ours": "edited after all",
        "Theirs": "edited there after the move",
        "Made after the move": "",
    }


def full(disk: bool) -> None:
    """From now on SQLite may take no page more than it has in use; or as many as ever."""
    with connection.cursor() as cursor:
        if disk:
            cursor.execute(
                "VACUUM"
            )  # what other tests deleted left free pages, room for all that is written here
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages if disk else 1_000_000}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="it is filled by a limit that SQLite has")
def test_with_the_disk_full_the_page_says_that_nothing_was_saved_and_what_was_sent_is_sent_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.switch_on()
    desk.settle()
    desk.wait(minutes=1)
    browser = Client(raise_request_exception=False)
    browser.force_login(desk.member())
    typed = {"name": "Typed", "details": "x" * 30_000, "priority": "normal", "status": "open", "due": ""}
    full(True)
    answer = browser.post(reverse("new-task"), typed)
    assert answer.status_code == 500
    assert "was not saved; everything saved before is safe" in answer.content.decode()
    full(False)
    desk.create("Sent", details="y" * 20_000)
    insert = SalesforcePort.insert

    def then_full(port: SalesforcePort, rows: Any) -> Any:
        """The disk fills while the call is out: what Salesforce did cannot be written down."""
        answered = insert(port, rows)
        full(True)
        return answered

    monkeypatch.setattr(SalesforcePort, "insert", then_full)
    with pytest.raises(OperationalError):
        desk.round()
    full(False)
    monkeypatch.setattr(SalesforcePort, "insert", insert)
    desk.wait(minutes=1)  # the lease of the round that broke runs out
    desk.settle()
    assert in_step(desk) == {"Sent": "y" * 20_000}
    assert OrgSync.objects.get().trouble_code == ""

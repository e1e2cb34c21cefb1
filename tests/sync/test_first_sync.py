"""FS-1 … FS-6 with frozen clocks: what comes in, what never goes out, what leaves, what is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem import clock
from tandem.config import wiring
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.models import Link
from tests.sync.desk import START, Desk, day, open_desk


def changed(desk: Desk, subject: str, **ago: float) -> str:
    """A Task made long ago and last changed so long ago."""
    return desk.plant(
        subject,
        CreatedDate=START - timedelta(days=90),
        LastModifiedDate=START - timedelta(**ago),
    )


def names() -> set[str]:
    return set(Reminder.objects.filter(deleted_at=None).values_list("name", flat=True))


def test_fs_1_switching_on_imports_tasks_and_sends_none(desk: Desk) -> None:
    desk.create("Made before")
    changed(desk, "Theirs", hours=2)
    desk.switch_on()
    report = desk.round()
    assert names() == {"Made before", "Theirs"}
    assert report.created == 0
    assert [task["Subject"] for task in desk.tasks()] == ["Theirs"]


def test_fs_1_nothing_moves_before_it_is_switched_on(desk: Desk) -> None:
    changed(desk, "Theirs", hours=2)
    desk.create("Ours")
    before = desk.calls
    desk.round()
    assert names() == {"Ours"}
    assert desk.calls == before


def test_fs_2_a_task_made_before_is_never_sent_even_when_edited_completed_or_deleted_later(
    desk: Desk,
) -> None:
    old = desk.create("Made before")
    done = desk.create("Done later")
    gone = desk.create("Deleted later")
    desk.switch_on()
    desk.settle()
    desk.edit(old, name="Made before, edited after")
    reminders.complete(desk.member().pk, done.pk)
    reminders.delete(desk.member().pk, gone.pk)
    desk.settle()
    assert desk.tasks() == []
    assert not Link.objects.exists()


def test_fs_2_a_task_made_one_second_after_is_sent(desk: Desk) -> None:
    desk.create("Before")
    desk.switch_on()
    desk.wait(seconds=1)
    desk.create("After")
    desk.round()
    assert [task["Subject"] for task in desk.tasks()] == ["After"]


def test_fs_2_what_decides_is_a_sequence_and_not_a_clock(desk: Desk) -> None:
    """A machine whose clock jumps back an hour still sends what was made after."""
    desk.switch_on()
    desk.clock.advance(-3600)
    desk.create("After, says the sequence")
    desk.round()
    assert [task["Subject"] for task in desk.tasks()] == ["After, says the sequence"]


def test_fs_2_what_was_made_while_sync_was_off_is_not_sent_when_it_is_on_again(desk: Desk) -> None:
    desk.switch_on()
    desk.create("Made while on")
    services.switch_off(desk.connections["anna"])
    desk.create("Made while off")
    desk.wait(minutes=5)
    desk.switch_on()
    desk.settle()
    assert [task["Subject"] for task in desk.tasks()] == ["Made while on"]


def test_fs_3_progress_is_counted_while_the_first_sync_runs(desk: Desk) -> None:
    for n in range(5):
        changed(desk, f"Task {n}", hours=n + 1)
    sync = desk.switch_on()
    desk.round()
    sync.refresh_from_db()
    assert (sync.import_done, sync.import_total) == (5, 5)


@pytest.mark.parametrize(
    ("ago", "comes_in"),
    [
        ({"hours": 23, "minutes": 59}, True),
        ({"hours": 24}, True),
        ({"hours": 24, "minutes": 1}, False),
        ({"hours": 24, "minutes": 9}, False),  # inside the poll's overlap, outside the rule
        ({"days": 30}, False),
    ],
    ids=str,
)
def test_fs_4_a_task_comes_in_when_it_was_changed_in_the_last_24_hours(
    desk: Desk, ago: dict[str, float], comes_in: bool
) -> None:
    changed(desk, "Theirs", **ago)
    desk.switch_on()
    desk.round()
    assert names() == ({"Theirs"} if comes_in else set())


def test_fs_4_an_older_task_comes_in_as_soon_as_somebody_changes_it(desk: Desk) -> None:
    task = changed(desk, "Theirs", days=30)
    desk.switch_on()
    desk.round()
    assert names() == set()
    desk.wait(minutes=5)
    desk.update(task, Priority="High")
    desk.round()
    assert names() == {"Theirs"}


def test_fs_4_switching_on_twice_imports_nothing_twice(desk: Desk) -> None:
    changed(desk, "Theirs", hours=2)
    desk.switch_on()
    desk.round()
    desk.switch_on()
    desk.settle()
    services.switch_off(desk.connections["anna"])
    desk.switch_on()
    desk.settle()
    assert Reminder.objects.count() == 1


def test_fs_5_every_due_date_is_stored(desk: Desk) -> None:
    for offset in (-400, -1, 0, 1, 2, 400):
        desk.plant(f"Due {offset}", ActivityDate=day(offset), LastModifiedDate=START - timedelta(hours=1))
    desk.plant("No due date", LastModifiedDate=START - timedelta(hours=1))
    desk.switch_on()
    desk.round()
    assert Reminder.objects.count() == 7


@pytest.mark.parametrize(
    ("zone", "now", "shown"),
    [
        # Midnight in UTC is still yesterday at UTC-11, and is today's afternoon at UTC+14.
        ("Pacific/Pago_Pago", datetime(2026, 11, 23, 9, tzinfo=UTC), {"Due -1", "Due 0"}),
        ("Pacific/Pago_Pago", datetime(2026, 11, 23, 11, 0, 1, tzinfo=UTC), {"Due 0", "Due 1"}),
        ("Pacific/Kiritimati", datetime(2026, 11, 23, 9, tzinfo=UTC), {"Due 0", "Due 1"}),
        ("Pacific/Kiritimati", datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC), {"Due 1", "Due 2"}),
    ],
)
def test_fs_5_the_command_center_shows_today_and_tomorrow_of_the_member(
    transactional_db: None, client, monkeypatch: pytest.MonkeyPatch, zone: str, now: datetime, shown: set[str]
) -> None:
    with open_desk(monkeypatch, start=now) as desk:
        connection = desk.join("anna", time_zone=zone)
        for offset in range(-2, 4):
            desk.plant(f"Due {offset}", ActivityDate=day(offset), LastModifiedDate=now)
        desk.switch_on()
        desk.round()
        client.force_login(connection.member)
        page = client.get("/").content.decode()
        open_part = page.split("<details")[0] + page.rsplit("</details>", 1)[-1]
        assert {f"Due {n}" for n in range(-2, 4) if f">Due {n}<" in open_part.replace("\n", "")} == shown


@pytest.mark.parametrize(
    ("ago", "removed"),
    [
        ({"days": 14, "hours": 23}, True),
        ({"days": 15, "hours": 1}, False),
        ({"hours": 1}, True),
    ],
    ids=str,
)
def test_fs_6_on_again_removes_what_salesforce_deleted_in_the_last_fifteen_days(
    desk: Desk, ago: dict[str, float], removed: bool
) -> None:
    task = changed(desk, "Theirs", hours=2)
    desk.switch_on()
    desk.round()
    services.switch_off(desk.connections["anna"])
    desk.wait(days=20)
    desk.wait(hours=-timedelta(**ago).total_seconds() / 3600)
    desk.delete(task)
    desk.wait(hours=timedelta(**ago).total_seconds() / 3600)
    desk.switch_on()
    desk.settle()
    assert (names() == set()) == removed


def test_fs_6_on_again_removes_them_all_because_the_preview_said_so(desk: Desk) -> None:
    """The seed's own words: delete all tasks in Salesforce, and all of the last 15 days leave the Command Center."""
    tasks = [changed(desk, f"Theirs {n}", hours=2) for n in range(30)]
    desk.switch_on()
    desk.round()
    services.switch_off(desk.connections["anna"])
    for task in tasks:
        desk.delete(task)
    desk.wait(days=2)
    seen = wiring.preview_for([desk.connections["anna"]])
    assert (seen.to_import, seen.to_remove, seen.to_send) == (0, 30, 0)
    desk.switch_on()
    desk.settle()
    assert names() == set()


def test_fs_6_edits_made_on_both_sides_while_sync_was_off_meet_when_it_is_on_again(desk: Desk) -> None:
    task = changed(desk, "Theirs", hours=2)
    desk.switch_on()
    desk.round()
    services.switch_off(desk.connections["anna"])
    reminder = desk.twin(task)
    desk.edit(reminder, details="Edited here while off")
    desk.update(task, Priority="High")
    desk.wait(days=3)
    desk.switch_on()
    desk.settle()
    reminder.refresh_from_db()
    assert (reminder.details, reminder.priority) == ("Edited here while off", "high")
    assert desk.task(task)["Description"] == "Edited here while off"


def test_the_preview_counts_what_the_first_round_then_does(desk: Desk) -> None:
    for n in range(7):
        changed(desk, f"In {n}", hours=n)
    for n in range(4):
        changed(desk, f"Out {n}", hours=25 + n)
    desk.create("Made before")
    seen = wiring.preview_for([desk.connections["anna"]])
    desk.switch_on()
    before = desk.calls
    report = desk.round()
    assert (seen.to_import, seen.to_remove, seen.to_send) == (
        report.imported,
        report.removed_here,
        report.created,
    )
    assert seen.calls == desk.calls - before
    assert report.imported == 7


def test_the_preview_changes_nothing(desk: Desk) -> None:
    changed(desk, "Theirs", hours=2)
    wiring.preview_for([desk.connections["anna"]])
    assert names() == set()
    assert not Link.objects.exists()


def test_a_first_import_over_several_pages_takes_every_task_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many Tasks share one second, and pages end in the middle of it (docs/salesforce.md §9.2)."""
    from tandem.salesforce import Client

    small = Client.tasks_changed_since

    def pages_of_seven(self: Client, *args: object, **options: object) -> object:
        return small(self, *args, **{**options, "limit": 7})  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "tasks_changed_since", pages_of_seven)
    for n in range(40):
        changed(desk, f"Theirs {n}", hours=1 + n // 20)
    desk.switch_on()
    report = desk.round()
    assert report.imported == 40
    assert len(names()) == 40
    assert clock.now() == START

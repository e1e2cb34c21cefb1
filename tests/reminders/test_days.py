"""FS-5: the Command Center lists what is due today and tomorrow, in the member's own calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tandem import clock
from tandem.accounts.services import create_member
from tandem.reminders import services
from tandem.reminders.command_center import command_center
from tandem.reminders.days import days
from tandem.reminders.values import checked

#: Monday 23 November 10:30 in UTC; still Sunday 23:30 in Pago Pago, already Tuesday 00:30 in Kiritimati.
MOMENT = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
PAGO_PAGO, KIRITIMATI = "Pacific/Pago_Pago", "Pacific/Kiritimati"  # UTC-11, UTC+14


@pytest.mark.parametrize(
    ("zone", "today"),
    [(PAGO_PAGO, date(2026, 11, 22)), ("UTC", date(2026, 11, 23)), (KIRITIMATI, date(2026, 11, 24))],
)
def test_fs5_one_moment_is_three_different_days(zone: str, today: date) -> None:
    assert (days(zone, MOMENT).today, days(zone, MOMENT).tomorrow) == (today, today + timedelta(days=1))


@pytest.mark.parametrize(
    ("zone", "today", "tomorrow", "overdue"),
    [(PAGO_PAGO, "22", "23", "21"), (KIRITIMATI, "24", "25", "23")],
)
@time_machine.travel(MOMENT, tick=False)
def test_fs5_the_same_tasks_stand_under_other_headings_at_utc_minus_11_and_plus_14(
    db: None, zone: str, today: str, tomorrow: str, overdue: str
) -> None:
    member = create_member(email="far@acme.example", name="Far Away", time_zone=zone)
    for day in range(20, 28):
        services.create(member.pk, checked(name=str(day), due=f"2026-11-{day}"))
    services.create(member.pk, checked(name="no date"))
    center = command_center(member, clock.now())
    assert [task.name for task in center.today] == [today]
    assert [task.name for task in center.tomorrow] == [tomorrow]
    assert center.overdue[-1].name == overdue


@pytest.mark.parametrize("zone", [PAGO_PAGO, KIRITIMATI, "Europe/Amsterdam"])
def test_fs5_midnight_moves_tomorrows_tasks_to_today(db: None, zone: str) -> None:
    ends = days(zone, MOMENT).ends
    member = create_member(email="far@acme.example", name="Far Away", time_zone=zone)
    task = services.create(member.pk, checked(name="Then", due=days(zone, MOMENT).tomorrow))
    assert command_center(member, ends - timedelta(seconds=1)).tomorrow == [task]
    assert command_center(member, ends).today == [task]


def test_a_day_with_a_clock_change_is_25_hours_long() -> None:
    sunday = days("Europe/Amsterdam", datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert sunday.ends.astimezone(UTC) - sunday.began.astimezone(UTC) == timedelta(hours=25)


@pytest.mark.parametrize(("day", "sunday"), [("2026-11-23", "2026-11-29"), ("2026-11-29", "2026-11-29")])
def test_the_week_ends_on_sunday(day: str, sunday: str) -> None:
    assert days("UTC", datetime.fromisoformat(f"{day}T12:00Z")).sunday == date.fromisoformat(sunday)


@time_machine.travel(MOMENT, tick=False)
def test_what_was_completed_yesterday_is_no_longer_listed(member: Any) -> None:
    task = services.create(member.pk, checked(name="Done", due="2026-11-23"))
    services.complete(member.pk, task.pk)
    assert command_center(member, MOMENT).done == [task]
    assert command_center(member, MOMENT + timedelta(days=1)).done == []


@time_machine.travel(MOMENT, tick=False)
def test_tasks_of_high_priority_come_first(member: Any) -> None:
    for name, priority in [("a", "normal"), ("b", "high")]:
        services.create(member.pk, checked(name=name, due="2026-11-23", priority=priority))
    assert [task.name for task in command_center(member, MOMENT).today] == ["b", "a"]

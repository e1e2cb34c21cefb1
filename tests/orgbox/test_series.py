"""Series of tasks: the days of each pattern, and what becomes of the occurrences when the series changes or goes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.orgbox.box import refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org

WEEKLY = {"RecurrenceType": "RecursWeekly", "RecurrenceInterval": 1, "RecurrenceDayOfWeekMask": 2 + 16}


def master(org: Org, start: str = "2026-03-02", end: str = "2026-03-13", **pattern: Any) -> str:
    values = {"Subject": "Weekly call", "Priority": "High", "IsRecurrence": True}
    span = {"RecurrenceStartDateOnly": start, "RecurrenceEndDateOnly": end}
    return org.insert("Task", values | span | (pattern or WEEKLY))


def occurrences(org: Org, series: str) -> dict[str, str]:
    """Day to id, of those that are there."""
    rows = [row for row in org.scan("Task") if row["RecurrenceActivityId"] == series]
    return {
        row["ActivityDate"].isoformat()[5:]: row["Id"]
        for row in sorted(rows, key=lambda r: r["ActivityDate"])
    }


@pytest.mark.parametrize(
    ("pattern", "end", "days"),
    [
        ({"RecurrenceType": "RecursDaily", "RecurrenceInterval": 4}, "2026-03-14", "03-02 03-06 03-10 03-14"),
        (
            {"RecurrenceType": "RecursEveryWeekday", "RecurrenceDayOfWeekMask": 62},
            "2026-03-09",
            "03-02 03-03 03-04 03-05 03-06 03-09",
        ),
        (WEEKLY, "2026-03-13", "03-02 03-05 03-09 03-12"),
        (WEEKLY | {"RecurrenceInterval": 2}, "2026-03-20", "03-02 03-05 03-16 03-19"),
        (
            {"RecurrenceType": "RecursMonthly", "RecurrenceInterval": 1, "RecurrenceDayOfMonth": 31},
            "2026-06-30",
            "03-31 04-30 05-31 06-30",
        ),
        (
            {
                "RecurrenceType": "RecursMonthlyNth",
                "RecurrenceInterval": 2,
                "RecurrenceInstance": "Last",
                "RecurrenceDayOfWeekMask": 62,
            },
            "2026-07-31",
            "03-31 05-29 07-31",
        ),
        (
            {"RecurrenceType": "RecursYearly", "RecurrenceDayOfMonth": 1, "RecurrenceMonthOfYear": "January"},
            "2027-12-31",
            "01-01",
        ),
        (
            {
                "RecurrenceType": "RecursYearlyNth",
                "RecurrenceInstance": "Second",
                "RecurrenceDayOfWeekMask": 1,
                "RecurrenceMonthOfYear": "May",
            },
            "2026-12-31",
            "05-10",
        ),
    ],
    ids=lambda value: value.get("RecurrenceType") if isinstance(value, dict) else "",
)
def test_each_pattern_has_its_days(org: Org, pattern: dict[str, Any], end: str, days: str) -> None:
    assert list(occurrences(org, master(org, end=end, **pattern))) == days.split()


def test_an_occurrence_is_a_task_of_its_own(org: Org) -> None:
    first = org.get("Task", occurrences(org, master(org))["03-02"])
    assert (first["Subject"], first["Priority"], first["Status"]) == ("Weekly call", "High", "Not Started")
    assert (first["IsRecurrence"], first["ActivityDate"]) == (False, date(2026, 3, 2))
    org.update("Task", first["Id"], {"Subject": "Another", "Status": "Completed"})
    assert org.get("Task", first["Id"])["IsClosed"]


def test_deleting_the_series_takes_open_and_closed_occurrences_and_undelete_brings_them_back(
    org: Org,
) -> None:
    series = master(org)
    org.update("Task", occurrences(org, series)["03-02"], {"Status": "Completed"})
    org.delete("Task", series)
    assert occurrences(org, series) == {}
    org.undelete("Task", series)
    assert len(occurrences(org, series)) == 4


def test_another_pattern_makes_the_open_occurrences_anew_and_leaves_the_closed(org: Org) -> None:
    series = master(org)
    before = occurrences(org, series)
    org.update("Task", before["03-02"], {"Status": "Completed"})
    org.update("Task", series, {"RecurrenceDayOfWeekMask": 16})
    after = occurrences(org, series)
    assert list(after) == ["03-02", "03-05", "03-12"]
    assert after["03-02"] == before["03-02"]
    assert after["03-05"] != before["03-05"]


def test_another_end_takes_away_or_adds_at_the_end_alone(org: Org) -> None:
    series = master(org)
    before = occurrences(org, series)
    org.update("Task", series, {"RecurrenceEndDateOnly": "2026-03-06"})
    assert occurrences(org, series) == {day: before[day] for day in ("03-02", "03-05")}
    org.update("Task", series, {"RecurrenceEndDateOnly": "2026-03-10"})
    assert list(occurrences(org, series)) == ["03-02", "03-05", "03-09"]
    org.update("Task", series, {"Subject": "Only another name"})
    assert list(occurrences(org, series)) == ["03-02", "03-05", "03-09"]


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("RecurrenceRegenerateAfterDueDate", date(2026, 2, 8)),
        ("RecurrenceRegenerateAfterToday", date(2026, 3, 9)),
    ],
)
def test_a_task_that_repeats_itself_is_made_anew_when_it_is_closed(
    org: Org, clock: VirtualClock, kind: str, due: date
) -> None:
    repeats = {"RecurrenceRegeneratedType": kind, "RecurrenceInterval": 7}
    task = org.insert("Task", {"Subject": "Water", "ActivityDate": "2026-02-01"} | repeats)
    org.update("Task", task, {"Subject": "Water the plants"})
    assert len(list(org.scan("Task"))) == 1
    org.update("Task", task, {"Status": "Completed"})
    (again,) = [row for row in org.scan("Task") if row["Id"] != task]
    assert (again["Subject"], again["ActivityDate"], again["IsClosed"]) == ("Water the plants", due, False)
    assert again["RecurrenceRegeneratedType"] == kind


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ({"RecurrenceType": "RecursDaily"}, "REQUIRED_FIELD_MISSING"),
        (WEEKLY | {"RecurrenceDayOfMonth": 3}, "FIELD_INTEGRITY_EXCEPTION"),
        (WEEKLY | {"RecurrenceDayOfWeekMask": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        (
            {"RecurrenceType": "RecursDaily", "RecurrenceInterval": 1, "RecurrenceEndDateOnly": "2027-03-02"},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(org: Org, pattern: dict[str, Any], code: str) -> None:
    assert refusal(master, org, **pattern).code == code
    assert list(org.scan("Task")) == []

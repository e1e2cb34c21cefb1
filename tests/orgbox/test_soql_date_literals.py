"""Which days and which instants a date literal means, also where time zones make midnight elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.orgbox.soql_catalogue import NOW, MemoryOrg, numbers, task

from orgbox.errors import OrgError
from orgbox.soql.date_literals import span
from orgbox.soql.syntax import DateLiteral

# On Wednesday 18 March 2026, with weeks that begin on Sunday: the first day in, and the first day no longer in.
RANGES = [
    ("TODAY", "2026-03-18", "2026-03-19"),
    ("YESTERDAY", "2026-03-17", "2026-03-18"),
    ("TOMORROW", "2026-03-19", "2026-03-20"),
    ("THIS_WEEK", "2026-03-15", "2026-03-22"),
    ("LAST_WEEK", "2026-03-08", "2026-03-15"),
    ("NEXT_WEEK", "2026-03-22", "2026-03-29"),
    ("THIS_MONTH", "2026-03-01", "2026-04-01"),
    ("LAST_MONTH", "2026-02-01", "2026-03-01"),
    ("NEXT_MONTH", "2026-04-01", "2026-05-01"),
    ("THIS_QUARTER", "2026-01-01", "2026-04-01"),
    ("LAST_QUARTER", "2025-10-01", "2026-01-01"),
    ("NEXT_QUARTER", "2026-04-01", "2026-07-01"),
    ("THIS_YEAR", "2026-01-01", "2027-01-01"),
    ("LAST_YEAR", "2025-01-01", "2026-01-01"),
    ("NEXT_YEAR", "2027-01-01", "2028-01-01"),
    ("LAST_90_DAYS", "2025-12-18", "2026-03-19"),
    ("NEXT_90_DAYS", "2026-03-19", "2026-06-17"),
    ("LAST_N_DAYS:0", "2026-03-18", "2026-03-19"),
    ("LAST_N_DAYS:1", "2026-03-17", "2026-03-19"),
    ("LAST_N_DAYS:30", "2026-02-16", "2026-03-19"),
    ("NEXT_N_DAYS:1", "2026-03-19", "2026-03-20"),
    ("NEXT_N_DAYS:15", "2026-03-19", "2026-04-03"),
    ("N_DAYS_AGO:25", "2026-02-21", "2026-02-22"),
    ("LAST_N_WEEKS:2", "2026-03-01", "2026-03-15"),
    ("NEXT_N_WEEKS:2", "2026-03-22", "2026-04-05"),
    ("N_WEEKS_AGO:1", "2026-03-08", "2026-03-15"),
    ("LAST_N_MONTHS:3", "2025-12-01", "2026-03-01"),
    ("NEXT_N_MONTHS:10", "2026-04-01", "2027-02-01"),
    ("N_MONTHS_AGO:3", "2025-12-01", "2026-01-01"),
    ("LAST_N_QUARTERS:2", "2025-07-01", "2026-01-01"),
    ("NEXT_N_QUARTERS:1", "2026-04-01", "2026-07-01"),
    ("N_QUARTERS_AGO:1", "2025-10-01", "2026-01-01"),
    ("LAST_N_YEARS:2", "2024-01-01", "2026-01-01"),
    ("NEXT_N_YEARS:2", "2027-01-01", "2029-01-01"),
    ("N_YEARS_AGO:2", "2024-01-01", "2025-01-01"),
]


@pytest.mark.parametrize(("literal", "first", "after"), RANGES)
def test_a_literal_begins_on_one_day_and_ends_before_another(literal: str, first: str, after: str) -> None:
    begin, end = date.fromisoformat(first), date.fromisoformat(after)
    days = [begin - timedelta(days=1), begin, end - timedelta(days=1), end]
    org = MemoryOrg([task(n, ActivityDate=day) for n, day in enumerate(days)])
    assert numbers(org, f"ActivityDate = {literal}") == [1, 2]
    assert numbers(org, f"ActivityDate != {literal}") == [0, 3]
    assert numbers(org, f"ActivityDate < {literal}") == [0]
    assert numbers(org, f"ActivityDate <= {literal}") == [0, 1, 2]
    assert numbers(org, f"ActivityDate > {literal}") == [3]
    assert numbers(org, f"ActivityDate >= {literal}") == [1, 2, 3]


ZONES = [
    # (time zone, now in UTC, today there, its first instant, its first instant no more)
    ("UTC", "2026-03-18T23:59:59", "2026-03-18", "2026-03-18T00:00:00", "2026-03-19T00:00:00"),
    ("Pacific/Pago_Pago", "2026-03-18T10:59:59", "2026-03-17", "2026-03-17T11:00:00", "2026-03-18T11:00:00"),
    ("Pacific/Pago_Pago", "2026-03-18T11:00:00", "2026-03-18", "2026-03-18T11:00:00", "2026-03-19T11:00:00"),
    ("Pacific/Kiritimati", "2026-03-18T09:59:59", "2026-03-18", "2026-03-17T10:00:00", "2026-03-18T10:00:00"),
    ("Pacific/Kiritimati", "2026-03-18T10:00:00", "2026-03-19", "2026-03-18T10:00:00", "2026-03-19T10:00:00"),
    ("Asia/Kathmandu", "2026-03-18T18:15:00", "2026-03-19", "2026-03-18T18:15:00", "2026-03-19T18:15:00"),
    # The days of 23 and of 25 hours.
    ("Europe/Amsterdam", "2026-03-29T12:00:00", "2026-03-29", "2026-03-28T23:00:00", "2026-03-29T22:00:00"),
    ("Europe/Amsterdam", "2026-10-25T12:00:00", "2026-10-25", "2026-10-24T22:00:00", "2026-10-25T23:00:00"),
]


@pytest.mark.parametrize(("zone", "now", "today", "start", "end"), ZONES)
def test_today_is_the_users_today(zone: str, now: str, today: str, start: str, end: str) -> None:
    first, last = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, end))
    second = timedelta(seconds=1)
    stamps = [first - second, first, last - second, last]
    org = MemoryOrg(
        [
            task(n, SystemModstamp=stamp, ActivityDate=date.fromisoformat(today))
            for n, stamp in enumerate(stamps)
        ],
        now=datetime.fromisoformat(now).replace(tzinfo=UTC),
        time_zone=zone,
    )
    assert numbers(org, "SystemModstamp = TODAY") == [1, 2]
    assert numbers(org, "SystemModstamp < TODAY") == [0]
    assert numbers(org, "SystemModstamp > TODAY") == [3]
    assert numbers(org, "ActivityDate = TODAY") == [0, 1, 2, 3]
    assert numbers(org, "ActivityDate = YESTERDAY OR ActivityDate = TOMORROW") == []


def test_the_last_n_days_end_with_the_current_second() -> None:
    second = timedelta(seconds=1)
    start = datetime(2026, 3, 11, tzinfo=UTC)
    stamps = [start - second, start, NOW, NOW + second]
    org = MemoryOrg([task(n, SystemModstamp=stamp) for n, stamp in enumerate(stamps)])
    assert numbers(org, "SystemModstamp = LAST_N_DAYS:7") == [1, 2]
    assert numbers(org, "SystemModstamp >= LAST_N_DAYS:7") == [1, 2, 3]
    assert numbers(org, "SystemModstamp = LAST_90_DAYS") == [0, 1, 2]


@pytest.mark.parametrize(
    ("day", "first"),
    [("2026-03-14", "2026-03-08"), ("2026-03-15", "2026-03-15"), ("2026-03-21", "2026-03-15")],
)
def test_a_week_begins_on_sunday(day: str, first: str) -> None:
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    week = span(DateLiteral("THIS_WEEK", 0), noon, ZoneInfo("UTC"))
    assert (week.first, week.after - week.first) == (date.fromisoformat(first), timedelta(days=7))


@pytest.mark.parametrize("literal", ["LAST_N_DAYS:999999999", "NEXT_N_YEARS:8000", "N_MONTHS_AGO:99999"])
def test_a_literal_that_leaves_the_calendar_is_refused(literal: str) -> None:
    with pytest.raises(OrgError) as refused:
        numbers(MemoryOrg([task(1)]), f"ActivityDate = {literal}")
    assert refused.value.message.endswith(f"Invalid date literal: {literal}")

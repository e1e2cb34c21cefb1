"""How values travel, and what the allowance says."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.salesforce.scripted import task

from tandem.salesforce import LimitInfo, Pace, id18, pace
from tandem.salesforce.wire import (
    encode_json,
    format_datetime,
    format_http_date,
    parse_datetime,
    parse_http_date,
    parse_limit_info,
    soql_in,
    soql_text,
    task_row,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    "long", ["001U000001c83gKIAQ", "005Ab0000000001IAA", "00T000000000001EAA", "000000000000000AAA"]
)
def test_an_id_of_fifteen_characters_gets_its_checksum_and_a_long_one_stays(long: str) -> None:
    assert id18(long[:15]) == long
    assert id18(long) == long


@pytest.mark.parametrize(
    "text", ["", "00T", "00T000000000001'", "00T000000000001EA", "00T000000000001EAA " * 2]
)
def test_what_is_not_an_id_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a Salesforce id"):
        id18(text)


@given(MOMENTS)
def test_a_moment_survives_the_way_there_and_back_to_the_second(moment: datetime) -> None:
    second = moment.replace(microsecond=0)
    assert parse_datetime(format_datetime(moment)) == second
    assert parse_http_date(format_http_date(moment)) == second


def test_salesforces_own_spelling_of_a_moment_is_read() -> None:
    assert parse_datetime("2026-11-23T12:00:00.000+0000") == NOON


def test_a_moment_of_another_zone_travels_in_utc() -> None:
    amsterdam = NOON.astimezone(timezone(timedelta(hours=1)))
    assert format_datetime(amsterdam) == "2026-11-23T12:00:00Z"
    assert format_http_date(amsterdam) == "Mon, 23 Nov 2026 12:00:00 GMT"


def test_a_moment_without_a_zone_never_travels() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(NOON.replace(tzinfo=None))


def test_dates_in_a_body_are_written_as_salesforce_reads_them() -> None:
    assert encode_json({"ActivityDate": date(2026, 11, 24), "ReminderDateTime": NOON}) == (
        b'{"ActivityDate":"2026-11-24","ReminderDateTime":"2026-11-23T12:00:00Z"}'
    )


@given(st.text())
def test_no_text_can_end_its_literal_early(text: str) -> None:
    literal = soql_text(text)

    inside = literal[1:-1].replace("\\\\", "")
    assert literal.startswith("'")
    assert literal.endswith("'")
    assert "'" not in inside.replace("\\'", "")
    assert "\n" not in inside
    assert not inside.endswith("\\")


def test_a_list_of_values_is_quoted_one_by_one() -> None:
    assert soql_in(["O'Hara", "a\\b"]) == r"('O\'Hara','a\\b')"
    with pytest.raises(ValueError, match="empty"):
        soql_in([])


@pytest.mark.parametrize(
    ("header", "used"),
    [
        ("api-usage=10018/100000", 10018),
        ("api-usage=17/100000; per-app-api-usage=99/250(appName=sample-connected-app)", 17),
        ("per-app-api-usage=99/250(appName=x); api-usage=17/100000", 17),
    ],
)
def test_the_limits_header_tells_the_orgs_calls_and_not_the_apps(header: str, used: int) -> None:
    assert parse_limit_info(header, NOON) == LimitInfo(used, 100_000, NOON)


def test_a_garbled_limits_header_says_nothing() -> None:
    assert parse_limit_info("api-usage=many", NOON) is None


def test_a_task_of_a_query_becomes_a_typed_row() -> None:
    record = task(
        1,
        WhoId="003000000000001",
        Who={"attributes": {"type": "Contact"}, "Name": "Ada Lovelace"},
        WhatId="006000000000001AAA",
        What={"attributes": {"type": "Opportunity"}, "Name": "Engine"},
        Account={"attributes": {"type": "Account"}, "Name": "Analytical"},
        Sync_Key__c="key",
    )

    row = task_row(record, "Sync_Key__c")

    assert row.activity_date == date(2026, 11, 24)
    assert row.who_id == "003000000000001AAA"
    assert (row.who_name, row.what_name, row.account_name) == ("Ada Lovelace", "Engine", "Analytical")
    assert row.system_modstamp == datetime(2026, 11, 23, 13, 59, 58, tzinfo=UTC)
    assert row.key == "key"
    assert task_row(record, None).key is None


@pytest.mark.parametrize(
    ("used", "ours", "share", "expected"),
    [
        (0, 0, 50, Pace.EVERYTHING),
        (400, 400, 50, Pace.EVERYTHING),
        (401, 401, 50, Pace.WHAT_A_PERSON_WAITS_FOR),
        (475, 475, 50, Pace.WHAT_A_PERSON_WAITS_FOR),
        (476, 476, 50, Pace.READS_ONLY),
        (790, 0, 50, Pace.EVERYTHING),
        (810, 0, 50, Pace.WHAT_A_PERSON_WAITS_FOR),
        (960, 0, 100, Pace.READS_ONLY),
    ],
)
def test_above_eighty_percent_only_people_are_served_and_above_ninety_five_we_only_read(
    used: int, ours: int, share: int, expected: Pace
) -> None:
    assert pace(LimitInfo(used, 1_000, NOON), ours, share) is expected


def test_before_the_first_answer_nothing_is_short_and_without_any_allowance_everything_is() -> None:
    assert pace(None, 10_000, 10) is Pace.EVERYTHING
    assert pace(LimitInfo(0, 0, NOON), 0, 100) is Pace.READS_ONLY

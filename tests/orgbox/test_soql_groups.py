"""What a group of rows comes to: aggregates, GROUP BY with its sub-totals, HAVING, date functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.orgbox.soql_catalogue import ACME, ANN, GLOBEX, LEE, MemoryOrg, ask, task

from orgbox.errors import OrgError


@pytest.fixture
def org() -> MemoryOrg:
    def made(number: int, **values: Any) -> dict[str, Any]:
        return task(number, CallDurationInSeconds=number * 10, **values)

    return MemoryOrg(
        [
            made(1, Status="Completed", WhoId=ANN, ActivityDate=date(2026, 1, 1), AccountId=ACME),
            made(2, Status="Completed", WhoId=ANN, ActivityDate=date(2026, 1, 31), AccountId=GLOBEX),
            made(3, Status="Completed", WhoId=LEE, ActivityDate=date(2025, 12, 31)),
            made(4, Status="Deferred", WhoId=ANN),
            made(5, Status="Not Started"),
        ]
    )


def rows(org: MemoryOrg, soql: str) -> list[tuple[Any, ...]]:
    """The values of an aggregate answer, without the attributes that all of its records share."""
    found = ask(org, soql).records
    assert all(record["attributes"] == {"type": "AggregateResult"} for record in found)
    return [tuple(value for name, value in record.items() if name != "attributes") for record in found]


def refusal(org: MemoryOrg, soql: str) -> OrgError:
    with pytest.raises(OrgError) as refused:
        ask(org, soql)
    return refused.value


def test_who_has_most_activity_is_one_query(org: MemoryOrg) -> None:
    soql = "SELECT WhoId, COUNT(Id) n FROM Task WHERE WhoId IN ('{}', '{}') GROUP BY WhoId ORDER BY COUNT(Id) DESC"
    assert rows(org, soql.format(ANN, LEE)) == [(ANN, 3), (LEE, 1)]


def test_without_groups_everything_is_one(org: MemoryOrg) -> None:
    soql = "SELECT COUNT(Id), COUNT(WhoId), COUNT_DISTINCT(WhoId), MIN(ActivityDate), SUM(CallDurationInSeconds) FROM Task"
    assert rows(org, soql) == [(5, 4, 2, "2025-12-31", 150)]
    soql = "SELECT AVG(CallDurationInSeconds), MAX(Status) FROM Task WHERE Status = 'Nobody'"
    assert rows(org, soql) == [(None, None)]


def test_functions_without_an_alias_are_numbered_and_fields_keep_their_name(org: MemoryOrg) -> None:
    soql = "SELECT Status, COUNT(Id), MAX(ActivityDate) latest, MIN(Id), Who.Name FROM Task GROUP BY Status, Who.Name"
    (record, *_) = ask(org, soql).records
    assert list(record) == ["attributes", "Status", "expr0", "latest", "expr1", "Name"]


def test_having_chooses_groups_as_where_chooses_rows(org: MemoryOrg) -> None:
    soql = "SELECT Status FROM Task GROUP BY Status HAVING COUNT(Id) > 1 AND Status LIKE 'C%'"
    assert rows(org, soql) == [("Completed",)]
    assert rows(org, "SELECT Status FROM Task WHERE Id = null GROUP BY Status") == []


def test_groups_are_ordered_cut_and_counted(org: MemoryOrg) -> None:
    soql = "SELECT Status FROM Task GROUP BY Status ORDER BY MAX(CallDurationInSeconds) DESC LIMIT 1 OFFSET 1"
    assert (rows(org, soql), ask(org, soql).total) == ([("Deferred",)], 1)


def test_dates_are_grouped_by_their_parts(org: MemoryOrg) -> None:
    soql = (
        "SELECT CALENDAR_YEAR(ActivityDate) y, COUNT(Id) FROM Task WHERE CALENDAR_MONTH(ActivityDate) IN (1, 12) "
        "GROUP BY CALENDAR_YEAR(ActivityDate) HAVING CALENDAR_YEAR(ActivityDate) < 2030 "
        "ORDER BY CALENDAR_YEAR(ActivityDate) DESC"
    )
    assert rows(org, soql) == [(2026, 2), (2025, 1)]


@pytest.mark.parametrize(
    ("function", "of_new_years_eve", "of_the_leap_day"),
    [
        ("CALENDAR_MONTH", 12, 2),
        ("CALENDAR_QUARTER", 4, 1),
        ("CALENDAR_YEAR", 2025, 2028),
        ("DAY_IN_MONTH", 31, 29),
        ("DAY_IN_WEEK", 4, 3),
        ("DAY_IN_YEAR", 365, 60),
        ("DAY_ONLY", "2025-12-31", "2028-02-29"),
        ("FISCAL_MONTH", 12, 2),
        ("FISCAL_QUARTER", 4, 1),
        ("FISCAL_YEAR", 2025, 2028),
        ("HOUR_IN_DAY", 23, 6),
        ("WEEK_IN_MONTH", 5, 5),
        ("WEEK_IN_YEAR", 53, 9),
    ],
)
def test_a_date_function_of_a_moment(function: str, of_new_years_eve: Any, of_the_leap_day: Any) -> None:
    soql = f"SELECT {function}(SystemModstamp) FROM Task GROUP BY {function}(SystemModstamp)"
    for moment, expected in (
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), of_new_years_eve),
        (datetime(2028, 2, 29, 6, tzinfo=UTC), of_the_leap_day),
    ):
        assert rows(MemoryOrg([task(1, SystemModstamp=moment)]), soql) == [(expected,)]


def test_a_moment_is_taken_in_the_users_zone_where_it_is_converted() -> None:
    moment = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    org = MemoryOrg([task(1, SystemModstamp=moment)], time_zone="Europe/Amsterdam")
    inside = "CALENDAR_YEAR(convertTimezone(SystemModstamp))"
    assert rows(org, f"SELECT {inside} FROM Task GROUP BY {inside}") == [(2026,)]
    assert rows(
        org, "SELECT CALENDAR_YEAR(SystemModstamp) FROM Task GROUP BY CALENDAR_YEAR(SystemModstamp)"
    ) == [(2025,)]


def test_rollup_adds_a_total_for_each_group_and_one_for_all(org: MemoryOrg) -> None:
    soql = (
        "SELECT Status, WhoId, COUNT(Id), GROUPING(Status), GROUPING(WhoId) FROM Task WHERE WhoId != null "
        "GROUP BY ROLLUP(Status, WhoId)"
    )
    assert rows(org, soql) == [
        ("Completed", ANN, 2, 0, 0),
        ("Completed", LEE, 1, 0, 0),
        ("Deferred", ANN, 1, 0, 0),
        ("Completed", None, 3, 0, 1),
        ("Deferred", None, 1, 0, 1),
        (None, None, 4, 1, 1),
    ]


def test_cube_adds_the_totals_of_every_combination(org: MemoryOrg) -> None:
    soql = "SELECT Status, WhoId, COUNT(Id) FROM Task WHERE Status = 'Completed' GROUP BY CUBE(Status, WhoId)"
    assert rows(org, soql) == [
        ("Completed", ANN, 2),
        ("Completed", LEE, 1),
        ("Completed", None, 3),
        (None, ANN, 2),
        (None, LEE, 1),
        (None, None, 3),
    ]


@pytest.mark.parametrize(
    ("soql", "sentence"),
    [
        ("SELECT Subject, COUNT(Id) FROM Task", "Field must be grouped or aggregated: Subject"),
        ("SELECT Id FROM Task GROUP BY Status", "Field must be grouped or aggregated: Id"),
        (
            "SELECT Status FROM Task GROUP BY Status ORDER BY Subject",
            "Field must be grouped or aggregated: Subject",
        ),
        (
            "SELECT Status FROM Task GROUP BY Status HAVING Id != null",
            "Field must be grouped or aggregated: Id",
        ),
        ("SELECT SUM(Subject) FROM Task", "field Subject does not support aggregate operator SUM"),
        (
            "SELECT COUNT(Description) FROM Task",
            "field Description does not support aggregate operator COUNT",
        ),
        ("SELECT COUNT(Id) FROM Task LIMIT 1", "cannot also use LIMIT"),
        ("SELECT SystemModstamp FROM Task GROUP BY SystemModstamp", "can not be grouped in a query call"),
        ("SELECT Id FROM Task WHERE COUNT(Id) > 1", "aggregate function COUNT is not allowed here"),
        ("SELECT Status, COUNT(Id) status FROM Task GROUP BY Status", "duplicate alias: status"),
        ("SELECT COUNT() FROM Task ORDER BY Id", "COUNT() can not be ordered or grouped"),
        ("SELECT COUNT() FROM Task GROUP BY Status", "COUNT() can not be ordered or grouped"),
        (
            "SELECT CALENDAR_YEAR(Subject) FROM Task GROUP BY CALENDAR_YEAR(Subject)",
            "can not be applied to field",
        ),
        ("SELECT CALENDAR_YEAR(ActivityDate) FROM Task", "Field must be grouped or aggregated: ActivityDate"),
        ("SELECT SOUNDEX(Subject) FROM Task", "unknown function 'SOUNDEX'"),
        (
            "SELECT Id, (SELECT COUNT(Id) FROM Tasks) FROM Contact",
            "Only root queries support aggregate expressions",
        ),
        (
            "SELECT COUNT(Id), (SELECT Id FROM Tasks) FROM Contact",
            "Grouped queries can not select sub-queries or TYPEOF",
        ),
        (
            "SELECT Status FROM Task GROUP BY ROLLUP(Status, WhoId, OwnerId, AccountId)",
            "a maximum of 3 fields is allowed in GROUP BY ROLLUP",
        ),
    ],
)
def test_this_cannot_be_grouped(org: MemoryOrg, soql: str, sentence: str) -> None:
    error = refusal(org, soql)
    assert error.code == "MALFORMED_QUERY"
    assert sentence in error.message.splitlines()[-1]

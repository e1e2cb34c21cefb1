"""Which rows a WHERE keeps: each type with each operator, null, case, wildcards, and literals of the wrong type."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.orgbox.soql_catalogue import (
    ACME,
    ANN,
    GLOBEX,
    LEE,
    NOW,
    QUEUE,
    REP,
    MemoryOrg,
    numbers,
    task,
    task_id,
)

from orgbox.errors import OrgError

ORG = MemoryOrg(
    [
        task(1, Subject="Call Bob", CallDurationInSeconds=10, IsClosed=True, AccountId=ACME, WhoId=ANN),
        task(2, Subject="call bob", CallDurationInSeconds=20, AccountId=GLOBEX, WhoId=LEE, OwnerId=QUEUE),
        task(3, Subject="Email", CallDurationInSeconds=None, Status=None, Key__c="aB"),
        task(4, Subject=None, CallDurationInSeconds=10, IsClosed=None, Key__c="Ab"),
        task(5, Subject="50%_x", CallDurationInSeconds=-5, IsClosed=True, Status="Completed"),
    ]
)

FOUND = [
    # Text compares without regard to case.
    ("Subject = 'CALL BOB'", [1, 2]),
    ("subject = 'call'", []),
    ("Subject IN ('email', 'Call bob')", [1, 2, 3]),
    ("Subject > 'CALL'", [1, 2, 3]),
    ("Subject >= 'call bob'", [1, 2, 3]),
    ("Subject < 'email'", [1, 2, 5]),
    ("Subject <= 'email'", [1, 2, 3, 5]),
    ("Status = 'completed'", [5]),
    # ... unless the field is case-sensitive.
    ("Key__c = 'aB'", [3]),
    ("Key__c IN ('aB', 'AB')", [3]),
    ("Key__c LIKE 'a%'", [3]),
    # Null, which the empty string is.
    ("Subject = null", [4]),
    ("Subject = ''", [4]),
    ("Subject != null", [1, 2, 3, 5]),
    ("Subject != ''", [1, 2, 3, 5]),
    ("Subject > ''", [1, 2, 3, 5]),
    ("Subject != 'email'", [1, 2, 4, 5]),
    ("Subject NOT IN ('email')", [1, 2, 5]),
    ("Subject IN ('email', null)", [3, 4]),
    ("Subject NOT IN ('email', null)", [1, 2, 5]),
    ("Subject IN (null)", [4]),
    ("NOT Subject = 'email'", [1, 2, 4, 5]),
    ("NOT Subject LIKE 'call%'", [3, 4, 5]),
    ("CallDurationInSeconds = null", [3]),
    ("CallDurationInSeconds != 10", [2, 3, 5]),
    ("CallDurationInSeconds NOT IN (10)", [2, 5]),
    ("CallDurationInSeconds < 100", [1, 2, 4, 5]),
    ("AccountId = null", [3, 4, 5]),
    ("AccountId = ''", [3, 4, 5]),
    # A boolean is never null: null is false.
    ("IsClosed = null", [2, 3, 4]),
    ("IsClosed != null", [1, 5]),
    ("IsClosed = false", [2, 3, 4]),
    ("IsClosed != true", [2, 3, 4]),
    ("IsClosed IN (true)", [1, 5]),
    ("IsClosed NOT IN (true)", [2, 3, 4]),
    # Numbers.
    ("CallDurationInSeconds = 10", [1, 4]),
    ("CallDurationInSeconds = 10.0", [1, 4]),
    ("CallDurationInSeconds > 9.5", [1, 2, 4]),
    ("CallDurationInSeconds >= 20", [2]),
    ("CallDurationInSeconds <= -5", [5]),
    ("CallDurationInSeconds IN (20, -5)", [2, 5]),
    # LIKE: % any run, _ any one character, and either with a backslash itself.
    ("Subject LIKE 'call%'", [1, 2]),
    ("Subject LIKE '%BOB'", [1, 2]),
    ("Subject LIKE '%all b%'", [1, 2]),
    ("Subject LIKE 'emai_'", [3]),
    ("Subject LIKE 'email_'", []),
    ("Subject LIKE 'email'", [3]),
    ("Subject LIKE '%'", [1, 2, 3, 5]),
    (r"Subject LIKE '50\%%'", [5]),
    (r"Subject LIKE '%\_x'", [5]),
    (r"Subject LIKE 'Cal\_%'", []),
    ("Subject LIKE 'Cal_ _ob'", [1, 2]),
    ("Subject LIKE '%l%b%b'", [1, 2]),
    ("Subject LIKE 'c%l%b%b%'", [1, 2]),
    ("Subject LIKE '%%'", [1, 2, 3, 5]),
    ("Subject LIKE '%b%b%b'", []),
    ("Subject LIKE 'Cal.*'", []),
    ("Subject = '50%_x'", [5]),
    # Ids of 15 or 18 characters.
    (f"AccountId = '{ACME}'", [1]),
    (f"AccountId = '{ACME[:15]}'", [1]),
    (f"AccountId != '{ACME}'", [2, 3, 4, 5]),
    (f"AccountId IN ('{ACME[:15]}', '{GLOBEX}')", [1, 2]),
    (f"AccountId NOT IN ('{ACME[:15]}')", [2]),
    (f"Id > '{task_id(3)}'", [4, 5]),
    (f"Id >= '{task_id(3)[:15]}'", [3, 4, 5]),
    (f"Id < '{task_id(3)}'", [1, 2]),
    (f"Id <= '{task_id(3)}'", [1, 2, 3]),
    ("Id > ''", [1, 2, 3, 4, 5]),
    # Parents; a parent that is not there has nothing but nulls.
    ("Account.Name = 'ACME'", [1]),
    ("Account.Name = null", [3, 4, 5]),
    ("Account.Name != 'acme'", [2, 3, 4, 5]),
    ("Account.Owner.Name LIKE 'rosa%'", [1]),
    ("Account.AnnualRevenue > 12", [1]),
    ("Who.Name = 'lee lead'", [2]),
    ("Who.Type = 'Contact'", [1]),
    ("Who.Type IN ('lead', 'contact')", [1, 2]),
    ("Who.Type = null", [3, 4, 5]),
    ("Owner.Type = 'Group'", [2]),
    (f"Who.Id = '{ANN[:15]}'", [1]),
    # AND, OR, NOT.
    ("Subject LIKE 'call%' AND IsClosed = true", [1]),
    ("Subject = 'email' OR IsClosed = true OR CallDurationInSeconds = 20", [1, 2, 3, 5]),
    ("IsClosed = true AND (Subject = 'call bob' OR Status = 'Completed')", [1, 5]),
    ("(IsClosed = true AND Subject = 'call bob') OR Subject = null", [1, 4]),
    ("NOT (IsClosed = true OR Subject = null)", [2, 3]),
    ("(NOT IsClosed = true) AND (NOT Subject = null)", [2, 3]),
    (f"OwnerId = '{REP}' AND (NOT (Subject LIKE '%b%'))", [3, 4, 5]),
]


@pytest.mark.parametrize(("where", "found"), FOUND)
def test_this_condition_finds_these_tasks(where: str, found: list[int]) -> None:
    assert numbers(ORG, where) == found


def test_equal_text_differs_in_case_and_in_nothing_else() -> None:
    org = MemoryOrg([task(1, Subject="Straße"), task(2, Subject="Strasse"), task(3, Subject="strasse ")])
    assert numbers(org, "Subject = 'STRASSE'") == [2]
    assert numbers(org, "Subject = 'straße'") == [1]


def test_a_pattern_of_many_wildcards_is_answered() -> None:
    org = MemoryOrg([task(1, Subject="a" * 255), task(2, Subject="a" * 254 + "b")])
    assert numbers(org, f"Subject LIKE '{'%a' * 60}%b'") == [2]


STAMPED = MemoryOrg(
    [
        task(1, SystemModstamp=NOW - timedelta(seconds=1), ActivityDate=date(2026, 3, 17)),
        task(2, SystemModstamp=NOW, ActivityDate=date(2026, 3, 18)),
        task(3, SystemModstamp=NOW + timedelta(milliseconds=999), ActivityDate=date(2026, 3, 18)),
        task(4, SystemModstamp=NOW + timedelta(seconds=1), ActivityDate=date(2026, 3, 19)),
        task(5, SystemModstamp=None, ActivityDate=None),
    ]
)
AT_NOW = "2026-03-18T09:30:15.400Z"


@pytest.mark.parametrize(
    ("operator", "found"),
    [
        ("=", [2, 3]),
        ("!=", [1, 4, 5]),
        ("<", [1]),
        ("<=", [1, 2, 3]),
        (">", [4]),
        (">=", [2, 3, 4]),
    ],
)
def test_stamps_compare_by_whole_seconds_and_dates_by_days(operator: str, found: list[int]) -> None:
    assert numbers(STAMPED, f"SystemModstamp {operator} {AT_NOW}") == found
    assert numbers(STAMPED, f"ActivityDate {operator} 2026-03-18") == found


def test_an_offset_names_the_same_moment() -> None:
    assert numbers(STAMPED, "SystemModstamp = 2026-03-18T10:30:15+01:00") == [2, 3]
    assert numbers(STAMPED, "SystemModstamp = 2026-03-17T23:30:15-10:00") == [2, 3]


def test_lists_of_dates_and_stamps() -> None:
    assert numbers(STAMPED, "ActivityDate IN (2026-03-17, 2026-03-19)") == [1, 4]
    assert numbers(STAMPED, "ActivityDate IN (2026-03-17, null)") == [1, 5]
    assert numbers(STAMPED, "ActivityDate NOT IN (2026-03-17)") == [2, 3, 4]
    assert numbers(STAMPED, "ActivityDate IN (YESTERDAY, TOMORROW)") == [1, 4]
    assert numbers(STAMPED, f"SystemModstamp IN ({AT_NOW}, null)") == [2, 3, 5]


WRONG_TYPES = [
    ("Subject = 5", "Subject", "string and should be enclosed in quotes"),
    ("Subject = true", "Subject", "string and should be enclosed in quotes"),
    ("Subject = TODAY", "Subject", "string and should be enclosed in quotes"),
    ("Subject LIKE 5", "Subject", "string and should be enclosed in quotes"),
    ("Status IN ('x', 5)", "Status", "string and should be enclosed in quotes"),
    ("ownerid = 5", "OwnerId", "ID and should be enclosed in quotes"),
    ("IsClosed = 'true'", "IsClosed", "boolean and should not be enclosed in quotes"),
    ("IsClosed = 1", "IsClosed", "boolean and should not be enclosed in quotes"),
    ("CallDurationInSeconds = '5'", "CallDurationInSeconds", "int and should not be enclosed in quotes"),
    ("CallDurationInSeconds = true", "CallDurationInSeconds", "int and should not be enclosed in quotes"),
    ("Account.AnnualRevenue = '5'", "AnnualRevenue", "double and should not be enclosed in quotes"),
    ("ActivityDate = '2026-01-01'", "ActivityDate", "date and should not be enclosed in quotes"),
    ("ActivityDate = 2026-01-01T00:00:00Z", "ActivityDate", "date and should not be enclosed in quotes"),
    (
        "SystemModstamp = '2026-01-01T00:00:00Z'",
        "SystemModstamp",
        "dateTime and should not be enclosed in quotes",
    ),
    ("SystemModstamp > 2026-01-01", "SystemModstamp", "dateTime and should not be enclosed in quotes"),
    ("SystemModstamp IN (null, 5)", "SystemModstamp", "dateTime and should not be enclosed in quotes"),
]


@pytest.mark.parametrize(("where", "field", "wanted"), WRONG_TYPES)
def test_a_literal_of_the_wrong_type_is_refused(where: str, field: str, wanted: str) -> None:
    with pytest.raises(OrgError) as refused:
        numbers(ORG, where)
    assert refused.value.code == "INVALID_FIELD"
    sentence = f"value of filter criterion for field '{field}' must be of type {wanted}"
    assert refused.value.message.splitlines()[-2:] == ["ERROR at Row:1:Column:27", sentence]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("Id LIKE '00T%'", "invalid operator on id field"),
        ("WhoId LIKE '003%'", "invalid operator on reference field"),
        ("CallDurationInSeconds LIKE '1%'", "invalid operator on int field"),
        ("IsClosed > false", "invalid operator on boolean field"),
        ("ActivityDate > null", "invalid operator on date field"),
        ("Subject < null", "invalid operator on combobox field"),
        ("Id = 'x'", "invalid ID field: x"),
        ("WhoId IN ('003000000000001', '00300000000000')", "invalid ID field: 00300000000000"),
        ("WhoId = '003000000000001aaa'", "invalid ID field: 003000000000001aaa"),
    ],
)
def test_an_operator_or_an_id_that_cannot_be_is_refused(where: str, sentence: str) -> None:
    with pytest.raises(OrgError) as refused:
        numbers(ORG, where)
    assert refused.value.code == "INVALID_QUERY_FILTER_OPERATOR"
    assert refused.value.message.splitlines()[-1] == sentence

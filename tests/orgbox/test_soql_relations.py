"""Queries in queries: children, semi-joins and anti-joins, TYPEOF, FIELDS, scopes, and functions of what is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.orgbox.soql_catalogue import (
    ACCOUNT,
    ACME,
    ANN,
    GLOBEX,
    LEE,
    QUEUE,
    REP,
    TASK,
    MemoryOrg,
    ask,
    numbers,
    task,
    task_id,
)

from orgbox.errors import OrgError


def refusal(soql: str, *tasks: dict[str, Any]) -> OrgError:
    with pytest.raises(OrgError) as refused:
        ask(MemoryOrg(tasks), soql)
    return refused.value


# Children


def test_a_child_query_is_answered_for_each_parent_and_is_null_where_there_are_none() -> None:
    org = MemoryOrg([task(n, WhoId=ANN if n < 4 else LEE, IsClosed=n == 3) for n in range(1, 6)])
    soql = "SELECT Name, (SELECT Id FROM Tasks WHERE IsClosed = false ORDER BY Id DESC LIMIT 1) FROM Contact"
    (record,) = ask(org, soql).records
    assert list(record) == ["attributes", "Name", "Tasks"]
    assert (record["Tasks"]["totalSize"], record["Tasks"]["done"]) == (1, True)
    assert [child["Id"] for child in record["Tasks"]["records"]] == [task_id(2)]
    (record,) = ask(MemoryOrg(), soql).records
    assert record["Tasks"] is None


def test_children_have_parents_and_children_of_their_own() -> None:
    org = MemoryOrg([task(1, WhoId=ANN)])
    soql = "SELECT (SELECT Account.Name, (SELECT Who.Name FROM tasks) FROM contacts) FROM Account WHERE Name = 'Acme'"
    (record,) = ask(org, soql).records
    (contact,) = record["Contacts"]["records"]
    assert contact["Account"]["Name"] == "Acme"
    assert contact["Tasks"]["records"][0]["Who"]["Name"] == "Ann Acme"


def test_a_relationship_nobody_knows_is_refused() -> None:
    error = refusal("SELECT Id, (SELECT Id FROM ActivityHistories) FROM Contact")
    assert error.code == "INVALID_TYPE"
    assert "Didn't understand relationship 'ActivityHistories' in FROM part of query call." in error.message


# Semi-joins


def test_a_semi_join_finds_those_that_the_inner_query_names() -> None:
    tasks = [task(1, WhoId=ANN), task(2, WhoId=LEE), task(3)]
    where = "WhoId IN (SELECT Id FROM Contact WHERE Email LIKE '%acme%') AND IsClosed = false"
    assert numbers(MemoryOrg(tasks), where) == [1]
    assert numbers(MemoryOrg(tasks), "WhoId NOT IN (SELECT Id FROM Contact)") == [2]
    assert numbers(MemoryOrg(tasks), "WhoId IN (SELECT Id FROM Contact WHERE Name = 'Nobody')") == []
    assert numbers(MemoryOrg(tasks), "WhoId NOT IN (SELECT Id FROM Contact WHERE Name = 'Nobody')") == [1, 2]


def test_an_anti_join_finds_parents_without_children() -> None:
    org = MemoryOrg([task(1, WhoId=ANN, AccountId=ACME)])
    found = ask(org, "SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Task)").records
    assert [record["Name"] for record in found] == ["Globex"]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("Id IN (SELECT Id FROM Task)", "should not be on the same object type"),
        ("Subject IN (SELECT Id FROM Contact)", "should be an id field, cannot use: 'Subject'"),
        ("WhoId IN (SELECT Name FROM Contact)", "should be an id field, cannot use: 'Name'"),
        ("WhoId IN (SELECT Id FROM Account)", "should point to the same object type"),
        ("IsClosed = true OR WhoId IN (SELECT Id FROM Contact)", "only allowed at the top level"),
        ("NOT WhoId IN (SELECT Id FROM Contact)", "only allowed at the top level"),
        (
            "WhoId IN (SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account))",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "WhoId IN (SELECT Id FROM Contact) AND WhoId IN (SELECT Id FROM Lead) AND AccountId IN (SELECT Id FROM Account)",
            "Maximum 2 semi join sub-selects are allowed",
        ),
    ],
)
def test_this_join_is_refused(where: str, sentence: str) -> None:
    error = refusal(f"SELECT Id FROM Task WHERE {where}")
    assert error.code == "MALFORMED_QUERY"
    assert sentence in error.message


# TYPEOF, FIELDS, functions


def test_typeof_shows_each_parent_the_fields_of_what_it_is() -> None:
    org = MemoryOrg([task(1, WhoId=ANN), task(2, WhoId=LEE), task(3), task(4, OwnerId=QUEUE)])
    soql = "SELECT TYPEOF Who WHEN Contact THEN Email, Account.Name ELSE Name END FROM Task"
    first, second, third, _ = (record["Who"] for record in ask(org, soql).records)
    assert (first["attributes"]["type"], first["Email"], first["Account"]["Name"]) == (
        "Contact",
        "ann@acme.test",
        "Acme",
    )
    assert (second["attributes"]["type"], second["Name"]) == ("Lead", "Lee Lead")
    assert third is None
    owners = ask(org, "SELECT TYPEOF Owner WHEN Group THEN Name END FROM Task").records
    assert [list(record["Owner"]) for record in owners] == [["attributes"]] * 3 + [["attributes", "Name"]]


@pytest.mark.parametrize(
    ("typeof", "sentence"),
    [
        ("TYPEOF Account WHEN Account THEN Name END", "'Account' is none of Task"),
        ("TYPEOF Boss WHEN User THEN Name END", "'Boss' is none of Task"),
        ("TYPEOF Who WHEN Account THEN Name END", "Who is never a Account"),
        ("TYPEOF Who WHEN Contact THEN Colour END", "No such column 'Colour' on entity 'Contact'"),
        ("TYPEOF Who WHEN Person THEN Name END", "sObject type 'Person' is not supported"),
    ],
)
def test_this_typeof_is_refused(typeof: str, sentence: str) -> None:
    assert sentence in refusal(f"SELECT {typeof} FROM Task").message


def test_fields_stands_for_all_the_fields_of_a_kind() -> None:
    org = MemoryOrg([task(1)])
    every = list(ask(org, "SELECT FIELDS(ALL) FROM Task LIMIT 200").records[0])
    assert every == ["attributes", *(field.name for field in TASK.fields)]
    assert list(ask(org, "SELECT fields(custom) FROM Task LIMIT 1").records[0]) == [
        "attributes",
        "Colours__c",
        "Key__c",
    ]
    assert "Key__c" not in ask(org, "SELECT FIELDS(STANDARD) FROM Task").records[0]
    for soql in ("SELECT FIELDS(ALL) FROM Task", "SELECT FIELDS(CUSTOM) FROM Task LIMIT 201"):
        assert "must have a LIMIT of at most 200" in refusal(soql).message
    assert "FIELDS(SOME)" in refusal("SELECT FIELDS(SOME) FROM Task").message
    assert refusal("SELECT FIELDS(STANDARD), Id FROM Task").message == "duplicate field selected: Id"


def test_a_function_shows_a_value_as_people_read_it() -> None:
    row = task(
        1,
        Status="Completed",
        ActivityDate=date(2026, 3, 4),
        SystemModstamp=datetime(2026, 1, 1, 22, 5, tzinfo=UTC),
        CallDurationInSeconds=3600,
        AccountId=ACME,
    )
    soql = (
        "SELECT toLabel(Status), FORMAT(ActivityDate) due, format(SystemModstamp), FORMAT(CallDurationInSeconds), "
        "toLabel(Account.Type) FROM Task WHERE toLabel(Status) = 'completed'"
    )
    (record,) = ask(MemoryOrg([row], time_zone="Europe/Amsterdam"), soql).records
    assert {name: value for name, value in record.items() if name not in ("attributes", "Account")} == {
        "Status": "Completed",
        "due": "3/4/2026",
        "SystemModstamp": "1/1/2026, 11:05 PM",
        "CallDurationInSeconds": "3,600",
    }
    assert record["Account"]["Type"] == "Customer"


# What else a query may say


def test_a_multi_select_picklist_includes_what_is_asked() -> None:
    held = [None, "Red", "Red;Blue", "Blue;Green"]
    org = MemoryOrg([task(n, Colours__c=value) for n, value in enumerate(held, start=1)])
    assert numbers(org, "Colours__c INCLUDES ('red;blue', 'Green')") == [3, 4]
    assert numbers(org, "Colours__c EXCLUDES ('Red')") == [1, 4]
    assert refusal("SELECT Id FROM Task WHERE Subject INCLUDES ('x')").code == "INVALID_QUERY_FILTER_OPERATOR"
    assert refusal("SELECT Id FROM Task WHERE Colours__c LIKE 'x'").code == "INVALID_QUERY_FILTER_OPERATOR"


def test_my_scope_is_what_i_own() -> None:
    org = MemoryOrg([task(1, OwnerId=REP), task(2, OwnerId=QUEUE)])
    assert [r["Id"] for r in ask(org, "SELECT Id FROM Task USING SCOPE mine").records] == [task_id(1)]
    assert ask(org, "SELECT Id FROM Task USING SCOPE Everything").total == 2
    assert "scope 'team' is not supported" in refusal("SELECT Id FROM Task USING SCOPE team").message


def test_an_alias_may_stand_for_a_parent() -> None:
    org = MemoryOrg([task(1, AccountId=ACME), task(2, AccountId=GLOBEX)])
    soql = "SELECT t.Id, a.Owner.Name FROM Task t, t.Account a WHERE a.Name = 'Acme'"
    (record,) = ask(org, soql).records
    assert record["Account"]["Owner"]["Name"] == "Rosa Rep"


def test_the_fiscal_year_is_the_calendars() -> None:
    org = MemoryOrg([task(1, ActivityDate=date(2026, 1, 1)), task(2, ActivityDate=date(2025, 12, 31))])
    assert numbers(org, "ActivityDate = THIS_FISCAL_YEAR") == [1]
    assert numbers(org, "ActivityDate = LAST_N_FISCAL_QUARTERS:1") == [2]


@pytest.mark.parametrize(
    "clause",
    [
        "WITH SECURITY_ENFORCED",
        "WITH DATA CATEGORY Place__c AT Here__c",
        "WITH NETWORK = 'x'",
        "UPDATE TRACKING",
        "LIMIT -1",
        "OFFSET -1",
        "WHERE DISTANCE(Id, GEOLOCATION(1, 2), 'km') < 3",
    ],
)
def test_what_means_nothing_here_is_refused_and_not_passed_over(clause: str) -> None:
    assert refusal(f"SELECT Id FROM Task {clause}").code in ("MALFORMED_QUERY", "INVALID_FIELD")


def test_a_child_relationship_has_its_own_object() -> None:
    assert MemoryOrg().children("Account", "CONTACTS") is not None
    assert MemoryOrg().children(ACCOUNT.name, "Tasks") is None

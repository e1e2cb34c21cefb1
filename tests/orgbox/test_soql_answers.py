"""What an answer looks like: records, parents, order, limits; and which fields may be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.orgbox.soql_catalogue import (
    ACME,
    ANN,
    GLOBEX,
    LEE,
    NOW,
    QUEUE,
    REP,
    TASK_A,
    MemoryOrg,
    TASK_a,
    ask,
    numbers,
    task,
    task_id,
)

from orgbox.errors import OrgError
from orgbox.soql.catalogue import Hint, Row


def address(sobject: str, record_id: str) -> dict[str, str]:
    return {"type": sobject, "url": f"/services/data/v67.0/sobjects/{sobject}/{record_id}"}


def refusal(soql: str, org: MemoryOrg | None = None) -> OrgError:
    with pytest.raises(OrgError) as refused:
        ask(org or MemoryOrg([task(1)]), soql)
    return refused.value


# Shape


def test_a_record_begins_with_its_attributes_and_keeps_the_order_of_the_query() -> None:
    stamp = datetime(2022, 3, 17, 18, 21, 26, tzinfo=timezone(timedelta(hours=2)))
    row = task(
        1, Subject="Call", ActivityDate=date(2026, 1, 2), SystemModstamp=stamp, CallDurationInSeconds=90
    )
    result = ask(
        MemoryOrg([row]),
        "SELECT SystemModstamp, subject, ACTIVITYDATE, IsClosed, Description, CallDurationInSeconds FROM task",
    )
    assert (result.total, result.is_count) == (1, False)
    (record,) = result.records
    assert list(record.items()) == [
        ("attributes", address("Task", task_id(1))),
        ("SystemModstamp", "2022-03-17T16:21:26.000+0000"),
        ("Subject", "Call"),
        ("ActivityDate", "2026-01-02"),
        ("IsClosed", False),
        ("Description", None),
        ("CallDurationInSeconds", 90),
    ]


def test_a_boolean_that_was_never_set_reads_false() -> None:
    (record,) = ask(MemoryOrg([task(1, IsClosed=None)]), "SELECT IsClosed FROM Task").records
    assert record["IsClosed"] is False


def test_parents_nest_with_their_own_attributes_several_levels_up() -> None:
    (record,) = ask(
        MemoryOrg(),
        "SELECT Account.Parent.Name, Name, Account.owner.NAME, Account.AnnualRevenue FROM Contact",
    ).records
    assert record == {
        "attributes": address("Contact", ANN),
        "Account": {
            "attributes": address("Account", ACME),
            "Parent": {"attributes": address("Account", GLOBEX), "Name": "Globex"},
            "Owner": {"attributes": address("User", REP), "Name": "Rosa Rep"},
            "AnnualRevenue": 12.5,
        },
        "Name": "Ann Acme",
    }
    assert list(record) == ["attributes", "Account", "Name"]


def test_a_parent_that_is_not_there_is_null() -> None:
    gone = "001000000000009AAA"
    org = MemoryOrg([task(1), task(2, AccountId=gone), task(3, AccountId=GLOBEX)])
    records = ask(org, "SELECT Account.Name, Account.Owner.Name FROM Task").records
    assert [record["Account"] for record in records] == [
        None,
        None,
        {"attributes": address("Account", GLOBEX), "Name": "Globex", "Owner": None},
    ]


def test_who_and_owner_answer_as_the_object_that_they_are() -> None:
    org = MemoryOrg([task(1, WhoId=ANN), task(2, WhoId=LEE, OwnerId=QUEUE)])
    records = ask(
        org, "SELECT Who.Name, Who.Type, Who.Email, Who.Phone, Owner.Name, Owner.Type FROM Task"
    ).records
    assert [(r["Who"], r["Owner"]) for r in records] == [
        (
            {
                "attributes": address("Contact", ANN),
                "Name": "Ann Acme",
                "Type": "Contact",
                "Email": "ann@acme.test",
                "Phone": None,
            },
            {"attributes": address("User", REP), "Name": "Rosa Rep", "Type": "User"},
        ),
        (
            {
                "attributes": address("Lead", LEE),
                "Name": "Lee Lead",
                "Type": "Lead",
                "Email": None,
                "Phone": None,
            },
            {"attributes": address("Group", QUEUE), "Name": "Inbox", "Type": "Group"},
        ),
    ]


def test_the_type_of_an_account_is_its_own_field_and_not_its_object() -> None:
    (record,) = ask(MemoryOrg([task(1, AccountId=ACME)]), "SELECT Account.Type FROM Task").records
    assert record["Account"]["Type"] == "Customer"


def test_fields_may_be_named_by_alias_or_by_the_objects_own_name() -> None:
    org = MemoryOrg([task(1, Subject="Call", AccountId=ACME)])
    soql = (
        "SELECT T.Subject, task.Id, t.Account.Name FROM Task t WHERE t.Subject = 'call' ORDER BY TASK.Subject"
    )
    (record,) = ask(org, soql).records
    assert (record["Subject"], record["Id"], record["Account"]["Name"]) == ("Call", task_id(1), "Acme")


def test_each_parent_is_fetched_once_per_query() -> None:
    class Counting(MemoryOrg):
        fetched = 0

        def get(self, name: str, record_id: str) -> Row | None:
            self.fetched += 1
            return super().get(name, record_id)

    org = Counting([task(n, AccountId=ACME) for n in range(50)])
    ask(org, "SELECT Account.Name FROM Task WHERE Account.Name = 'Acme' ORDER BY Account.Name")
    assert org.fetched == 1


# COUNT, LIMIT, OFFSET


def test_a_count_has_a_total_and_no_records() -> None:
    org = MemoryOrg([task(n, IsClosed=n > 3) for n in range(1, 6)])
    result = ask(org, "SELECT COUNT() FROM Task WHERE IsClosed = true")
    assert (result.total, result.records, result.is_count) == (2, [], True)
    assert ask(org, "SELECT COUNT() FROM Task LIMIT 4").total == 4
    assert ask(org, "SELECT COUNT() FROM Task LIMIT 4 OFFSET 3").total == 2


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ("LIMIT 2", [1, 2]),
        ("LIMIT 0", []),
        ("LIMIT 99", [1, 2, 3, 4, 5]),
        ("LIMIT 2 OFFSET 1", [2, 3]),
        ("OFFSET 4", [5]),
        ("OFFSET 2000", []),
    ],
)
def test_limit_and_offset_cut_a_window_and_the_total_counts_what_is_in_it(
    window: str, found: list[int]
) -> None:
    result = ask(MemoryOrg([task(n) for n in (3, 1, 5, 2, 4)]), f"SELECT Id FROM Task {window}")
    assert [r["Id"] for r in result.records] == [task_id(n) for n in found]
    assert result.total == len(found)


# ORDER BY


def ordered(rows: Sequence[dict[str, Any]], order: str) -> list[int]:
    records = ask(MemoryOrg(rows), f"SELECT Id FROM Task ORDER BY {order}").records
    return [int(record["Id"][3:15]) for record in records]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("Subject", [3, 2, 5, 1, 4]),
        ("Subject ASC NULLS LAST", [2, 5, 1, 4, 3]),
        ("Subject DESC", [3, 1, 4, 2, 5]),
        ("Subject DESC NULLS LAST", [1, 4, 2, 5, 3]),
        ("subject, ID desc", [3, 5, 2, 4, 1]),
        ("Id DESC", [5, 4, 3, 2, 1]),
    ],
)
def test_text_sorts_without_regard_to_case_nulls_first_and_ties_by_id(order: str, found: list[int]) -> None:
    subjects = {4: "b", 1: "B", 5: "a", 2: "A", 3: None}
    assert ordered([task(n, Subject=s) for n, s in subjects.items()], order) == found


def test_a_picklist_sorts_by_the_place_of_its_values() -> None:
    statuses = ["Deferred", "Completed", "Not Started", "Zebra", "In Progress", None]
    rows = [task(n, Status=status) for n, status in enumerate(statuses)]
    assert ordered(rows, "Status") == [5, 2, 4, 1, 0, 3]


def test_dates_numbers_booleans_and_parents_sort_by_value() -> None:
    rows = [
        task(1, ActivityDate=date(2026, 2, 1), CallDurationInSeconds=9, IsClosed=True, AccountId=GLOBEX),
        task(2, ActivityDate=date(2026, 1, 31), CallDurationInSeconds=10, IsClosed=False, AccountId=ACME),
        task(3, ActivityDate=None, CallDurationInSeconds=None, IsClosed=True, AccountId=None),
    ]
    assert ordered(rows, "ActivityDate") == [3, 2, 1]
    assert ordered(rows, "CallDurationInSeconds DESC NULLS LAST") == [2, 1, 3]
    assert ordered(rows, "IsClosed, Id DESC") == [2, 3, 1]
    assert ordered(rows, "Account.Name") == [3, 2, 1]


def test_stamps_within_one_second_are_a_tie() -> None:
    rows = [task(1, SystemModstamp=NOW.replace(microsecond=900_000)), task(2, SystemModstamp=NOW)]
    assert ordered(rows, "SystemModstamp") == [1, 2]
    assert ordered(rows, "SystemModstamp DESC") == [1, 2]


def test_nulls_of_a_reference_stay_on_top_whatever_is_said() -> None:
    rows = [task(1, AccountId=ACME), task(2)]
    assert ordered(rows, "AccountId NULLS LAST") == [2, 1]


# Visibility and indexes


HIDDEN = [task(1), task(2, IsDeleted=True), task(3, IsArchived=True)]


def test_deleted_and_archived_rows_answer_to_query_all_only() -> None:
    org = MemoryOrg(HIDDEN)
    assert numbers(org, "Id != null") == [1]
    assert numbers(org, "Id != null", all_rows=True) == [1, 2, 3]
    assert numbers(org, "IsDeleted = true", all_rows=True) == [2]
    assert numbers(org, "IsDeleted = true") == []


def test_an_index_that_also_hands_out_hidden_and_foreign_rows_does_no_harm() -> None:
    class Indexed(MemoryOrg):
        def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Row] | None:
            return list(self.rows[name])

    org = Indexed([*HIDDEN, task(4, Subject="other")])
    assert numbers(org, "Subject = null") == [1]
    assert numbers(org, "Subject = null", all_rows=True) == [1, 2, 3]


STAMP = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HINTS = [
    ("Subject = 'Call'", [("Subject", "=", "Call")]),
    ("Subject = null", [("Subject", "=", None)]),
    ("Subject IN ('a', '')", [("Subject", "IN", ("a", None))]),
    (f"id = '{ACME}'", [("Id", "=", ACME[:15])]),
    (f"OwnerId IN ('{REP}', '{QUEUE[:15]}')", [("OwnerId", "IN", (REP[:15], QUEUE[:15]))]),
    ("IsClosed = true", [("IsClosed", "=", True)]),
    ("CallDurationInSeconds > 5", [("CallDurationInSeconds", ">", 5)]),
    ("SystemModstamp >= 2026-01-01T00:00:00Z", [("SystemModstamp", ">=", STAMP)]),
    ("SystemModstamp > 2026-01-01T00:00:00Z", [("SystemModstamp", ">=", STAMP + SECOND)]),
    ("SystemModstamp < 2026-01-01T00:00:00Z", [("SystemModstamp", "<", STAMP)]),
    ("SystemModstamp <= 2026-01-01T00:00:00Z", [("SystemModstamp", "<", STAMP + SECOND)]),
    (
        "SystemModstamp = 2026-01-01T00:00:00Z",
        [("SystemModstamp", ">=", STAMP), ("SystemModstamp", "<", STAMP + SECOND)],
    ),
    (
        "ActivityDate = 2026-01-01",
        [("ActivityDate", ">=", date(2026, 1, 1)), ("ActivityDate", "<", date(2026, 1, 2))],
    ),
    ("ActivityDate = null", [("ActivityDate", "=", None)]),
    ("IsClosed = true AND Subject = 'x'", [("IsClosed", "=", True), ("Subject", "=", "x")]),
    ("IsClosed = true AND (Subject = 'x' OR Subject = 'y')", [("IsClosed", "=", True)]),
    ("IsClosed = true OR Subject = 'x'", []),
    ("NOT IsClosed = true", []),
    ("Subject != 'x' AND Subject NOT IN ('y') AND Subject LIKE 'z%' AND Account.Name = 'Acme'", []),
]


@pytest.mark.parametrize(("where", "hints"), HINTS)
def test_an_index_is_told_what_every_answer_fulfils(where: str, hints: list[Hint]) -> None:
    org = MemoryOrg([task(1)])
    ask(org, f"SELECT Id FROM Task WHERE {where}")
    assert org.hints == hints


# What may not be asked


def test_an_unknown_object_is_refused_where_it_stands() -> None:
    error = refusal("SELECT Id FROM Tusk")
    assert error.code == "INVALID_TYPE"
    assert error.message == (
        "\nSELECT Id FROM Tusk\n               ^\nERROR at Row:1:Column:16\nsObject type 'Tusk' is not supported. "
        "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )


def test_an_unknown_field_is_refused_where_it_stands() -> None:
    error = refusal("SELECT Id FROM Task WHERE Subjekt = 'x'")
    assert error.code == "INVALID_FIELD"
    assert error.message == (
        "\nSELECT Id FROM Task WHERE Subjekt = 'x'\n                          ^\nERROR at Row:1:Column:27\n"
        "No such column 'Subjekt' on entity 'Task'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names."
    )


@pytest.mark.parametrize(
    ("soql", "code", "sentence"),
    [
        ("SELECT Colour FROM Task", "INVALID_FIELD", "No such column 'Colour' on entity 'Task'."),
        ("SELECT Who FROM Task", "INVALID_FIELD", "No such column 'Who' on entity 'Task'."),
        ("SELECT Account.Colour FROM Task", "INVALID_FIELD", "No such column 'Colour' on entity 'Account'."),
        ("SELECT Who.AccountId FROM Task", "INVALID_FIELD", "No such column 'AccountId' on entity 'Name'."),
        ("SELECT Id FROM Task ORDER BY Colour", "INVALID_FIELD", "No such column 'Colour' on entity 'Task'."),
        ("SELECT DISTINCT Status FROM Task", "INVALID_FIELD", "No such column 'DISTINCT' on entity 'Task'."),
        (
            "SELECT Boss.Name FROM Task",
            "INVALID_FIELD",
            "Didn't understand relationship 'Boss' in field path.",
        ),
        ("SELECT Who.Account.Name FROM Task", "INVALID_FIELD", "Didn't understand relationship 'Account' in"),
        (
            "SELECT Subject.Name FROM Task",
            "INVALID_FIELD",
            "Didn't understand relationship 'Subject' in field path.",
        ),
        ("SELECT x.Id FROM Task t", "INVALID_FIELD", "Didn't understand relationship 'x' in field path."),
        (
            "SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account",
            "MALFORMED_QUERY",
            "field path can not span more than 5 relationships",
        ),
        ("SELECT Subject s FROM Task", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT Id FROM Task WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a",
        ),
        (
            "SELECT Id FROM Task ORDER BY description",
            "INVALID_FIELD",
            "field 'Description' can not be sorted in a",
        ),
        (
            "SELECT Id FROM Account WHERE BillingAddress = 'x'",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
    ],
)
def test_this_is_refused_before_a_row_is_read(soql: str, code: str, sentence: str) -> None:
    class Sealed(MemoryOrg):
        def scan(self, name: str, all_rows: bool) -> Iterable[Row]:
            raise AssertionError("a row was read")

    error = refusal(soql, Sealed([task(1)]))
    assert error.code == code
    assert sentence in error.message.splitlines()[-1]
    assert "ERROR at Row:1:Column:" in error.message


@pytest.mark.parametrize(
    ("select", "named"),
    [
        ("Id, Subject, ID", "Id"),
        ("t.Subject, subject", "Subject"),
        ("Account.Name, account.NAME", "Account.Name"),
    ],
)
def test_a_field_may_be_selected_once(select: str, named: str) -> None:
    error = refusal(f"SELECT {select} FROM Task t")
    assert (error.code, error.message) == ("INVALID_FIELD", f"duplicate field selected: {named}")


@pytest.mark.parametrize("depth", range(0, 2000, 100))
def test_nested_conditions_are_answered_or_refused_at_any_depth(depth: int) -> None:
    soql = "SELECT Id FROM Task WHERE " + "NOT (" * depth + "IsClosed = true" + ")" * depth
    try:
        answer: object = ask(MemoryOrg([task(1, IsClosed=True)]), soql).total
    except OrgError as error:
        answer = error.code
    assert answer == 1 or (answer == "QUERY_TOO_COMPLICATED" and depth > 100)


def test_ids_that_differ_in_case_alone_are_two_records() -> None:
    org = MemoryOrg([task(1, Id=TASK_a), task(2, Id=TASK_A)])
    for asked in (TASK_A, TASK_A[:15]):
        assert [r["Id"] for r in ask(org, f"SELECT Id FROM Task WHERE Id = '{asked}'").records] == [TASK_A]
    result = ask(org, f"SELECT Id FROM Task WHERE Id IN ('{TASK_a[:15]}', '{TASK_A}') ORDER BY Id")
    assert [r["Id"] for r in result.records] == [TASK_A, TASK_a]

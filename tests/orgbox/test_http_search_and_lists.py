"""What people's tools ask besides records: searches, columns, lists, layouts, counts, and what was touched last."""

from __future__ import annotations

from typing import Any

import pytest
from tests.orgbox.box import Api


@pytest.fixture
def people(api: Api) -> Api:
    account = api.post("/sobjects/Account", json={"Name": "Acme"}).json()["id"]
    for first, last, email in (("Ann", "Lee", "ann@acme.example"), ("Bo", "Leeds", "bo@other.example")):
        api.post(
            "/sobjects/Contact",
            json={"FirstName": first, "LastName": last, "Email": email, "AccountId": account},
        )
    api.post("/sobjects/Task", json={"Subject": "Call Ann Lee (urgent)", "Description": "about acme"})
    return api


def found(api: Api, sosl: str) -> list[str]:
    answer = api.get("/search", params={"q": sosl})
    assert answer.status_code == 200, answer.text
    return [
        each.get("Name") or each.get("Subject") or each["attributes"]["type"]
        for each in answer.json()["searchRecords"]
    ]


@pytest.mark.parametrize(
    ("sosl", "names"),
    [
        ("FIND {lee} RETURNING Contact(Name)", ["Ann Lee"]),
        ("find {LEE*} in name fields returning Contact(Name ORDER BY Name DESC)", ["Bo Leeds", "Ann Lee"]),
        ("FIND {l?e} RETURNING Contact(Name)", ["Ann Lee"]),
        ("FIND {ann lee} RETURNING Contact(Name), Task(Subject)", ["Ann Lee", "Call Ann Lee (urgent)"]),
        ("FIND {ann OR leeds} RETURNING Contact(Name ORDER BY Name)", ["Ann Lee", "Bo Leeds"]),
        ("FIND {le* AND NOT bo} RETURNING Contact(Name)", ["Ann Lee"]),
        ('FIND {"ann lee"} RETURNING Contact(Name)', ["Ann Lee"]),
        ('FIND {"lee ann"} RETURNING Contact(Name)', []),
        ("FIND {acme} IN EMAIL FIELDS RETURNING Contact(Name)", ["Ann Lee"]),
        ("FIND {acme} IN NAME FIELDS RETURNING Contact(Name), Account(Name)", ["Acme"]),
        ("FIND {\\(urgent\\)} RETURNING Task(Subject)", ["Call Ann Lee (urgent)"]),
        ("FIND {le*} RETURNING Contact(Name WHERE Email LIKE '%other%' LIMIT 5)", ["Bo Leeds"]),
        ("FIND {le*} RETURNING Contact(Name WHERE FirstName IN ('Bo', 'x)')) LIMIT 1", ["Bo Leeds"]),
        ("FIND {acme}", ["Account", "Contact", "Task"]),
    ],
)
def test_words_find_records(people: Api, sosl: str, names: list[str]) -> None:
    assert found(people, sosl) == names


@pytest.mark.parametrize(
    "sosl",
    [
        "",
        "FIND",
        "FIND {a}",
        "FIND {}",
        "FIND {ann",
        "FIND {ann AND}",
        "FIND {ann} RETURNING",
        "FIND {ann} nonsense",
        "FIND {ann} RETURNING Contact(Id",
        "FIND {ann} RETURNING Contact(Nope)",
        "FIND {ann} RETURNING Nope(Id)",
    ],
)
def test_a_search_that_cannot_be_read_is_refused(people: Api, sosl: str) -> None:
    answer = people.get("/search", params={"q": sosl})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in ("MALFORMED_SEARCH", "INVALID_FIELD", "INVALID_TYPE")


def test_a_search_may_come_in_parameters_or_as_json(people: Api) -> None:
    got = people.get(
        "/parameterizedSearch", params={"q": "ann", "sobject": "Contact", "fields": "Name"}
    ).json()
    sent = people.post(
        "/parameterizedSearch",
        json={
            "q": "ann lee",
            "in": "NAME",
            "sobjects": [{"name": "Contact", "fields": ["Name"], "limit": 1}],
        },
    ).json()
    assert [each["Name"] for each in got["searchRecords"]] == ["Ann Lee"]
    assert got == sent
    assert people.get("/parameterizedSearch", params={"q": "l*e"}).json() == {"searchRecords": []}


def columns(api: Api, soql: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get("/query", params={"q": soql, "columns": "true"}).json()
    return answer


def test_a_query_says_its_columns_before_it_is_read(api: Api) -> None:
    told = columns(api, "SELECT Id, Subject, Account.Owner.Name, Account.Name FROM Task")
    assert (told["entityName"], told["keyPrefix"], told["idSelected"], told["groupBy"]) == (
        "Task",
        "00T",
        True,
        False,
    )
    identifier, subject, account = told["columnMetadata"]
    assert (identifier["apexType"], subject["textType"], subject["aggregate"]) == ("Id", True, False)
    assert [each["columnName"] for each in account["joinColumns"]] == ["Owner", "Name"]
    assert account["joinColumns"][0]["joinColumns"][0]["columnName"] == "Name"


def test_columns_of_groups_sub_queries_and_fields(api: Api) -> None:
    grouped = columns(api, "SELECT Status, COUNT(Id), MAX(CreatedDate) latest FROM Task GROUP BY Status")
    assert grouped["groupBy"]
    assert [(c["columnName"], c["displayName"], c["aggregate"]) for c in grouped["columnMetadata"]] == [
        ("Status", "Status", False),
        ("expr0", "COUNT(Id)", True),
        ("latest", "MAX(CreatedDate)", True),
    ]
    nested = columns(api, "SELECT Name, (SELECT Subject FROM Tasks) FROM Contact")["columnMetadata"][1]
    assert (nested["columnName"], nested["aggregate"]) == ("Tasks", True)
    assert [each["columnName"] for each in nested["joinColumns"]] == ["Subject"]
    every = columns(api, "SELECT FIELDS(ALL) FROM Task LIMIT 1")["columnMetadata"]
    assert {"Id", "Tandem_Key__c"} <= {each["columnName"] for each in every}
    assert api.get("/query", params={"q": "SELECT Nope FROM Task", "columns": "true"}).status_code == 400


def test_records_are_counted_where_there_are_any(people: Api) -> None:
    counts = people.get("/limits/recordCount", params={"sObjects": "Contact,Lead,Task"}).json()
    assert counts == {"sObjects": [{"count": 2, "name": "Contact"}, {"count": 1, "name": "Task"}]}


def test_what_a_user_touched_last_comes_first(people: Api) -> None:
    (task, *others) = people.get("/recent").json()
    assert (task["attributes"]["type"], task["Name"]) == ("Task", "Call Ann Lee (urgent)")
    assert [each["Name"] for each in others] == ["Bo Leeds", "Ann Lee", "Acme"]
    people.delete(f"/sobjects/Task/{task['Id']}")
    assert len(people.get("/recent", params={"limit": 2}).json()) == 2
    assert [i["Name"] for i in people.get("/sobjects/Contact").json()["recentItems"]] == [
        "Bo Leeds",
        "Ann Lee",
    ]


def test_an_sobject_has_a_list_of_all_and_one_of_mine(people: Api) -> None:
    listed = people.get("/sobjects/contact/listviews").json()
    assert [each["label"] for each in listed["listviews"]] == ["All Contact", "My Contact"]
    everything = listed["listviews"][0]
    results = people.http.get(everything["resultsUrl"]).json()
    assert results["size"] == 2
    assert {c["fieldNameOrPath"] for c in results["records"][0]["columns"]} >= {"Id", "Name", "Email"}
    assert people.http.get(everything["describeUrl"]).json()["query"].startswith("SELECT Id, Name")
    assert people.get("/sobjects/Contact/listviews/00B000000000000").status_code == 404


def test_a_layout_holds_every_field_that_people_write(api: Api) -> None:
    told = api.get("/sobjects/Task/describe/layouts").json()
    (section,) = told["layouts"][0]["editLayoutSections"]
    shown = {
        c["value"] for r in section["layoutRows"] for i in r["layoutItems"] for c in i["layoutComponents"]
    }
    assert {"Subject", "Status", "Tandem_Key__c"} <= shown
    assert "CreatedDate" not in shown
    only = told["recordTypeMappings"][0]["urls"]["layout"]
    assert api.http.get(only).json() == told["layouts"][0]

"""Several requests in one: batch, graph and tree; what goes in together and what stands alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.orgbox.box import Api

V = "/services/data/v67.0"


def post(url: str, body: dict[str, Any], reference: str = "it") -> dict[str, Any]:
    return {"method": "POST", "url": f"{V}/sobjects/{url}", "body": body, "referenceId": reference}


# Batch ------------------------------------------------------------------------------------------------------------


def test_a_batch_does_each_request_by_itself(api: Api) -> None:
    answer = api.post(
        "/composite/batch",
        json={
            "batchRequests": [
                {"method": "POST", "url": "v67.0/sobjects/Task", "richInput": {"Subject": "One"}},
                {"method": "GET", "url": "v67.0/sobjects/Task/00T000000000000EAA"},
                {"method": "GET", "url": "v59.0/query?q=SELECT+Subject+FROM+Task"},
            ]
        },
    ).json()
    assert answer["hasErrors"]
    made, missing, found = answer["results"]
    assert (made["statusCode"], missing["statusCode"], found["statusCode"]) == (201, 404, 200)
    assert missing["result"][0]["errorCode"] == "NOT_FOUND"
    assert found["result"]["records"][0]["Subject"] == "One"


def test_a_batch_that_halts_leaves_the_rest_undone(api: Api) -> None:
    requests = [
        {"method": "POST", "url": "v67.0/sobjects/Task", "richInput": {"Nope": 1}},
        {"method": "POST", "url": "v67.0/sobjects/Task", "richInput": {"Subject": "Never"}},
    ]
    answer = api.post("/composite/batch", json={"batchRequests": requests, "haltOnError": True}).json()
    assert [each["statusCode"] for each in answer["results"]] == [400, 412]
    assert answer["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert api.query("SELECT COUNT() FROM Task")["totalSize"] == 0


def test_a_batch_of_26_or_with_a_composite_inside_is_refused(api: Api) -> None:
    one = {"method": "GET", "url": "v67.0/limits"}
    assert api.post("/composite/batch", json={"batchRequests": [one] * 26}).status_code == 400
    inside = {"method": "POST", "url": "v67.0/composite/batch", "richInput": {}}
    assert api.post("/composite/batch", json={"batchRequests": [inside]}).status_code == 400


# Graph ------------------------------------------------------------------------------------------------------------


def family(identifier: str, last_name: str | None) -> dict[str, Any]:
    return {
        "graphId": identifier,
        "compositeRequest": [
            post("Account", {"Name": identifier}, "account"),
            post("Contact", {"LastName": last_name, "AccountId": "@{account.id}"}, "contact"),
        ],
    }


def test_each_graph_is_done_whole_or_not_at_all(api: Api) -> None:
    answer = api.post(
        "/composite/graph", json={"graphs": [family("good", "Ann"), family("bad", None)]}
    ).json()
    good, bad = answer["graphs"]
    assert (good["graphId"], good["isSuccessful"]) == ("good", True)
    assert [each["httpStatusCode"] for each in good["graphResponse"]["compositeResponse"]] == [201, 201]
    refused = bad["graphResponse"]["compositeResponse"]
    assert [each["body"][0]["errorCode"] for each in refused] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
    ]
    assert [row["Account"]["Name"] for row in api.query("SELECT Account.Name FROM Contact")["records"]] == [
        "good"
    ]
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == 1


def test_after_fourteen_failed_graphs_the_rest_is_not_tried(api: Api) -> None:
    graphs = [family(f"g{number}", None) for number in range(14)] + [family("g14", "Ann")]
    answers = api.post("/composite/graph", json={"graphs": graphs}).json()["graphs"]
    assert not any(each["isSuccessful"] for each in answers)
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == 0


@pytest.mark.parametrize(
    "graphs",
    [
        [],
        [{"graphId": "a b", "compositeRequest": [post("Task", {})]}],
        [family("same", "A"), family("same", "B")],
        [family(f"g{number}", "A") for number in range(76)],
        [
            {
                "graphId": "q",
                "compositeRequest": [{"method": "GET", "url": f"{V}/query?q=x", "referenceId": "q"}],
            }
        ],
        [
            {
                "graphId": "deep",
                "compositeRequest": [post("Task", {}, "r0")]
                + [post("Task", {"WhatId": f"@{{r{n}.id}}"}, f"r{n + 1}") for n in range(15)],
            }
        ],
    ],
    ids=["none", "wrong id", "same id", "76", "a query", "too deep"],
)
def test_a_graph_that_salesforce_would_not_take_is_refused(api: Api, graphs: list[Any]) -> None:
    assert api.post("/composite/graph", json={"graphs": graphs}).status_code == 400


# Tree -------------------------------------------------------------------------------------------------------------


def account(reference: str, *contacts: str) -> dict[str, Any]:
    children = [
        {"attributes": {"type": "Contact", "referenceId": f"{reference}-{name}"}, "LastName": name}
        for name in contacts
    ]
    return {
        "attributes": {"type": "Account", "referenceId": reference},
        "Name": reference,
        "contacts": {"records": children},
    }


def test_a_tree_makes_parents_and_children_together(api: Api) -> None:
    answer = api.post("/composite/tree/Account", json={"records": [account("a", "Ann", "Bo"), account("b")]})
    assert answer.status_code == 201
    assert not answer.json()["hasErrors"]
    assert [each["referenceId"] for each in answer.json()["results"]] == ["a", "a-Ann", "a-Bo", "b"]
    rows = api.query("SELECT LastName FROM Contact WHERE Account.Name = 'a' ORDER BY LastName")["records"]
    assert [row["LastName"] for row in rows] == ["Ann", "Bo"]


def test_one_wrong_record_keeps_a_whole_tree_out(api: Api) -> None:
    answer = api.post("/composite/tree/Account", json={"records": [account("a", "Ann", "x" * 81)]})
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    (failed,) = answer.json()["results"]
    assert failed["referenceId"] == "a-" + "x" * 81
    assert failed["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == 0


@pytest.mark.parametrize(
    "records",
    [
        [],
        [{"Name": "no attributes"}],
        [account("same"), account("same")],
        [account("a", *map(str, range(200)))],
        [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "C"}],
        [{"attributes": {"type": "Account", "referenceId": "a"}, "Nope": {"records": []}}],
    ],
    ids=["none", "no attributes", "same reference", "201 records", "another type", "no such relationship"],
)
def test_a_tree_that_cannot_be_read_is_refused(api: Api, records: list[Any]) -> None:
    assert api.post("/composite/tree/Account", json={"records": records}).status_code == 400

"""Many requests in one call: references, conditions, all or none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.orgbox.box import Api

V = "/services/data/v67.0"


def sub(reference: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": V + path, "referenceId": reference}
    if body is not None:
        request["body"] = body
    if headers:
        request["httpHeaders"] = {name.replace("_", "-"): value for name, value in headers.items()}
    return request


def send(api: Api, *subs: dict[str, Any], **flags: bool) -> list[tuple[int, Any]]:
    answer = api.post("/composite", json={"compositeRequest": list(subs), **flags})
    assert answer.status_code == 200
    return [(each["httpStatusCode"], each["body"]) for each in answer.json()["compositeResponse"]]


def test_later_requests_use_what_earlier_ones_answered(api: Api) -> None:
    answers = send(
        api,
        sub("account", "POST", "/sobjects/Account", {"Name": "Acme"}),
        sub("person", "POST", "/sobjects/Contact", {"LastName": "Ann", "AccountId": "@{account.id}"}),
        sub("task", "POST", "/sobjects/Task", {"WhoId": "@{person.id}", "Subject": "For @{account.id}!"}),
        sub("read", "GET", "/query?q=SELECT+Subject,AccountId+FROM+Task+WHERE+Id='@{task.id}'"),
        sub("deep", "POST", "/sobjects/Task", {"Subject": "@{read.records[0].Subject}"}),
    )
    assert [status for status, _ in answers] == [201, 201, 201, 200, 201]
    account = answers[0][1]["id"]
    assert answers[3][1]["records"][0]["AccountId"] == account
    assert api.query(f"SELECT COUNT() FROM Task WHERE Subject = 'For {account}!'")["totalSize"] == 2


def test_conditions_travel_in_the_headers_of_a_sub_request(api: Api) -> None:
    task = api.post("/sobjects/Task", json={"Subject": "theirs"}).json()["id"]
    answers = send(
        api,
        sub(
            "a",
            "PATCH",
            f"/sobjects/Task/{task}",
            {"Subject": "old"},
            If_Unmodified_Since="Mon, 02 Mar 2026 08:59:59 GMT",
        ),
        sub(
            "b",
            "PATCH",
            f"/sobjects/Task/{task}",
            {"Subject": "new"},
            If_Unmodified_Since="Mon, 02 Mar 2026 09:00:00 GMT",
        ),
        sub("c", "GET", f"/sobjects/Task/{task}?fields=Subject"),
    )
    assert [status for status, _ in answers] == [412, 204, 200]
    assert (answers[1][1], answers[2][1]["Subject"]) == (None, "new")


def test_twenty_five_requests_are_one_call_and_fail_alone(api: Api) -> None:
    subs = [
        sub(f"r{n}", "POST", "/sobjects/Task", {"Subject": f"{n}"} if n != 3 else {"Nope": 1})
        for n in range(25)
    ]
    statuses = [status for status, _ in send(api, *subs)]
    assert statuses == [201] * 3 + [400] + [201] * 21
    assert api.running.app.state.journal.metered == 1


def test_all_or_none_takes_everything_back(api: Api) -> None:
    answers = send(
        api,
        sub("a", "POST", "/sobjects/Task", {"Subject": "first", "Tandem_Key__c": "k1"}),
        sub("seen", "GET", "/query?q=SELECT+Id+FROM+Task+WHERE+Tandem_Key__c='k1'"),
        sub("b", "POST", "/sobjects/Task", {"Nope": 1}),
        sub("c", "POST", "/sobjects/Task", {"Subject": "last"}),
        allOrNone=True,
    )
    assert [status for status, _ in answers] == [400, 400, 400, 400]
    codes = [body[0]["errorCode"] for _, body in answers]
    assert codes == ["PROCESSING_HALTED", "PROCESSING_HALTED", "INVALID_FIELD", "PROCESSING_HALTED"]
    assert api.query("SELECT COUNT() FROM Task")["totalSize"] == 0


def test_all_or_none_sees_its_own_writes_and_keeps_them(api: Api) -> None:
    answers = send(
        api,
        sub("a", "POST", "/sobjects/Task", {"Subject": "first"}),
        sub("b", "GET", "/query?q=SELECT+Subject+FROM+Task+WHERE+Id='@{a.id}'"),
        sub("c", "PATCH", "/sobjects/Task/@{a.id}", {"Subject": "second"}),
        allOrNone=True,
    )
    assert [status for status, _ in answers] == [201, 200, 204]
    assert answers[1][1]["records"][0]["Subject"] == "first"
    assert api.query("SELECT COUNT() FROM Task WHERE Subject = 'second'")["totalSize"] == 1


def test_five_collections_of_two_hundred_rows_go_in_one_call(api: Api) -> None:
    batch = {"records": [{"attributes": {"type": "Task"}}] * 200}
    answers = send(api, *(sub(f"r{n}", "POST", "/composite/sobjects", batch) for n in range(5)))
    assert sum(result["success"] for _, results in answers for result in results) == 1000


def test_a_reference_that_leads_nowhere_halts_its_request_alone(api: Api) -> None:
    answers = send(
        api,
        sub("a", "POST", "/sobjects/Task", {"Nope": 1}),
        sub("b", "PATCH", "/sobjects/Task/@{a.id}", {}),
        sub("c", "POST", "/sobjects/Task", {"Subject": "@{nobody.id}"}),
        sub("d", "POST", "/sobjects/Task", {"Subject": "fine"}),
    )
    assert [status for status, _ in answers] == [400, 400, 400, 201]
    assert answers[1][1][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_failing_sub_request_answers_an_array_of_errors(api: Api) -> None:
    answers = send(
        api, sub("a", "GET", "/nope"), {**sub("b", "GET", "/limits"), "url": "/services/data/v30.0/limits"}
    )
    assert [(status, body[0]["errorCode"]) for status, body in answers] == [(404, "NOT_FOUND"), (410, "GONE")]


@pytest.mark.parametrize(
    "subs",
    [
        [],
        [sub(f"r{n}", "GET", "/limits") for n in range(26)],
        [sub(f"r{n}", "GET", "/query?q=SELECT+Id+FROM+Task") for n in range(6)],
        [sub("same", "GET", "/limits"), sub("same", "GET", "/limits")],
        [sub("no spaces", "GET", "/limits")],
        [sub("a", "get", "/limits")],
        [{**sub("a", "GET", ""), "url": "/limits"}],
        [sub("a", "GET", "/limits", Authorization="Bearer x")],
        [sub("a", "POST", "/composite", {"compositeRequest": []})],
        [{**sub("a", "GET", "/limits"), "surprise": 1}],
        ["a"],
    ],
)
def test_a_malformed_composite_is_refused_before_anything_is_done(api: Api, subs: list[Any]) -> None:
    first = [sub("first", "POST", "/sobjects/Task", {})] if 0 < len(subs) < 26 else []
    answer = api.post("/composite", json={"compositeRequest": first + subs})
    assert answer.status_code == 400
    assert api.query("SELECT COUNT() FROM Task")["totalSize"] == 0

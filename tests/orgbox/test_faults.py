"""What can go wrong, goes wrong when it is told to, and no other time."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.orgbox.box import Api, refusal

from orgbox.faults import FAULTS, TOKEN, FaultPlan, UnknownFault
from orgbox.http.statuses import status_of
from orgbox.org import Org
from orgbox.refusals import OTHER_SENTENCES, REFUSALS


def count(api: Api) -> int:
    return int(api.query("SELECT COUNT() FROM Task")["totalSize"])


def test_a_reply_lost_after_the_commit_leaves_the_row(api: Api) -> None:
    api.fault("reset_after_commit", method="POST")
    with pytest.raises(httpx2.TransportError):
        api.post("/sobjects/Task", json={"Subject": "There"})
    assert count(api) == 1


def test_a_patch_whose_reply_is_lost_is_seen_as_broken_too(api: Api) -> None:
    task = api.post("/sobjects/Task", json={}).json()["id"]
    api.fault("reset_after_commit", method="PATCH")
    with pytest.raises(httpx2.TransportError):
        api.patch(f"/sobjects/Task/{task}", json={"Subject": "Landed"})
    assert api.get(f"/sobjects/Task/{task}").json()["Subject"] == "Landed"


def test_a_connection_that_breaks_before_the_commit_leaves_nothing(api: Api) -> None:
    api.fault("reset_before_commit")
    with pytest.raises(httpx2.TransportError):
        api.post("/sobjects/Task", json={})
    assert count(api) == 0


@pytest.mark.parametrize(
    ("name", "status", "code", "rows"),
    [
        ("500_after_commit", 500, "UNKNOWN_EXCEPTION", 1),
        ("503_before_commit", 503, "SERVER_UNAVAILABLE", 0),
        ("REQUEST_LIMIT_EXCEEDED", 403, "REQUEST_LIMIT_EXCEEDED", 0),
        ("UNABLE_TO_LOCK_ROW", 400, "UNABLE_TO_LOCK_ROW", 0),
        ("API_DISABLED_FOR_ORG", 403, "API_DISABLED_FOR_ORG", 0),
    ],
)
def test_a_fault_answers_in_salesforces_words(api: Api, name: str, status: int, code: str, rows: int) -> None:
    api.fault(name)
    answer = api.post("/sobjects/Task", json={})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert count(api) == rows


def test_the_edge_answers_with_a_page(api: Api) -> None:
    api.fault("edge_html_503")
    answer = api.get("/limits")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html")


def test_an_expired_session_stays_expired(api: Api) -> None:
    api.fault("session_expired")
    assert api.get("/limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
    assert api.get("/limits").status_code == 401


def test_a_delayed_answer_is_the_same_answer(api: Api) -> None:
    api.fault("delay", seconds=0.01)
    assert "DailyApiRequests" in api.get("/limits").json()


def test_one_bad_row_among_many_is_refused_alone_and_a_locked_one_takes_all(api: Api) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": f"Row {n}"} for n in range(5)]
    api.fault("row_refused", body='"Row 3"')
    first = api.post("/composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in first] == [True, True, True, False, True]
    assert first[3]["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    api.fault("row_locked", method="INSERT", path="Task", skip=2)
    second = api.post("/composite/sobjects", json={"records": records}).json()
    assert {result["errors"][0]["statusCode"] for result in second} == {"UNABLE_TO_LOCK_ROW"}
    assert count(api) == 4


def test_a_fault_strikes_whom_it_is_meant_for_as_often_as_it_should() -> None:
    plan = FaultPlan()
    plan.add("503_before_commit", method="POST", path="/Task", body="Ann", skip=1, times=2)
    requests = [
        ("GET", "/Task", b"Ann"),
        ("POST", "/Lead", b"Ann"),
        ("POST", "/Task", b"Ben"),
        *[("POST", "/Task", b"Ann")] * 4,
    ]
    assert [plan.strike(*request) is not None for request in requests] == [False] * 4 + [True, True, False]


def test_a_rate_is_repeatable_by_its_seed() -> None:
    def struck(seed: int) -> list[bool]:
        plan = FaultPlan(seed)
        plan.add("delay", rate=0.3, times=None)
        return [plan.strike("GET", "/", b"") is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


def test_row_faults_strike_without_http_too(org: Org) -> None:
    plan = FaultPlan()
    org.triggers.append(plan.trigger)
    plan.add("row_refused", method="UPDATE")
    task = org.insert("Task", {})
    assert refusal(org.update, "Task", task, {}).code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    org.update("Task", task, {})


def test_faults_are_set_listed_and_cleared_over_http(api: Api) -> None:
    set_one = api.http.post("/orgbox/faults", json={"name": "503_before_commit", "method": "GET", "times": 2})
    assert set_one.json()[0]["times"] == 2
    assert [api.get("/limits").status_code for _ in range(3)] == [503, 503, 200]
    assert api.http.get("/orgbox/faults").json()[0]["hits"] == 2
    assert api.http.delete("/orgbox/faults").json() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "meteor"},
        {"name": "delay", "speed": 3},
        {},
        [],
        {"name": "delay", "hits": 9},
        {"name": "delay", "at": "row"},
        {"name": "delay", "message": "slowly"},
        {"name": "row_locked", "at": "call"},
        {"name": "QUERY_TIMEOUT", "at": "sign_in"},
        {"name": "QUERY_TIMEOUT", "at": "somewhere"},
        {"name": "ip_restricted", "at": "row"},
    ],
)
def test_a_fault_nobody_knows_is_refused_with_the_names_of_those_there_are(api: Api, wrong: Any) -> None:
    answer = api.http.post("/orgbox/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["names"] == FAULTS
    assert api.http.get("/orgbox/faults").json() == []


def test_the_plan_says_which_word_it_does_not_know() -> None:
    with pytest.raises(UnknownFault, match="'speed'"):
        FaultPlan().add("delay", speed=3)


# The 26 codes

AT_SIGN_IN = sorted(code for code, refusal in REFUSALS.items() if refusal.sign_in is not None)


def test_there_are_the_26_codes_that_a_logging_integration_meets() -> None:
    assert len(REFUSALS) == 26


@pytest.mark.parametrize("code", sorted(REFUSALS.keys() - {"FAILED_WRITE"}))
def test_a_code_refuses_a_whole_call_and_nothing_is_done(api: Api, code: str) -> None:
    api.fault(code, at="call", path="/sobjects/Task")
    answer = api.post("/sobjects/Task", json={"Subject": "Call"})
    (error,) = answer.json()
    assert (error["errorCode"], error["message"]) == (code, REFUSALS[code].message)
    assert answer.status_code == status_of(REFUSALS[code].error(code)) >= 400
    assert (count(api), api.post("/sobjects/Task", json={}).status_code) == (0, 201)


def test_a_failed_write_is_a_connection_that_ends_though_the_row_is_there(api: Api) -> None:
    api.fault("FAILED_WRITE")
    with pytest.raises(httpx2.TransportError):
        api.post("/sobjects/Task", json={"Subject": "There"})
    assert count(api) == 1


@pytest.mark.parametrize("code", sorted(REFUSALS.keys() - {"UNABLE_TO_LOCK_ROW"}))
def test_a_code_refuses_one_row_of_a_collection_and_the_others_are_made(api: Api, code: str) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": f"Row {n}"} for n in range(3)]
    api.fault(code, at="row", path="Task", body="Row 1")
    first, second, third = api.post("/composite/sobjects", json={"records": records}).json()
    assert (first["success"], third["success"]) == (True, True)
    (error,) = second["errors"]
    assert error == {
        "statusCode": code,
        "message": REFUSALS[code].message,
        "fields": list(REFUSALS[code].fields),
    }
    assert count(api) == 2


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_code_refuses_one_subrequest_of_a_composite_and_the_others_go_on(api: Api, code: str) -> None:
    def made(name: str) -> dict[str, Any]:
        url = "/services/data/v67.0/sobjects/Task"
        return {"method": "POST", "url": url, "referenceId": name, "body": {"Subject": name}}

    api.fault(code, at="subrequest", method="POST", path="/sobjects/Task", body="two")
    answer = api.post("/composite", json={"compositeRequest": [made("one"), made("two"), made("three")]})
    one, two, three = answer.json()["compositeResponse"]
    assert (one["httpStatusCode"], three["httpStatusCode"]) == (201, 201)
    assert two["httpStatusCode"] == status_of(REFUSALS[code].error(code))
    assert (two["body"][0]["errorCode"], two["body"][0]["message"]) == (code, REFUSALS[code].message)
    assert count(api) == 2


@pytest.mark.parametrize("code", AT_SIGN_IN)
def test_what_ends_a_consent_is_told_where_the_token_is_fetched(api: Api, code: str) -> None:
    app = api.running.app.state.oauth.app
    token = api.running.call(lambda: api.running.app.state.oauth.authorise(api.org.admin_id))
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id}
    api.fault(code)
    assert api.get("/limits").status_code == 200
    answer = api.http.post(TOKEN, data=form)
    told = answer.json()
    assert (answer.status_code, (told["error"], told["error_description"])) == (400, REFUSALS[code].sign_in)
    assert api.http.post(TOKEN, data=form).status_code == 200


@pytest.mark.parametrize(
    ("code", "sentence"), [(code, sentence) for code, all_ in OTHER_SENTENCES.items() for sentence in all_]
)
def test_a_code_may_come_with_another_sentence(api: Api, code: str, sentence: str) -> None:
    api.fault(code, message=sentence)
    assert api.get("/limits").json()[0]["message"] == sentence

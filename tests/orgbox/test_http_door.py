"""What every request meets at the door: versions, slashes, sizes, gzip, the org's clock, the count of calls."""

from __future__ import annotations

import gzip
import json

import httpx2
import pytest
from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.http.versions import versions
from orgbox.org import Org
from orgbox.server import RunningOrg


def test_versions_need_no_session_and_cost_nothing(running: RunningOrg) -> None:
    answer = httpx2.get(f"{running.url}/services/data/")
    assert answer.json() == versions()
    assert "sforce-limit-info" not in answer.headers
    assert running.app.state.journal.metered == 0


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("31.0", "Summer '14"),
        ("59.0", "Winter '24"),
        ("60.0", "Spring '24"),
        ("61.0", "Summer '24"),
        ("67.0", "Summer '26"),
        ("68.0", "Winter '27"),
    ],
)
def test_each_version_bears_the_name_of_its_release(number: str, label: str) -> None:
    assert {each["version"]: each["label"] for each in versions()}[number] == label


@pytest.mark.parametrize(
    ("version", "status"), [("v31.0", 200), ("v68.0", 200), ("v30.0", 410), ("v69.0", 404), ("v1", 404)]
)
def test_versions_31_to_68_answer_on_the_same_paths(api: Api, version: str, status: int) -> None:
    assert api.http.get(f"/services/data/{version}/limits").status_code == status


def test_doubled_and_trailing_slashes_lead_to_the_same_place(api: Api) -> None:
    for path in (
        "//services/data/v67.0/limits",
        "/services//data/v67.0/limits/",
        "/services/data/v67.0/limits//",
    ):
        assert "DailyApiRequests" in api.http.get(api.running.url + path).json()


def test_a_version_lists_its_resources(api: Api) -> None:
    assert api.get("").json()["query"] == "/services/data/v67.0/query"


def test_the_date_is_the_orgs_own(api: Api, clock: VirtualClock) -> None:
    clock.advance(61)
    assert api.get("/limits").headers.get_list("date") == ["Mon, 02 Mar 2026 09:01:01 GMT"]
    assert "server" not in api.get("/limits").headers


def test_every_metered_answer_tells_the_calls_used(api: Api) -> None:
    seen = [
        api.get(path).headers["sforce-limit-info"]
        for path in ("/limits", "/nope", "/query?q=SELECT+Id+FROM+Task")
    ]
    assert seen == [f"api-usage={used}/100000" for used in (1, 2, 3)]
    assert api.get("/limits").json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_996}


def test_the_count_forgets_what_is_a_day_old_and_ends_at_the_limit(org: Org, clock: VirtualClock) -> None:
    with RunningOrg(org, daily_api_requests=2) as running:
        api = Api(running)
        assert [api.get("/limits").status_code for _ in range(3)] == [200, 200, 403]
        assert api.get("/limits").json() == [
            {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
        ]
        clock.advance(86_400)
        assert Api(running).get("/limits").status_code == 200


def test_bodies_may_come_packed_and_answers_go_packed_when_asked(api: Api) -> None:
    packed = gzip.compress(json.dumps({"Subject": "Packed"}).encode())
    made = api.post("/sobjects/Task", content=packed, headers={"Content-Encoding": "gzip"})
    assert made.status_code == 201
    path = f"/services/data/v67.0/sobjects/Task/{made.json()['id']}"
    plain = api.http.get(path, headers={"Accept-Encoding": "identity"})
    zipped = api.http.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert plain.json() == zipped.json()
    broken = api.post("/sobjects/Task", content=b"not gzip", headers={"Content-Encoding": "gzip"})
    assert (broken.status_code, broken.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_a_head_beyond_16384_bytes_is_turned_away(api: Api) -> None:
    assert api.get(f"/query?q={'x' * 16_385}").status_code == 414
    assert api.get("/limits", headers={"X-Long": "x" * 16_385}).status_code == 431
    assert api.get("/limits", headers={"X-Long": "x" * 15_000}).status_code == 200


def test_what_is_no_path_of_an_org_is_not_found(running: RunningOrg) -> None:
    for path in ("/", "/services", "/services/nope", "/services/oauth2/token"):
        answer = httpx2.get(running.url + path)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_the_journal_tells_what_reached_the_org(api: Api) -> None:
    api.get("/limits")
    api.get("/nope")
    entries = api.http.get("/orgbox/requests").json()["entries"]
    assert [(entry["method"], entry["path"], entry["status"], entry["metered"]) for entry in entries] == [
        ("GET", "/services/data/v67.0/limits", 200, True),
        ("GET", "/services/data/v67.0/nope", 404, True),
    ]
    api.http.delete("/orgbox/requests")
    assert api.http.get("/orgbox/requests").json() == {"requests": 0, "metered": 0, "entries": []}

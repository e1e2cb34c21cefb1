"""Statements about Salesforce that nobody here has seen confirmed, as requests: of orgbox, or of ORG when it is given.

    make contract ORG=https://yours.my.salesforce.com ORG_TOKEN=00D...

Every record that is made is deleted again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.contract.assumptions_page import ASSUMPTIONS, PAGE, page
from tests.contract.statements import BY_TEST

REST = "/services/data/v62.0"


class Asked:
    """The org that is asked; `wait` lets seconds pass there, which a real org takes from us."""

    def __init__(self, url: str, token: str, wait: Callable[[float], None]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.Client(
            base_url=url + REST, headers=headers, timeout=60, trust_env=bool(os.environ.get("ORG"))
        )
        self._made: list[str] = []
        self.wait = wait

    def send(self, method: str, path: str, **what: Any) -> httpx2.Response:
        answer = self._http.request(method, path, **what)
        if method == "POST" and answer.status_code == 201 and path.startswith("/sobjects/"):
            self._made.append(f"{path.rstrip('/')}/{answer.json()['id']}")
        return answer

    def make(self, sobject: str, **values: Any) -> str:
        answer = self.send("POST", f"/sobjects/{sobject}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def row(self, sobject: str, identifier: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.send("GET", f"/sobjects/{sobject}/{identifier}").json()
        return answer

    def query(self, soql: str, resource: str = "query") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.send("GET", f"/{resource}", params={"q": soql}).json()["records"]
        return rows

    def refusal(self, sobject: str, **values: Any) -> tuple[int, str, str]:
        answer = self.send("POST", f"/sobjects/{sobject}", json=values)
        said = answer.json()[0]
        return answer.status_code, said["errorCode"], said["message"]

    def clear(self) -> None:
        for path in reversed(self._made):
            self._http.delete(path)
        self._http.close()


@pytest.fixture
def org() -> Iterator[Asked]:
    if url := os.environ.get("ORG"):
        asked = Asked(url.rstrip("/"), os.environ["ORG_TOKEN"], time.sleep)
        yield asked
        asked.clear()
        return
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with RunningOrg(Org(clock, seed=12)) as running:
        token = running.call(lambda: running.app.state.oauth.open_session(running.org.admin_id))
        asked = Asked(running.url, token, lambda seconds: running.call(lambda: clock.advance(seconds)))
        yield asked
        asked.clear()


def test_white_space_and_line_ends(org: Asked) -> None:
    task = org.make("Task", Subject=" a ", Description="x\r\ny  ")
    row = org.row("Task", task)
    assert (row["Subject"], row["Description"]) == (" a", "x\ny")
    assert org.row("Task", org.make("Task", Subject=""))["Subject"] is None


def test_length_counts_code_points(org: Asked) -> None:
    assert len(org.row("Task", org.make("Task", Subject="\U0001f600" * 255))["Subject"]) == 255
    assert org.refusal("Task", Subject="\U0001f600" * 256)[1] == "STRING_TOO_LONG"


def test_the_texts_of_refusals(org: Asked) -> None:
    status, code, message = org.refusal("Task", Subject="x" * 256)
    assert (status, code) == (400, "STRING_TOO_LONG")
    assert message.startswith("Subject: data value too large: x")
    assert message.endswith("(max length=255)")
    assert org.refusal("Task", CallType="Nonsense") == (
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Call Type: bad value for restricted picklist field: Nonsense",
    )
    status, code, message = org.refusal("Task", IsClosed=True)
    assert (status, code) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert message.startswith("Unable to create/update fields: IsClosed. Please check the security settings")


def test_null_for_a_required_field(org: Asked) -> None:
    assert org.refusal("Task", Status=None)[:2] == (400, "REQUIRED_FIELD_MISSING")
    assert org.refusal("Task", IsReminderSet=None)[:2] == (400, "JSON_PARSER_ERROR")


def test_a_lead_and_a_what(org: Asked) -> None:
    lead, account = org.make("Lead", LastName="L", Company="C"), org.make("Account", Name="A")
    answer = org.send("POST", "/sobjects/Task", json={"WhoId": lead, "WhatId": account})
    (said,) = answer.json()
    assert (answer.status_code, said["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert sorted(said["fields"]) == ["WhatId", "WhoId"]


def test_an_update_that_changes_nothing(org: Asked) -> None:
    task = org.make("Task", Subject="same")
    before = org.row("Task", task)
    org.wait(2)
    assert org.send("PATCH", f"/sobjects/Task/{task}", json={"Subject": "same"}).status_code == 204
    after = org.row("Task", task)
    assert after["LastModifiedDate"] > before["LastModifiedDate"]
    assert after["SystemModstamp"] > before["SystemModstamp"]


def test_deleting_moves_the_stamps(org: Asked) -> None:
    task = org.make("Task", Subject="gone")
    before = org.row("Task", task)
    org.wait(2)
    org.send("DELETE", f"/sobjects/Task/{task}")
    asked = f"SELECT IsDeleted, LastModifiedDate, SystemModstamp FROM Task WHERE Id = '{task}'"
    (row,) = org.query(asked, "queryAll")
    assert row["IsDeleted"]
    assert (row["LastModifiedDate"], row["SystemModstamp"]) > (
        before["LastModifiedDate"],
        before["SystemModstamp"],
    )


def test_reading_what_is_gone(org: Asked) -> None:
    task = org.make("Task", Subject="gone")
    org.send("DELETE", f"/sobjects/Task/{task}")
    for method in ("GET", "PATCH", "DELETE"):
        answer = org.send(method, f"/sobjects/Task/{task}", **({"json": {}} if method == "PATCH" else {}))
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED"), method
    never = org.send("GET", "/sobjects/Task/00T000000000000EAA")
    assert (never.status_code, never.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_a_condition_that_fails(org: Asked) -> None:
    task = org.make("Task", Subject="one")
    long_ago = {"If-Unmodified-Since": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}
    alone = org.send("PATCH", f"/sobjects/Task/{task}", json={"Subject": "two"}, headers=long_ago)
    sub = {
        "method": "PATCH",
        "url": f"{REST}/sobjects/Task/{task}",
        "referenceId": "r",
        "body": {"Subject": "two"},
    }
    inside = org.send(
        "POST", "/composite", json={"compositeRequest": [sub | {"httpHeaders": long_ago}]}
    ).json()
    (answer,) = inside["compositeResponse"]
    assert (alone.status_code, answer["httpStatusCode"]) == (412, 412)
    assert {alone.json()[0]["errorCode"], answer["body"][0]["errorCode"]} == {
        "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"
    }
    assert org.row("Task", task)["Subject"] == "one"


def test_a_condition_that_is_no_date(org: Asked) -> None:
    task = org.make("Task", Subject="one")
    answer = org.send(
        "PATCH", f"/sobjects/Task/{task}", json={}, headers={"If-Unmodified-Since": "yesterday"}
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_HEADER_VALUE")


def test_an_unknown_key_field(org: Asked) -> None:
    answer = org.send("PATCH", "/sobjects/Task/Nope__c/1", json={"Subject": "x"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    assert answer.json()[0]["message"].startswith("Provided external ID field does not exist")


def test_one_wrong_row_of_a_collection(org: Asked) -> None:
    task = {"attributes": {"type": "Task"}}
    rows = [task | {"Subject": "good"}, task | {"Nope__c": 1}]
    answer = org.send("POST", "/composite/sobjects", json={"records": rows})
    good, bad = answer.json()
    org.send("DELETE", f"/sobjects/Task/{good['id']}")
    assert (answer.status_code, good["success"], bad["success"]) == (200, True, False)
    assert bad["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_a_reference_that_leads_nowhere(org: Asked) -> None:
    subs = [
        {"method": "GET", "url": f"{REST}/limits", "referenceId": "first"},
        {"method": "GET", "url": f"{REST}/sobjects/Task/@{{first.nope}}", "referenceId": "second"},
        {"method": "GET", "url": f"{REST}/limits", "referenceId": "third"},
    ]
    told = org.send("POST", "/composite", json={"compositeRequest": subs}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in told] == [200, 400, 200]
    assert told[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_halted_batch(org: Asked) -> None:
    wrong = {"method": "GET", "url": "v62.0/sobjects/Nope/describe"}
    right = {"method": "GET", "url": "v62.0/limits"}
    told = org.send(
        "POST", "/composite/batch", json={"haltOnError": True, "batchRequests": [wrong, right]}
    ).json()
    assert [each["statusCode"] for each in told["results"]] == [404, 412]
    assert told["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def test_a_trees_errors(org: Asked) -> None:
    def account(reference: str, name: str) -> dict[str, Any]:
        return {"attributes": {"type": "Account", "referenceId": reference}, "Name": name}

    answer = org.send(
        "POST", "/composite/tree/Account", json={"records": [account("a", "A"), account("b", "x" * 300)]}
    )
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert [each["referenceId"] for each in answer.json()["results"]] == ["b"]


def test_typeof_without_else(org: Asked) -> None:
    lead = org.make("Lead", LastName="L", Company="C")
    task = org.make("Task", WhoId=lead)
    (row,) = org.query(f"SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task WHERE Id = '{task}'")
    assert row["Who"].keys() == {"attributes"}
    assert row["Who"]["attributes"]["type"] == "Lead"


def test_ids_that_are_deleted_along(org: Asked) -> None:
    contact = org.make("Contact", LastName="C")
    task = org.make("Task", WhoId=contact)
    now = datetime.fromisoformat(org.row("Task", task)["SystemModstamp"])
    org.send("DELETE", f"/sobjects/Contact/{contact}")
    org.wait(61 if os.environ.get("ORG") else 180)
    window = {
        "start": (now - timedelta(minutes=2)).isoformat(),
        "end": (now + timedelta(minutes=2)).isoformat(),
    }
    told = org.send("GET", "/sobjects/Task/deleted", params=window).json()
    assert task in [each["id"] for each in told["deletedRecords"]]


def test_a_parents_key_that_nobody_has(org: Asked) -> None:
    status, code, message = org.refusal(
        "Task", Who={"attributes": {"type": "Contact"}, "Email": "nobody@nowhere.example"}
    )
    assert (status, code) == (400, "INVALID_FIELD")
    assert "Foreign key external ID: nobody@nowhere.example not found" in message


def test_groups_in_order(org: Asked) -> None:
    marks = [org.make("Task", Subject="groups", CallDisposition=value) for value in ("b", None, "A", "a")]
    listed = ", ".join(f"'{mark}'" for mark in marks)
    rows = org.query(
        f"SELECT CallDisposition, COUNT(Id) FROM Task WHERE Id IN ({listed}) GROUP BY CallDisposition"
    )
    assert [row["CallDisposition"] for row in rows] == [None, "A", "a", "b"]


# The table ----------------------------------------------------------------------------------------------------------


def test_each_question_belongs_to_a_statement_of_the_table() -> None:
    starts = [each.statement for each in ASSUMPTIONS]
    for test, start in BY_TEST.items():
        assert test in globals()
        assert any(statement.startswith(start) for statement in starts), start


def test_the_page_is_what_orgbox_says_of_itself() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.contract.assumptions_page`"

"""Statements about Salesforce that nobody here has seen confirmed, as requests: of orgbox, or of ORG when it is given.

    make contract ORG=https://yours.my.salesforce.com ORG_TOKEN=00D...

A real org must be a Developer Edition org or a sandbox. Every record that is made is deleted again; see asked.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.contract.asked import MARK, REST, Asked, check, in_a_box, named, real
from tests.contract.assumptions_page import ASSUMPTIONS, PAGE, page
from tests.contract.statements import BY_TEST


@pytest.fixture(scope="module")
def told(pytestconfig: pytest.Config) -> None:
    """Before a real org is written to: what it is, and what will be done there."""
    if (there := named()) is not None:
        with real(*there) as asked:
            said = check(asked)
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{said}", flush=True)


@pytest.fixture
def org(told: None) -> Iterator[Asked]:
    there = named()
    with in_a_box() if there is None else real(*there) as asked:
        yield asked


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
    lead, account = org.make("Lead", LastName="L", Company=MARK), org.make("Account", Name=MARK)
    answer = org.send("POST", "/sobjects/Task", json={"WhoId": lead, "WhatId": account})
    (said,) = answer.json()
    assert (answer.status_code, said["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert sorted(said["fields"]) == ["WhatId", "WhoId"]


def test_an_update_that_changes_nothing(org: Asked) -> None:
    task = org.make("Task", Subject="same", CallObject=MARK)
    before = org.row("Task", task)
    org.wait(2)
    assert org.send("PATCH", f"/sobjects/Task/{task}", json={"Subject": "same"}).status_code == 204
    after = org.row("Task", task)
    assert after["LastModifiedDate"] > before["LastModifiedDate"]
    assert after["SystemModstamp"] > before["SystemModstamp"]


def test_deleting_moves_the_stamps(org: Asked) -> None:
    task = org.make("Task", Subject="gone", CallObject=MARK)
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
    task = org.make("Task", Subject="gone", CallObject=MARK)
    org.send("DELETE", f"/sobjects/Task/{task}")
    for method in ("GET", "PATCH", "DELETE"):
        answer = org.send(method, f"/sobjects/Task/{task}", **({"json": {}} if method == "PATCH" else {}))
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED"), method
    never = org.send("GET", "/sobjects/Task/00T000000000000EAA")
    assert (never.status_code, never.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_a_condition_that_fails(org: Asked) -> None:
    task = org.make("Task", Subject="one", CallObject=MARK)
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
    task = org.make("Task", Subject="one", CallObject=MARK)
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
        "POST", "/composite/tree/Account", json={"records": [account("a", MARK), account("b", "x" * 300)]}
    )
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert [each["referenceId"] for each in answer.json()["results"]] == ["b"]


def test_typeof_without_else(org: Asked) -> None:
    lead = org.make("Lead", LastName="L", Company=MARK)
    task = org.make("Task", WhoId=lead)
    (row,) = org.query(f"SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task WHERE Id = '{task}'")
    assert row["Who"].keys() == {"attributes"}
    assert row["Who"]["attributes"]["type"] == "Lead"


def test_ids_that_are_deleted_along(org: Asked) -> None:
    contact = org.make("Contact", LastName=MARK)
    task = org.make("Task", WhoId=contact)
    now = datetime.fromisoformat(org.row("Task", task)["SystemModstamp"])
    org.send("DELETE", f"/sobjects/Contact/{contact}")
    org.wait(121)
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
    marks = [
        org.make("Task", Subject="groups", CallDisposition=value, CallObject=MARK)
        for value in ("b", None, "A", "a")
    ]
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

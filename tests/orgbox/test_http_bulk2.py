"""Bulk 2: jobs that take in and give out many rows, and how long they take."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.schema import Field
from orgbox.server import RunningOrg


def job(api: Api, rows: str, **words: Any) -> dict[str, Any]:
    """A job that was sent, as it is described right after."""
    given = {"object": "Task", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"} | words
    made = api.post("/jobs/ingest", json=given)
    assert made.status_code == 200, made.text
    identifier = made.json()["id"]
    assert made.json()["state"] == "Open"
    assert api.http.put(f"/{made.json()['contentUrl']}", content=rows.encode()).status_code == 201
    sent = api.patch(f"/jobs/ingest/{identifier}", json={"state": "UploadComplete"})
    assert sent.json()["state"] == "UploadComplete"
    described: dict[str, Any] = api.get(f"/jobs/ingest/{identifier}").json()
    return described


def table(api: Api, path: str) -> list[dict[str, str]]:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_rows_go_in_and_each_has_its_result(api: Api) -> None:
    done = job(
        api, 'Subject,Status,IsReminderSet\n"Call, Ann",Completed,true\n,Nonsense,maybe\n"Two\nlines",,\n'
    )
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (
        "JobComplete",
        3,
        1,
    )
    path = f"/jobs/ingest/{done['id']}"
    good = table(api, f"{path}/successfulResults")
    assert [(row["sf__Created"], row["Subject"]) for row in good] == [
        ("true", "Call, Ann"),
        ("true", "Two\nlines"),
    ]
    (bad,) = table(api, f"{path}/failedResults")
    assert bad["sf__Error"].startswith("JSON_PARSER_ERROR:")
    assert (bad["sf__Id"], bad["Status"]) == ("", "Nonsense")
    assert table(api, f"{path}/unprocessedrecords") == []
    assert api.get(f"/sobjects/Task/{good[0]['sf__Id']}").json()["IsReminderSet"] is True


def test_a_row_is_found_again_by_its_key_and_emptied_by_na(api: Api) -> None:
    job(api, "Tandem_Key__c,Subject\nk1,One\n", operation="upsert", externalIdFieldName="tandem_key__c")
    done = job(
        api,
        "Tandem_Key__c,Subject\nk1,#N/A\nk2,Two\n,Lost\n",
        operation="upsert",
        externalIdFieldName="Tandem_Key__c",
    )
    told = table(api, f"/jobs/ingest/{done['id']}/successfulResults")
    assert [row["sf__Created"] for row in told] == ["false", "true"]
    assert table(api, f"/jobs/ingest/{done['id']}/failedResults")[0]["sf__Error"].startswith(
        "MISSING_ARGUMENT:"
    )
    records = api.query("SELECT Subject FROM Task ORDER BY Tandem_Key__c")["records"]
    assert [record["Subject"] for record in records] == [None, "Two"]


def test_rows_are_changed_deleted_and_deleted_for_good(api: Api, org: Org) -> None:
    ids = [api.post("/sobjects/Task", json={"Subject": str(n)}).json()["id"] for n in range(3)]
    job(api, f"Id,Subject\n{ids[0]},Changed\n", operation="update")
    job(api, f"Id\n{ids[1]}\n", operation="delete")
    job(api, f"Id\n{ids[2]}\n", operation="hardDelete")
    assert org.get("Task", ids[0])["Subject"] == "Changed"
    assert org.get("Task", ids[1], deleted=True)["IsDeleted"]
    assert api.get("/queryAll", params={"q": "SELECT Id FROM Task"}).json()["totalSize"] == 2


def test_a_parent_may_be_named_by_its_key(api: Api, org: Org) -> None:
    org.add_field("Account", Field("Key__c", "string", "Key", 20, unique=True, external_id=True))
    account = api.post("/sobjects/Account", json={"Name": "Acme", "Key__c": "a-1"}).json()["id"]
    done = job(api, "LastName,Account.Key__c\nAnn,A-1\nBo,nope\n", object="Contact")
    assert api.query("SELECT AccountId FROM Contact")["records"][0]["AccountId"] == account
    assert (
        "Foreign key external ID: nope not found" in api.get(f"/jobs/ingest/{done['id']}/failedResults").text
    )
    made = api.post("/sobjects/Contact", json={"LastName": "Cy", "account": {"Key__c": "a-1"}})
    assert made.status_code == 201


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Nope\nx\n", "InvalidBatch : Field name not found : Nope"),
        ("Subject\r\nx\r\n", "ClientInputError : LineEnding is invalid"),
        ('Subject\n"x\n', "InvalidBatch : Failed to parse CSV"),
    ],
)
def test_a_job_whose_upload_cannot_be_read_fails_as_a_whole(api: Api, rows: str, said: str) -> None:
    done = job(api, rows)
    assert (done["state"], done["numberRecordsProcessed"]) == ("Failed", 0)
    assert done["errorMessage"].startswith(said)


def test_other_delimiters_and_line_endings_come_and_go(api: Api) -> None:
    done = job(api, "Subject|Status\r\na|Completed\r\n", columnDelimiter="PIPE", lineEnding="CRLF")
    told = api.get(f"/jobs/ingest/{done['id']}/successfulResults").content
    assert told.startswith(b'"sf__Id"|"sf__Created"|"Subject"|"Status"\r\n')


def test_a_job_may_come_with_its_rows(api: Api) -> None:
    parts = {
        "job": (None, b'{"object":"Task","operation":"insert"}', "application/json"),
        "content": ("content", b"Subject\nOne\n", "text/csv"),
    }
    made = api.post("/jobs/ingest", files=parts).json()
    assert api.get(f"/jobs/ingest/{made['id']}").json()["state"] == "JobComplete"
    assert api.query("SELECT Subject FROM Task")["records"][0]["Subject"] == "One"


@pytest.mark.parametrize(
    "words",
    [
        {"operation": "merge"},
        {"object": "Nope"},
        {"columnDelimiter": "SPACE"},
        {"operation": "upsert"},
        {"operation": "upsert", "externalIdFieldName": "Subject"},
        {"surprise": 1},
    ],
)
def test_a_job_that_makes_no_sense_is_refused(api: Api, words: dict[str, Any]) -> None:
    answer = api.post("/jobs/ingest", json={"object": "Task", "operation": "insert"} | words)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in ("INVALIDJOB", "INVALID_TYPE", "JSON_PARSER_ERROR")


# What is read -------------------------------------------------------------------------------------------------------


def asked(api: Api, soql: str, **words: Any) -> dict[str, Any]:
    made = api.post("/jobs/query", json={"operation": "query", "query": soql} | words)
    assert made.status_code == 200, made.text
    described: dict[str, Any] = api.get(f"/jobs/query/{made.json()['id']}").json()
    return described


def test_a_query_job_gives_pages_of_csv(api: Api, running: RunningOrg, org: Org) -> None:
    account = api.post("/sobjects/Account", json={"Name": 'The "Acme"'}).json()["id"]
    running.call(lambda: [org.insert("Task", {"Subject": f"{n}", "WhatId": account}) for n in range(5)])
    api.post("/sobjects/Task", json={"Subject": "alone"})
    done = asked(api, "SELECT Subject, Account.Name, IsClosed, CreatedDate FROM Task ORDER BY Subject")
    assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", 6)
    path = f"/jobs/query/{done['id']}/results"
    first = api.get(path, params={"maxRecords": 4})
    assert first.headers["sforce-numberofrecords"] == "4"
    rows = list(csv.DictReader(io.StringIO(first.text)))
    assert rows[0] == {
        "Subject": "0",
        "Account.Name": 'The "Acme"',
        "IsClosed": "false",
        "CreatedDate": "2026-03-02T09:00:00.000Z",
    }
    last = api.get(path, params={"maxRecords": 4, "locator": first.headers["sforce-locator"]})
    assert (last.headers["sforce-locator"], last.headers["sforce-numberofrecords"]) == ("null", "2")
    assert list(csv.DictReader(io.StringIO(last.text)))[1]["Account.Name"] == ""
    pages = api.get(f"/jobs/query/{done['id']}/resultPages", params={"maxRecords": 4}).json()["resultPages"]
    both = [api.http.get(page["resultUrl"]).text for page in pages]
    assert both == [first.text, last.text]
    assert api.get(path, params={"locator": "nonsense!"}).status_code == 400


def test_a_query_job_without_rows_still_has_its_header(api: Api) -> None:
    done = asked(api, "SELECT Id, What.Name FROM Task")
    assert api.get(f"/jobs/query/{done['id']}/results").text == '"Id","What.Name"\n'


def test_query_all_sees_what_was_deleted(api: Api) -> None:
    made = api.post("/sobjects/Task", json={"Subject": "gone"}).json()["id"]
    api.delete(f"/sobjects/Task/{made}")
    assert asked(api, "SELECT Id FROM Task")["numberRecordsProcessed"] == 0
    assert asked(api, "SELECT Id FROM Task", operation="queryAll")["numberRecordsProcessed"] == 1


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT COUNT() FROM Task",
        "SELECT Status, COUNT(Id) FROM Task GROUP BY Status",
        "SELECT Id FROM Task OFFSET 5",
        "SELECT Id, (SELECT Id FROM Tasks) FROM Contact",
        "SELECT Nope FROM Task",
        "SELECT",
    ],
)
def test_a_query_that_bulk_does_not_run_is_refused_at_once(api: Api, soql: str) -> None:
    assert api.post("/jobs/query", json={"operation": "query", "query": soql}).status_code == 400


# How long it takes --------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(org: Org) -> Iterator[Api]:
    """An org whose jobs take a minute."""
    with RunningOrg(org, job_delay=60) as running:
        api = Api(running)
        yield api
        api.http.close()


def test_a_job_goes_through_its_states_and_its_rows_show_at_the_end(slow: Api, clock: VirtualClock) -> None:
    sent = job(slow, "Subject\nOne\n")
    assert sent["state"] == "UploadComplete"
    clock.advance(40)
    assert slow.get(f"/jobs/ingest/{sent['id']}").json()["state"] == "InProgress"
    assert slow.query("SELECT COUNT() FROM Task")["totalSize"] == 0
    assert slow.delete(f"/jobs/ingest/{sent['id']}").status_code == 400
    clock.advance(20)
    assert slow.query("SELECT COUNT() FROM Task")["totalSize"] == 1
    done = slow.get(f"/jobs/ingest/{sent['id']}").json()
    assert (done["state"], done["totalProcessingTime"]) == ("JobComplete", 60_000)
    assert slow.delete(f"/jobs/ingest/{sent['id']}").status_code == 204
    assert slow.get(f"/jobs/ingest/{sent['id']}").status_code == 404


def test_a_job_that_is_aborted_writes_nothing(slow: Api, clock: VirtualClock) -> None:
    sent = job(slow, "Subject\nOne\n")
    aborted = slow.patch(f"/jobs/ingest/{sent['id']}", json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    clock.advance(120)
    assert slow.query("SELECT COUNT() FROM Task")["totalSize"] == 0
    again = slow.patch(f"/jobs/ingest/{sent['id']}", json={"state": "Aborted"})
    assert again.json()[0]["errorCode"] == "INVALIDJOBSTATE"


def test_a_query_job_has_no_results_before_it_is_done(slow: Api, clock: VirtualClock) -> None:
    sent = asked(slow, "SELECT Id FROM Task")
    assert sent["state"] == "UploadComplete"
    assert slow.get(f"/jobs/query/{sent['id']}/results").status_code == 400
    clock.advance(60)
    assert slow.get(f"/jobs/query/{sent['id']}/results").status_code == 200


def test_a_user_sees_only_own_jobs_in_the_list(api: Api) -> None:
    done = job(api, "Subject\nOne\n")
    listed = api.get("/jobs/ingest").json()
    assert [each["id"] for each in listed["records"]] == [done["id"]]
    assert api.get("/jobs/ingest", params={"jobType": "V2Query"}).json()["records"] == []


def test_one_locked_row_takes_the_other_199_along(api: Api, running: RunningOrg, org: Org) -> None:
    running.call(lambda: running.app.state.faults.add("row_locked", body="row 250"))
    done = job(api, "Subject\n" + "".join(f"row {n}\n" for n in range(500)))
    assert done["numberRecordsFailed"] == 200
    assert httpx2.get(f"{running.url}/services/data").status_code == 200

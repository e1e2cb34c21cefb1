"""Bulk 1: jobs of batches, in XML as the old tools speak it, and in JSON."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg

NS = "{http://www.force.com/2009/06/asyncapi/dataload}"


class Async:
    """What a client of Bulk 1 sends."""

    def __init__(self, api: Api) -> None:
        self.token = api.http.headers["Authorization"].removeprefix("Bearer ")
        self.http = httpx2.Client(base_url=f"{api.running.url}/services/async/59.0", trust_env=False)

    def send(
        self, method: str, path: str, content: str | bytes = b"", kind: str = "application/xml"
    ) -> httpx2.Response:
        headers = {"X-SFDC-Session": self.token, "Content-Type": kind}
        return self.http.request(method, path, content=content, headers=headers)

    def xml_job(
        self, operation: str, content_type: str = "XML", sobject: str = "Task", more: str = ""
    ) -> str:
        body = (
            f'<?xml version="1.0"?><jobInfo xmlns="{NS[1:-1]}"><operation>{operation}</operation>'
            f"<object>{sobject}</object>{more}<contentType>{content_type}</contentType></jobInfo>"
        )
        made = self.send("POST", "/job", body)
        assert made.status_code == 201, made.text
        return text(made, "id")


def text(answer: httpx2.Response, name: str) -> str:
    found = ElementTree.fromstring(answer.content).find(f".//{NS}{name}")
    assert found is not None, answer.text
    return found.text or ""


@pytest.fixture
def bulk(api: Api) -> Async:
    return Async(api)


def test_rows_go_in_as_xml(bulk: Async, api: Api) -> None:
    job = bulk.xml_job("insert")
    rows = (
        f'<sObjects xmlns="{NS[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<sObject><Subject>A &amp; B</Subject><IsReminderSet>true</IsReminderSet></sObject>"
        '<sObject><Subject xsi:nil="true"/><CallType>Nonsense</CallType></sObject></sObjects>'
    )
    batch = text(bulk.send("POST", f"/job/{job}/batch", rows), "id")
    state = bulk.send("GET", f"/job/{job}/batch/{batch}")
    assert (text(state, "state"), text(state, "numberRecordsFailed")) == ("Completed", "1")
    results = ElementTree.fromstring(bulk.send("GET", f"/job/{job}/batch/{batch}/result").content)
    assert [each.findtext(f"{NS}success") for each in results] == ["true", "false"]
    assert results[1].findtext(f"{NS}errors/{NS}statusCode") == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    closed = bulk.send("POST", f"/job/{job}", f'<jobInfo xmlns="{NS[1:-1]}"><state>Closed</state></jobInfo>')
    assert (text(closed, "state"), text(closed, "numberRecordsProcessed")) == ("Closed", "2")
    assert api.query("SELECT Subject FROM Task")["records"][0]["Subject"] == "A & B"
    assert bulk.send("POST", f"/job/{job}/batch", rows).status_code == 400
    assert bulk.send("GET", f"/job/{job}/batch/{batch}/request").text == rows


def test_rows_go_in_as_csv(bulk: Async, api: Api) -> None:
    job = bulk.xml_job("upsert", "CSV", more="<externalIdFieldName>Tandem_Key__c</externalIdFieldName>")
    batch = text(bulk.send("POST", f"/job/{job}/batch", "Tandem_Key__c,Subject\nk1,One\n", "text/csv"), "id")
    told = bulk.send("GET", f"/job/{job}/batch/{batch}/result").text.splitlines()
    assert told[0] == '"Id","Success","Created","Error"'
    assert told[1].endswith(',"true","true",""')
    wrong = text(bulk.send("POST", f"/job/{job}/batch", "Nope\nx\n", "text/csv"), "id")
    listed = ElementTree.fromstring(bulk.send("GET", f"/job/{job}/batch").content)
    assert [each.findtext(f"{NS}state") for each in listed] == ["Completed", "Failed"]
    assert "Field name not found : Nope" in text(
        bulk.send("GET", f"/job/{job}/batch/{wrong}"), "stateMessage"
    )


def test_rows_come_out_as_csv_and_as_xml(bulk: Async, api: Api) -> None:
    api.post("/sobjects/Task", json={"Subject": "<One>"})
    for content_type, shown in (("CSV", '"Subject"\n"<One>"\n'), ("XML", "<Subject>&lt;One&gt;</Subject>")):
        job = bulk.xml_job("query", content_type)
        batch = text(bulk.send("POST", f"/job/{job}/batch", "SELECT Subject FROM Task", "text/csv"), "id")
        result = text(bulk.send("GET", f"/job/{job}/batch/{batch}/result"), "result")
        assert shown in bulk.send("GET", f"/job/{job}/batch/{batch}/result/{result}").text


def test_a_job_in_json_is_answered_in_json(bulk: Async, api: Api) -> None:
    def send(method: str, path: str, content: str = "") -> Any:
        return bulk.send(method, path, content, "application/json").json()

    job = send("POST", "/job", '{"operation": "insert", "object": "Task", "contentType": "JSON"}')
    assert (job["state"], job["contentType"]) == ("Open", "JSON")
    rows = '[{"Subject": "One", "ActivityDate": "2026-03-02"}, {"Nope": 1}]'
    batch = send("POST", f"/job/{job['id']}/batch", rows)
    good, bad = send("GET", f"/job/{job['id']}/batch/{batch['id']}/result")
    assert (good["success"], good["created"], bad["success"]) == (True, True, False)
    assert bad["errors"][0]["statusCode"] == "INVALID_FIELD"
    job = send("POST", "/job", '{"operation": "queryAll", "object": "Task", "contentType": "JSON"}')
    batch = send("POST", f"/job/{job['id']}/batch", "SELECT Subject, ActivityDate FROM Task")
    (result,) = send("GET", f"/job/{job['id']}/batch/{batch['id']}/result")
    (record,) = send("GET", f"/job/{job['id']}/batch/{batch['id']}/result/{result}")
    assert (record["Subject"], record["ActivityDate"]) == ("One", 1772409600000)


def test_a_refusal_has_the_words_of_this_api(bulk: Async) -> None:
    stranger = bulk.http.get("/job/750000000000000", headers={"X-SFDC-Session": "x"})
    assert (stranger.status_code, text(stranger, "exceptionCode")) == (400, "InvalidSessionId")
    assert text(bulk.send("GET", "/job/750000000000000"), "exceptionCode") == "InvalidJob"
    assert text(bulk.send("POST", "/job", "<jobInfo"), "exceptionCode") == "InvalidBatch"
    answer = bulk.send("POST", "/job", '{"operation": "steal", "object": "Task"}', "application/json").json()
    assert answer["exceptionCode"] == "InvalidJob"
    retired = bulk.http.get(bulk.http.base_url.copy_with(path="/services/async/20.0/job/x"))
    assert text(retired, "exceptionCode") == "InvalidVersion"


def test_a_batch_waits_its_time_and_an_aborted_job_writes_nothing(org: Org, clock: VirtualClock) -> None:
    with RunningOrg(org, job_delay=60) as running:
        bulk = Async(Api(running))
        job = bulk.xml_job("insert", "CSV")
        batch = text(bulk.send("POST", f"/job/{job}/batch", "Subject\nOne\n", "text/csv"), "id")
        assert text(bulk.send("GET", f"/job/{job}/batch/{batch}"), "state") == "Queued"
        clock.advance(40)
        assert text(bulk.send("GET", f"/job/{job}/batch/{batch}"), "state") == "InProgress"
        bulk.send("POST", f"/job/{job}", f'<jobInfo xmlns="{NS[1:-1]}"><state>Aborted</state></jobInfo>')
        clock.advance(40)
        assert text(bulk.send("GET", f"/job/{job}/batch/{batch}"), "state") == "NotProcessed"
        assert list(org.scan("Task")) == []


# PK chunking --------------------------------------------------------------------------------------------------------


def chunks_of(bulk: Async, soql: str, header: str, sobject: str = "Task") -> list[Any]:
    """The batches of a chunked query, in JSON, the one that was sent first."""
    headers = {"X-SFDC-Session": bulk.token, "Sforce-Enable-PKChunking": header}
    asked = {"operation": "query", "object": sobject, "contentType": "JSON"}
    job = bulk.http.post("/job", json=asked, headers=headers).json()["id"]
    bulk.send("POST", f"/job/{job}/batch", soql, "application/json")
    found: list[Any] = bulk.http.get(f"/job/{job}/batch", headers=headers).json()["batchInfo"]
    return found


def rows_of(bulk: Async, batch: Any) -> list[Any]:
    path = f"/job/{batch['jobId']}/batch/{batch['id']}/result"
    (result,) = bulk.send("GET", path, kind="application/json").json()
    rows: list[Any] = bulk.send("GET", f"{path}/{result}", kind="application/json").json()
    return rows


def test_a_chunked_query_is_as_many_batches_as_it_has_chunks(bulk: Async, api: Api) -> None:
    tasks = [api.running.call(lambda: api.org.insert("Task", {"Subject": "it's WHERE"})) for _ in range(7)]
    api.delete(f"/sobjects/Task/{tasks[3]}")
    soql = "SELECT Id FROM Task WHERE Subject = 'it\\'s WHERE' OR Subject = null"
    sent, *chunks = chunks_of(bulk, soql, "chunkSize=3")
    assert (sent["state"], [each["state"] for each in chunks]) == ("NotProcessed", ["Completed"] * 3)
    read = [[row["Id"] for row in rows_of(bulk, chunk)] for chunk in chunks]
    assert read == [tasks[:3], tasks[4:6], tasks[6:]]  # what is in the bin counts, and is not read
    path = f"/job/{chunks[1]['jobId']}/batch/{chunks[1]['id']}/request"
    asked = bulk.send("GET", path, kind="application/json").text
    assert asked == "SELECT Id FROM Task WHERE (Subject = 'it\\'s WHERE' OR Subject = null) AND " + (
        f"Id >= '{tasks[3][:15]}' AND Id < '{tasks[6][:15]}'"
    )


def test_a_chunked_query_can_begin_at_a_row_and_an_empty_one_has_no_chunk(bulk: Async, api: Api) -> None:
    tasks = [api.running.call(lambda: api.org.insert("Task", {"Subject": "x"})) for _ in range(4)]
    _, only = chunks_of(bulk, "SELECT Id FROM Task", f"true; chunkSize=10; startRow={tasks[2]}")
    assert [row["Id"] for row in rows_of(bulk, only)] == tasks[2:]
    (sent,) = chunks_of(bulk, "SELECT Id FROM Lead", "true", sobject="Lead")
    assert sent["state"] == "NotProcessed"
    (sent,) = chunks_of(bulk, "SELECT Id FROM Task", "false")
    assert sent["state"] == "Completed"


@pytest.mark.parametrize("more", ["ORDER BY Id", "LIMIT 5"])
def test_a_chunked_query_has_no_more_than_conditions(bulk: Async, api: Api, more: str) -> None:
    (sent,) = chunks_of(bulk, f"SELECT Id FROM Task {more}", "true")
    assert (sent["state"], sent["stateMessage"][:9]) == ("Failed", "API_ERROR")


@pytest.mark.parametrize(
    ("header", "sobject"),
    [("chunkSize=0", "Task"), ("chunkSize=250001", "Task"), ("size=5", "Task"), ("true", "EmailMessage")],
)
def test_chunks_that_cannot_be_are_refused(bulk: Async, api: Api, header: str, sobject: str) -> None:
    headers = {"X-SFDC-Session": bulk.token, "Sforce-Enable-PKChunking": header}
    asked = {"operation": "query", "object": sobject, "contentType": "JSON"}
    refused = bulk.http.post("/job", json=asked, headers=headers)
    assert (refused.status_code, refused.json()["exceptionCode"]) == (400, "InvalidJob")

"""Files: bytes beside words in one request, an address to read them from, and what an org makes of content."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.orgbox.box import Api, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.persist import load, save

#: Every byte, and what a parser of parts could trip over.
BYTES = bytes(range(256)) + b"\r\n\r\n--not-the-end\r\n--\r\nContent-Type: text/plain\r\n\r\n\r"


def sent(*parts: tuple[str, str, bytes], end: bytes = b"\r\n") -> dict[str, Any]:
    """A multipart body as it is sent: (name, Content-Type, bytes) of each part."""
    lines = []
    for name, kind, content in parts:
        head = f'Content-Disposition: form-data; name="{name}"; filename="a.bin"'.encode()
        lines += [b"--frontier", head, f"Content-Type: {kind}".encode(), b"", content]
    return {
        "content": end.join([*lines, b"--frontier--", b""]),
        "headers": {"Content-Type": 'multipart/form-data; boundary="frontier"'},
    }


def words(json: str) -> tuple[str, str, bytes]:
    return ("entity_content", "application/json", json.encode())


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("words_first", [True, False])
def test_bytes_come_back_as_they_were_sent_whatever_they_are(api: Api, end: bytes, words_first: bool) -> None:
    both = [words('{"PathOnClient": "notes/plan.PDF"}'), ("VersionData", "application/octet-stream", BYTES)]
    made = api.post("/sobjects/ContentVersion", **sent(*(both if words_first else both[::-1]), end=end))
    assert made.status_code == 201, made.text
    row = api.get(f"/sobjects/ContentVersion/{made.json()['id']}").json()
    assert (row["Title"], row["FileExtension"], row["FileType"]) == ("plan", "PDF", "PDF")
    assert (row["ContentSize"], row["Checksum"]) == (len(BYTES), hashlib.md5(BYTES).hexdigest())
    read = api.http.get(row["VersionData"])
    assert (read.status_code, read.content) == (200, BYTES)
    assert read.headers["Content-Type"] == "application/octet-stream"


def test_an_email_can_be_a_file_too(api: Api) -> None:
    email = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x--\r\n"
    )
    task = api.post("/sobjects/Task", json={"Subject": "Call"}).json()["id"]
    given = words(f'{{"Name": "mail.eml", "ParentId": "{task}"}}')
    made = api.post("/sobjects/Attachment", **sent(given, ("Body", "message/rfc822", email)))
    assert made.status_code == 201, made.text
    path = f"/sobjects/Attachment/{made.json()['id']}"
    assert api.get(f"{path}/Body").content == email
    assert api.get(path).json()["BodyLength"] == len(email)
    other = sent(words('{"Description": "forwarded"}'), ("Body", "text/plain", b"new"))
    assert api.patch(path, **other).status_code == 204
    assert (api.get(f"{path}/Body").content, api.get(path).json()["Description"]) == (b"new", "forwarded")


def test_bytes_may_also_come_as_base64(api: Api) -> None:
    body = {"Name": "Plan", "FolderId": api.org.admin_id, "Body": base64.b64encode(BYTES).decode()}
    made = api.post("/sobjects/Document", json=body)
    assert api.get(f"/sobjects/Document/{made.json()['id']}/Body").content == BYTES
    refused = api.post("/sobjects/Document", json=body | {"Body": "no base64!"})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (sent(("VersionData", "text/plain", b"x")), "INVALID_MULTIPART_REQUEST"),
        (sent(words("[]"), ("VersionData", "text/plain", b"x")), "INVALID_MULTIPART_REQUEST"),
        (sent(words("{"), ("VersionData", "text/plain", b"x")), "JSON_PARSER_ERROR"),
        (sent(words('{"PathOnClient": "a"}')), "REQUIRED_FIELD_MISSING"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "INVALID_MULTIPART_REQUEST"),
        ({"content": b"--frontier", "headers": sent()["headers"]}, "INVALID_MULTIPART_REQUEST"),
    ],
)
def test_a_request_without_its_words_is_refused(api: Api, what: dict[str, Any], code: str) -> None:
    refused: httpx2.Response = api.post("/sobjects/ContentVersion", **what)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


def version(org: Org, **more: Any) -> str:
    data = base64.b64encode(b"one").decode()
    return org.insert("ContentVersion", {"PathOnClient": "one.txt", "VersionData": data, **more})


def test_a_version_gets_a_document_that_is_linked_to_where_it_was_published(org: Org) -> None:
    task = org.insert("Task", {"Subject": "Call"})
    first = org.get("ContentVersion", version(org, FirstPublishLocationId=task))
    document = org.get("ContentDocument", first["ContentDocumentId"])
    assert (document["Title"], document["FileType"], document["LatestPublishedVersionId"]) == (
        "one",
        "TEXT",
        first["Id"],
    )
    linked = "SELECT LinkedEntityId, ShareType FROM ContentDocumentLink"
    rows = org.query(linked).records
    assert {(row["LinkedEntityId"], row["ShareType"]) for row in rows} == {(org.admin_id, "I"), (task, "V")}
    of_the_task = "SELECT Id, (SELECT ContentDocument.Title FROM ContentDocumentLinks) FROM Task"
    (row,) = org.query(of_the_task).records
    assert row["ContentDocumentLinks"]["records"][0]["ContentDocument"]["Title"] == "one"
    again = {"ContentDocumentId": document["Id"], "LinkedEntityId": task}
    assert refusal(org.insert, "ContentDocumentLink", again).code == "DUPLICATE_VALUE"


def test_versions_are_numbered_and_the_document_follows_the_latest(org: Org) -> None:
    first = org.get("ContentVersion", version(org))
    second = version(org, ContentDocumentId=first["ContentDocumentId"], PathOnClient="two.csv", Title="Two")
    told = "SELECT VersionNumber, IsLatest FROM ContentVersion ORDER BY VersionNumber"
    rows = org.query(told).records
    assert [(row["VersionNumber"], row["IsLatest"]) for row in rows] == [("1", False), ("2", True)]
    document = org.get("ContentDocument", first["ContentDocumentId"])
    assert (document["Title"], document["FileType"], document["LatestPublishedVersionId"]) == (
        "Two",
        "CSV",
        second,
    )
    org.update("ContentDocument", document["Id"], {"Title": "Plan"})
    assert org.get("ContentVersion", second)["Title"] == "Plan"
    org.update("ContentVersion", second, {"Title": "Plan B"})
    assert org.get("ContentDocument", document["Id"])["Title"] == "Plan B"


def test_a_document_goes_with_its_versions_and_links_and_comes_back(org: Org) -> None:
    first = org.get("ContentVersion", version(org))
    document = first["ContentDocumentId"]
    assert refusal(org.delete, "ContentVersion", first["Id"]).code == "INVALID_TYPE_FOR_OPERATION"
    assert refusal(org.insert, "ContentDocument", {"Title": "x"}).code == "INVALID_TYPE_FOR_OPERATION"
    org.delete("ContentDocument", document)
    assert org.query("SELECT Id FROM ContentVersion").total == 0
    assert org.query("SELECT Id FROM ContentDocumentLink").total == 0
    org.undelete("ContentDocument", document)
    assert org.get("ContentVersion", first["Id"])["IsLatest"]


def test_bytes_are_in_no_query_and_in_no_bulk_query_at_all(api: Api) -> None:
    made = api.running.call(lambda: version(api.org))
    (row,) = api.query("SELECT Title, VersionData FROM ContentVersion")["records"]
    assert row["VersionData"] == f"/services/data/v67.0/sobjects/ContentVersion/{made}/VersionData"
    job = {"operation": "query", "query": "SELECT VersionData FROM ContentVersion"}
    assert api.post("/jobs/query", json=job).status_code == 400
    assert (
        refusal(api.org.query, "SELECT Id FROM ContentVersion WHERE VersionData = 'a'").code
        == "INVALID_FIELD"
    )


def test_files_outlive_the_process(org: Org, clock: VirtualClock, tmp_path: Path) -> None:
    made = version(org)
    save(org, tmp_path / "my.org")
    kept, _ = load(tmp_path / "my.org", clock)
    assert kept.get("ContentVersion", made) == org.get("ContentVersion", made)

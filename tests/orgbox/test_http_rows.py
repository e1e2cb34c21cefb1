"""One row over HTTP: made, read, changed, removed, as Salesforce's sObject Rows resource does it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.orgbox.box import Api


def task(api: Api, **values: Any) -> str:
    return api.running.call(lambda: api.org.insert("Task", values))


def test_a_row_is_made_read_changed_and_removed(api: Api) -> None:
    made = api.post("/sobjects/Task/", json={"Subject": "Call Ann", "ActivityDate": "2026-03-04"})
    identifier = made.json()["id"]
    assert (made.status_code, made.json()) == (201, {"id": identifier, "success": True, "errors": []})
    assert made.headers["location"] == f"/services/data/v67.0/sobjects/Task/{identifier}"
    changed = api.patch(f"/sobjects/Task/{identifier}", json={"Status": "Completed"})
    assert (changed.status_code, changed.content) == (204, b"")
    read = api.get(f"/sobjects/Task/{identifier}").json()
    assert read["attributes"] == {"type": "Task", "url": f"/services/data/v67.0/sobjects/Task/{identifier}"}
    assert (read["Subject"], read["IsClosed"], read["ActivityDate"]) == ("Call Ann", True, "2026-03-04")
    assert read["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"
    assert read["Description"] is None
    assert list(read)[1:] == [field.name for field in api.org.schema("Task").fields]
    removed = api.delete(f"/sobjects/Task/{identifier}")
    assert (removed.status_code, removed.content) == (204, b"")


def test_chosen_fields_come_in_canonical_case_with_the_id(api: Api) -> None:
    identifier = task(api, Subject="x")
    read = api.get(f"/sobjects/task/{identifier[:15]}", params={"fields": "subject,STATUS"}).json()
    assert list(read) == ["attributes", "Id", "Subject", "Status"]
    assert read["Id"] == identifier
    assert api.get(f"/sobjects/Task/{identifier}?fields=Nope").json()[0]["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "/sobjects/Nope/00T000000000001AAA", None, 404, "NOT_FOUND"),
        ("get", "/sobjects/Task/00T000000000001EAA", None, 404, "NOT_FOUND"),
        ("get", "/sobjects/Task/nonsense", None, 400, "MALFORMED_ID"),
        ("get", "/sobjects/Task/003000000000001AAA", None, 400, "MALFORMED_ID"),
        ("patch", "/sobjects/Task/00T000000000001EAA", {}, 404, "NOT_FOUND"),
        ("post", "/sobjects/Task", {"Nope": 1}, 400, "INVALID_FIELD"),
        ("post", "/sobjects/Contact", {}, 400, "REQUIRED_FIELD_MISSING"),
        ("post", "/sobjects/Task", [], 400, "JSON_PARSER_ERROR"),
        ("put", "/sobjects/Task/00T000000000001EAA", {}, 405, "METHOD_NOT_ALLOWED"),
        ("get", "/nope", None, 404, "NOT_FOUND"),
        ("get", "/sobjects/Task/a/b/c", None, 404, "NOT_FOUND"),
    ],
)
def test_what_cannot_be_done_is_refused_in_salesforces_words(
    api: Api, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = getattr(api, method)(path, json=body) if body is not None else getattr(api, method)(path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


@pytest.mark.parametrize("body", [b"", b"{", b'{"Subject": NaN}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(api: Api, body: bytes) -> None:
    answer = api.post("/sobjects/Task", content=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_a_row_error_names_its_fields(api: Api) -> None:
    answer = api.post("/sobjects/Task", json={"Subject": "x" * 256})
    assert answer.json()[0]["errorCode"] == "STRING_TOO_LONG"
    assert answer.json()[0]["fields"] == ["Subject"]
    gone = task(api)
    api.delete(f"/sobjects/Task/{gone}")
    assert api.patch(f"/sobjects/Task/{gone}", json={}).json() == [
        {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
    ]


def test_if_unmodified_since_guards_a_patch_and_no_delete(api: Api) -> None:
    identifier = task(api, Subject="theirs")
    old = {"If-Unmodified-Since": "Mon, 02 Mar 2026 08:59:59 GMT"}
    assert api.patch(f"/sobjects/Task/{identifier}", json={"Subject": "mine"}, headers=old).status_code == 412
    assert api.get(f"/sobjects/Task/{identifier}").json()["Subject"] == "theirs"
    same = {"If-Unmodified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}
    assert (
        api.patch(f"/sobjects/Task/{identifier}", json={"Subject": "mine"}, headers=same).status_code == 204
    )
    bad = {"If-Unmodified-Since": "yesterday"}
    assert api.patch(f"/sobjects/Task/{identifier}", json={}, headers=bad).status_code == 400
    assert api.delete(f"/sobjects/Task/{identifier}", headers=old).status_code == 204


def test_if_modified_since_spares_a_read(api: Api) -> None:
    identifier = task(api)
    unchanged = api.get(
        f"/sobjects/Task/{identifier}", headers={"If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    since = {"If-Modified-Since": "Mon, 02 Mar 2026 08:59:59 GMT"}
    assert api.get(f"/sobjects/Task/{identifier}", headers=since).status_code == 200


def test_upsert_answers_201_then_200(api: Api) -> None:
    path = "/sobjects/Task/Tandem_Key__c/a%2Fb"
    made = api.patch(path, json={"Subject": "One"})
    identifier = made.json()["id"]
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = api.patch(path, json={"Subject": "Two"})
    assert (again.status_code, again.json()["created"], again.json()["id"]) == (200, False, identifier)
    assert api.get(path).json()["Tandem_Key__c"] == "a/b"
    old = api.http.patch(f"/services/data/v45.0{path}", json={"Subject": "Three"})
    assert (old.status_code, old.content) == (204, b"")
    assert api.patch("/sobjects/Task/Tandem_Key__c/new?updateOnly=true", json={}).status_code == 404
    assert api.patch(path, json={"Tandem_Key__c": "a/b"}).json()[0]["errorCode"] == "INVALID_FIELD"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_upsert_on_a_key_that_several_rows_share_answers_300_and_writes_nothing(api: Api) -> None:
    from orgbox.schema import Field

    loose = Field("Loose__c", "string", "Loose", 64, external_id=True)
    api.running.call(lambda: api.org.add_field("Task", loose))
    rows = [task(api, Loose__c="k") for _ in range(2)]
    answer = api.patch("/sobjects/Task/Loose__c/K", json={"Subject": "Which?"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v67.0/sobjects/Task/{row}" for row in rows]
    assert api.query("SELECT COUNT() FROM Task WHERE Subject = 'Which?'")["totalSize"] == 0


def test_an_unknown_key_field_is_not_found(api: Api) -> None:
    assert api.patch("/sobjects/Task/Nope__c/1", json={}).json()[0]["errorCode"] == "NOT_FOUND"

"""What the org tells of its objects, and what changed in them."""

from __future__ import annotations

from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.http import assumptions as of_http
from orgbox.schema import assumptions as of_records


def test_describe_has_salesforces_45_keys_and_57_for_each_field(api: Api) -> None:
    described = api.get("/sobjects/task/describe").json()
    assert len(described) == 45
    assert {len(field) for field in described["fields"]} == {57}
    assert (described["name"], described["keyPrefix"], described["replicateable"]) == ("Task", "00T", True)


def test_describe_tells_the_key_field_and_who_may_write_what(api: Api) -> None:
    fields = {field["name"]: field for field in api.get("/sobjects/Task/describe").json()["fields"]}
    key = fields["Tandem_Key__c"]
    assert (key["unique"], key["externalId"], key["caseSensitive"], key["custom"]) == (True,) * 4
    assert (fields["Description"]["filterable"], fields["Description"]["length"]) == (False, 32000)
    assert (fields["TaskSubtype"]["createable"], fields["TaskSubtype"]["updateable"]) == (True, False)
    assert (fields["IsClosed"]["createable"], fields["IsClosed"]["updateable"]) == (False, False)
    assert (fields["WhoId"]["referenceTo"], fields["WhoId"]["namePointing"]) == (["Contact", "Lead"], True)
    children = api.get("/sobjects/Contact/describe").json()["childRelationships"]
    assert {each["field"]: each["cascadeDelete"] for each in children}["WhoId"]
    assert [value["value"] for value in fields["Priority"]["picklistValues"]] == ["High", "Normal", "Low"]
    assert fields["Subject"]["nameField"]


def test_describe_global_lists_every_object(api: Api) -> None:
    listed = api.get("/sobjects").json()
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)
    assert {"Task", "User", "Organization", "TaskStatus", "OpportunityContactRole"} <= {
        each["name"] for each in listed["sobjects"]
    }
    assert api.get("/sobjects/Task").json()["objectDescribe"]["keyPrefix"] == "00T"
    assert api.get("/sobjects/Nope/describe").status_code == 404


def test_describe_is_spared_when_nothing_was_described_since(api: Api) -> None:
    seen = api.get("/sobjects/Task/describe").headers["last-modified"]
    assert api.get("/sobjects/Task/describe", headers={"If-Modified-Since": seen}).status_code == 304


def test_updated_and_deleted_answer_with_their_watermarks(api: Api, clock: VirtualClock) -> None:
    kept, gone = (api.post("/sobjects/Task", json={}).json()["id"] for _ in range(2))
    api.delete(f"/sobjects/Task/{gone}")
    clock.advance(600)
    span = {"start": "2026-03-02T09:00:00+00:00", "end": "2026-03-02T09:10:00Z"}
    assert api.get("/sobjects/Task/updated/", params=span).json() == {
        "ids": [kept],
        "latestDateCovered": "2026-03-02T09:10:00.000+0000",
    }
    assert api.get("/sobjects/Task/deleted/", params=span).json() == {
        "deletedRecords": [{"deletedDate": "2026-03-02T09:00:00.000+0000", "id": gone}],
        "earliestDateAvailable": "2026-03-02T09:00:00.000+0000",
        "latestDateCovered": "2026-03-02T09:10:00.000+0000",
    }
    for bad in ({}, {"start": "yesterday", "end": span["end"]}, {"start": span["end"], "end": span["start"]}):
        assert api.get("/sobjects/Task/updated", params=bad).status_code == 400


def test_every_assumption_says_how_to_settle_it() -> None:
    every = (*of_records.ASSUMPTIONS, *of_http.ASSUMPTIONS)
    assert len({each.statement for each in every}) == len(every)
    assert all(each.used_in and each.check for each in every)

"""Do orgbox's answers have the keys and the types of answers that real orgs gave?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.schema import Field
from orgbox.server import RunningOrg
from tests.contract import recorded
from tests.contract.recorded import Exchange

SOBJECTS = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
#: Describe global was recorded without what is true of an Event.
DESCRIBED = (*SOBJECTS, "Event")
#: What the recordings of older versions lack, or have of features that this org does not have.
OF_LATER_VERSIONS = {"associateEntityType", "associateParentEntity", "sobjectDescribeOption"}
OF_OLDER_VERSIONS = {"defaultValues"}
#: Where orgbox differs on purpose, and why.
DIFFERS = {
    ("Lead", "OwnerId", "namePointing"): "it has no queues",
    ("Lead", "OwnerId", "polymorphicForeignKey"): "it has no queues",
    ("Lead", "OwnerId", "referenceTo"): "it has no queues",
    ("Lead", "IsConverted", "createable"): "leads are converted, not made so",
    ("Event", "OwnerId", "namePointing"): "it has no calendars but users' own",
    ("Event", "OwnerId", "polymorphicForeignKey"): "it has no calendars but users' own",
    ("Event", "OwnerId", "referenceTo"): "it has no calendars but users' own",
    ("Event", "WhatId", "referenceTo"): "it has no such sObjects",
    ("OpportunityContactRole", "Id", "label"): "the only sObject whose label is not that of its id",
}


@pytest.fixture(scope="module")
def api() -> Iterator[httpx2.Client]:
    org = Org(RealClock(), seed=4)
    org.add_field("Account", Field("Key__c", "string", "Key", 20, external_id=True))
    with RunningOrg(org) as running:
        token = running.call(lambda: running.app.state.oauth.open_session(org.admin_id))
        headers = {"Authorization": f"Bearer {token}", "X-SFDC-Session": token}
        with httpx2.Client(base_url=running.url, headers=headers, trust_env=False) as client:
            yield client


def described(api: httpx2.Client, sobject: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/services/data/v62.0/sobjects/{sobject}/describe").json()
    return answer


def test_describe_global_has_the_keys_and_says_the_same(api: httpx2.Client) -> None:
    theirs = recorded.described("Global")
    ours = api.get("/services/data/v62.0/sobjects").json()
    assert ours.keys() == theirs.keys()
    recorded_entries = {each["name"]: each for each in theirs["sobjects"]}
    for entry in ours["sobjects"]:
        like = recorded_entries.get(entry["name"])
        if like is not None and entry["name"] in SOBJECTS:
            assert entry["urls"].keys() == like["urls"].keys(), entry["name"]
            differ = {n for n in like if n != "urls" and like[n] is not None and entry[n] != like[n]}
            assert (entry["name"], differ) == (entry["name"], set())


@pytest.mark.parametrize("sobject", DESCRIBED)
def test_an_sobject_is_described_in_the_same_words(api: httpx2.Client, sobject: str) -> None:
    ours, theirs = described(api, sobject), recorded.described(sobject)
    assert ours.keys() - OF_LATER_VERSIONS == theirs.keys() - OF_LATER_VERSIONS
    assert ours["urls"].keys() == theirs["urls"].keys() - OF_OLDER_VERSIONS
    for name in ("childRelationships", "supportedScopes", "recordTypeInfos"):
        if ours[name] and theirs[name]:
            assert ours[name][0].keys() == theirs[name][0].keys(), name
    plain = {name for name, value in theirs.items() if isinstance(value, str | bool)}
    assert {name: ours[name] for name in plain} == {name: theirs[name] for name in plain}


@pytest.mark.parametrize("sobject", DESCRIBED)
def test_its_fields_are_described_alike_word_by_word(api: httpx2.Client, sobject: str) -> None:
    theirs = {field["name"]: field for field in recorded.described(sobject)["fields"]}
    differ = {}
    for field in described(api, sobject)["fields"]:
        like = theirs.get(field["name"])
        if like is None:
            continue
        assert field.keys() == like.keys()
        for name in field.keys() - {"picklistValues"}:
            if field[name] != like[name]:
                differ[(sobject, field["name"], name)] = (like[name], field[name])
        if field["picklistValues"] and like["picklistValues"]:
            assert field["picklistValues"][0].keys() == like["picklistValues"][0].keys()
    assert {place: what for place, what in differ.items() if place not in DIFFERS} == {}
    assert {place for place in DIFFERS if place[0] == sobject} == differ.keys()


# Other answers ------------------------------------------------------------------------------------------------------


def shape(value: Any) -> Any:
    """Keys and types; of a list those of its first element, of text, numbers and null which of them it is."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def kinds(method: str, path: str) -> list[Exchange]:
    found = [each for each in recorded.exchanges() if each.method == method and re.fullmatch(path, each.path)]
    assert found, f"no {method} {path} was recorded"
    return found


def shapes(found: list[Exchange]) -> list[Any]:
    return [json.loads(text) for text in sorted({json.dumps(shape(each.body)) for each in found})]


def rows(*records: dict[str, Any]) -> dict[str, Any]:
    return {"records": [{"attributes": {"type": "Account"}} | record for record in records]}


def test_rows_collections_and_upserts_answer_in_the_same_shape(api: httpx2.Client) -> None:
    rest = "/services/data/v62.0"
    single = api.post(f"{rest}/sobjects/Account/", json={"Name": "One"})
    (like,) = {each.status for each in kinds("POST", "services/data/sobjects/Account/")}
    assert single.status_code == like
    assert shape(single.json()) in shapes(kinds("POST", "services/data/sobjects/Account/"))
    made = api.post(f"{rest}/composite/sobjects", json=rows({"Name": "Two"})).json()
    assert shape(made) in shapes(kinds("POST", "services/data/composite/sobjects"))
    changed = api.patch(f"{rest}/composite/sobjects", json=rows({"id": made[0]["id"], "Name": "Two!"})).json()
    assert shape(changed) in shapes(kinds("PATCH", "services/data/composite/sobjects"))
    contact = {"records": [{"attributes": {"type": "Contact"}, "LastName": "A", "Email": "a@x.example"}]}
    for name, body in (("Contact/Email", contact), ("Account/Id", rows({"Id": None, "Name": "Three"}))):
        answer = api.patch(f"{rest}/composite/sobjects/{name}", json=body).json()
        assert shape(answer) in shapes(kinds("PATCH", f"services/data/composite/sobjects/{name}")), name


def test_queries_counts_and_composites_answer_in_the_same_shape(api: httpx2.Client) -> None:
    rest = "/services/data/v62.0"
    query = api.get(f"{rest}/query/", params={"q": "SELECT Id FROM Account LIMIT 1"}).json()
    assert shape(query) in shapes(kinds("GET", "services/data/query/"))
    counted = api.get(f"{rest}/limits/recordCount", params={"sObjects": "User"}).json()
    assert shape(counted) in shapes(kinds("GET", "services/data/limits/recordCount"))
    asked = [{"method": "GET", "url": f"{rest}/query?q=SELECT+Id+FROM+User", "referenceId": "r"}]
    wrong = [{"method": "GET", "url": f"{rest}/sobjects/Nope/describe", "referenceId": "r"}]
    for each in (asked, wrong):
        answer = api.post(f"{rest}/composite", json={"compositeRequest": each}).json()
        assert shape(answer) in shapes(kinds("POST", "services/data/composite"))


def elements(body: Any) -> set[str]:
    return set(re.findall(r"<(\w[\w-]*)", body)) if isinstance(body, str) else set()


def test_bulk_1_names_the_same_elements(api: httpx2.Client) -> None:
    job = (
        '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><operation>insert</operation>'
        "<object>Account</object><contentType>CSV</contentType></jobInfo>"
    )
    xml = {"Content-Type": "application/xml"}
    made = api.post("/services/async/62.0/job", content=job, headers=xml)
    whole = [each for each in kinds("POST", "services/async/job") if "<jobInfo" in str(each.body)]
    assert made.status_code in {each.status for each in whole}
    assert any(elements(made.text) == elements(each.body) for each in whole)
    identifier = re.findall("<id>(.*?)</id>", made.text)[0]
    sent = api.post(
        f"/services/async/62.0/job/{identifier}/batch",
        content="Name\nX\n",
        headers={"Content-Type": "text/csv"},
    )
    batch = re.findall("<id>(.*?)</id>", sent.text)[0]
    results = api.get(f"/services/async/62.0/job/{identifier}/batch/{batch}/result").text
    like = [
        each.body
        for each in kinds("GET", "services/async/job/[^/]+/batch/[^/]+/result")
        if isinstance(each.body, str)
    ]
    assert results.splitlines()[0] == like[0].splitlines()[0]
    pattern = r'"[0-9A-Za-z]{18}","true","(true|false)",""'
    assert re.fullmatch(pattern, like[0].splitlines()[1])
    assert re.fullmatch(pattern, results.splitlines()[1])


def test_bulk_1_in_json_says_the_same_of_a_batch_and_writes_moments_as_numbers(api: httpx2.Client) -> None:
    kind = {"Content-Type": "application/json"}
    asked = '{"operation": "query", "object": "Account", "contentType": "JSON"}'
    job = api.post("/services/async/62.0/job", content=asked, headers=kind).json()
    sent = api.post(
        f"/services/async/62.0/job/{job['id']}/batch",
        content="SELECT Id, Owner.Name, CreatedDate FROM Account",
        headers=kind,
    ).json()
    assert shape(sent) in shapes(kinds("POST", "services/async/job/[^/]+/batch"))
    path = f"/services/async/62.0/job/{job['id']}/batch/{sent['id']}"
    assert shape(api.get(path).json()) in shapes(kinds("GET", "services/async/job/[^/]+/batch/[^/]+"))
    (result,) = api.get(f"{path}/result").json()
    (like,) = kinds("GET", "services/async/job/[^/]+/batch/[^/]+/result/[^/]+")
    ours, theirs = api.get(f"{path}/result/{result}").json()[0], like.body[0]
    assert (shape(ours["attributes"]), shape(ours["CreatedDate"])) == (
        shape(theirs["attributes"]),
        shape(theirs["ActivityDateTime"]),
    )
    assert shape(ours["Owner"]["attributes"]) == shape(theirs["Who"]["attributes"])

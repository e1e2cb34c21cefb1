"""The unmodified simple-salesforce client takes the box for an org."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.schema import Field
from orgbox.server import RunningOrg


class Plain(HTTPAdapter):
    """It always says https; the box speaks plain http on the loopback."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)


@pytest.fixture
def client(running: RunningOrg, org: Org) -> Salesforce:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Plain())
    token = running.call(lambda: running.app.state.oauth.open_session(org.admin_id))
    return Salesforce(
        session_id=token,
        instance_url=running.url.replace("http://", "https://"),
        session=session,
        version="59.0",
    )


def test_it_makes_reads_changes_and_removes_a_task(client: Salesforce) -> None:
    made = client.Task.create({"Subject": "Call Ann"})
    assert made["success"]
    assert client.Task.get(made["id"])["Subject"] == "Call Ann"
    assert client.Task.update(made["id"], {"Status": "Completed"}) == 204
    assert client.Task.get(made["id"])["IsClosed"]
    assert client.Task.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Task.get(made["id"])


def test_it_upserts_and_finds_by_key(client: Salesforce, running: RunningOrg, org: Org) -> None:
    assert client.Task.upsert("Tandem_Key__c/k1", {"Subject": "One"}) == 201
    assert client.Task.upsert("Tandem_Key__c/k1", {"Subject": "Two"}) == 200
    assert client.Task.get_by_custom_id("Tandem_Key__c", "k1")["Subject"] == "Two"
    running.call(lambda: org.add_field("Task", Field("Loose__c", "string", "Loose", 9, external_id=True)))
    for _ in range(2):
        client.Task.create({"Loose__c": "k"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Task.upsert("Loose__c/k", {"Subject": "Which?"})


def test_it_queries_page_by_page(client: Salesforce, running: RunningOrg, org: Org) -> None:
    def fill() -> None:
        with org.transaction() as tx:
            for number in range(2_345):
                tx.insert("Task", {"Subject": f"{number}"})

    running.call(fill)
    assert client.query("SELECT COUNT() FROM Task")["totalSize"] == 2_345
    everything = client.query_all("SELECT Id, Subject FROM Task")
    assert (len(everything["records"]), everything["done"]) == (2_345, True)
    assert sum(1 for _ in client.query_all_iter("SELECT Id FROM Task", include_deleted=True)) == 2_345


def test_it_reads_descriptions_and_limits(client: Salesforce) -> None:
    assert client.describe()["maxBatchSize"] == 200
    assert {field["name"] for field in client.Task.describe()["fields"]} >= {"Subject", "Tandem_Key__c"}
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].used == 3


def test_it_asks_what_changed(client: Salesforce, clock: VirtualClock) -> None:
    from datetime import timedelta

    kept, gone = (client.Task.create({})["id"] for _ in range(2))
    client.Task.delete(gone)
    start = clock.now()
    clock.advance(300)
    end = start + timedelta(minutes=5)
    assert client.Task.updated(start, end)["ids"] == [kept]
    assert [row["id"] for row in client.Task.deleted(start, end)["deletedRecords"]] == [gone]


def test_it_understands_refusals(client: Salesforce, running: RunningOrg) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="No such column"):
        client.Task.create({"Nope": 1})
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        client.query("SELECT FROM Task")
    running.call(running.app.state.oauth.expire_sessions)
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Task")

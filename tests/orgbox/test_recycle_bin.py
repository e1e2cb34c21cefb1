"""Deleted records stay fifteen days, and come back with what went with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.orgbox.box import START, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org

DAY = 86_400


def test_a_deleted_task_leaves_query_and_stays_in_query_all(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {"Tandem_Key__c": "k1"})
    clock.advance(60)
    org.delete("Task", task)
    by_key = "SELECT Id, IsDeleted FROM Task WHERE Tandem_Key__c = 'k1'"
    assert org.query(by_key).total == 0
    assert [row["IsDeleted"] for row in org.query(by_key, all_rows=True).records] == [True]
    binned = org.get("Task", task, deleted=True)
    assert binned["SystemModstamp"] == binned["LastModifiedDate"] == clock.now()
    assert refusal(org.get, "Task", task).code == "ENTITY_IS_DELETED"
    assert refusal(org.update, "Task", task, {}).code == "ENTITY_IS_DELETED"
    assert refusal(org.delete, "Task", task).code == "ENTITY_IS_DELETED"


def test_the_bin_keeps_a_record_for_fifteen_days(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {})
    org.delete("Task", task)
    clock.advance(15 * DAY - 1)
    assert org.get("Task", task, deleted=True)["IsDeleted"]
    clock.advance(2)
    assert refusal(org.get, "Task", task, deleted=True).code == "NOT_FOUND"
    assert list(org.scan("Task", all_rows=True)) == []


def test_undelete_brings_a_record_back_under_its_id(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {"Subject": "Back"})
    org.delete("Task", task)
    clock.advance(DAY)
    org.undelete("Task", task)
    back = org.get("Task", task)
    assert (back["Subject"], back["IsDeleted"], back["SystemModstamp"]) == ("Back", False, clock.now())
    assert org.deleted("Task", START, clock.now() + timedelta(minutes=1))[0] == []
    assert refusal(org.undelete, "Task", task).code == "UNDELETE_FAILED"
    clock.advance(15 * DAY)
    assert not org.get("Task", task)["IsDeleted"]  # the old deletion does not come for it


def test_undelete_is_refused_when_the_unique_value_is_taken(org: Org) -> None:
    first = org.insert("Task", {"Tandem_Key__c": "k1"})
    org.delete("Task", first)
    org.insert("Task", {"Tandem_Key__c": "k1"})
    assert refusal(org.undelete, "Task", first).code == "DUPLICATE_VALUE"
    assert org.get("Task", first, deleted=True)["IsDeleted"]


@pytest.mark.parametrize("parent", ["Contact", "Lead", "Account", "Opportunity"])
def test_a_parent_takes_its_tasks_along_and_brings_them_back(org: Org, parent: str) -> None:
    values = {
        "Contact": {"LastName": "x"},
        "Lead": {"LastName": "x", "Company": "y"},
        "Account": {"Name": "x"},
        "Opportunity": {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-05-01"},
    }[parent]
    identifier = org.insert(parent, values)
    reference = "WhoId" if parent in ("Contact", "Lead") else "WhatId"
    kept, gone_before = (org.insert("Task", {reference: identifier}) for _ in range(2))
    org.delete("Task", gone_before)
    org.delete(parent, identifier)
    assert org.get("Task", kept, deleted=True)["IsDeleted"]
    org.undelete(parent, identifier)
    assert not org.get("Task", kept)["IsDeleted"]
    assert org.get("Task", gone_before, deleted=True)["IsDeleted"]


def test_an_account_takes_contacts_deals_roles_and_their_tasks(org: Org) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    contact = org.insert("Contact", {"LastName": "Ann", "AccountId": account})
    deal = org.insert(
        "Opportunity",
        {"Name": "Big", "AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-05-01"},
    )
    org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact})
    org.insert("Task", {"WhoId": contact, "WhatId": deal})
    kinds = ("Contact", "Opportunity", "OpportunityContactRole", "Task")
    org.delete("Account", account)
    assert [len(list(org.scan(kind))) for kind in kinds] == [0, 0, 0, 0]
    org.undelete("Account", account)
    assert [len(list(org.scan(kind))) for kind in kinds] == [1, 1, 1, 1]


def test_get_deleted_lists_the_bin_and_ignores_seconds(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {})
    clock.advance(90)
    org.delete("Task", task)
    minute = timedelta(minutes=1)
    assert org.deleted("Task", START, START + minute)[0] == []
    found, earliest, _ = org.deleted("Task", START + minute, START + 2 * minute + timedelta(seconds=59))
    assert found == [(task, clock.now())]
    assert earliest == START
    assert org.deleted("Contact", START, START + 2 * minute)[0] == []


def test_an_emptied_bin_leaves_no_witness_but_says_so(org: Org, clock: VirtualClock) -> None:
    task, other = org.insert("Task", {}), org.insert("Task", {})
    org.delete("Task", task)
    org.delete("Task", other)
    clock.advance(3600)
    org.purge(task)
    assert [i for i, _ in org.deleted("Task", START, clock.now())[0]] == [other]
    org.empty_bin()
    found, earliest, _ = org.deleted("Task", START, clock.now())
    assert (found, earliest) == ([], clock.now())
    assert refusal(org.purge, other).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("days_back", "minutes", "call", "accepted"),
    [
        (14, 1, "deleted", True),
        (16, 1, "deleted", False),
        (1, 0, "deleted", False),
        (29, 1, "updated", True),
        (31, 1, "updated", False),
        (1, 0, "updated", False),
    ],
)
def test_replication_looks_back_fifteen_or_thirty_days(
    org: Org, clock: VirtualClock, days_back: int, minutes: int, call: str, accepted: bool
) -> None:
    clock.advance(60 * DAY)
    start = clock.now() - timedelta(days=days_back)
    ask = getattr(org, call)
    if accepted:
        assert ask("Task", start, start + timedelta(minutes=minutes))[0] == []
    else:
        error = refusal(ask, "Task", start, start + timedelta(minutes=minutes))
        assert error.code == "INVALID_REPLICATION_DATE"


def test_get_updated_lists_inserts_and_updates_but_not_deletions(org: Org, clock: VirtualClock) -> None:
    made, changed, gone = (org.insert("Task", {}) for _ in range(3))
    clock.advance(300)
    org.update("Task", changed, {})
    org.delete("Task", gone)
    clock.advance(60)
    assert org.updated("Task", START, clock.now())[0] == [made, changed]
    assert org.updated("Task", START + timedelta(minutes=5), clock.now())[0] == [changed]

"""A slow transaction stamps early, shows late, and holds its rows meanwhile (docs/salesforce.md §9.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.orgbox.box import START, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org


def test_a_slow_transaction_shows_rows_below_a_stamp_that_was_read_already(
    org: Org, clock: VirtualClock
) -> None:
    slow = org.begin()
    task = slow.insert("Task", {"Subject": "Late"})
    clock.advance(300)
    newest = org.get("Task", org.insert("Task", {"Subject": "Quick"}))["SystemModstamp"]
    assert refusal(org.get, "Task", task).code == "NOT_FOUND"
    slow.commit()
    assert org.get("Task", task)["SystemModstamp"] == START < newest


def test_a_slow_transaction_sees_its_own_writes(org: Org) -> None:
    contact = org.insert("Contact", {"LastName": "Ann"})
    slow = org.begin()
    task = slow.insert("Task", {"WhoId": contact, "Tandem_Key__c": "k1"})
    slow.update("Task", task, {"Subject": "Mine"})
    assert slow.live(org.schema("Task"), task)["Subject"] == "Mine"
    assert refusal(slow.insert, "Task", {"Tandem_Key__c": "k1"}).code == "DUPLICATE_VALUE"
    slow.delete("Contact", contact)
    assert refusal(slow.update, "Task", task, {}).code == "ENTITY_IS_DELETED"
    slow.commit()
    assert org.get("Task", task, deleted=True)["IsDeleted"]


def test_a_row_in_a_slow_transaction_cannot_be_locked_by_others(org: Org) -> None:
    task, other = org.insert("Task", {}), org.insert("Task", {})
    slow = org.begin()
    slow.update("Task", task, {"Subject": "Slow"})
    for action in (lambda: org.update("Task", task, {}), lambda: org.delete("Task", task)):
        assert refusal(action).code == "UNABLE_TO_LOCK_ROW"
    org.update("Task", other, {"Subject": "Free"})
    slow.commit()
    org.update("Task", task, {"Subject": "Free again"})
    assert org.get("Task", task)["Subject"] == "Free again"


def test_an_open_dated_task_locks_its_person_and_account(org: Org) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    contact = org.insert("Contact", {"LastName": "Ann", "AccountId": account})
    slow = org.begin()
    slow.insert("Task", {"WhoId": contact, "ActivityDate": "2026-03-04"})
    for sobject, identifier in (("Account", account), ("Contact", contact)):
        assert refusal(org.update, sobject, identifier, {}).code == "UNABLE_TO_LOCK_ROW"
    org.insert("Task", {"WhoId": contact, "Status": "Completed"})  # a logged activity asks for no lock
    slow.rollback()
    org.update("Account", account, {})


def test_a_unique_value_being_written_is_held_as_well(org: Org) -> None:
    slow = org.begin()
    slow.insert("Task", {"Tandem_Key__c": "k1"})
    assert refusal(org.insert, "Task", {"Tandem_Key__c": "k1"}).code == "UNABLE_TO_LOCK_ROW"
    slow.rollback()
    org.insert("Task", {"Tandem_Key__c": "k1"})


def test_a_rolled_back_transaction_leaves_nothing(org: Org) -> None:
    slow = org.begin()
    task = slow.insert("Task", {})
    slow.rollback()
    assert refusal(org.get, "Task", task).code == "NOT_FOUND"
    with pytest.raises(ValueError, match="ends once"):
        slow.commit()


def test_a_block_that_raises_commits_nothing(org: Org) -> None:
    def two() -> None:
        with org.transaction() as tx:
            tx.insert("Task", {})
            tx.insert("Task", {"Nope": 1})

    assert refusal(two).code == "INVALID_FIELD"
    assert list(org.scan("Task")) == []


def test_an_update_unless_modified_since_compares_whole_seconds(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {})
    org.update("Task", task, {"Subject": "same second"}, unless_modified_since=START)
    clock.advance(1)
    org.update("Task", task, {"Subject": "a second later"})
    error = refusal(org.update, "Task", task, {"Subject": "mine"}, unless_modified_since=START)
    assert error.code == "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"
    assert org.get("Task", task)["Subject"] == "a second later"


def test_latest_date_covered_waits_for_the_oldest_open_transaction(org: Org, clock: VirtualClock) -> None:
    clock.advance(120)
    slow, started = org.begin(), clock.now()
    clock.advance(60)
    slower = org.begin()
    clock.advance(600)
    end = clock.now()
    assert org.updated("Task", START, end)[1] == org.deleted("Task", START, end)[2] == started
    slow.commit()
    assert org.updated("Task", START, end)[1] == started + timedelta(seconds=60)
    slower.rollback()
    assert org.updated("Task", START, end)[1] == end


def test_the_same_seed_and_steps_make_the_same_org() -> None:
    def history() -> list[dict[str, object]]:
        clock = VirtualClock(START)
        org = Org(clock, seed=11)
        first = org.insert("Task", {"Subject": "a"})
        clock.advance(3)
        org.update("Task", first, {"Status": "Completed"})
        org.delete("Task", org.insert("Task", {}))
        return [dict(record) for record in org.scan("Task", all_rows=True)]

    assert history() == history()

"""Old tasks are put away; a converted lead's tasks move to what it became."""

from __future__ import annotations

from datetime import timedelta

from tests.orgbox.box import refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org

DAY = 86_400


def test_the_archive_takes_closed_tasks_a_year_after_they_were_due_or_made(
    org: Org, clock: VirtualClock
) -> None:
    today = clock.now().date()
    due_long_ago = org.insert("Task", {"Status": "Completed", "ActivityDate": today - timedelta(days=365)})
    due_later = org.insert("Task", {"Status": "Completed", "ActivityDate": today - timedelta(days=364)})
    still_open = org.insert("Task", {"ActivityDate": today - timedelta(days=900)})
    undated = org.insert("Task", {"Status": "Completed"})
    assert org.run_archive_job() == [due_long_ago]
    assert {row["Id"] for row in org.scan("Task")} == {due_later, still_open, undated}
    clock.advance(365 * DAY)
    assert set(org.run_archive_job()) == {due_later, undated}
    assert {row["Id"] for row in org.scan("Task")} == {still_open}


def test_an_archived_task_is_seen_by_query_all_and_keeps_its_stamp(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {"Status": "Completed", "ActivityDate": "2020-01-01"})
    stamp = org.get("Task", task)["SystemModstamp"]
    clock.advance(60)
    org.run_archive_job()
    by_id = f"SELECT IsArchived FROM Task WHERE Id = '{task}'"
    assert org.query(by_id).total == 0
    assert [row["IsArchived"] for row in org.query(by_id, all_rows=True).records] == [True]
    assert org.get("Task", task)["SystemModstamp"] == stamp
    org.update("Task", task, {"Subject": "Edited in the archive"})
    assert org.query(by_id).total == 0
    org.update("Task", task, {"Status": "Not Started"})
    assert org.query(by_id).total == 1


def test_converting_a_lead_moves_every_task_and_stamps_it(org: Org, clock: VirtualClock) -> None:
    lead = org.insert(
        "Lead", {"FirstName": "Ann", "LastName": "Lee", "Company": "Acme", "Email": "ann@x.example"}
    )
    tasks = [org.insert("Task", {"WhoId": lead, "Status": status}) for status in ("Not Started", "Completed")]
    binned = org.insert("Task", {"WhoId": lead})
    org.delete("Task", binned)
    clock.advance(60)
    became = org.convert_lead(lead, opportunity="Acme 2026")
    for task in (org.get("Task", identifier) for identifier in tasks):
        assert (task["WhoId"], task["WhatId"]) == (became.contact_id, became.opportunity_id)
        assert task["AccountId"] == became.account_id
        assert task["SystemModstamp"] == task["LastModifiedDate"] == clock.now()
    assert org.get("Task", binned, deleted=True)["WhoId"] == lead
    converted = org.get("Lead", lead)
    assert (converted["IsConverted"], converted["ConvertedContactId"]) == (True, became.contact_id)
    assert org.get("Contact", became.contact_id)["Email"] == "ann@x.example"
    for again in (lambda: org.convert_lead(lead), lambda: org.update("Lead", lead, {"Title": "x"})):
        assert refusal(again).code == "CANNOT_UPDATE_CONVERTED_LEAD"

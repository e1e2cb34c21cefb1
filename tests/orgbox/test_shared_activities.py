"""Shared Activities: a task that concerns several people, and the rows that say whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.orgbox.box import START, Api, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.persist import load, save
from orgbox.setup import UnreadableSetup, set_up


@pytest.fixture
def org(org: Org) -> Org:
    set_up(org, {"shared_activities": True})
    return org


@pytest.fixture
def people(org: Org) -> list[str]:
    return [org.insert("Contact", {"LastName": name}) for name in ("Ann", "Ben", "Cas")]


def related(org: Org, task: str) -> list[tuple[str, bool]]:
    """(record, whether it is the What) of each row of a task."""
    soql = f"SELECT RelationId, IsWhat FROM TaskRelation WHERE TaskId = '{task}' ORDER BY IsWhat, Id"
    return [(row["RelationId"], row["IsWhat"]) for row in org.query(soql).records]


def told(org: Org, task: str) -> tuple[object, ...]:
    row = org.get("Task", task)
    return row["WhoId"], row["TaskWhoIds"], row["WhoCount"], row["WhatCount"]


def test_without_the_feature_there_is_no_row_and_no_count() -> None:
    plain = Org(VirtualClock(START), seed=1)
    set_up(plain, {"shared_activities": False})
    assert refusal(plain.query, "SELECT Id FROM TaskRelation").code == "INVALID_TYPE"
    assert refusal(plain.query, "SELECT WhoCount FROM Task").code == "INVALID_FIELD"
    assert refusal(plain.insert, "Task", {"TaskWhoIds": []}).code == "INVALID_FIELD"
    with pytest.raises(UnreadableSetup):
        set_up(plain, {"shared_activities": "yes"})


def test_tasks_that_were_there_get_their_rows_when_it_is_switched_on(clock: VirtualClock) -> None:
    org = Org(clock, seed=2)
    ann = org.insert("Contact", {"LastName": "Ann"})
    task = org.insert("Task", {"WhoId": ann})
    stamp = org.get("Task", task)["SystemModstamp"]
    clock.advance(60)
    set_up(org, {"shared_activities": True})
    assert related(org, task) == [(ann, False)]
    assert told(org, task) == (ann, [ann], 1, 0)
    assert org.get("Task", task)["SystemModstamp"] == stamp


def test_a_task_concerns_several_contacts_and_one_other_record(org: Org, people: list[str]) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    task = org.insert("Task", {"TaskWhoIds": people, "WhatId": account})
    assert told(org, task) == (people[0], people, 3, 1)
    assert related(org, task) == [*((person, False) for person in people), (account, True)]
    ann, ben, _ = people
    other = org.insert("Task", {"WhoId": ben, "TaskWhoIds": [ann]})
    assert told(org, other) == (ben, [ben, ann], 2, 0)


def test_people_come_and_go_by_the_tasks_fields(org: Org, people: list[str]) -> None:
    ann, ben, cas = people
    task = org.insert("Task", {"TaskWhoIds": [ann, ben]})
    org.update("Task", task, {"WhoId": cas})
    assert told(org, task) == (cas, [ann, ben, cas], 3, 0)
    org.update("Task", task, {"WhoId": None})
    assert told(org, task) == (ann, [ann, ben], 2, 0)
    org.update("Task", task, {"TaskWhoIds": [ben]})
    assert told(org, task) == (ben, [ben], 1, 0)
    org.update("Task", task, {"Subject": "the same people"})
    assert related(org, task) == [(ben, False)]
    org.update("Task", task, {"TaskWhoIds": None})
    assert (told(org, task), related(org, task)) == ((None, None, 0, 0), [])


def test_people_come_and_go_by_rows_of_their_own_and_no_stamp_of_the_task_moves(
    org: Org, clock: VirtualClock, people: list[str]
) -> None:
    ann, ben, _ = people
    task = org.insert("Task", {"WhoId": ann})
    before = org.get("Task", task)["SystemModstamp"]
    clock.advance(60)
    row = org.insert("TaskRelation", {"TaskId": task, "RelationId": ben})
    account = org.insert("Account", {"Name": "Acme"})
    org.insert("TaskRelation", {"TaskId": task, "RelationId": account})
    assert told(org, task) == (ann, [ann, ben], 2, 1)
    assert (org.get("Task", task)["WhatId"], org.get("Task", task)["AccountId"]) == (account, account)
    assert org.get("Task", task)["SystemModstamp"] == before
    anns = org.query(f"SELECT Id FROM TaskRelation WHERE RelationId = '{ann}'").records[0]["Id"]
    org.delete("TaskRelation", anns)
    assert told(org, task) == (ben, [ben], 1, 1)
    assert refusal(org.update, "TaskRelation", row, {"RelationId": ann}).code == "INVALID_TYPE_FOR_OPERATION"


def test_what_does_not_go_together_is_refused_and_leaves_no_trace(org: Org, people: list[str]) -> None:
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Acme"})
    account, other = (org.insert("Account", {"Name": name}) for name in ("A", "B"))
    for given in (
        {"TaskWhoIds": [lead, people[0]]},
        {"TaskWhoIds": [account]},
        {"TaskWhoIds": [lead], "WhatId": account},
    ):
        assert refusal(org.insert, "Task", given).code == "FIELD_INTEGRITY_EXCEPTION"
    too_many = [org.insert("Contact", {"LastName": f"{n}"}) for n in range(51)]
    assert refusal(org.insert, "Task", {"TaskWhoIds": too_many}).code == "FIELD_INTEGRITY_EXCEPTION"
    assert org.query("SELECT Id FROM Task", all_rows=True).total == 0
    assert org.query("SELECT Id FROM TaskRelation", all_rows=True).total == 0
    task = org.insert("Task", {"WhoId": people[0], "WhatId": account})
    twice = {"TaskId": task, "RelationId": people[0]}
    assert refusal(org.insert, "TaskRelation", twice).code == "DUPLICATE_VALUE"
    second_what = {"TaskId": task, "RelationId": other}
    assert refusal(org.insert, "TaskRelation", second_what).code == "FIELD_INTEGRITY_EXCEPTION"
    with_a_lead = {"TaskId": task, "RelationId": lead}
    assert refusal(org.insert, "TaskRelation", with_a_lead).code == "FIELD_INTEGRITY_EXCEPTION"
    assert len(related(org, task)) == 2


def test_a_task_outlives_one_of_its_people_and_takes_the_person_back(org: Org, people: list[str]) -> None:
    ann, ben, _ = people
    shared, alone = org.insert("Task", {"TaskWhoIds": [ann, ben]}), org.insert("Task", {"WhoId": ann})
    org.delete("Contact", ann)
    assert told(org, shared) == (ben, [ben], 1, 0)
    assert refusal(org.get, "Task", alone).code == "ENTITY_IS_DELETED"
    org.undelete("Contact", ann)
    assert set(org.get("Task", shared)["TaskWhoIds"]) == {ann, ben}
    assert told(org, alone) == (ann, [ann], 1, 0)
    org.delete("Task", shared)
    assert related(org, shared) == []
    org.undelete("Task", shared)
    assert {person for person, _ in related(org, shared)} == {ann, ben}


def test_people_that_are_merged_are_one_on_a_task_that_both_were_on(org: Org, people: list[str]) -> None:
    ann, ben, cas = people
    task, bens = org.insert("Task", {"TaskWhoIds": [ann, ben, cas]}), org.insert("Task", {"WhoId": ben})
    org.merge("Contact", ann, [ben])
    assert told(org, task) == (ann, [ann, cas], 2, 0)
    assert told(org, bens) == (ann, [ann], 1, 0)


def test_a_converted_leads_tasks_have_rows_for_what_it_became(org: Org) -> None:
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Acme"})
    task = org.insert("Task", {"WhoId": lead})
    became = org.convert_lead(lead, opportunity="Acme 2026")
    assert related(org, task) == [(became.contact_id, False), (became.opportunity_id, True)]
    assert told(org, task) == (became.contact_id, [became.contact_id], 1, 1)


def test_it_is_asked_and_told_over_http_and_outlives_the_process(
    org: Org, people: list[str], clock: VirtualClock, tmp_path: Path, api: Api
) -> None:
    made = api.post("/sobjects/Task", json={"Subject": "Call", "TaskWhoIds": people[:2]})
    assert made.status_code == 201, made.text
    soql = "SELECT WhoCount, TaskWhoIds, (SELECT Relation.Name FROM TaskRelations ORDER BY Id) FROM Task"
    (row,) = api.query(soql)["records"]
    assert (row["WhoCount"], row["TaskWhoIds"]) == (2, people[:2])
    assert [each["Relation"]["Name"] for each in row["TaskRelations"]["records"]] == ["Ann", "Ben"]
    save(org, tmp_path / "my.org")
    kept, _ = load(tmp_path / "my.org", clock)
    assert related(kept, made.json()["id"]) == [(person, False) for person in people[:2]]
    assert kept.insert("Task", {"TaskWhoIds": people})

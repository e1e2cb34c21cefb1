"""An org that is kept in a file comes back as it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.orgbox.box import KEY, START

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.persist import UnreadableOrg, load, save
from orgbox.schema import PicklistValue


def test_a_loaded_org_has_the_same_records_ids_fields_and_bin(tmp_path: Path, clock: VirtualClock) -> None:
    org = Org(clock, seed=9, name="Kept", task_fields=[KEY])
    org.set_picklist(
        "Task", "Status", [PicklistValue("Open", default=True), PicklistValue("Shut", closed=True)]
    )
    contact = org.insert("Contact", {"LastName": "Änn"})
    task = org.insert("Task", {"WhoId": contact, "ActivityDate": "2026-03-04", "Tandem_Key__c": "k1"})
    org.delete("Contact", contact)
    clock.advance(60)
    path = tmp_path / "org.jsonl"
    save(org, path, {"note": "beside"})
    again, beside = load(path, clock)
    assert beside == {"note": "beside"}
    for sobject in ("Account", "Contact", "Task", "TaskStatus", "User", "Organization"):
        assert list(again.scan(sobject, all_rows=True)) == list(org.scan(sobject, all_rows=True))
    assert again.schema("Task") == org.schema("Task")
    assert again.deleted("Task", START, clock.now()) == org.deleted("Task", START, clock.now())
    assert again.insert("Task", {}) == org.insert("Task", {})
    again.undelete("Contact", contact)
    assert not again.get("Task", task)["IsDeleted"]
    assert [row["ApiName"] for row in again.scan("TaskStatus")] == ["Open", "Shut"]


def test_the_bin_goes_on_counting_its_fifteen_days(tmp_path: Path, clock: VirtualClock) -> None:
    org = Org(clock)
    org.delete("Task", org.insert("Task", {}))
    save(org, tmp_path / "org.jsonl")
    clock.advance(timedelta(days=15).total_seconds() + 1)
    again, _ = load(tmp_path / "org.jsonl", clock)
    assert list(again.scan("Task", all_rows=True)) == []


def test_saving_replaces_the_file_as_a_whole(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "org.jsonl"
    org = Org(clock)
    save(org, path)
    org.insert("Task", {})
    save(org, path)
    assert [file.name for file in tmp_path.iterdir()] == ["org.jsonl"]
    assert len(list(load(path, clock)[0].scan("Task"))) == 1


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", '{"orgbox":99}', '{"orgbox":1}', '{"orgbox":1}\n["Task"]']
)
def test_a_file_that_is_no_org_is_refused(tmp_path: Path, clock: VirtualClock, content: str) -> None:
    path = tmp_path / "org.jsonl"
    path.write_text(content)
    with pytest.raises(UnreadableOrg):
        load(path, clock)

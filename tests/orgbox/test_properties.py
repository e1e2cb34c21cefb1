"""What holds whatever happens: ids, pages, conditions, the recycle bin, families and conversion, by random histories."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule
from tests.orgbox.box import START, Api, refusal

from orgbox.clock import VirtualClock
from orgbox.ids import DIGITS, IdMint, canonical, to15, to18
from orgbox.org import Org
from orgbox.server import RunningOrg

SHORT = settings(max_examples=60, deadline=None)


@given(st.text(DIGITS, min_size=15, max_size=15))
def test_an_id_of_18_characters_says_the_same_as_its_15_and_survives_lost_capitals(short: str) -> None:
    full = to18(short)
    assert (canonical(short), canonical(full), to15(full)) == (full, full, short)
    if short != short.swapcase():
        assert to18(short.swapcase()).lower() != full.lower()


@given(st.integers(0, 3843), st.integers(0, 3843))
def test_two_orgs_never_make_the_same_id(one: int, other: int) -> None:
    made = [{IdMint(seed).new("00T") for _ in range(3)} for seed in (one, other)]
    assert (one == other) == bool(made[0] & made[1])


# Pages ------------------------------------------------------------------------------------------------------------

ROWS = 700


@pytest.fixture(scope="module")
def paged() -> Any:
    org = Org(VirtualClock(START), seed=2)
    with org.transaction() as tx:
        for number in range(ROWS):
            tx.insert("Task", {"Subject": f"{number:03}"})
    with RunningOrg(org) as running:
        api = Api(running)
        yield api
        api.http.close()


@SHORT
@given(data=st.data(), size=st.sampled_from((200, 250, 333)))
def test_pages_hold_each_row_once_whatever_is_written_between_them(
    paged: Api, data: st.DataObject, size: int
) -> None:
    headers = {"Sforce-Query-Options": f"batchSize={size}"}
    page = paged.get(
        "/query", params={"q": "SELECT Id, Subject FROM Task ORDER BY Subject"}, headers=headers
    ).json()
    seen, total = list(page["records"]), page["totalSize"]
    while not page["done"]:
        kind = data.draw(st.sampled_from(("insert", "update", "delete", "nothing")))
        victim = seen[data.draw(st.integers(0, len(seen) - 1))]["Id"]

        def write(kind: str = kind, victim: str = victim) -> None:
            if kind == "insert":
                paged.org.insert("Task", {"Subject": "000 new"})
            elif kind == "update":
                paged.org.update("Task", victim, {"Subject": "999"})
            elif kind == "delete":
                paged.org.delete("Task", victim)
                paged.org.undelete("Task", victim)

        paged.running.call(write)
        page = paged.http.get(page["nextRecordsUrl"], headers=headers).json()
        seen += page["records"]
    assert len(seen) == len({row["Id"] for row in seen}) == total
    assert [row["Subject"] for row in seen] == sorted(row["Subject"] for row in seen)


@SHORT
@given(gap=st.integers(-5, 5), fraction=st.sampled_from((0.0, 0.4, 0.9)))
def test_412_if_and_only_if_somebody_wrote_after_that_second(paged: Api, gap: int, fraction: float) -> None:
    clock = paged.org.clock
    assert isinstance(clock, VirtualClock)
    clock.advance(60 + fraction)
    task = paged.running.call(lambda: paged.org.insert("Task", {"Subject": "one"}))
    seen = paged.org.get("Task", task)["LastModifiedDate"] + timedelta(seconds=gap)
    answer = paged.patch(
        f"/sobjects/Task/{task}",
        json={"Subject": "two"},
        headers={"If-Unmodified-Since": format_datetime(seen, usegmt=True)},
    )
    assert answer.status_code == (204 if gap >= 0 else 412)
    assert paged.org.get("Task", task)["Subject"] == ("two" if gap >= 0 else "one")


# The bin and families ---------------------------------------------------------------------------------------------


class Bin(RuleBasedStateMachine):
    """Contacts and their tasks, deleted and brought back, beside a model that a child could keep."""

    contacts = Bundle("contacts")
    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock(START)
        self.org = Org(self.clock, seed=5)
        self.parent: dict[str, str | None] = {}
        self.deleted: dict[str, tuple[str, Any]] = {}  # with whom it went, and when

    @rule(target=contacts)
    def contact(self) -> str:
        made = self.org.insert("Contact", {"LastName": "C"})
        self.parent[made] = None
        return made

    @rule(target=tasks, contact=contacts)
    def task(self, contact: str) -> Any:
        if contact in self.deleted or contact not in self.parent:
            refusal(self.org.insert, "Task", {"WhoId": contact})
            return multiple()
        made = self.org.insert("Task", {"WhoId": contact})
        self.parent[made] = contact
        return made

    @rule(record=st.one_of(contacts, tasks))
    def delete(self, record: str) -> None:
        if record in self.deleted or record not in self.parent:
            refusal(self.org.delete, self._sobject(record), record)
            return
        self.org.delete(self._sobject(record), record)
        now = self.clock.now()
        self.deleted[record] = (record, now)
        for child, parent in self.parent.items():
            if parent == record and child not in self.deleted:
                self.deleted[child] = (record, now)

    @rule(record=st.one_of(contacts, tasks))
    def undelete(self, record: str) -> None:
        if record not in self.deleted:
            refusal(self.org.undelete, self._sobject(record), record)
            return
        self.org.undelete(self._sobject(record), record)
        del self.deleted[record]
        for child, (went_with, _) in list(self.deleted.items()):
            if went_with == record and self.parent[child] == record:
                del self.deleted[child]

    @rule(days=st.sampled_from((1, 5, 16)))
    def wait(self, days: int) -> None:
        self.clock.advance(days * 86_400)
        for record, (_, when) in list(self.deleted.items()):
            if self.clock.now() - when > timedelta(days=15):
                del self.deleted[record]
                del self.parent[record]

    @invariant()
    def the_org_has_what_the_model_has(self) -> None:
        for sobject in ("Contact", "Task"):
            mine = {record for record in self.parent if self._sobject(record) == sobject}
            everything = self.org.query(f"SELECT Id, IsDeleted FROM {sobject}", all_rows=True).records
            assert {row["Id"] for row in everything} == mine
            assert {row["Id"] for row in everything if row["IsDeleted"]} == mine & self.deleted.keys()
            live = {row["Id"] for row in self.org.query(f"SELECT Id FROM {sobject}").records}
            assert live == mine - self.deleted.keys()

    def _sobject(self, record: str) -> str:
        return "Contact" if record.startswith("003") else "Task"


TestBin = pytest.mark.filterwarnings("ignore")(Bin.TestCase)
TestBin.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


# Conversion -------------------------------------------------------------------------------------------------------


@SHORT
@given(
    tasks=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=6),
    opportunity=st.sampled_from((None, "Deal")),
)
def test_conversion_loses_no_task_and_points_each_live_one_to_the_contact(
    tasks: list[tuple[bool, bool]], opportunity: str | None
) -> None:
    org = Org(VirtualClock(START), seed=3)
    lead = org.insert("Lead", {"LastName": "L", "Company": "Acme"})
    made = []
    for closed, deleted in tasks:
        status = "Completed" if closed else "Not Started"
        made.append(org.insert("Task", {"WhoId": lead, "Status": status}))
        if deleted:
            org.delete("Task", made[-1])
    done = org.convert_lead(lead, opportunity=opportunity)
    for task, (closed, deleted) in zip(made, tasks, strict=True):
        record = org.get("Task", task, deleted=True)
        assert record["IsClosed"] == closed
        assert record["WhoId"] == (lead if deleted else done.contact_id)
        if not deleted:
            assert record["AccountId"] == done.account_id
            assert record["WhatId"] == done.opportunity_id

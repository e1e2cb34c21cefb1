"""An index never changes an answer: it only spares reading what cannot be in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orgbox.box import KEY, START

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.soql import evaluate, parse
from orgbox.timeline import Timeline
from orgbox.view import View

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "update", "delete", "undelete", "slow", "commit", "wait", "archive"]),
        st.integers(0, 7),
        st.integers(0, 3),
    ),
    max_size=60,
)


class ReadingAll(View):
    """A view that has no index."""

    def narrow(self, name: str, hints: Any) -> None:
        return None


def history(steps: list[tuple[str, int, int]]) -> tuple[Org, list[str], list[str]]:
    """An org after some steps, its task ids, and its users."""
    clock = VirtualClock(START)
    org = Org(clock, task_fields=[KEY])
    users = [org.admin_id] + [
        org.insert("User", {"LastName": n, "Username": f"{n}@x.example", "Email": f"{n}@x.example"})
        for n in "abc"
    ]
    contacts = [org.insert("Contact", {"LastName": n}) for n in "abcd"]
    tasks: list[str] = []
    slow = None
    for action, number, choice in steps:
        task = tasks[number % len(tasks)] if tasks else ""
        values = {"OwnerId": users[choice], "WhoId": contacts[choice], "Tandem_Key__c": f"k{number}"}
        try:
            match action:
                case "insert":
                    tasks.append(
                        org.insert("Task", values | {"Status": ("Not Started", "Completed")[choice % 2]})
                    )
                case "update":
                    org.update("Task", task, dict(list(values.items())[: 1 + number % 3]))
                case "delete":
                    org.delete("Task", task)
                case "undelete":
                    org.undelete("Task", task)
                case "slow" if slow is None:
                    slow = org.begin(users[choice])
                    tasks.append(slow.insert("Task", values))
                case "commit" if slow is not None:
                    slow.commit()
                    slow = None
                case "archive":
                    clock.advance(366 * 86_400)
                    org.run_archive_job()
                case "wait":
                    clock.advance(choice * 100_000)
        except OrgError:
            continue
    return org, tasks, users


@settings(max_examples=120, deadline=None)
@given(
    steps=STEPS,
    number=st.integers(0, 7),
    choice=st.integers(0, 3),
    hours=st.integers(0, 200),
    all_rows=st.booleans(),
)
def test_a_query_answers_the_same_with_and_without_indexes(
    steps: list[tuple[str, int, int]], number: int, choice: int, hours: int, all_rows: bool
) -> None:
    org, tasks, users = history(steps)
    task = tasks[number % len(tasks)] if tasks else org.admin_id
    since = (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for where in (
        f"Id IN ('{task}', '{task[:15]}', '{users[0]}')",
        f"OwnerId IN ('{users[choice]}', '{users[0]}') AND SystemModstamp >= {since}",
        f"SystemModstamp >= {since} AND SystemModstamp < 2026-03-09T00:00:00Z",
        f"SystemModstamp <= {since}",
        f"WhoId = '{org.query('SELECT Id FROM Contact').records[choice]['Id']}' AND IsClosed = false",
        f"Tandem_Key__c IN ('k{number}', 'K{choice}')",
        "Tandem_Key__c = null",
        f"(OwnerId = '{users[choice]}' OR Tandem_Key__c = 'k{number}') AND SystemModstamp > {since}",
    ):
        query = parse(
            f"SELECT Id, OwnerId, SystemModstamp FROM Task WHERE {where} ORDER BY SystemModstamp, Id"
        )
        with org.transaction() as tx:
            plain = evaluate(query, ReadingAll(tx, ""), all_rows)
            assert evaluate(query, View(tx, ""), all_rows).records == plain.records


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20))))
def test_a_timeline_gives_each_id_once_at_its_latest_moment(moves: list[tuple[int, int]]) -> None:
    at: dict[str, datetime] = {}
    timeline = Timeline(lambda identifier, moment: at[identifier] == moment)
    for number, seconds in moves:
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        if f"{number}" in at:
            timeline.outdate()
        at[f"{number}"] = moment
        timeline.add(moment, f"{number}")
    assert list(timeline.between()) == sorted((moment, identifier) for identifier, moment in at.items())
    cut = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert {i for _, i in timeline.between(cut)} == {i for i, moment in at.items() if moment >= cut}
    assert {i for _, i in timeline.between(None, cut)} == {i for i, moment in at.items() if moment < cut}


def test_a_timeline_forgets_what_is_no_longer_true() -> None:
    at: dict[str, datetime] = {}
    timeline = Timeline(lambda identifier, moment: at[identifier] == moment)
    for second in range(10_000):
        at["only"] = START + timedelta(seconds=second)
        timeline.add(at["only"], "only")
        timeline.outdate()
    assert timeline.count() < 200
    assert list(timeline.between()) == [(at["only"], "only")]


@pytest.mark.parametrize("all_rows", [False, True])
def test_a_transaction_queries_its_own_writes_past_the_indexes(all_rows: bool) -> None:
    org = Org(VirtualClock(START), task_fields=[KEY])
    old = org.insert("Task", {"Tandem_Key__c": "k1"})
    slow = org.begin()
    slow.update("Task", old, {"Tandem_Key__c": "moved"})
    new = slow.insert("Task", {"Tandem_Key__c": "k1"})
    query = parse("SELECT Id FROM Task WHERE Tandem_Key__c = 'k1'")
    assert [record["Id"] for record in evaluate(query, View(slow, ""), all_rows).records] == [new]
    assert [
        record["Id"] for record in org.query("SELECT Id FROM Task WHERE Tandem_Key__c = 'k1'").records
    ] == [old]


def test_a_task_handed_over_within_a_second_is_found_under_its_new_owner_alone() -> None:
    org = Org(VirtualClock(START))
    user = org.insert("User", {"LastName": "B", "Username": "b@x.example", "Email": "b@x.example"})
    task = org.insert("Task", {"OwnerId": user})
    org.update("Task", task, {"OwnerId": org.admin_id})
    for owner, expected in ((user, 0), (org.admin_id, 1)):
        where = f"OwnerId IN ('{owner}') AND SystemModstamp >= 2026-03-02T08:00:00Z"
        assert org.query(f"SELECT Id FROM Task WHERE {where}").total == expected

"""Two workers at one org: one that lost the lease while its call was out writes nothing any more (I12, I13)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tandem.config import heartbeat, wiring
from tandem.config.due import due_orgs
from tandem.config.salesforce_port import SalesforcePort
from tandem.reminders.models import Reminder
from tandem.sync.models import Conflict, OrgSync, TaskSync
from tandem.sync.pair import Intent, Link
from tandem.sync.round import LEASE, Report
from tandem.sync.store import DjangoStore
from tests.sync.desk import Desk, open_desk

SOMEBODY = "another worker"


def on(desk: Desk) -> None:
    desk.switch_on()
    desk.round()


def run(desk: Desk) -> Report | None:
    """What one worker does with a wake: None when the org is not free."""
    return wiring.run(desk.connections["anna"].org_id)


def claimed_by_another(desk: Desk) -> bool:
    """Another worker tries to take the org, and does nothing yet."""
    org, now = desk.connections["anna"].org_id, desk.clock.now()
    return DjangoStore().claim(org, SOMEBODY, now + LEASE, now)


def meanwhile(monkeypatch: pytest.MonkeyPatch, call: str, happens: Callable[[], None]) -> None:
    """Something happens between Salesforce's answer to the next `call` and our reading of it."""
    answered = getattr(SalesforcePort, call)
    waiting = [happens]

    def slow(port: SalesforcePort, *asked: Any) -> Any:
        answer = answered(port, *asked)
        while waiting:
            waiting.pop()()
        return answer

    monkeypatch.setattr(SalesforcePort, call, slow)


def subjects(desk: Desk) -> Counter[str]:
    return Counter(task["Subject"] for task in desk.tasks() if not task["IsDeleted"])


# --- the lease -----------------------------------------------------------------------------------------------------------


def test_an_org_that_a_living_worker_has_is_left_alone(desk: Desk) -> None:
    on(desk)
    desk.create("Waits")
    assert claimed_by_another(desk)
    before = desk.calls
    assert run(desk) is None
    assert desk.calls == before
    assert OrgSync.objects.get().lease == SOMEBODY


def test_a_second_worker_finds_nothing_to_do_while_the_first_has_a_call_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.create("Once")
    second: list[Report | None] = []
    meanwhile(monkeypatch, "changed_since", lambda: second.append(run(desk)))
    first = run(desk)
    assert second == [None]
    assert first is not None
    assert first.created == 1
    assert subjects(desk) == Counter({"Once": 1})


def test_the_org_of_a_dead_worker_is_taken_over_when_its_lease_has_run_out(desk: Desk) -> None:
    on(desk)
    desk.create("Waits")
    assert claimed_by_another(desk)
    desk.wait(seconds=LEASE.total_seconds() + 1)
    assert due_orgs() == [desk.connections["anna"].org_id]
    report = run(desk)
    assert report is not None
    assert report.created == 1


def test_a_lease_from_before_our_clock_was_put_back_holds_nobody_up(desk: Desk) -> None:
    on(desk)
    assert claimed_by_another(desk)
    org, earlier = desk.connections["anna"].org_id, desk.clock.now() - timedelta(days=365)
    assert DjangoStore().claim(org, "after the clock was put back", earlier + LEASE, earlier)


def test_a_worker_whose_clock_is_behind_leaves_the_org_of_a_living_one_alone(desk: Desk) -> None:
    on(desk)
    assert claimed_by_another(desk)
    org, behind = desk.connections["anna"].org_id, desk.clock.now() - timedelta(seconds=5)
    assert not DjangoStore().claim(org, "the one behind", behind + LEASE, behind)
    assert OrgSync.objects.get().lease == SOMEBODY


def test_a_call_that_takes_longer_than_the_lease_keeps_it_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.create("Once")
    monkeypatch.setattr(heartbeat, "_EVERY", 0.01)
    renewed = threading.Event()
    renew = DjangoStore.renew
    until_then: list[datetime] = []
    second: list[Report | None] = []

    def noted(store: DjangoStore, org: int, lease: str, until: datetime) -> bool:
        kept = renew(store, org, lease, until)
        if until_then and until >= until_then[0]:
            renewed.set()
        return kept

    def most_of_a_lease_passes_twice() -> None:
        for _ in range(2):
            desk.clock.advance(15)
            renewed.clear()
            until_then[:] = [desk.clock.now() + LEASE]
            assert renewed.wait(30), "the lease does not beat"
        second.append(run(desk))

    monkeypatch.setattr(DjangoStore, "renew", noted)
    meanwhile(monkeypatch, "changed_since", most_of_a_lease_passes_twice)
    first = run(desk)
    assert second == [None]
    assert first is not None
    assert first.created == 1


# --- the worker that lost it ---------------------------------------------------------------------------------------------


def test_a_worker_that_was_taken_over_sends_nothing_and_leaves_the_lease_to_its_new_holder(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.create("Waits")

    def taken_over() -> None:
        desk.clock.advance(LEASE.total_seconds() + 1)
        assert claimed_by_another(desk)

    meanwhile(monkeypatch, "changed_since", taken_over)
    report = run(desk)
    assert report is not None
    assert report.created == 0
    assert subjects(desk) == Counter()
    state = OrgSync.objects.get()
    assert state.lease == SOMEBODY
    assert state.lease_until == desk.clock.now() + LEASE


def test_a_worker_that_was_taken_over_believes_nothing_of_the_page_it_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.insert("Read by a worker that is too late")
    cursor = TaskSync.objects.get().polled_to

    def taken_over() -> None:
        desk.clock.advance(LEASE.total_seconds() + 1)
        assert claimed_by_another(desk)

    meanwhile(monkeypatch, "changed_since", taken_over)
    run(desk)
    assert not Reminder.objects.exists()
    assert TaskSync.objects.get().polled_to == cursor


def test_a_worker_that_was_taken_over_between_deciding_and_sending_does_not_send(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    reminder = desk.create("Waits")
    save_with_intent = DjangoStore.save_with_intent

    def taken_over_then(store: DjangoStore, link: Link, intent: Intent | None) -> None:
        save_with_intent(store, link, intent)
        desk.clock.advance(LEASE.total_seconds() + 1)
        assert claimed_by_another(desk)

    monkeypatch.setattr(DjangoStore, "save_with_intent", taken_over_then)
    run(desk)
    assert desk.tasks() == []
    assert desk.link(reminder).intent_op == "create", "the next worker resolves it"


def test_an_insert_whose_sender_was_taken_over_is_settled_by_the_one_who_took_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    reminder = desk.create("Once")

    def taken_over() -> None:
        desk.clock.advance(LEASE.total_seconds() + 1)
        assert run(desk) is not None

    meanwhile(monkeypatch, "insert", taken_over)
    run(desk)
    link = desk.link(reminder)
    assert (link.sf_id is None, link.intent_op) == (False, None)
    desk.wait(minutes=1)
    desk.settle()
    assert subjects(desk) == Counter({"Once": 1})
    assert not Conflict.objects.exists()


def test_without_a_unique_key_a_worker_that_stalled_in_its_look_does_not_insert_again(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mode B: another worker looked, waited the doubt out, inserted and settled while this one's look was out."""
    with open_desk(monkeypatch, unique_key=False) as desk:
        desk.join("anna")
        on(desk)
        reminder = desk.create("Only once")
        desk.fault("reset_before_commit", path="composite")
        desk.round()
        desk.wait(minutes=9)

        def taken_over() -> None:
            desk.clock.advance(120)
            assert run(desk) is not None

        meanwhile(monkeypatch, "by_key", taken_over)
        run(desk)
        for _ in range(8):
            desk.wait(minutes=6)
            run(desk)
        assert desk.link(reminder).sf_id is not None
        assert subjects(desk) == Counter({"Only once": 1})


def test_an_update_that_another_worker_settled_is_not_sent_again_over_what_was_typed_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    reminder = desk.create("Call Ann", details="v0")
    desk.round()
    desk.wait(minutes=1)
    desk.round()
    desk.edit(reminder, details="v1")
    desk.create("Another")  # a create in doubt makes the next round look by key
    desk.fault("reset_before_commit", path="composite", times=2)
    desk.round()
    desk.wait(minutes=1)

    def taken_over_and_typed_on() -> None:
        desk.clock.advance(LEASE.total_seconds() + 1)
        run(desk)
        desk.wait(minutes=1)
        desk.edit(reminder, details="v2 by Anna")

    meanwhile(monkeypatch, "by_key", taken_over_and_typed_on)
    run(desk)
    desk.wait(minutes=1)
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.details == "v2 by Anna"
    assert desk.there(reminder)["Description"] == "v2 by Anna"


def test_a_page_that_waited_for_hours_does_not_bring_in_what_was_deleted_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)
    desk.wait(minutes=15)
    task = desk.insert("Soon gone")
    desk.wait(seconds=5)

    def deleted_and_forgotten_by_the_poll() -> None:
        desk.delete(task)
        for _ in range(4):
            desk.wait(minutes=30)
            run(desk)

    meanwhile(monkeypatch, "changed_since", deleted_and_forgotten_by_the_poll)
    run(desk)
    for _ in range(4):
        desk.wait(minutes=31)
        desk.round()
    assert not Reminder.objects.filter(deleted_at=None).exists()

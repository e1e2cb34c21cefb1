"""How often an org is read, and what gives way when its API calls run short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.config import wiring
from tandem.config.due import due_orgs
from tandem.sync import allowance, orgs
from tandem.sync.models import OrgSync
from tandem.sync.pace import poll_after
from tests.sync.desk import Desk
from tests.sync.wakes import taken


@pytest.mark.parametrize(
    ("quiet", "wait"),
    [(None, 60), (0, 60), (60, 60), (180, 60), (600, 200), (1_800, 600), (86_400, 600), (-5, 60)],
)
def test_an_org_that_was_quiet_for_long_is_asked_less_often(quiet: int | None, wait: int) -> None:
    known = None if quiet is None else timedelta(seconds=quiet)
    assert poll_after("everything", known) == timedelta(seconds=wait)


def test_short_of_calls_even_a_busy_org_is_asked_every_ten_minutes() -> None:
    assert poll_after("edits", timedelta(0)) == poll_after("reads", None) == timedelta(minutes=10)


def next_wait(desk: Desk) -> float:
    state = OrgSync.objects.get(org=desk.connections["anna"].org_id)
    assert state.next_round_at is not None
    return (state.next_round_at - desk.clock.now()).total_seconds()


def sleepy(desk: Desk) -> Desk:
    """An hour in which nothing happened."""
    desk.switch_on()
    desk.round()
    desk.wait(hours=1)
    desk.round()
    return desk


def test_a_quiet_org_waits_ten_minutes_and_an_edit_ends_that_at_once(desk: Desk) -> None:
    wiring.register_wakes()
    sleepy(desk)
    assert next_wait(desk) == 600
    taken()
    desk.create("Call Ann")
    org = desk.connections["anna"].org_id
    assert taken() == [org]
    desk.round()
    assert next_wait(desk) == 60


def test_news_from_salesforce_makes_the_org_busy(desk: Desk) -> None:
    sleepy(desk)
    desk.insert("From there")
    desk.wait(minutes=10)
    assert desk.round().imported == 1
    assert next_wait(desk) == 60


def test_a_member_who_looks_makes_the_org_busy_and_sees_it_fresh(desk: Desk) -> None:
    wiring.register_wakes()
    sleepy(desk)
    desk.wait(minutes=2)
    org = desk.connections["anna"].org_id
    assert orgs.note_look(org, timedelta(minutes=1)), "its last round is two minutes old"
    desk.round()
    assert next_wait(desk) == 60
    assert not orgs.note_look(org, timedelta(minutes=1)), "it is fresh"


# --- the API allowance --------------------------------------------------------------------------------------------------


def spent(desk: Desk, share_used: float) -> int:
    """Tandem has used so much of what it may use."""
    org = desk.connections["anna"].org_id
    desk.round()
    at_most = allowance.allowance(org).ours_at_most
    assert at_most is not None
    allowance.spend(org, int(at_most * share_used))
    return org


def test_every_call_is_counted_and_forgotten_after_a_day(desk: Desk) -> None:
    desk.switch_on()
    before = desk.calls
    desk.create("Call Ann")
    desk.settle()
    org = desk.connections["anna"].org_id
    assert allowance.allowance(org).ours == desk.calls - before > 0
    desk.wait(hours=26)
    assert allowance.allowance(org).ours == 0
    desk.wait(hours=26)
    assert allowance.forget_spent() >= 1


def test_above_four_fifths_edits_still_travel_and_the_page_says_what_waits(desk: Desk) -> None:
    desk.switch_on()
    org = spent(desk, 0.85)
    reminder = desk.create("Call Ann")
    report = desk.round()
    assert desk.there(reminder)["Subject"] == "Call Ann"
    assert report.trouble_code == "CALLS_SHORT"
    assert next_wait(desk) > 60
    assert OrgSync.objects.get(org=org).paused_until is None


def test_with_nearly_all_calls_used_only_reading_goes_on_and_an_edit_waits_whole(desk: Desk) -> None:
    desk.switch_on()
    spent(desk, 0.97)
    reminder = desk.create("Call Ann")
    desk.insert("From there")
    report = desk.round()
    assert (report.created, report.imported, report.trouble_code) == (0, 1, "CALLS_USED_UP")
    calls = desk.calls
    for _ in range(5):  # wakes that come now cost nothing
        assert wiring.run(desk.connections["anna"].org_id) is None
    assert desk.calls == calls
    desk.wait(hours=26)
    desk.settle()
    assert desk.there(reminder)["Subject"] == "Call Ann"


def test_what_other_programs_use_counts_too(desk: Desk) -> None:
    desk.switch_on()
    desk.round()
    org = desk.connections["anna"].org
    org.refresh_from_db()
    org.calls_used = int(org.calls_allowed * 0.9)
    org.save()
    assert wiring.pace_of(org.pk) == "edits"


def test_a_larger_share_is_more_calls(desk: Desk) -> None:
    desk.switch_on()
    org = spent(desk, 0.9)
    assert wiring.pace_of(org) == "edits"
    allowance.set_share(org, 100)
    assert wiring.pace_of(org) == "everything"
    with pytest.raises(ValueError, match="101"):
        allowance.set_share(org, 101)


# --- stopped by whoever runs Tandem ---------------------------------------------------------------------------------------


def test_a_stopped_org_does_nothing_until_it_is_resumed_and_nothing_is_lost(desk: Desk) -> None:
    wiring.register_wakes()
    desk.switch_on()
    desk.round()
    org = desk.connections["anna"].org_id
    assert orgs.stop_org(org)
    reminder = desk.create("Call Ann")
    calls = desk.calls
    assert due_orgs() == []
    assert wiring.run(org) is None
    assert desk.calls == calls
    taken()
    assert orgs.resume_org(org)
    assert taken() == [org]
    desk.round()
    assert desk.there(reminder)["Subject"] == "Call Ann"

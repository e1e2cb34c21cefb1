"""Once a night every open link is read: what is news goes the ordinary way, what nothing mends is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.config import schedules as calendar
from tandem.reminders.models import Reminder
from tandem.schedules.models import Schedule
from tandem.schedules.services import do_what_is_due
from tandem.sync import allowance
from tandem.sync.audit import APART, GONE, apart
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync.orgs import owe_audit
from tandem.sync.round import Report
from tests.sync.build import STAMP, TWO_WAY, link, row, seconds, version
from tests.sync.build import pair as pair_of
from tests.sync.desk import Desk


def tonight(desk: Desk) -> Report:
    """The night comes, and with it the check."""
    desk.wait(minutes=20)
    owe_audit(desk.connections["anna"].org_id, desk.clock.now())
    return desk.round()


def overlooked(desk: Desk) -> None:
    """The polls and the logs miss what happened until now, as if a bug or a restored backup had moved their cursors."""
    later = desk.clock.now() + timedelta(minutes=30)
    TaskSync.objects.update(polled_to=later, deleted_to=later)


@pytest.fixture
def pair(desk: Desk) -> Reminder:
    desk.switch_on()
    reminder = desk.create("Call Ann", details="agreed")
    desk.settle()
    desk.wait(minutes=1)
    return reminder


def test_when_all_is_well_it_costs_one_call_for_2000_links_and_writes_nothing(
    desk: Desk, pair: Reminder
) -> None:
    desk.wait(minutes=20)
    plain = desk.round().calls
    report = tonight(desk)
    assert report.audit == {"links": 1, "mended": 0, "missing": 0, "apart": 0}
    assert (report.wrote, report.calls) == (0, plain + 1)
    state = OrgSync.objects.get()
    assert (state.audit_at, state.audited_at, state.audit_found) == (None, desk.clock.now(), report.audit)
    assert desk.round().audit == {}, "once a night"


def test_an_edit_that_the_polls_missed_comes_in(desk: Desk, pair: Reminder) -> None:
    desk.update(desk.link(pair).sf_id or "", Description="from there")
    overlooked(desk)
    assert tonight(desk).audit["mended"] == 1
    assert desk.here(pk=pair.pk).details == "from there"


def test_a_deletion_that_the_polls_missed_comes_in(desk: Desk, pair: Reminder) -> None:
    desk.delete(desk.link(pair).sf_id or "")
    overlooked(desk)
    assert tonight(desk).audit["mended"] == 1
    assert desk.here(pk=pair.pk).deleted_at is not None


def test_many_deletions_at_once_are_held_as_ever(desk: Desk) -> None:
    desk.switch_on()
    made = [desk.create(f"Call {n}") for n in range(22)]
    desk.settle()
    for reminder in made:
        desk.delete(desk.link(reminder).sf_id or "")
    overlooked(desk)
    report = tonight(desk)
    assert (report.deletions_held, report.removed_here) == (22, 0)
    assert Reminder.objects.filter(deleted_at__isnull=True).count() == 22


def test_a_task_deleted_more_than_15_days_ago_stays_here_and_is_told_once(desk: Desk, pair: Reminder) -> None:
    desk.delete(desk.link(pair).sf_id or "")
    overlooked(desk)
    desk.running.call(desk.org.empty_bin)
    for _ in range(2):
        assert tonight(desk).audit["missing"] == 1
    assert desk.here(pk=pair.pk).deleted_at is None, "I11: not to be seen is not to be deleted"
    assert [told.rule for told in desk.conflicts()] == [GONE]


def test_when_a_permission_goes_the_number_tells_it_and_not_a_line_for_each_task(desk: Desk) -> None:
    desk.switch_on()
    made = [desk.create(f"Call {n}") for n in range(22)]
    desk.settle()
    for reminder in made:
        desk.delete(desk.link(reminder).sf_id or "")
    overlooked(desk)
    desk.running.call(desk.org.empty_bin)
    assert tonight(desk).audit["missing"] == 22
    assert desk.conflicts() == []


def test_two_sides_that_differ_with_nothing_owed_are_told_and_an_edit_makes_them_equal(
    desk: Desk, pair: Reminder
) -> None:
    Reminder.objects.filter(pk=pair.pk).update(details="changed behind everybody's back")
    link = desk.link(pair)
    link.base_app = {**link.base_app, "details": "changed behind everybody's back"}
    link.save()
    assert tonight(desk).audit["apart"] == 1
    assert [told.rule for told in desk.conflicts()] == [APART]
    desk.edit(pair, details="said again")
    desk.settle()
    assert desk.there(pair)["Description"] == "said again"
    assert tonight(desk).audit["apart"] == 0


def test_b30_a_subject_from_before_another_template_is_no_difference(desk: Desk) -> None:
    OrgSync.objects.update_or_create(
        org_id=desk.connections["anna"].org_id, defaults={"subject_template": "[Tandem] {{activity_subject}}"}
    )
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.settle()
    assert desk.there(reminder)["Subject"] == "[Tandem] Call Ann"
    OrgSync.objects.update(subject_template="{{activity_subject}}")
    assert tonight(desk).audit["apart"] == 0
    assert desk.conflicts() == []


def test_b31_of_two_versions_of_one_second_none_is_judged() -> None:
    """The answer that showed the first was dated a second late, so the order puts the second before it."""
    known = pair_of(link())
    changed = version(details="typed in that very second")
    assert not apart(known, row(changed), TWO_WAY)
    assert apart(known, row(changed, stamp=STAMP + seconds(1)), TWO_WAY)


def test_a_word_that_tandem_does_not_have_is_no_difference(desk: Desk, pair: Reminder) -> None:
    desk.update(desk.link(pair).sf_id or "", Status="In Progress", Priority="Low")
    desk.settle()
    assert tonight(desk).audit["apart"] == 0


def test_short_of_calls_it_gives_way_and_is_tried_again_in_an_hour(desk: Desk, pair: Reminder) -> None:
    org = desk.connections["anna"].org_id
    at_most = allowance.allowance(org).ours_at_most
    assert at_most is not None
    allowance.spend(org, int(at_most * 0.85))
    assert tonight(desk).audit == {}
    assert OrgSync.objects.get().audit_at == desk.clock.now() + timedelta(hours=1)


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_every_night_each_connected_org_owes_a_check_and_old_rows_go(desk: Desk, pair: Reminder) -> None:
    calendar.register_schedules()
    assert do_what_is_due() == [], "made just now: first due tonight"
    desk.wait(hours=20)
    assert sorted(do_what_is_due()) == ["clean-up", "nightly-audit"]
    assert do_what_is_due() == [], "once"
    assert desk.round().audit["links"] == 1
    desk.wait(days=3)  # nothing ran meanwhile: done once, late
    assert sorted(do_what_is_due()) == ["clean-up", "nightly-audit"]
    told = Schedule.objects.get(name="clean-up").told
    assert "hours of counted calls" in told
    assert "0 old lines of timelines" in told
    assert not told.startswith("forgot ended sessions, 0 hours")


def test_a_job_that_fails_stops_no_other_and_is_due_again_tomorrow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(calendar, "_audit_every_org", fails)
    calendar.register_schedules()
    do_what_is_due()
    desk.wait(hours=20)
    assert sorted(do_what_is_due()) == ["clean-up", "nightly-audit"]
    failed = Schedule.objects.get(name="nightly-audit")
    assert failed.told == "RuntimeError: the disk is full"
    assert failed.next_at > desk.clock.now()

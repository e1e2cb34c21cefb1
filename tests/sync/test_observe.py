"""What a Salesforce row tells of its pair: replays are free in any order (I14), old news is old, ties are read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.sync.fields import FieldMap
from tandem.sync.observe import News, Observed, observe, untouched
from tandem.sync.pair import Carried, Closed, Link, Ours, Pair, Row, Side, Values
from tandem.sync.plan import Apply, Reread, plan
from tests.sync.build import (
    APP,
    KEY,
    NAMED,
    NOW,
    ROUND,
    SERVER_NOW,
    SF,
    STAMP,
    TWO_WAY,
    base,
    creating,
    link,
    moment,
    ours,
    pair,
    row,
    seconds,
    seen,
    unsent,
    version,
)

LATER = SERVER_NOW


def look(its_link: Link, its_row: Row, read_at: datetime = LATER, *, asked: bool = False) -> Observed:
    return observe(pair(its_link), its_row, read_at, asked=asked)


# --- whose row it is -------------------------------------------------------------------------------------------------


def test_a_row_of_our_open_create_is_left_to_resolve() -> None:
    """M21: the poll may see our record before its answer is settled."""
    made = unsent(created_with=Carried(APP, SF))
    observed = observe(pair(made, None, creating()), row(key=KEY), LATER)
    assert observed == Observed(made, News.LEFT)


def test_a_row_with_our_key_is_adopted_when_no_create_is_open() -> None:
    """An INSERT taken for refused has landed after all: the pair is agreed on what the INSERT carried."""
    observed = look(unsent(created_with=Carried(APP, SF)), row(version(details="typed since"), key=KEY))
    assert observed.news is News.SEEN
    assert observed.link.sf_id == row().id
    assert observed.link.base is not None
    assert (observed.link.base.app, observed.link.base.sf) == (APP, SF)
    assert observed.link.seen == seen(version(details="typed since"), read_at=LATER)


def test_a_second_record_with_our_key_is_an_orphan() -> None:
    known = link()
    assert look(known, row(id="00T000000000002AAA", key=KEY)) == Observed(known, News.ORPHAN)


def test_a_deleted_second_record_is_no_news() -> None:
    known = link()
    assert look(known, row(id="00T000000000002AAA", key=KEY, deleted=True)) == Observed(known, News.NONE)


@pytest.mark.parametrize("deleted", [False, True])
def test_a_record_that_lands_after_its_pair_was_closed_unsent_is_an_orphan_unless_it_is_dead(
    deleted: bool,
) -> None:
    """M19: a late create must not rise from its tombstone."""
    tomb = unsent(created_with=Carried(APP, SF), closed="deleted", closed_by="tandem")
    expected = News.NONE if deleted else News.ORPHAN
    assert look(tomb, row(key=KEY, deleted=deleted)) == Observed(tomb, expected)


def test_a_twin_is_untouched_only_while_it_holds_what_our_insert_carried() -> None:
    made = unsent(created_with=Carried(APP, SF))
    assert untouched(made, row())
    assert not untouched(made, row(version(details="typed by somebody")))
    assert not untouched(unsent(), row())


# --- newer, older, the same ------------------------------------------------------------------------------------------


def test_a_newer_version_is_news_and_asks_for_a_plan() -> None:
    changed = row(version(details="new"), stamp=STAMP + seconds(1))
    observed = look(link(stale=True), changed)
    assert observed.news is News.SEEN
    assert observed.link.seen == seen(changed.version, stamp=changed.stamp, read_at=LATER)
    assert observed.link.rev_done is None
    assert not observed.link.stale


def test_an_older_version_is_ignored_however_late_it_is_shown() -> None:
    """M10: a stale page is judged by what it shows, not by when it arrives."""
    known = link()
    old = row(version(details="old"), stamp=STAMP - seconds(1))
    assert look(known, old, LATER + timedelta(minutes=9)) == Observed(known, News.NONE)


def test_a_page_read_before_the_one_we_know_is_ignored() -> None:
    known = link()
    assert look(known, row(version(details="old")), ROUND - seconds(1)) == Observed(known, News.NONE)


def test_the_same_version_again_is_not_even_a_write() -> None:
    """The overlap shows each change again for ten minutes (docs/engine.md §2.7)."""
    known = link()
    assert look(known, row()).link is known


def test_the_same_version_read_again_on_purpose_counts_as_freshly_read() -> None:
    observed = look(link(), row(), asked=True)
    assert observed.news is News.NONE
    assert observed.link == link(seen=seen(read_at=LATER))


def test_a_version_read_in_its_own_second_is_read_older_by_any_later_page() -> None:
    young = link(seen=seen(stamp=ROUND))
    observed = look(young, row(stamp=ROUND))
    assert observed.link.seen == seen(stamp=ROUND, read_at=LATER)


def test_another_owner_alone_is_news() -> None:
    assert look(link(), row(version(owner="somebody else"), stamp=STAMP + seconds(1))).news is News.SEEN


def test_news_lifts_a_parked_pair_because_it_may_be_the_cure() -> None:
    observed = look(link(parked=True, error_rev=7), row(version(details="cured"), stamp=STAMP + seconds(9)))
    assert not observed.link.parked


# --- ties ------------------------------------------------------------------------------------------------------------


def test_a_tie_is_never_guessed_but_read_again() -> None:
    observed = look(link(), row(version(details="other")), ROUND)
    assert observed.news is News.SEEN
    assert observed.link.stale
    assert observed.link.seen == seen(), "a tie must not choose"
    assert plan(pair(observed.link), TWO_WAY, moment()) == Reread()


def test_a_later_reading_ends_a_tie_whichever_side_it_confirms() -> None:
    for details in ("", "other"):
        observed = look(link(stale=True), row(version(details=details)), ROUND + seconds(1))
        assert not observed.link.stale
        assert observed.link.seen == seen(version(details=details), read_at=ROUND + seconds(1))
        assert observed.link.rev_done is None


def test_showing_the_first_version_of_a_tie_again_does_not_end_the_tie() -> None:
    """I14: the same page again is no new reading, so what was in doubt stays in doubt."""
    tied = look(link(), row(version(details="other")), ROUND).link
    assert look(tied, row(), ROUND).link.stale


@st.composite
def _readings(draw: st.DrawFn) -> list[tuple[Row, datetime]]:
    """Readings of one Task while people change it. Both clocks tell whole seconds only, so ties come by themselves."""
    commits: list[tuple[int, Row]] = []
    at = 0
    for number in range(draw(st.integers(1, 5))):
        at += draw(st.integers(0, 1_500))
        shown = version(details=f"commit {number}")
        commits.append((at, row(shown, stamp=_second(at), deleted=draw(st.booleans()))))
    moments = draw(st.lists(st.integers(commits[0][0], at + 1_500), min_size=1, max_size=6))
    return [(_shown_at(commits, read), _second(read)) for read in moments]


def _shown_at(commits: list[tuple[int, Row]], read: int) -> Row:
    return [shown for at, shown in commits if at <= read][-1]


def _second(milliseconds: int) -> datetime:
    return SERVER_NOW + timedelta(minutes=5) + seconds(milliseconds // 1_000)


def _after(readings: list[tuple[Row, datetime]]) -> Link:
    known = link()
    for shown, read_at in readings:
        known = observe(pair(known), shown, read_at).link
    return known


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_readings_in_any_order_and_any_number_of_times_end_at_the_newest(data: st.DataObject) -> None:
    """I14. Where the newest two cannot be told apart, every order must end in "read it again"."""
    readings = data.draw(_readings())
    again = data.draw(st.lists(st.sampled_from(readings), max_size=4))
    told = data.draw(st.permutations(readings + again))

    known = _after(told)

    newest = max((shown.stamp, read_at) for shown, read_at in readings)
    candidates = {
        (shown.version.values["details"], shown.deleted)
        for shown, read_at in readings
        if (shown.stamp, read_at) == newest
    }
    if len(candidates) > 1:
        assert known.stale, f"guessed among {candidates}"
        return
    assert known.seen is not None
    assert not known.stale
    assert {(known.seen.version.values["details"], known.seen.deleted)} == candidates


def test_every_order_of_a_life_ends_with_its_end() -> None:
    """Made, edited, deleted, brought back: 24 orders, each with every page shown twice."""
    life = [
        (
            row(version(details=word), stamp=STAMP + seconds(10 * n), deleted=word == "gone"),
            STAMP + seconds(10 * n + 5),
        )
        for n, word in enumerate(("made", "edited", "gone", "back"), start=400)
    ]
    orders = list(permutations(life))
    for order in orders:
        known = _after([*order, *order])
        assert known.seen is not None
        assert (known.seen.version.values["details"], known.seen.deleted) == ("back", False)
    assert len(orders) == 24


# --- deletions, and back from the bin --------------------------------------------------------------------------------


def _closed_after_delete(closed: Closed, by: Side, **changes: object) -> Link:
    gone = seen(stamp=STAMP + seconds(5), deleted=True)
    return replace(link(seen=gone, closed=closed, closed_by=by, rev_done=7), **changes)  # type: ignore[arg-type]


def _back(**values: Any) -> Row:
    return row(version(**values), stamp=STAMP + timedelta(minutes=30))


def _dead() -> Ours:
    return ours(deleted_at=NOW - timedelta(days=1))


def test_a_deleted_row_is_a_witness_of_deletion() -> None:
    """I11."""
    observed = look(link(), row(stamp=STAMP + seconds(5), deleted=True))
    assert observed.news is News.SEEN
    assert observed.link.seen is not None
    assert observed.link.seen.deleted


def test_a_deletion_that_does_not_move_the_stamp_is_seen_all_the_same() -> None:
    assert look(link(), row(deleted=True)).news is News.SEEN


def test_a_live_page_read_before_the_deletion_opens_no_closed_pair() -> None:
    """I4: a stale page is not an un-delete."""
    tomb = _closed_after_delete("deleted", "salesforce")
    stale_page = row(stamp=STAMP)
    assert observe(Pair(tomb, _dead()), stale_page, LATER) == Observed(tomb, News.NONE)


def test_an_undelete_in_salesforce_brings_the_reminder_back() -> None:
    tomb = _closed_after_delete("deleted", "salesforce")
    observed = observe(Pair(tomb, _dead()), _back(), LATER)
    assert observed.news is News.REOPENED
    assert (observed.link.closed, observed.link.closed_by, observed.link.rev_done) == (None, None, None)


def _risen(fields: FieldMap, before: Values, shown: Row, mine: Ours) -> Values:
    """What the Reminder says once its Task is back: the base it is reopened with, then what the plan writes here."""
    tomb = _closed_after_delete("deleted", "salesforce", base=base(mine.values, before))
    observed = observe(Pair(tomb, mine), shown, LATER)
    assert observed.link.base is not None
    alive = replace(mine, deleted_at=None, values=observed.link.base.app)
    step = plan(Pair(observed.link, alive), fields, moment())
    return {**alive.values, **(step.merged.here if isinstance(step, Apply) else {})}


def test_an_undelete_brings_what_was_changed_in_salesforce() -> None:
    assert _risen(TWO_WAY, SF, _back(details="new"), _dead())["details"] == "new"


def test_an_undelete_leaves_a_high_priority_over_low_alone() -> None:
    """TS-6: Low is no opinion, not even on the way back from the bin."""
    mine = replace(_dead(), values={**APP, "priority": "high"})
    assert _risen(TWO_WAY, {"priority": "Low"}, _back(priority="Low"), mine)["priority"] == "high"


def test_an_undelete_leaves_a_completed_reminder_over_a_foreign_status_alone() -> None:
    """TS-5: In Progress is no opinion, not even on the way back from the bin."""
    mine = replace(_dead(), values={**APP, "status": "done"})
    assert _risen(TWO_WAY, {"status": "In Progress"}, _back(status="In Progress"), mine)["status"] == "done"


def test_an_undelete_leaves_the_name_alone_under_a_one_way_template() -> None:
    """TS-4, P3: a rendered Subject never becomes the name."""
    shown = _back(name="[Tandem] Call Ann")
    assert _risen(NAMED, {"name": "[Tandem] Call Ann"}, shown, _dead())["name"] == "Call Ann"


def test_an_undelete_of_what_tandem_deleted_stays_deleted_here_and_is_logged() -> None:
    """docs/engine.md §2.5."""
    tomb = _closed_after_delete("deleted", "tandem")
    observed = observe(Pair(tomb, _dead()), _back(), LATER)
    assert observed.news is News.NONE
    assert (observed.link.closed, observed.link.closed_by) == ("deleted", "tandem")
    assert [loss.side for loss in observed.lost] == ["salesforce"]


def test_an_undelete_that_was_logged_is_not_logged_again() -> None:
    tomb = _closed_after_delete("deleted", "tandem")
    once = observe(Pair(tomb, _dead()), _back(), LATER)
    twice = observe(Pair(once.link, _dead()), _back(), LATER)
    assert (twice.news, twice.lost, twice.link) == (News.NONE, (), once.link)


def test_an_undelete_joins_a_detached_pair_again_from_its_old_base() -> None:
    edited = ours(details="mine")
    observed = observe(Pair(_closed_after_delete("detached", "salesforce"), edited), _back(), LATER)
    assert (observed.news, observed.link.closed) == (News.SEEN, None)
    step = plan(Pair(observed.link, edited), TWO_WAY, moment())
    assert isinstance(step, Apply)
    assert step.merged.there.sf == {"details": "mine"}


@pytest.mark.parametrize("reason", ["kept_remote", "logged", "not_ours"])
def test_rows_of_any_other_closed_pair_are_never_answered(reason: Closed) -> None:
    """I15: what was logged once is not touched again."""
    tomb = _closed_after_delete(reason, "tandem")
    for shown in (_back(), _back(details="new"), row(deleted=True)):
        assert observe(Pair(tomb, ours()), shown, LATER) == Observed(tomb, News.NONE)


def test_a_delete_whose_reading_back_was_lost_still_names_the_edit_it_destroyed() -> None:
    """R2: the bin is read by the next poll at the latest, and what died there is logged (I16)."""
    tomb = link(closed="deleted", closed_by="tandem", rev_done=7, stale=True)
    in_the_bin = row(version(details="typed just before"), stamp=STAMP + seconds(5), deleted=True)
    observed = observe(Pair(tomb, _dead()), in_the_bin, LATER)
    assert [(loss.field, loss.value) for loss in observed.lost] == [("details", "typed just before")]
    again = observe(Pair(observed.link, _dead()), in_the_bin, LATER + seconds(60))
    assert again.lost == ()

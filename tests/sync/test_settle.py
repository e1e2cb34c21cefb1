"""What each outcome of a write means for its pair: one sentence per rule of docs/engine.md §2.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations, product
from typing import Any

import pytest

from tandem.sync.observe import observe
from tandem.sync.pair import Intent, Link, Op, Ours, Pair, Row
from tandem.sync.plan import (
    Apply,
    Close,
    Create,
    Erase,
    Nothing,
    Remove,
    Reread,
    Resolve,
    Revive,
    Step,
    Wait,
    plan,
)
from tandem.sync.ports import Done, InDoubt, Outcome, Refused, Why
from tandem.sync.settle import DOUBT, LONGEST_BACK_OFF, Settled, doubted, settle
from tests.sync.build import (
    APP,
    ID,
    KEY,
    NOW,
    SERVER_NOW,
    SF,
    STAMP,
    TWO_WAY,
    base,
    creating,
    intent,
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

DONE = Done(ID)
LOST_ANSWER = InDoubt("CONNECTION_LOST", "The connection broke before the answer came.")
WRITTEN_AT = SERVER_NOW
READ_BACK = SERVER_NOW + seconds(3)
OTHER_ID = "00T000000000002AAA"


def refused(why: Why) -> Refused:
    return Refused(why, why.name, "Salesforce did not take it.")


def settled(
    its_pair: Pair, outcome: Outcome, *rows: Row, read_at: datetime | None = READ_BACK, now: datetime = NOW
) -> Settled:
    assert its_pair.intent is not None
    return settle(its_pair, its_pair.intent, outcome, rows, read_at, now)


def next_step(result: Settled, mine: Ours, *, now: datetime = NOW) -> Step:
    return plan(Pair(result.link, mine, result.intent), TWO_WAY, moment(now=now))


def sent_next(step: Step) -> dict[str, str]:
    assert isinstance(step, Apply), step
    return dict(step.merged.there.sf)


def written_next(step: Step) -> dict[str, str]:
    assert isinstance(step, Apply), step
    return step.merged.here


def answer_row(**values: Any) -> Row:
    """The record as the same call read it back."""
    return row(version(**values), stamp=WRITTEN_AT, key=KEY)


# --- INSERT ----------------------------------------------------------------------------------------------------------

CREATE_SENT = pair(unsent(), ours(), creating())


IN_A_MINUTE = NOW + seconds(60)


def _create_in_doubt(until: datetime | None = IN_A_MINUTE) -> Pair:
    """The INSERT was sent before without an answer, and now again."""
    return pair(unsent(), ours(), creating(attempts=2, doubt_until=until))


def test_an_insert_that_was_done_is_agreed_on_what_it_carried() -> None:
    result = settled(CREATE_SENT, DONE, answer_row())
    assert (result.intent, result.lost, result.twins) == (None, (), ())
    assert result.link.sf_id == ID
    assert result.link.base == base(stamp=WRITTEN_AT)
    assert result.link.seen == seen(version(), stamp=WRITTEN_AT, read_at=READ_BACK)
    assert isinstance(next_step(result, ours()), Nothing)


def test_an_insert_that_was_done_but_not_read_back_is_in_doubt_until_it_is_read() -> None:
    result = settled(CREATE_SENT, DONE, read_at=None)
    assert (result.link.sf_id, result.intent) == (ID, None)
    assert isinstance(next_step(result, ours()), Reread)


def test_an_edit_made_while_the_insert_was_out_is_still_owed() -> None:
    """M5: settled with what was carried, never with the present values."""
    meanwhile = ours(rev=8, details="typed while the call was out")
    result = settled(replace(CREATE_SENT, ours=meanwhile), DONE, answer_row())
    assert sent_next(next_step(result, meanwhile)) == {"details": "typed while the call was out"}


def test_what_salesforce_made_of_our_insert_comes_in() -> None:
    result = settled(CREATE_SENT, DONE, answer_row(details="stamped by a flow"))
    assert written_next(next_step(result, ours())) == {"details": "stamped by a flow"}


def test_an_unanswered_insert_stays_open_for_ten_minutes_of_doubt() -> None:
    result = settled(CREATE_SENT, LOST_ANSWER, read_at=None)
    assert result.intent == replace(creating(), in_flight=False, doubt_until=NOW + timedelta(minutes=10))
    assert timedelta(minutes=10) == DOUBT
    assert result.link.sf_id is None
    assert isinstance(next_step(result, ours()), Resolve)


def test_an_insert_found_by_its_key_is_adopted_whatever_the_answer_said() -> None:
    """M20: what is there is believed before what was answered."""
    outcomes: tuple[Outcome, ...] = (DONE, LOST_ANSWER, *(refused(why) for why in Why))
    for outcome in outcomes:
        for its_pair in (CREATE_SENT, _create_in_doubt()):
            result = settled(its_pair, outcome, answer_row())
            assert (result.link.sf_id, result.intent) == (ID, None), outcome
            assert result.link.base == base(stamp=WRITTEN_AT), outcome


def test_a_duplicate_key_that_cannot_be_read_back_keeps_the_insert_open() -> None:
    """DUPLICATE_VALUE says that it is there; until it is found nothing is dropped."""
    for read_at in (None, READ_BACK):
        for its_pair in (CREATE_SENT, _create_in_doubt(), _create_in_doubt(NOW - seconds(1))):
            assert settled(its_pair, refused(Why.DUPLICATE), read_at=read_at).intent is not None


def test_a_refused_insert_is_dropped_and_may_be_planned_anew() -> None:
    result = settled(CREATE_SENT, refused(Why.BUSY), read_at=None)
    assert result.intent is None
    assert result.link.sf_id is None
    assert not result.link.parked
    assert next_step(result, ours()) == Wait(result.link.not_before)
    assert isinstance(next_step(result, ours(), now=NOW + timedelta(minutes=1)), Create)


@pytest.mark.parametrize(
    "why", [Why.BUSY, Why.RULE, Why.LIMIT, Why.SIGN_IN, Why.UNSENT, Why.GONE, Why.CHANGED]
)
def test_a_refusal_of_a_reissued_insert_is_not_certain_until_the_doubt_ends(why: Why) -> None:
    """M18: the first attempt may still land; nothing newer may take its place."""
    for early in (1, 60, 600):
        its_pair = _create_in_doubt(NOW + seconds(early))
        kept = settled(its_pair, refused(why), read_at=None).intent
        assert kept is not None
        assert its_pair.intent == replace(kept, in_flight=True)
        assert not kept.in_flight
    for late in (0, 1):
        over = _create_in_doubt(NOW - seconds(late))
        assert settled(over, refused(why), read_at=None).intent is not None, (
            "it may have landed: nobody looked"
        )
        assert settled(over, refused(why)).intent is None, "looked by its key: it is not there"


def test_of_two_records_with_our_key_the_older_is_ours_and_the_younger_is_a_twin() -> None:
    """M19."""
    older = replace(answer_row(), id=OTHER_ID, created=STAMP - seconds(9))
    younger = replace(answer_row(), created=STAMP)
    for rows in permutations((older, younger)):
        result = settled(_create_in_doubt(), DONE, *rows)
        assert (result.link.sf_id, result.twins) == (OTHER_ID, (younger,))


def test_two_records_of_one_second_are_told_apart_in_whatever_order_they_come() -> None:
    rows = (answer_row(), replace(answer_row(), id=OTHER_ID))
    assert settled(_create_in_doubt(), DONE, *rows) == settled(_create_in_doubt(), DONE, *reversed(rows))


def test_a_deleted_younger_twin_needs_no_sweeping() -> None:
    younger = replace(answer_row(), id=OTHER_ID, created=STAMP + seconds(1), deleted=True)
    assert settled(CREATE_SENT, DONE, answer_row(), younger).twins == ()


def test_a_record_that_landed_and_was_deleted_is_not_replaced_by_its_late_twin() -> None:
    """M20, I4: the older one is in the bin, so the Reminder goes and the late twin is swept."""
    dead = replace(answer_row(), created=STAMP - seconds(9), deleted=True)
    late = replace(answer_row(), id=OTHER_ID, created=STAMP)
    result = settled(_create_in_doubt(), Done(OTHER_ID), late, dead)
    assert (result.link.sf_id, result.twins) == (ID, (late,))
    assert isinstance(next_step(result, ours()), Remove)


def test_a_record_with_another_key_is_not_ours() -> None:
    foreign = replace(answer_row(), key="somebody else's")
    assert settled(CREATE_SENT, LOST_ANSWER, foreign).link.sf_id is None


# --- UPDATE ----------------------------------------------------------------------------------------------------------

MINE = {"details": "mine"}
EDITED = ours(details="mine")
UPDATE_SENT = pair(link(), EDITED, intent("update", MINE, MINE))


def _update(
    mine: Ours = EDITED, *, doubt_until: datetime | None = None, attempts: int = 1, **values: str
) -> Pair:
    carried = values or MINE
    return pair(link(), mine, intent("update", carried, carried, attempts=attempts, doubt_until=doubt_until))


def test_an_update_that_was_done_is_agreed_on_what_it_carried() -> None:
    result = settled(UPDATE_SENT, DONE, answer_row(details="mine"))
    assert result.intent is None
    assert result.link.base == base(MINE, MINE, stamp=WRITTEN_AT)
    assert isinstance(next_step(result, EDITED), Nothing)


def test_an_edit_made_while_the_update_was_out_is_still_owed() -> None:
    """M5."""
    meanwhile = ours(rev=8, details="mine again", due="2026-05-05")
    result = settled(_update(meanwhile), DONE, answer_row(details="mine"))
    assert result.link.base == base(MINE, MINE, stamp=WRITTEN_AT)
    young = plan(Pair(result.link, meanwhile), TWO_WAY, moment())
    assert sent_next(young) == {"details": "mine again", "due": "2026-05-05"}


def test_what_an_automation_made_of_our_update_comes_in() -> None:
    result = settled(UPDATE_SENT, DONE, answer_row(details="MINE, says the flow"))
    assert written_next(next_step(result, EDITED)) == {"details": "MINE, says the flow"}


def test_an_update_that_was_done_but_not_read_back_is_read_before_anything_else() -> None:
    result = settled(UPDATE_SENT, DONE, read_at=None)
    assert result.link.base == base(MINE, MINE)
    assert isinstance(next_step(result, EDITED), Reread)


def test_an_update_that_met_somebody_elses_edit_is_merged_anew() -> None:
    """412: M3."""
    result = settled(UPDATE_SENT, refused(Why.CHANGED), answer_row(due="2026-06-06"))
    assert result.intent is None
    assert result.link.not_before is None
    step = next_step(result, EDITED)
    assert (written_next(step), sent_next(step)) == ({"due": "2026-06-06"}, MINE)


def test_an_update_that_met_its_own_first_attempt_is_agreed_and_not_sent_again() -> None:
    """412 because our own lost attempt landed: not a conflict, no flip-flop (I9)."""
    reissued = _update(attempts=2, doubt_until=NOW + seconds(60))
    result = settled(reissued, refused(Why.CHANGED), answer_row(details="mine"))
    assert (result.intent, result.lost) == (None, ())
    assert isinstance(next_step(result, EDITED), Nothing)


def test_only_those_carried_values_that_are_there_count_as_agreed() -> None:
    mine = ours(details="mine", due="2026-05-05")
    its_pair = _update(mine, attempts=2, details="mine", due="2026-05-05")
    result = settled(its_pair, refused(Why.CHANGED), answer_row(details="mine"))
    assert sent_next(next_step(result, mine)) == {"due": "2026-05-05"}


def test_a_412_that_was_not_read_back_keeps_the_update_open() -> None:
    result = settled(UPDATE_SENT, refused(Why.CHANGED), read_at=None)
    assert result.intent is not None
    assert isinstance(next_step(result, EDITED), Resolve)


def test_an_update_of_a_deleted_task_detaches_the_reminder_and_names_the_edit() -> None:
    """R5: an edit is never destroyed by a delete."""
    result = settled(UPDATE_SENT, refused(Why.GONE), replace(answer_row(), deleted=True))
    assert result.intent is None
    step = next_step(result, EDITED)
    assert isinstance(step, Close)
    assert (step.reason, [loss.won for loss in step.lost]) == ("detached", ["mine"])


def test_an_update_that_landed_before_the_task_was_deleted_lets_the_reminder_go() -> None:
    gone = replace(answer_row(details="mine"), deleted=True)
    result = settled(_update(attempts=2), refused(Why.GONE), gone)
    assert isinstance(next_step(result, EDITED), Remove)


@pytest.mark.parametrize("read_at", [None, READ_BACK])
def test_entity_is_deleted_on_the_very_id_is_a_witness_of_its_deletion(read_at: datetime | None) -> None:
    """I11: also when the bin was emptied and nothing can be read back (R3)."""
    deleted = Refused(Why.GONE, "ENTITY_IS_DELETED", "entity is deleted")
    result = settled(UPDATE_SENT, deleted, read_at=read_at)
    assert result.intent is None
    assert result.link.seen is not None
    assert result.link.seen.deleted
    assert isinstance(next_step(result, EDITED), Close)


@pytest.mark.parametrize("read_at", [None, READ_BACK])
def test_a_task_out_of_sight_is_not_deleted_and_the_edit_stays_here(read_at: datetime | None) -> None:
    """I11: NOT_FOUND also means that it is no longer shared with us."""
    hidden = Refused(Why.GONE, "NOT_FOUND", "The requested resource does not exist")
    result = settled(UPDATE_SENT, hidden, read_at=read_at)
    assert result.intent is None
    assert result.link.closed == "detached"
    assert [(lost.value, lost.won) for lost in result.lost] == [("out of sight", "mine")]
    assert isinstance(next_step(result, EDITED), Nothing)


def test_a_delete_answered_gone_whose_record_is_back_again_is_planned_anew() -> None:
    """Somebody deleted it and restored it within our call (I4)."""
    result = settled(_delete(), refused(Why.GONE), answer_row())
    assert result.intent is None
    assert result.link.closed is None
    assert result.link.seen is not None
    assert not result.link.seen.deleted


def test_an_unanswered_update_stays_open_as_it_was_sent() -> None:
    result = settled(UPDATE_SENT, LOST_ANSWER, read_at=None)
    assert UPDATE_SENT.intent is not None
    assert result.intent == replace(UPDATE_SENT.intent, in_flight=False, doubt_until=NOW + DOUBT)
    assert result.link.base == base()


@pytest.mark.parametrize("why", [Why.BUSY, Why.RULE, Why.LIMIT, Why.SIGN_IN, Why.UNSENT, Why.DUPLICATE])
def test_a_refusal_of_a_reissued_update_is_not_certain_until_the_doubt_ends(why: Why) -> None:
    """M18."""
    kept = settled(_update(attempts=2, doubt_until=NOW + seconds(1)), refused(why), read_at=None)
    assert kept.intent is not None
    assert not kept.link.parked, "what may yet land is not parked"
    over = _update(attempts=2, doubt_until=NOW)
    assert settled(over, refused(why), read_at=None).intent is not None, "it may have landed: nobody looked"
    assert settled(over, refused(why), answer_row()).intent is None


def test_an_update_against_a_rule_is_parked_until_the_reminder_changes() -> None:
    result = settled(UPDATE_SENT, refused(Why.RULE), answer_row())
    assert (result.intent, result.link.parked, result.link.error_code) == (None, True, "RULE")
    assert next_step(result, EDITED) == Wait()
    assert sent_next(next_step(result, ours(rev=8, details="shorter"))) == {"details": "shorter"}


def test_a_refused_update_whose_field_was_changed_meanwhile_is_tried_as_it_is_now() -> None:
    meanwhile = ours(rev=8, details="shorter")
    result = settled(_update(meanwhile), refused(Why.RULE), answer_row())
    assert sent_next(next_step(result, meanwhile)) == {"details": "shorter"}


def test_a_refused_update_beside_which_another_field_was_changed_is_tried_as_it_is_now() -> None:
    """The edit made while the call was out may be the cure: a rule often asks for a second field."""
    meanwhile = ours(rev=8, details="mine", due="2026-05-05")
    result = settled(_update(meanwhile), refused(Why.RULE), answer_row())
    assert sent_next(next_step(result, meanwhile)) == {"details": "mine", "due": "2026-05-05"}


def test_a_refused_update_that_somebody_made_in_salesforce_meanwhile_is_agreed() -> None:
    """I9: the row read back shows our value, so base and seen move together and nothing is written back."""
    for why in (Why.BUSY, Why.RULE, Why.LIMIT):
        result = settled(UPDATE_SENT, refused(why), answer_row(details="mine"))
        step = next_step(result, EDITED, now=NOW + timedelta(hours=1))
        assert isinstance(step, Nothing | Wait), f"{why}: {step}"


def test_a_reissued_update_that_had_landed_and_is_refused_after_the_doubt_is_agreed() -> None:
    """I9, M18: the lost attempt landed, the re-issue is refused by a lock; our edit must not be taken back here."""
    late = _update(attempts=2, doubt_until=NOW - seconds(1))
    result = settled(late, refused(Why.BUSY), answer_row(details="mine"))
    step = next_step(result, EDITED, now=NOW + timedelta(hours=1))
    assert isinstance(step, Nothing), step


def test_a_lock_costs_a_wait_and_nothing_else() -> None:
    result = settled(UPDATE_SENT, refused(Why.BUSY), answer_row())
    assert (result.intent, result.link.parked, result.link.failures) == (None, False, 1)
    assert result.link.not_before is not None
    assert result.link.not_before > NOW
    assert next_step(result, EDITED) == Wait(result.link.not_before)
    assert sent_next(next_step(result, EDITED, now=result.link.not_before)) == MINE


@pytest.mark.parametrize("why", [Why.LIMIT, Why.SIGN_IN, Why.UNSENT])
def test_what_is_the_orgs_or_the_members_trouble_is_not_held_against_the_pair(why: Why) -> None:
    result = settled(UPDATE_SENT, refused(why), read_at=None)
    assert result == Settled(replace(UPDATE_SENT.link, rev_done=None))


def test_the_waits_after_refusals_grow_and_end_at_five_minutes() -> None:
    waits = []
    known = link()
    for _ in range(20):
        known = settled(
            pair(known, EDITED, intent("update", MINE, MINE)), refused(Why.BUSY), read_at=None
        ).link
        assert known.not_before is not None
        waits.append(known.not_before - NOW)
    assert waits == sorted(waits)
    assert waits[0] <= seconds(5)
    assert timedelta(minutes=5) == LONGEST_BACK_OFF == waits[-1]


def test_a_definite_answer_clears_what_stood_against_the_pair() -> None:
    troubled = link(failures=3, parked=True, error_code="OLD", error_text="old", error_rev=7, not_before=NOW)
    for outcome in (DONE, refused(Why.CHANGED)):
        well = settled(pair(troubled, EDITED, intent("update", MINE, MINE)), outcome, answer_row()).link
        trouble = (
            well.failures,
            well.parked,
            well.error_code,
            well.error_text,
            well.error_rev,
            well.not_before,
        )
        assert trouble == (0, False, "", "", None, None)


@pytest.mark.parametrize(
    "outcome", [DONE, refused(Why.CHANGED), refused(Why.GONE)], ids=["done", "412", "gone"]
)
def test_an_answer_that_comes_late_does_not_hide_newer_news(outcome: Outcome) -> None:
    """I6, I14: a slow round settles after another one has polled; what that one saw is newer and stays."""
    news = seen(
        version(details="typed since"), stamp=WRITTEN_AT + seconds(30), read_at=READ_BACK + seconds(40)
    )
    its_pair = pair(link(seen=news), EDITED, intent("update", MINE, MINE))
    assert settled(its_pair, outcome, answer_row(details="mine")).link.seen == news


# --- DELETE ----------------------------------------------------------------------------------------------------------

DEAD = ours(rev=8, deleted_at=NOW - timedelta(minutes=1))


def _delete(mine: Ours = DEAD, **changes: object) -> Pair:
    return pair(link(), mine, intent("delete", **changes))  # type: ignore[arg-type]


IN_THE_BIN = replace(answer_row(), deleted=True)


@pytest.mark.parametrize("outcome", [DONE, refused(Why.GONE)], ids=["done", "gone already"])
def test_a_delete_that_was_done_or_had_been_done_closes_the_pair_for_good(outcome: Outcome) -> None:
    result = settled(_delete(), outcome, IN_THE_BIN)
    assert (result.intent, result.lost) == (None, ())
    assert (result.link.closed, result.link.closed_by) == ("deleted", "tandem")
    assert isinstance(next_step(result, DEAD), Nothing)


@pytest.mark.parametrize("outcome", [DONE, refused(Why.GONE)], ids=["done", "gone already"])
def test_an_edit_that_died_with_the_task_is_read_from_the_bin_and_named(outcome: Outcome) -> None:
    """R2, M11."""
    edited = replace(answer_row(details="typed just before", due="2026-07-07"), deleted=True)
    result = settled(_delete(), outcome, edited)
    assert {(loss.field, loss.side, loss.value) for loss in result.lost} == {
        ("details", "salesforce", "typed just before"),
        ("due", "salesforce", "2026-07-07"),
    }


def test_a_delete_with_nothing_left_to_read_closes_the_pair() -> None:
    result = settled(_delete(), refused(Why.GONE))
    assert (result.link.closed, result.intent) == ("deleted", None)


def test_an_unanswered_delete_stays_open() -> None:
    result = settled(_delete(), LOST_ANSWER, read_at=None)
    assert result.link.closed is None
    assert isinstance(next_step(result, DEAD), Resolve)


@pytest.mark.parametrize("why", [Why.BUSY, Why.RULE, Why.LIMIT, Why.SIGN_IN, Why.UNSENT])
def test_a_refused_delete_leaves_the_pair_open(why: Why) -> None:
    result = settled(_delete(), refused(why), answer_row())
    assert (result.link.closed, result.intent) == (None, None)
    doubted = settled(_delete(attempts=2, doubt_until=NOW + seconds(1)), refused(why), answer_row())
    assert (doubted.link.closed, doubted.intent is None) == (None, False)


def test_a_delete_against_a_rule_waits_for_a_person() -> None:
    result = settled(_delete(), refused(Why.RULE), answer_row())
    assert next_step(result, DEAD, now=NOW + timedelta(days=1)) == Wait()


def test_a_reminder_brought_back_while_its_delete_was_out_gets_a_new_task() -> None:
    undone = ours(rev=9)
    result = settled(_delete(undone), DONE, IN_THE_BIN)
    assert result.link.closed == "deleted"
    assert isinstance(next_step(result, undone), Revive)


def test_a_reminder_brought_back_after_its_delete_was_settled_gets_a_new_task() -> None:
    result = settled(_delete(), DONE, IN_THE_BIN)
    assert isinstance(next_step(result, ours(rev=9)), Revive)


def test_a_reminder_brought_back_and_edited_while_its_delete_was_refused_sends_the_edit() -> None:
    """The undo is the cure of a refused delete: nothing is left to wait for."""
    undone = ours(rev=10, details="and edited")
    result = settled(_delete(undone), refused(Why.RULE), answer_row())
    assert sent_next(next_step(result, undone)) == {"details": "and edited"}


def test_a_reminder_brought_back_while_its_delete_was_refused_for_a_moment_lives_on() -> None:
    undone = ours(rev=9)
    result = settled(_delete(undone), refused(Why.BUSY), answer_row())
    assert isinstance(next_step(result, undone, now=NOW + timedelta(minutes=1)), Nothing)


def test_a_delete_read_back_alive_is_deleted_again_only_after_looking() -> None:
    """A lock refused it and somebody edits meanwhile: the next plan sees the edit and keeps the Task (P5)."""
    result = settled(_delete(), refused(Why.BUSY), answer_row())
    later = NOW + timedelta(minutes=1)
    assert isinstance(next_step(result, DEAD, now=later), Erase)
    edited = observe(Pair(result.link, DEAD), answer_row(details="typed"), READ_BACK).link
    step = plan(Pair(edited, DEAD), TWO_WAY, moment(now=later))
    assert isinstance(step, Close)
    assert step.reason == "kept_remote"


# --- every outcome ---------------------------------------------------------------------------------------------------


def _open_intents() -> Sequence[Pair]:
    doubts = (None, NOW - seconds(1), NOW + seconds(1))
    ops: tuple[Op, ...] = ("create", "update", "delete")
    pairs = []
    for op, doubt, attempts, revived in product(ops, doubts, (1, 2), (False, True)):
        known: Link = unsent() if op == "create" else link()
        carried = {"create": (APP, SF), "update": (MINE, MINE), "delete": ({}, {})}[op]
        sent: Intent = intent(op, *carried, attempts=attempts, doubt_until=doubt)
        alive = op != "delete" or revived
        mine = ours(rev=9, details="mine" if op == "update" else "", deleted_at=None if alive else NOW)
        pairs.append(pair(known, mine, sent))
    return pairs


def test_every_outcome_leaves_what_the_database_may_hold_and_what_the_planner_can_answer() -> None:
    """All operations, outcomes, readings and doubts: total, true to the constraints (docs/engine.md §2.1), I6, I12."""
    count = 0
    outcomes: tuple[Outcome, ...] = (DONE, LOST_ANSWER, *(refused(why) for why in Why))
    shown = (None, answer_row(), answer_row(details="mine"), answer_row(status="In Progress"), IN_THE_BIN)
    for its_pair, outcome, its_row, read_at in product(_open_intents(), outcomes, shown, (None, READ_BACK)):
        told = f"{its_pair.intent} {outcome} {its_row}"
        rows = () if its_row is None or read_at is None else (its_row,)
        result = settled(its_pair, outcome, *rows, read_at=read_at)
        after, still = result.link, result.intent
        assert after.sf_id is not None or after.base is None, told
        assert after.closed is None or still is None, told
        assert still is None or still.op != "create" or after.sf_id is None, told
        if still is not None and its_pair.intent is not None:
            assert (still.op, still.carried, still.attempts) == (
                its_pair.intent.op,
                its_pair.intent.carried,
                its_pair.intent.attempts,
            ), told
            assert not still.in_flight, told
        if isinstance(outcome, InDoubt) and not (rows and its_pair.link.sf_id is None):
            assert still is not None, f"an unknown write was dropped: {told}"
        if after.base is not None and after.seen is not None:
            closed = after.seen.version.closed
            assert all(
                TWO_WAY.agree(name, after.base.app[name], after.base.sf[name], closed=closed)
                for name in after.base.app
            ), told
        assert its_pair.ours is not None
        step = plan(Pair(after, its_pair.ours, still), TWO_WAY, moment(now=NOW + timedelta(hours=1)))
        if isinstance(step, Apply) and step.merged.here:
            shows = None if its_row is None else its_row.version.values["details"]
            assert step.merged.here == {"details": shows}, f"I9, wrote here what no row shows: {told}"
        count += 1
    assert count == 36 * 10 * 5 * 2, f"{count} outcomes were looked at"


def test_b35_only_a_create_in_doubt_makes_a_second_record_ours() -> None:
    known = link()
    assert doubted(known, creating()).doubted
    assert not doubted(known, intent("delete")).doubted
    assert doubted(link(doubted=True), intent("update")).doubted, "what was in doubt once stays so"

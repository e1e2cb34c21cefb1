"""Both sides changed one value: both versions are kept, a member chooses, and the choice reaches Salesforce (P6)."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.reminders.errors import ChangedMeanwhile, ReminderNotFound
from tandem.reminders.models import Reminder
from tandem.sync import versions
from tandem.sync.models import Conflict, Event
from tests.sync.desk import Desk


@pytest.fixture
def both(desk: Desk) -> Reminder:
    """One task in step on both sides."""
    desk.switch_on()
    desk.round()
    written = desk.create("Call Ann", details="old")
    desk.settle()
    desk.wait(minutes=1)
    return written


def meet(desk: Desk, reminder: Reminder, here: dict[str, Any], there: dict[str, Any]) -> Conflict:
    """Both sides change it between two rounds."""
    sf_id = desk.link(reminder).sf_id
    assert sf_id is not None
    desk.edit(reminder, **here)
    desk.update(sf_id, **there)
    desk.wait(minutes=1)
    desk.settle()
    return Conflict.objects.get()


def choose(desk: Desk, conflict: Conflict, which: versions.Which) -> None:
    versions.keep(desk.member().pk, conflict.pk, which)
    desk.wait(minutes=1)
    desk.settle()


def test_p6_keep_ours_reaches_salesforce_and_the_conflict_is_over(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"details": "mine"}, {"Description": "theirs"})
    assert desk.there(both)["Description"] == desk.here().details == "theirs"
    choose(desk, conflict, "ours")
    assert desk.there(both)["Description"] == desk.here().details == "mine"
    conflict.refresh_from_db()
    assert conflict.kept == "ours"
    assert conflict.resolved_at is not None


def test_p6_keep_theirs_writes_nothing_where_theirs_stands_already(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"details": "mine"}, {"Description": "theirs"})
    rev, calls = desk.here().rev, desk.there(both)["LastModifiedDate"]
    choose(desk, conflict, "theirs")
    assert (desk.here().rev, desk.there(both)["LastModifiedDate"]) == (rev, calls)


def test_p6_a_choice_is_taken_back_on_both_sides(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"due": "2026-12-01"}, {"ActivityDate": "2026-12-24"})
    choose(desk, conflict, "ours")
    assert str(desk.there(both)["ActivityDate"]) == "2026-12-01"
    versions.undo(desk.member().pk, conflict.pk)
    desk.wait(minutes=1)
    desk.settle()
    assert str(desk.there(both)["ActivityDate"]) == "2026-12-24"
    conflict.refresh_from_db()
    assert (conflict.kept, conflict.resolved_at) == ("", None)


def test_p6_done_beats_open_and_theirs_cannot_be_kept_where_it_has_no_word_here(
    desk: Desk, both: Reminder
) -> None:
    conflict = meet(desk, both, {"status": "done"}, {"Status": "In Progress"})
    assert desk.there(both)["Status"] == "Completed"
    with pytest.raises(versions.NotAVersion):
        versions.keep(desk.member().pk, conflict.pk, "theirs")
    choose(desk, conflict, "ours")
    assert desk.there(both)["Status"] == "Completed"


def test_i1_a_choice_overwrites_nothing_that_was_changed_since(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"details": "mine"}, {"Description": "theirs"})
    desk.edit(both, details="a third word")
    with pytest.raises(ChangedMeanwhile):
        versions.keep(desk.member().pk, conflict.pk, "ours")
    assert desk.here().details == "a third word"
    conflict.refresh_from_db()
    assert conflict.kept == ""


def test_a_colleague_has_no_say_in_it(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"details": "mine"}, {"Description": "theirs"})
    desk.join("ben")
    for choice in (versions.keep, versions.undo):
        with pytest.raises(ReminderNotFound):
            choice(desk.member("ben").pk, conflict.pk, *(["ours"] if choice is versions.keep else []))  # type: ignore[operator]
    assert desk.here().details == "theirs"


# --- the story -------------------------------------------------------------------------------------------------------


def told(reminder: Reminder) -> list[tuple[str, str]]:
    return list(Event.objects.filter(link__reminder=reminder).order_by("pk").values_list("what", "op"))


def test_the_story_tells_what_went_there_and_what_came_from_there(desk: Desk, both: Reminder) -> None:
    sf_id = desk.link(both).sf_id
    assert sf_id is not None
    desk.update(sf_id, Subject="Call Ann at noon")
    desk.settle()
    desk.wait(minutes=1)
    desk.edit(both, due="2026-12-01")
    desk.settle()
    assert told(both) == [
        ("sent", "create"),
        ("landed", "create"),
        ("changed", ""),
        ("sent", "update"),
        ("landed", "update"),
    ]
    changed = Event.objects.get(what="changed")
    assert changed.values == {"name": ["Call Ann", "Call Ann at noon"]}
    assert changed.stamp == desk.link(both).seen_stamp or changed.stamp is not None
    assert Event.objects.filter(what="sent").last().values == {"due": ["", "2026-12-01"]}  # type: ignore[union-attr]


def test_the_story_of_an_imported_task_begins_there(desk: Desk) -> None:
    task = desk.insert("From there")
    desk.switch_on()
    desk.round()
    assert told(desk.twin(task)) == [("came", "")]


def test_the_story_says_what_was_refused_and_that_nothing_is_sent_twice_in_doubt(
    desk: Desk, both: Reminder
) -> None:
    desk.fault("row_refused", times=1)
    desk.edit(both, details="new")
    desk.settle()
    refused = Event.objects.get(what="refused")
    assert (refused.op, refused.code) == ("update", "FIELD_CUSTOM_VALIDATION_EXCEPTION")


def test_the_story_of_a_write_that_somebody_forestalled_does_not_say_that_it_landed(
    desk: Desk, both: Reminder
) -> None:
    meet(desk, both, {"details": "mine"}, {"Description": "theirs"})
    assert ("landed", "update") not in told(both)


def test_a_long_text_is_cut_in_the_story_and_whole_in_the_conflict(desk: Desk, both: Reminder) -> None:
    conflict = meet(desk, both, {"details": "m" * 5_000}, {"Description": "theirs"})
    assert len(conflict.value) == 5_000
    assert all(
        len(word) <= 300 for event in Event.objects.all() for two in event.values.values() for word in two
    )

"""Four operations, two directions, over real HTTP: each converges in one round, and the next writes nothing (TS-1, TS-2)."""

from __future__ import annotations

from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tests.sync.desk import Desk, day


def in_step(desk: Desk) -> None:
    """The next round costs one call and writes nothing (I5, I7)."""
    before = desk.calls
    report = desk.round()
    assert report.wrote == 0
    assert report.next_due is None
    assert desk.calls - before == 1


def a_pair(desk: Desk) -> Reminder:
    """A Reminder and its Task, in step, both older than a few seconds."""
    desk.switch_on()
    reminder = desk.create("Call Ann", due=day(1), details="About the offer")
    desk.round()
    desk.wait(minutes=1)
    return reminder


# --- there ---


def test_a_task_made_here_appears_in_salesforce(desk: Desk) -> None:
    desk.switch_on()
    reminder = desk.create("Call Ann", due=day(1), details="About the offer", priority="high")
    report = desk.round()
    task = desk.there(reminder)
    assert (task["Subject"], task["Status"], task["Priority"]) == ("Call Ann", "Not Started", "High")
    assert (task["ActivityDate"], task["Description"]) == (day(1), "About the offer")
    assert task["OwnerId"] == desk.connections["anna"].user
    assert report.created == 1
    in_step(desk)


def test_a_task_edited_here_is_edited_in_salesforce(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.edit(reminder, name="Call Ann again", due=day(2), details="About the price", priority="high")
    report = desk.round()
    task = desk.there(reminder)
    assert (task["Subject"], task["ActivityDate"]) == ("Call Ann again", day(2))
    assert (task["Description"], task["Priority"]) == ("About the price", "High")
    assert report.updated == 1
    in_step(desk)


def test_a_task_completed_here_is_completed_in_salesforce_and_reopened_again(desk: Desk) -> None:
    reminder = a_pair(desk)
    reminders.complete(desk.member().pk, reminder.pk)
    desk.round()
    assert desk.there(reminder)["Status"] == "Completed"
    assert desk.there(reminder)["IsClosed"]
    in_step(desk)
    desk.wait(minutes=1)
    reminders.reopen(desk.member().pk, reminder.pk)
    desk.round()
    assert desk.there(reminder)["Status"] == "Not Started"
    in_step(desk)


def test_a_task_deleted_here_is_deleted_in_salesforce_once_undo_is_over(desk: Desk) -> None:
    reminder = a_pair(desk)
    reminders.delete(desk.member().pk, reminder.pk)
    report = desk.round()
    assert not desk.there(reminder)["IsDeleted"]
    assert report.next_due is not None, "the round must say when to come back"
    desk.wait(seconds=11)
    report = desk.round()
    assert desk.there(reminder)["IsDeleted"]
    assert report.deleted == 1
    in_step(desk)


def test_a_delete_that_is_undone_in_time_never_reaches_salesforce(desk: Desk) -> None:
    reminder = a_pair(desk)
    reminders.delete(desk.member().pk, reminder.pk)
    desk.round()
    reminder.refresh_from_db()
    reminders.undo(desk.member().pk, reminder.pk, reminder.rev)
    desk.wait(seconds=11)
    desk.settle()
    assert not desk.there(reminder)["IsDeleted"]


def test_a_delete_that_is_undone_too_late_makes_a_new_task_in_salesforce(desk: Desk) -> None:
    reminder = a_pair(desk)
    first = desk.link(reminder).sf_id
    reminders.delete(desk.member().pk, reminder.pk)
    desk.wait(seconds=11)
    desk.settle()
    reminder.refresh_from_db()
    reminders.undo(desk.member().pk, reminder.pk, reminder.rev)
    desk.settle()
    again = desk.link(reminder).sf_id
    assert again != first
    assert desk.there(reminder)["Subject"] == "Call Ann"
    assert not desk.there(reminder)["IsDeleted"]


# --- and back ---


def test_a_task_made_in_salesforce_appears_here(desk: Desk) -> None:
    desk.switch_on()
    desk.round()
    task = desk.insert("Send the offer", ActivityDate=day(1), Description="By mail", Priority="High")
    report = desk.round()
    reminder = desk.twin(task)
    assert (reminder.name, reminder.due, reminder.details) == ("Send the offer", day(1), "By mail")
    assert (reminder.priority, reminder.status, reminder.owner) == ("high", "open", desk.member())
    assert report.imported == 1
    in_step(desk)


def test_a_task_edited_in_salesforce_is_edited_here(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.update(
        desk.link(reminder).sf_id,
        Subject="Call Bob",
        ActivityDate=day(5),
        Description="Other words",
        Priority="High",
    )
    report = desk.round()
    reminder.refresh_from_db()
    assert (reminder.name, reminder.due) == ("Call Bob", day(5))
    assert (reminder.details, reminder.priority) == ("Other words", "high")
    assert report.changed_here == 1
    in_step(desk)


def test_a_task_completed_in_salesforce_is_completed_here_and_reopened_again(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.update(desk.link(reminder).sf_id, Status="Completed")
    desk.round()
    reminder.refresh_from_db()
    assert reminder.status == "done"
    in_step(desk)
    desk.wait(minutes=1)
    desk.update(desk.link(reminder).sf_id, Status="Not Started")
    desk.round()
    reminder.refresh_from_db()
    assert reminder.status == "open"
    in_step(desk)


def test_a_task_deleted_in_salesforce_is_deleted_here_and_comes_back_when_undeleted(desk: Desk) -> None:
    reminder = a_pair(desk)
    sf_id = desk.link(reminder).sf_id
    desk.delete(sf_id)
    report = desk.round()
    reminder.refresh_from_db()
    assert reminder.deleted_at is not None
    assert report.removed_here == 1
    in_step(desk)
    desk.wait(minutes=1)
    desk.running.call(lambda: desk.org.undelete("Task", sf_id))
    desk.round()
    reminder.refresh_from_db()
    assert reminder.deleted_at is None
    in_step(desk)


# --- both at once ---


def test_edits_of_different_fields_on_both_sides_are_both_kept(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.edit(reminder, name="Call Ann at noon")
    desk.update(desk.link(reminder).sf_id, ActivityDate=day(4))
    desk.wait(seconds=30)
    desk.round()
    reminder.refresh_from_db()
    assert (reminder.name, reminder.due) == ("Call Ann at noon", day(4))
    task = desk.there(reminder)
    assert (task["Subject"], task["ActivityDate"]) == ("Call Ann at noon", day(4))
    assert desk.conflicts() == []
    in_step(desk)


def test_when_both_sides_change_one_field_salesforce_wins_and_our_value_is_kept_in_the_log(
    desk: Desk,
) -> None:
    reminder = a_pair(desk)
    desk.edit(reminder, details="ours")
    desk.update(desk.link(reminder).sf_id, Description="theirs")
    desk.wait(seconds=30)
    desk.round()
    reminder.refresh_from_db()
    assert reminder.details == "theirs"
    (lost,) = desk.conflicts()
    assert (lost.field, lost.side, lost.value, lost.won) == ("details", "tandem", "ours", "theirs")
    in_step(desk)


def test_done_beats_open_whoever_says_it(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.update(desk.link(reminder).sf_id, Status="In Progress")
    desk.round()
    desk.wait(minutes=1)
    reminders.complete(desk.member().pk, reminder.pk)
    desk.update(desk.link(reminder).sf_id, Status="Not Started")
    desk.wait(seconds=30)
    desk.round()
    assert desk.there(reminder)["Status"] == "Completed"
    (lost,) = desk.conflicts()
    assert (lost.field, lost.side, lost.won) == ("status", "salesforce", "done")
    in_step(desk)


def test_a_task_deleted_there_while_edited_here_stays_here_and_says_so(desk: Desk) -> None:
    reminder = a_pair(desk)
    desk.edit(reminder, details="I still need this")
    desk.delete(desk.link(reminder).sf_id)
    desk.wait(seconds=30)
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.deleted_at is None
    assert desk.link(reminder).closed == "detached"
    assert [lost.won for lost in desk.conflicts()] == ["I still need this"]


def test_a_task_deleted_here_while_edited_there_stays_there_and_says_so(desk: Desk) -> None:
    reminder = a_pair(desk)
    reminders.delete(desk.member().pk, reminder.pk)
    desk.update(desk.link(reminder).sf_id, Description="I still need this")
    desk.wait(seconds=30)
    desk.settle()
    assert not desk.there(reminder)["IsDeleted"]
    assert desk.link(reminder).closed == "kept_remote"
    assert [lost.won for lost in desk.conflicts()] == ["I still need this"]


def test_a_write_never_lands_on_a_version_nobody_has_read(desk: Desk) -> None:
    """Our edit meets an edit made after our poll: 412, read, merged, both kept (M3)."""
    reminder = a_pair(desk)
    desk.edit(reminder, name="Ours")
    sf_id = desk.link(reminder).sf_id
    fired = []

    # Between the poll and the PATCH somebody edits there: the org's own hook runs before the composite is served.
    original = desk.running.app.state.faults.strike

    def strike(method: str, path: str, body: bytes) -> object:
        if "composite" in path and not fired:
            fired.append(True)
            desk.clock.advance(5)
            desk.org.update("Task", sf_id, {"Description": "theirs, at the last moment"})
        return original(method, path, body)

    desk.running.app.state.faults.strike = strike
    desk.round()
    assert fired
    desk.wait(seconds=30)
    desk.settle()
    task = desk.there(reminder)
    assert (task["Subject"], task["Description"]) == ("Ours", "theirs, at the last moment")
    reminder.refresh_from_db()
    assert (reminder.name, reminder.details) == ("Ours", "theirs, at the last moment")


def test_a_delete_taken_back_after_salesforces_edit_outlived_it_goes_on_syncing(desk: Desk) -> None:
    reminder = a_pair(desk)
    reminders.delete(desk.member().pk, reminder.pk)
    desk.update(desk.link(reminder).sf_id, Description="I still need this")
    desk.wait(seconds=30)
    desk.settle()
    reminder.refresh_from_db()
    reminders.undo(desk.member().pk, reminder.pk, reminder.rev)
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.details == "I still need this"
    desk.edit(reminder, details="and so do I")
    desk.settle()
    assert desk.there(reminder)["Description"] == "and so do I"


def test_a_copy_that_somebody_makes_of_our_task_in_salesforce_is_never_deleted(desk: Desk) -> None:
    """A clone carries our key in an org without a unique key field; it comes long after, and is theirs."""
    reminder = a_pair(desk)
    task = desk.there(reminder)
    desk.wait(hours=2)
    copy = desk.plant(
        task["Subject"], **{k: task[k] for k in ("Status", "Priority", "ActivityDate", "Description")}
    )
    desk.running.call(
        lambda: desk.org.get("Task", copy).__setitem__("Tandem_Key__c", desk.link(reminder).key)
    )
    desk.settle()
    assert not desk.task(copy)["IsDeleted"]
    assert [lost.won for lost in desk.conflicts()] == ["kept"]


def deleted_here_but_edited_there(desk: Desk) -> Reminder:
    """Closed as kept_remote: our delete met an edit."""
    reminder = a_pair(desk)
    reminders.delete(desk.member().pk, reminder.pk)
    desk.update(desk.link(reminder).sf_id, Description="first")
    desk.wait(seconds=30)
    desk.settle()
    assert desk.link(reminder).closed == "kept_remote"
    desk.wait(seconds=30)
    return reminder


def take_back(desk: Desk, reminder: Reminder) -> None:
    reminder.refresh_from_db()
    reminders.undo(desk.member().pk, reminder.pk, reminder.rev)
    desk.wait(minutes=30)
    desk.settle()
    reminder.refresh_from_db()


def test_what_was_edited_there_while_the_pair_was_closed_is_read_when_it_opens_again(desk: Desk) -> None:
    reminder = deleted_here_but_edited_there(desk)
    desk.update(desk.link(reminder).sf_id, Description="second")
    desk.wait(seconds=30)
    desk.settle()
    take_back(desk, reminder)
    assert reminder.details == desk.there(reminder)["Description"] == "second"


def test_a_task_deleted_there_while_the_pair_was_closed_is_noticed_when_it_opens_again(desk: Desk) -> None:
    reminder = deleted_here_but_edited_there(desk)
    desk.delete(desk.link(reminder).sf_id)
    desk.wait(seconds=30)
    desk.settle()
    take_back(desk, reminder)
    assert reminder.deleted_at is not None
    assert desk.link(reminder).closed == "deleted"


def test_an_undelete_there_keeps_our_richer_side_as_it_was(desk: Desk) -> None:
    """High here over Low there comes back as High (TS-6)."""
    reminder = a_pair(desk)
    desk.edit(reminder, priority="high")
    desk.settle()
    desk.wait(minutes=1)
    sf_id = desk.link(reminder).sf_id
    desk.update(sf_id, Priority="Low")
    desk.settle()
    desk.delete(sf_id)
    desk.wait(seconds=30)
    desk.settle()
    desk.running.call(lambda: desk.org.undelete("Task", sf_id))
    desk.wait(seconds=30)
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.deleted_at is None
    assert reminder.priority == "high"


def test_a_task_deleted_on_both_sides_stays_deleted_here_when_it_is_undeleted_there(desk: Desk) -> None:
    reminder = a_pair(desk)
    sf_id = desk.link(reminder).sf_id
    reminders.delete(desk.member().pk, reminder.pk)
    desk.delete(sf_id)
    desk.wait(seconds=30)
    desk.settle()
    desk.running.call(lambda: desk.org.undelete("Task", sf_id))
    desk.wait(seconds=30)
    desk.settle()
    reminder.refresh_from_db()
    assert reminder.deleted_at is not None
    assert [lost.value for lost in desk.conflicts()] == ["un-deleted"]


def test_half_a_character_in_one_subject_does_not_stop_the_others(desk: Desk) -> None:
    desk.switch_on()
    desk.insert("Call Ann \ud83d")
    desk.insert("Innocent neighbour")
    desk.settle()
    assert set(Reminder.objects.values_list("name", flat=True)) == {"Call Ann ?", "Innocent neighbour"}


def test_what_a_user_restores_there_is_not_deleted_again_by_an_older_delete_of_ours(desk: Desk) -> None:
    reminder = a_pair(desk)
    sf_id = desk.link(reminder).sf_id
    desk.edit(reminder, details="I still need this")
    desk.delete(sf_id)
    desk.wait(seconds=30)
    desk.settle()
    assert desk.link(reminder).closed == "detached"
    reminders.delete(desk.member().pk, reminder.pk)
    desk.settle()
    desk.running.call(lambda: desk.org.undelete("Task", sf_id))
    desk.wait(seconds=30)
    desk.settle()
    assert not desk.task(sf_id)["IsDeleted"]

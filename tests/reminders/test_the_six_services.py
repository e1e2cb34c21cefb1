"""What a member can do to a task, said as sentences."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DataError, IntegrityError, connections, transaction

from tandem import jobs
from tandem.reminders import services
from tandem.reminders.errors import ChangedMeanwhile, InvalidReminder, NothingToUndo, ReminderNotFound
from tandem.reminders.models import Reminder
from tandem.reminders.values import ReminderValues, checked

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def proposal(member: Any, clock: Any) -> Reminder:
    return services.create(
        member.pk, checked(name="Send the proposal", due="2026-11-23"), "Mara Smit · Noordzee"
    )


def fresh(reminder: Reminder) -> Reminder:
    return Reminder.objects.get(pk=reminder.pk)


def test_a_new_task_is_open_normal_and_at_revision_one(proposal: Reminder) -> None:
    new = fresh(proposal)
    assert new.values == ReminderValues(name="Send the proposal", due=date(2026, 11, 23))
    assert (new.rev, new.about, new.undo) == (1, "Mara Smit · Noordzee", None)
    assert new.created_at == new.updated_at == MONDAY


def test_every_change_a_member_makes_raises_the_revision_by_one(member: Any, proposal: Reminder) -> None:
    revs = [
        services.edit(member.pk, proposal.pk, {"name": "Send it"}).rev,
        services.complete(member.pk, proposal.pk).rev,
        services.reopen(member.pk, proposal.pk).rev,
        services.delete(member.pk, proposal.pk).rev,
        services.undo(member.pk, proposal.pk, 5).rev,
    ]
    assert revs == [2, 3, 4, 5, 6]


def test_doing_what_is_done_already_changes_nothing(member: Any, proposal: Reminder) -> None:
    services.complete(member.pk, proposal.pk)
    assert services.complete(member.pk, proposal.pk).rev == 2
    services.reopen(member.pk, proposal.pk)
    assert services.reopen(member.pk, proposal.pk).rev == 3
    assert services.edit(member.pk, proposal.pk, {"name": "  Send the proposal "}).rev == 3


def test_a_completed_task_knows_when_and_forgets_it_when_reopened(
    member: Any, proposal: Reminder, clock: Any
) -> None:
    clock.shift(timedelta(hours=1))
    assert services.complete(member.pk, proposal.pk).completed_at == MONDAY + timedelta(hours=1)
    assert services.reopen(member.pk, proposal.pk).completed_at is None


def test_editing_the_status_completes_and_reopens_as_well(member: Any, proposal: Reminder) -> None:
    assert services.edit(member.pk, proposal.pk, {"status": "done"}).completed_at == MONDAY
    assert services.edit(member.pk, proposal.pk, {"status": "open"}).completed_at is None


def test_a_deleted_task_can_no_longer_be_changed(member: Any, proposal: Reminder) -> None:
    services.delete(member.pk, proposal.pk)
    for change in (services.complete, services.reopen, services.delete):
        with pytest.raises(ReminderNotFound):
            change(member.pk, proposal.pk)


def test_a_colleague_can_neither_change_nor_undo_what_is_not_theirs(
    colleague: Any, member: Any, proposal: Reminder
) -> None:
    for change in (services.complete, services.reopen, services.delete):
        with pytest.raises(ReminderNotFound):
            change(colleague.pk, proposal.pk)
    with pytest.raises(ReminderNotFound):
        services.edit(colleague.pk, proposal.pk, {"name": "Mine now"})
    services.complete(member.pk, proposal.pk)
    with pytest.raises(ReminderNotFound):
        services.undo(colleague.pk, proposal.pk, 2)
    assert fresh(proposal).name == "Send the proposal"


def test_a_task_of_somebody_who_is_not_in_tandem_belongs_to_nobody_here(member: Any, clock: Any) -> None:
    theirs = services.create_from_salesforce(None, checked(name="Not ours"))
    with pytest.raises(ReminderNotFound):
        services.complete(member.pk, theirs.pk)
    assert not Reminder.objects.of(member.pk).exists()


# --- undo -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["edit", "complete", "delete"])
def test_undo_puts_back_what_the_last_change_replaced(member: Any, proposal: Reminder, change: str) -> None:
    if change == "edit":
        services.edit(
            member.pk, proposal.pk, {"name": "X", "due": None, "priority": "high", "details": "much"}
        )
    else:
        getattr(services, change)(member.pk, proposal.pk)
    services.undo(member.pk, proposal.pk, 2)
    back = fresh(proposal)
    assert back.values == proposal.values
    assert (back.completed_at, back.deleted_at, back.rev) == (None, None, 3)


def test_undoing_a_reopening_brings_back_the_moment_of_completion(
    member: Any, proposal: Reminder, clock: Any
) -> None:
    services.complete(member.pk, proposal.pk)
    clock.shift(timedelta(minutes=5))
    services.reopen(member.pk, proposal.pk)
    assert services.undo(member.pk, proposal.pk, 3).completed_at == MONDAY


def test_undo_works_for_ten_minutes_and_not_longer(member: Any, proposal: Reminder, clock: Any) -> None:
    services.complete(member.pk, proposal.pk)
    clock.shift(timedelta(minutes=10))
    services.undo(member.pk, proposal.pk, 2)
    services.complete(member.pk, proposal.pk)
    clock.shift(timedelta(minutes=10, seconds=1))
    with pytest.raises(NothingToUndo):
        services.undo(member.pk, proposal.pk, 4)
    assert fresh(proposal).status == "done"


def test_undo_itself_cannot_be_undone(member: Any, proposal: Reminder) -> None:
    services.complete(member.pk, proposal.pk)
    services.undo(member.pk, proposal.pk, 2)
    with pytest.raises(NothingToUndo):
        services.undo(member.pk, proposal.pk, 3)


def test_an_old_undo_button_never_undoes_a_newer_change(member: Any, proposal: Reminder) -> None:
    services.complete(member.pk, proposal.pk)
    services.edit(member.pk, proposal.pk, {"name": "Send the better proposal"})
    with pytest.raises(NothingToUndo):
        services.undo(member.pk, proposal.pk, 2)
    assert fresh(proposal).name == "Send the better proposal"


def test_there_is_nothing_to_undo_once_salesforce_changed_the_task(member: Any, proposal: Reminder) -> None:
    services.complete(member.pk, proposal.pk)
    assert services.apply_from_salesforce(proposal.pk, 2, {"name": "Renamed there"})
    with pytest.raises(NothingToUndo):
        services.undo(member.pk, proposal.pk, 2)
    assert fresh(proposal).name == "Renamed there"


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", " \n ", "no name yet"),
        ("name", "a" * 256, "more than 255 characters"),
        ("name", "a\0b", "cannot be stored"),
        ("details", "a" * 32_001, "more than 32,000 characters"),
        ("details", "\ud83d", "cannot be stored"),
        ("status", "Deferred", "either open or complete"),
        ("priority", "low", "either normal or high"),
        ("due", "2026-02-30", "not a date that a calendar has"),
        ("due", "tomorrow", "not a date that a calendar has"),
        ("due", "0001-01-01", "not a date that a calendar has"),
        ("due", "2026-W48-1x", "not a date that a calendar has"),
    ],
)
def test_a_bad_value_is_answered_with_what_to_do_and_saves_nothing(
    member: Any, proposal: Reminder, field: str, typed: str, says: str
) -> None:
    with pytest.raises(InvalidReminder) as refused:
        services.edit(
            member.pk, proposal.pk, {field: typed, "details" if field == "name" else "name": "fine"}
        )
    assert list(refused.value.sentences) == [field]
    sentence = str(refused.value.sentences[field])
    assert says in sentence
    assert "Nothing was saved." in sentence
    assert fresh(proposal).rev == 1


def test_the_longest_name_and_details_are_welcome(member: Any, clock: Any) -> None:
    long = services.create(member.pk, checked(name="é" * 255, details="ü" * 32_000))
    assert (len(fresh(long).name), len(fresh(long).details)) == (255, 32_000)


def test_a_name_is_kept_on_one_line_composed_and_trimmed() -> None:
    assert checked(name=" Cafe\u0301\r\nterras ").name == "Café terras"


def test_details_keep_their_lines_with_one_kind_of_line_end() -> None:
    assert checked(name="x", details=" a\r\nb\rc \n").details == " a\nb\nc"


def test_two_wrong_fields_are_both_explained() -> None:
    with pytest.raises(InvalidReminder) as refused:
        checked(name="", due="soon")
    assert set(refused.value.sentences) == {"name", "due"}


@pytest.mark.parametrize(
    "column",
    [
        {"status": "waiting"},
        {"priority": "low"},
        {"name": ""},
        {"name": "a" * 256},
        {"details": "a" * 32_001},
        {"rev": 0},
        {"status": "done"},
    ],
)
def test_the_database_itself_refuses_what_no_task_may_be(proposal: Reminder, column: dict[str, Any]) -> None:
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Reminder.objects.filter(pk=proposal.pk).update(**column)


# --- two people at once ---------------------------------------------------------------------------------------------


def test_an_edit_leaves_alone_what_the_member_did_not_change(member: Any, proposal: Reminder) -> None:
    services.apply_from_salesforce(proposal.pk, 1, {"details": "From Salesforce"})
    services.edit(member.pk, proposal.pk, {"name": "Send it"}, {"name": "Send the proposal", "details": ""})
    assert (fresh(proposal).name, fresh(proposal).details) == ("Send it", "From Salesforce")


def test_an_edit_never_overwrites_unseen_what_salesforce_changed_meanwhile(
    member: Any, proposal: Reminder
) -> None:
    services.apply_from_salesforce(proposal.pk, 1, {"name": "Renamed there"})
    with pytest.raises(ChangedMeanwhile) as meanwhile:
        services.edit(member.pk, proposal.pk, {"name": "Renamed here"}, {"name": "Send the proposal"})
    assert meanwhile.value.current == {"name": "Renamed there"}
    assert fresh(proposal).name == "Renamed there"


def test_two_people_who_make_the_same_change_agree(member: Any, proposal: Reminder) -> None:
    services.apply_from_salesforce(proposal.pk, 1, {"name": "Send it"})
    assert services.edit(member.pk, proposal.pk, {"name": "Send it"}, {"name": "Send the proposal"}).rev == 1


# --- what sync does -------------------------------------------------------------------------------------------------


def test_salesforce_loses_against_a_faster_person(member: Any, proposal: Reminder) -> None:
    services.edit(member.pk, proposal.pk, {"name": "Typed here"})
    assert not services.apply_from_salesforce(proposal.pk, 1, {"name": "Typed there", "due": "2026-12-01"})
    assert fresh(proposal).values == ReminderValues(name="Typed here", due=date(2026, 11, 23))


def test_what_salesforce_changes_leaves_the_revision_alone(proposal: Reminder) -> None:
    assert services.apply_from_salesforce(proposal.pk, 1, {"name": "There", "priority": "high", "due": ""})
    now = fresh(proposal)
    assert (now.name, now.priority, now.due, now.rev) == ("There", "high", None, 1)


def test_a_task_completed_in_salesforce_is_completed_now_and_reopened_again(
    proposal: Reminder, clock: Any
) -> None:
    clock.shift(timedelta(hours=2))
    services.apply_from_salesforce(proposal.pk, 1, {"status": "done"})
    assert fresh(proposal).completed_at == MONDAY + timedelta(hours=2)
    clock.shift(timedelta(hours=1))
    services.apply_from_salesforce(proposal.pk, 1, {"status": "done"})
    assert fresh(proposal).completed_at == MONDAY + timedelta(hours=2)
    services.apply_from_salesforce(proposal.pk, 1, {"status": "open"})
    assert fresh(proposal).completed_at is None


def test_a_task_deleted_in_salesforce_leaves_and_comes_back_when_undeleted(
    member: Any, proposal: Reminder
) -> None:
    services.apply_from_salesforce(proposal.pk, 1, {"deleted_at": MONDAY})
    assert not Reminder.objects.of(member.pk).exists()
    services.apply_from_salesforce(proposal.pk, 1, {"deleted_at": None})
    assert Reminder.objects.of(member.pk).exists()


def test_a_task_given_to_somebody_else_in_salesforce_changes_hands(
    member: Any, colleague: Any, proposal: Reminder
) -> None:
    services.apply_from_salesforce(proposal.pk, 1, {"owner_id": colleague.pk, "about": "Luc Martin"})
    assert Reminder.objects.of(colleague.pk).get().about == "Luc Martin"
    services.apply_from_salesforce(proposal.pk, 1, {"owner_id": None})
    assert not Reminder.objects.of(colleague.pk).exists()


def test_salesforce_cannot_write_what_no_task_may_be(proposal: Reminder) -> None:
    with pytest.raises(InvalidReminder):
        services.apply_from_salesforce(proposal.pk, 1, {"name": ""})


@pytest.mark.django_db(transaction=True)
def test_many_hands_at_once_lose_no_change_and_no_revision(member: Any) -> None:
    task = services.create(member.pk, checked(name="0"))

    def rename(hand: int) -> None:
        for n in range(5):
            services.edit(member.pk, task.pk, {"name": f"{hand}.{n}"})
        connections.close_all()

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(rename, range(4)))
    assert fresh(task).rev == 1 + 4 * 5


# --- waking ---------------------------------------------------------------------------------------------------------


def test_a_members_change_wakes_after_the_commit_and_salesforces_change_does_not(
    member: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("reminder-changed", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        task = services.create(member.pk, checked(name="Ring Ben"))
        assert woken == []
    assert woken == [member.pk]
    with django_capture_on_commit_callbacks(execute=True):
        services.complete(member.pk, task.pk)
        services.undo(member.pk, task.pk, 2)
    assert len(woken) == 3
    with django_capture_on_commit_callbacks(execute=True):
        services.apply_from_salesforce(task.pk, 3, {"name": "There"})
        services.create_from_salesforce(member.pk, checked(name="From there"))
    assert len(woken) == 3


def test_a_change_stays_saved_when_the_wake_fails(
    member: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def fails(id: int) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("reminder-changed", fails)
    with django_capture_on_commit_callbacks(execute=True):
        task = services.create(member.pk, checked(name="Ring Ben"))
    assert fresh(task).name == "Ring Ben"


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_wakes_nobody(
    member: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("reminder-changed", woken.append)
    with transaction.atomic():
        services.create(member.pk, checked(name="Never was"))
        transaction.set_rollback(True)
    assert woken == []
    assert not Reminder.objects.exists()

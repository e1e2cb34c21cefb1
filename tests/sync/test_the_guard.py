"""The mass-delete guard: more than twenty deletions at once, and a quarter of what is linked, wait for a person."""

from __future__ import annotations

from functools import partial

from tandem.reminders.models import Reminder
from tandem.sync import services
from tandem.sync.models import OrgSync
from tests.sync.desk import Desk


def alive(desk: Desk, owner: str = "anna") -> int:
    return Reminder.objects.filter(deleted_at=None, owner=desk.member(owner)).count()


def tasks_of(desk: Desk, number: int, owner: str = "anna") -> list[str]:
    return [desk.insert(f"Of {owner}: {n}", owner=owner) for n in range(number)]


def on(desk: Desk, *names: str) -> None:
    """Everybody's sync is on, and the first round is a while ago."""
    for name in names:
        desk.switch_on(name)
    desk.round()
    desk.wait(minutes=5)


def delete_all(desk: Desk, tasks: list[str]) -> None:
    for task in tasks:
        desk.delete(task)


def undelete_all(desk: Desk, tasks: list[str]) -> None:
    for task in tasks:
        desk.running.call(partial(desk.org.undelete, "Task", task))


def test_one_member_who_switches_on_again_does_not_let_the_deletions_of_others_through(desk: Desk) -> None:
    desk.join("ben")
    desk.join("admin", team=True)
    tasks = tasks_of(desk, 30, "ben")
    on(desk, "anna", "ben", "admin")
    services.switch_off(desk.connections["anna"])
    delete_all(desk, tasks)
    assert desk.round().deletions_held == 30
    desk.switch_on("anna")
    desk.round()
    assert alive(desk, "ben") == 30


def test_all_tasks_of_one_member_are_many_however_large_the_team_is(desk: Desk) -> None:
    desk.join("ben")
    tasks = tasks_of(desk, 60)
    tasks_of(desk, 190, "ben")
    on(desk, "anna", "ben")
    delete_all(desk, tasks)
    desk.round()
    assert alive(desk) == 60
    assert services.approve_all_deletions() == [("Orgbox", 60)]
    desk.round()
    assert (alive(desk), alive(desk, "ben")) == (0, 190)


def test_tasks_that_come_back_while_they_are_held_free_the_guard(desk: Desk) -> None:
    tasks = tasks_of(desk, 40)
    on(desk, "anna")
    delete_all(desk, tasks[:21])
    assert desk.round().deletions_held == 21
    desk.wait(minutes=5)
    undelete_all(desk, tasks[:21])
    desk.round()
    assert OrgSync.objects.get().deletions == "free"
    desk.wait(minutes=5)
    desk.delete(tasks[30])
    desk.round()
    assert alive(desk) == 39, "a single deletion is carried out again without asking"


def test_an_approval_that_nothing_needed_any_more_lets_nothing_else_through(desk: Desk) -> None:
    tasks = tasks_of(desk, 100)
    on(desk, "anna")
    delete_all(desk, tasks[:30])
    assert desk.round().deletions_held == 30
    desk.wait(minutes=5)
    undelete_all(desk, tasks[:30])
    assert services.approve_all_deletions() == [("Orgbox", 30)]
    desk.round()
    desk.wait(days=3)
    desk.round()
    delete_all(desk, tasks)
    assert desk.round().deletions_held == 100
    assert alive(desk) == 100


def test_more_deletions_than_the_approved_number_are_asked_again(desk: Desk) -> None:
    tasks = tasks_of(desk, 100)
    on(desk, "anna")
    delete_all(desk, tasks[:30])
    assert desk.round().deletions_held == 30
    delete_all(desk, tasks[30:])
    assert services.approve_all_deletions() == [("Orgbox", 30)]
    desk.round()
    assert alive(desk) == 100
    assert services.approve_all_deletions() == [("Orgbox", 100)]
    desk.round()
    assert alive(desk) == 0
    assert OrgSync.objects.get().deletions == "free"


def test_what_two_members_have_held_is_let_through_by_approving_it(desk: Desk) -> None:
    desk.join("ben")
    tasks = tasks_of(desk, 30) + tasks_of(desk, 30, "ben")
    on(desk, "anna", "ben")
    delete_all(desk, tasks)
    desk.round()
    assert (alive(desk), alive(desk, "ben")) == (30, 30)
    for _ in range(2):  # one word per org: a second number may have to be approved
        services.approve_all_deletions()
        desk.round()
        desk.wait(minutes=1)
    assert (alive(desk), alive(desk, "ben")) == (0, 0)


def test_the_number_that_is_approved_counts_the_tasks_of_every_member(desk: Desk) -> None:
    desk.join("ben")
    tasks = tasks_of(desk, 25) + tasks_of(desk, 40, "ben")
    on(desk, "anna", "ben")
    delete_all(desk, tasks)
    desk.round()
    ((_, number),) = services.approve_all_deletions()
    desk.round()
    assert 65 - alive(desk) - alive(desk, "ben") <= number

"""Several tasks changed by one click, and taken back by one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from tandem.habits import services as habits
from tandem.habits.models import SavedSearch
from tandem.reminders import many, services
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(member: Any) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def three(member: Any) -> list[int]:
    return [services.create(member.pk, checked(name=name, due="2026-11-23")).pk for name in ("a", "b", "c")]


def open_ones() -> list[str]:
    return list(Reminder.objects.filter(status="open").order_by("pk").values_list("name", flat=True))


def test_several_are_completed_and_one_undo_brings_them_all_back(anna: Client, three: list[int]) -> None:
    page = anna.post("/tasks/many", {"do": "complete", "task": three[:2]}, follow=True).content.decode()
    assert "Completed 2 tasks." in page
    assert open_ones() == ["c"]
    address = f"/tasks/undo/{three[0]}.2-{three[1]}.2"
    assert f'action="{address}"' in page
    assert "Undone: 2 tasks are as they were." in anna.post(address, follow=True).content.decode()
    assert open_ones() == ["a", "b", "c"]


def test_several_move_to_another_day_and_back(anna: Client, three: list[int]) -> None:
    typed = {"do": "move", "due": "2026-12-01", "task": three, "back": "?show=week&choose=some"}
    answer = anna.post("/tasks/many", typed)
    assert answer["Location"] == "/?show=week"
    assert "Moved 3 tasks to Tuesday 1 December." in anna.get("/?show=week").content.decode()
    assert set(Reminder.objects.values_list("due", flat=True)) == {date(2026, 12, 1)}
    anna.post("/tasks/undo/" + "-".join(f"{pk}.2" for pk in three))
    assert set(Reminder.objects.values_list("due", flat=True)) == {date(2026, 11, 23)}


def test_one_undo_leaves_alone_what_was_changed_again_since_and_says_so(
    anna: Client, member: Any, three: list[int]
) -> None:
    made = many.complete(member.pk, three)
    services.edit(member.pk, three[0], {"name": "changed again"})
    address = "/tasks/undo/" + "-".join(f"{pk}.{rev}" for pk, rev in made)
    page = anna.post(address, follow=True).content.decode()
    assert "Undone: 2 tasks are as they were. 1 stays: it was changed again since" in page
    assert open_ones() == ["b", "c"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"do": "complete"}, "Nothing was changed: tick the tasks first."),
        ({"do": "complete", "task": ["x", "9" * 40]}, "Nothing was changed: tick the tasks first."),
        ({"do": "move", "due": "", "task": ["1"]}, "Nothing was changed: choose a day first."),
        ({"do": "move", "due": "2026-02-30", "task": ["1"]}, "not a date that a calendar has"),
    ],
)
def test_what_is_missing_is_said_and_choosing_goes_on(anna: Client, typed: dict[str, Any], says: str) -> None:
    answer = anna.post("/tasks/many", {**typed, "back": "?show=all&choose=some"})
    assert answer["Location"] == "/?show=all&choose=some"
    assert says in anna.get(answer["Location"]).content.decode()


def test_a_colleagues_tasks_in_a_crafted_request_are_left_alone(
    colleague: Any, three: list[int], member: Any
) -> None:
    ben = Client()
    ben.force_login(colleague)
    ben.post("/tasks/many", {"do": "complete", "task": three})
    made = many.complete(member.pk, three)
    ben.post("/tasks/undo/" + "-".join(f"{pk}.{rev}" for pk, rev in made))
    assert open_ones() == []
    assert set(Reminder.objects.values_list("rev", flat=True)) == {2}


@pytest.mark.parametrize("changes", ["x", "1", "1.2-", "-1.2", "1.2.3", "1.2-x", f"{'9' * 30}.1"])
def test_an_undo_that_names_no_change_is_not_found(anna: Client, changes: str) -> None:
    assert anna.post(f"/tasks/undo/{changes}").status_code == 404


def test_doing_what_is_done_already_counts_as_nothing(member: Any, three: list[int]) -> None:
    many.complete(member.pk, three)
    assert many.complete(member.pk, three) == []
    assert many.reschedule(member.pk, three, "2026-11-23") == []


# --- searches that are kept -------------------------------------------------------------------------------------------


def test_cc_8_a_kept_search_asks_anew_each_time(anna: Client, member: Any) -> None:
    anna.post("/searches/tasks", {"name": "Proposals", "query": "?show=all&q=proposal"})
    services.create(member.pk, checked(name="Another proposal"))
    page = anna.get("/").content.decode()
    assert '<a href="/?show=all&amp;q=proposal">Proposals</a>' in page
    assert "Another proposal" in anna.get("/?show=all&q=proposal").content.decode()


def test_a_search_of_the_same_name_replaces_the_one_before(anna: Client, member: Any) -> None:
    for query in ("?q=old", "?q=new"):
        anna.post("/searches/tasks", {"name": " Mine ", "query": query})
    assert list(SavedSearch.objects.values_list("name", "query")) == [("Mine", "q=new")]


def test_only_so_many_searches_are_kept_and_none_without_a_name(anna: Client, member: Any) -> None:
    for number in range(habits.MOST_SEARCHES + 1):
        anna.post("/searches/tasks", {"name": f"Number {number}", "query": "q=x"})
    assert SavedSearch.objects.count() == habits.MOST_SEARCHES
    assert "you keep twenty searches already" in anna.get("/").content.decode()
    anna.post("/searches/tasks", {"name": "  ", "query": "q=x"})
    assert "give the search a name" in anna.get("/").content.decode()


def test_a_kept_search_is_its_members_alone(anna: Client, member: Any, colleague: Any) -> None:
    kept = habits.save_search(member, "tasks", "Mine", "q=x")
    assert kept is not None
    ben = Client()
    ben.force_login(colleague)
    assert "Mine" not in ben.get("/").content.decode()
    assert ben.post(f"/searches/{kept.pk}/forget").status_code == 404
    assert anna.post(f"/searches/{kept.pk}/forget").status_code == 302
    assert not SavedSearch.objects.exists()
    assert anna.post("/searches/calls", {"name": "x"}).status_code == 404


def test_the_keyboard_switch_holds_for_one_member_and_leads_back(
    anna: Client, member: Any, colleague: Any
) -> None:
    back = "http://testserver/emails"
    assert anna.post("/settings/keys", {"keys": "off"}, headers={"Referer": back})["Location"] == back
    assert not habits.keys_are_on(member)
    assert habits.keys_are_on(colleague)
    away = anna.post("/settings/keys", {"keys": "on"}, headers={"Referer": "https://evil.example/"})
    assert away["Location"] == "/"
    assert habits.keys_are_on(member)

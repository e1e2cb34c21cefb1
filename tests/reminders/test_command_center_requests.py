"""What the Command Center answers: to members, to strangers, to crafted requests, with and without htmx."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from tandem.reminders import services
from tandem.reminders.command_center import CLOSED_ROWS, ROWS
from tandem.reminders.errors import NobodyToGiveTo
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(member: Any) -> Client:
    """Anna's browser."""
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def task(member: Any) -> Reminder:
    return services.create(
        member.pk, checked(name="Send the proposal", due="2026-11-23"), "Mara Smit · Noordzee"
    )


def form(**typed: str) -> dict[str, str]:
    """What a browser posts: each field, and what it held when it was shown."""
    shown = {"name": "Send the proposal", "due": "2026-11-23", "priority": "normal", "details": ""}
    return {**shown, **{f"initial-{field}": value for field, value in shown.items()}, **typed}


def test_the_page_lists_today_and_tomorrow_with_what_each_concerns(
    anna: Client, member: Any, task: Reminder
) -> None:
    services.create(member.pk, checked(name="Prepare slides", due="2026-11-24"))
    services.create(member.pk, checked(name="Next week", due="2026-11-30"))
    page = anna.get("/").content.decode()
    assert "Monday 23 November" in page
    assert "2 tasks today and tomorrow" in page
    assert "Mara Smit · Noordzee" in page
    assert "Next week" not in page


def test_an_empty_day_says_what_the_week_brings(anna: Client, member: Any) -> None:
    for day in ("2026-11-25", "2026-11-27", "2026-11-29", "2026-11-30"):
        services.create(member.pk, checked(name="Later", due=day))
    page = anna.get("/").content.decode()
    assert "Nothing due today or tomorrow." in page
    assert '<a href="/?show=week">3 tasks are due this week.</a>' in page


def test_the_page_is_in_the_members_language_and_day(anna: Client, member: Any) -> None:
    type(member).objects.filter(pk=member.pk).update(language="nl", time_zone="Pacific/Pago_Pago")
    answer = anna.get("/")
    assert answer["Content-Language"] == "nl"
    assert "Zondag 22 november" in answer.content.decode()


# --- strangers and colleagues ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/tasks/list", "/tasks/new", "/tasks/1/edit"])
def test_a_stranger_is_asked_to_sign_in(member: Any, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")


@pytest.mark.parametrize("what", ["complete", "reopen", "delete", "undo/1", "edit"])
def test_a_stranger_cannot_change_anything(task: Reminder, what: str) -> None:
    assert Client().post(f"/tasks/{task.pk}/{what}").status_code == 302
    assert Reminder.objects.get(pk=task.pk).rev == 1


def test_a_poll_after_the_session_ended_leads_the_whole_page_to_the_sign_in(member: Any) -> None:
    answer = Client().get("/tasks/list", headers={**HTMX, "HX-Current-URL": "http://testserver/"})
    assert answer["HX-Redirect"] == "/sign-in?next=/"
    assert not answer.content


@pytest.mark.parametrize("what", ["complete", "reopen", "delete", "undo/1", "edit"])
def test_a_crafted_request_cannot_touch_a_colleagues_task(colleague: Any, task: Reminder, what: str) -> None:
    ben = Client()
    ben.force_login(colleague)
    assert ben.post(f"/tasks/{task.pk}/{what}", form(name="Mine now")).status_code == 404
    assert ben.get(f"/tasks/{task.pk}/edit").status_code == 404
    assert "Send the proposal" not in ben.get("/").content.decode()
    assert Reminder.objects.get(pk=task.pk).rev == 1


@pytest.mark.parametrize("what", ["complete", "reopen", "delete", "undo/1"])
def test_following_a_link_changes_nothing(anna: Client, task: Reminder, what: str) -> None:
    assert anna.get(f"/tasks/{task.pk}/{what}").status_code == 405


def test_a_form_from_another_site_is_refused(member: Any, task: Reminder) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    answer = client.post(f"/tasks/{task.pk}/delete")
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()
    assert Reminder.objects.get(pk=task.pk).deleted_at is None


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40])
def test_a_number_that_no_task_has_is_not_found(anna: Client, number: str) -> None:
    assert anna.post(f"/tasks/{number}/complete").status_code == 404
    assert anna.get(f"/tasks/{number}/edit").status_code == 404


def test_a_fragment_that_is_not_found_is_told_in_the_toast(anna: Client) -> None:
    answer = anna.post("/tasks/999/complete", headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (404, "#toast")
    assert "<html" not in answer.content.decode()


# --- forms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": "   "}, "The task has no name yet."),
        ({"name": "n" * 256}, "more than 255 characters"),
        ({"details": "d" * 32_001}, "more than 32,000 characters"),
        ({"due": "2026-02-30"}, "not a date that a calendar has"),
        ({"priority": "urgent"}, "either normal or high"),
    ],
)
@pytest.mark.parametrize("path", ["/tasks/new", "/tasks/{}/edit"])
def test_bad_input_is_explained_saves_nothing_and_keeps_what_was_typed(
    anna: Client, task: Reminder, path: str, typed: dict[str, str], says: str, headers: dict[str, str]
) -> None:
    answer = anna.post(path.format(task.pk), form(**{"details": "typed with care", **typed}), headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert typed.get("details", "typed with care") in page
    assert typed.get("name", "Send the proposal") in page
    assert [reminder.rev for reminder in Reminder.objects.all()] == [1]


def test_a_missing_field_is_as_good_as_an_empty_one(anna: Client) -> None:
    assert anna.post("/tasks/new", {}).status_code == 422


def test_a_crafted_hidden_value_is_explained_too(anna: Client, task: Reminder) -> None:
    answer = anna.post(f"/tasks/{task.pk}/edit", form(**{"name": "New", "initial-due": "never"}))
    assert answer.status_code == 422
    assert Reminder.objects.get(pk=task.pk).rev == 1


def test_a_save_changes_only_what_the_person_changed(anna: Client, task: Reminder) -> None:
    services.apply_from_salesforce(task.pk, 1, {"details": "From Salesforce"})
    anna.post(f"/tasks/{task.pk}/edit", form(name="Send it"))
    task.refresh_from_db()
    assert (task.name, task.details) == ("Send it", "From Salesforce")


def test_a_field_changed_meanwhile_is_shown_and_replaced_only_when_saved_again(
    anna: Client, task: Reminder
) -> None:
    services.apply_from_salesforce(task.pk, 1, {"name": "Renamed there"})
    answer = anna.post(f"/tasks/{task.pk}/edit", form(name="Renamed here"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this to “Renamed there” while you were typing." in page
    assert 'value="Renamed here"' in page
    assert 'name="initial-name" value="Renamed there"' in page
    again = form(**{"name": "Renamed here", "initial-name": "Renamed there"})
    assert anna.post(f"/tasks/{task.pk}/edit", again).status_code == 302
    task.refresh_from_db()
    assert task.name == "Renamed here"


# --- answers --------------------------------------------------------------------------------------------------------


def test_without_javascript_a_change_returns_to_the_page_which_offers_undo_once(
    anna: Client, task: Reminder
) -> None:
    page = anna.post(f"/tasks/{task.pk}/complete", follow=True).content.decode()
    assert "Completed “Send the proposal”." in page
    assert f'action="/tasks/{task.pk}/undo/2"' in page
    assert "1 completed today, show" in page
    assert "undo" not in anna.get("/").content.decode().replace("undo the last change", "")
    page = anna.post(f"/tasks/{task.pk}/undo/2", follow=True).content.decode()
    assert "Undone: “Send the proposal” is as it was before." in page


def test_undo_after_eleven_minutes_says_why_nothing_happened(
    anna: Client, task: Reminder, clock: Any
) -> None:
    anna.post(f"/tasks/{task.pk}/complete")
    clock.shift(660)
    page = anna.post(f"/tasks/{task.pk}/undo/2", follow=True).content.decode()
    assert "Nothing was undone" in page


@pytest.mark.parametrize(
    ("due", "says"),
    [
        ("2026-11-24", "Added “Ring Ben”."),
        ("2026-12-04", "It is due on Friday 4 December and shows here from the day before."),
        ("", "It has no due date, so it is not in this list."),
    ],
)
def test_a_new_task_says_when_it_will_be_seen(anna: Client, due: str, says: str) -> None:
    answer = anna.post("/tasks/new", {"name": "Ring Ben", "due": due, "priority": "normal"}, headers=HTMX)
    assert says in answer.content.decode()


def test_a_name_with_markup_is_shown_as_it_was_typed(anna: Client) -> None:
    answer = anna.post("/tasks/new", {"name": "<script>x</script> 100 %", "priority": "normal"}, headers=HTMX)
    assert "&lt;script&gt;x&lt;/script&gt; 100 %" in answer.content.decode()


def test_the_poll_is_silent_until_something_looks_different(anna: Client, task: Reminder) -> None:
    fragment = anna.get("/tasks/list").content.decode()
    stamp = fragment.partition("?seen=")[2][:16]
    assert anna.get(f"/tasks/list?seen={stamp}").status_code == 204
    services.apply_from_salesforce(task.pk, 1, {"name": "Renamed there"})
    answer = anna.get(f"/tasks/list?seen={stamp}")
    assert "Renamed there" in answer.content.decode()


def ten_thousand(member: Any) -> None:
    """Tasks of a member who has not tidied up for years: 4,000 overdue, 2,000 done, 1,000 for today, the rest later."""
    day = MONDAY.date()

    def one(number: int) -> Reminder:
        due = day + timedelta(days=number % 10 - 4 if number % 10 < 5 else number)
        done = MONDAY if number % 10 in (7, 8) else None
        return Reminder(
            owner=member,
            name=f"Task {number:05}",
            due=due,
            status="done" if done else "open",
            completed_at=done,
            created_at=MONDAY,
            updated_at=MONDAY,
        )

    Reminder.objects.bulk_create(map(one, range(10_000)))


@pytest.mark.parametrize(
    ("address", "shows"),
    [
        ("/", "1001 tasks today and tomorrow"),
        ("/", "4000 overdue, show"),
        ("/?show=overdue", "4000 tasks"),
        ("/?show=week", "1001 tasks"),
        ("/?show=all", "8001 tasks"),
        ("/?show=all&page=160", "Page 160 of 161"),
        ("/?show=done", "2000 tasks"),
        ("/?show=salesforce", "No open task came from Salesforce."),
        ("/?q=Task+0999", "8 tasks"),
    ],
)
def test_ten_thousand_tasks_take_as_many_queries_as_one_and_no_page_shows_more_than_it_can(
    anna: Client, member: Any, task: Reminder, django_assert_max_num_queries: Any, address: str, shows: str
) -> None:
    ten_thousand(member)
    # Session, member, the counts, the page's tasks, those overdue, those done and how many, links, who syncs, the
    # connection's notice, how many are held for review, whether keys are on, searches that are kept, conflicts.
    with django_assert_max_num_queries(14):
        page = anna.get(address).content.decode()
    assert shows in page
    assert page.count('class="task"') <= ROWS + 2 * CLOSED_ROWS


# --- which tasks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def a_life(member: Any, task: Reminder) -> None:
    for name, due in (
        ("Late", "2026-11-20"),
        ("Sunday", "2026-11-29"),
        ("Monday", "2026-11-30"),
        ("Some day", ""),
    ):
        services.create(member.pk, checked(name=name, due=due, details=f"about {name.lower()}"))
    services.complete(member.pk, services.create(member.pk, checked(name="Finished", due="2026-11-20")).pk)


def shown(page: Any) -> list[str]:
    """The names on a page, as they are listed."""
    return re.findall(r'class="name"[^>]*>([^<]*)</a>', page.content.decode())


@pytest.mark.usefixtures("a_life")
@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/", ["Late", "Send the proposal", "Finished"]),
        ("/?show=overdue", ["Late"]),
        ("/?show=week", ["Send the proposal", "Sunday"]),
        ("/?show=all", ["Late", "Send the proposal", "Sunday", "Monday", "Some day"]),
        ("/?show=done", ["Finished"]),
        ("/?show=nonsense&page=x&choose=", ["Late", "Send the proposal", "Finished"]),
        ("/?q=some+DAY", ["Some day"]),
        ("/?q=about+sunday", ["Sunday"]),
        ("/?q=Noordzee", ["Send the proposal"]),
        ("/?q=finish&show=done", ["Finished"]),
        ("/?q=%25", []),
        ("/?show=all&page=9999999", []),
        (
            "/?show=all&page=99999999999999999999999",
            ["Late", "Send the proposal", "Sunday", "Monday", "Some day"],
        ),
    ],
)
def test_a_filter_or_a_search_shows_what_it_says_and_nothing_else(
    anna: Client, address: str, names: list[str]
) -> None:
    assert shown(anna.get(address)) == names


def test_a_filter_that_finds_nothing_says_so_in_its_own_words(anna: Client) -> None:
    for show, words in (("overdue", "Nothing is overdue."), ("done", "Nothing is completed yet.")):
        assert words in anna.get(f"/?show={show}").content.decode()
    assert "No task has “&lt;b&gt;” in it." in anna.get("/?q=<b>").content.decode()


@pytest.mark.usefixtures("a_life")
def test_what_is_done_from_a_filter_leads_back_to_it_with_and_without_htmx(anna: Client, member: Any) -> None:
    late = Reminder.objects.get(name="Late")
    here = "http://testserver/?show=overdue"
    answer = anna.post(f"/tasks/{late.pk}/complete", headers={**HTMX, "HX-Current-URL": here})
    assert "Nothing is overdue." in answer.content.decode()
    answer = anna.post(f"/tasks/{late.pk}/reopen", headers={"Referer": here})
    assert answer["Location"] == "/?show=overdue"
    typed = form(priority="high") | {"back": "?show=overdue"}
    assert anna.post(f"/tasks/{late.pk}/edit", typed)["Location"] == "/?show=overdue"


def test_nobody_is_led_away_by_what_a_form_or_a_referrer_says(anna: Client, task: Reminder) -> None:
    for back in ("https://evil.example/?show=overdue", "//evil.example", "javascript:alert(1)"):
        answer = anna.post(f"/tasks/{task.pk}/complete", {"back": back}, headers={"Referer": back})
        assert answer["Location"] in ("/", "/?show=overdue")
        anna.post(f"/tasks/{task.pk}/reopen")


# --- given to a colleague -------------------------------------------------------------------------------------------


def test_ts_8_a_new_task_can_be_for_a_colleague_whose_it_is_at_once(
    anna: Client, member: Any, colleague: Any
) -> None:
    typed = {"name": "Ring Ben", "due": "2026-11-23", "priority": "normal", "owner": str(colleague.pk)}
    answer = anna.post("/tasks/new", typed, headers=HTMX)
    assert "“Ring Ben” is a task of Ben Visser now." in answer.content.decode()
    assert Reminder.objects.get().owner == colleague
    assert shown(anna.get("/?show=all")) == []


def test_ts_8_an_existing_task_is_given_away_and_what_was_typed_goes_with_it(
    anna: Client, colleague: Any, task: Reminder
) -> None:
    typed = form(name="Send it soon") | {"owner": str(colleague.pk)}
    assert anna.post(f"/tasks/{task.pk}/edit", typed).status_code == 302
    task.refresh_from_db()
    assert (task.name, task.owner, task.undo) == ("Send it soon", colleague, None)


def test_ts_8_a_task_goes_to_nobody_who_left_and_to_no_crafted_number(
    anna: Client, colleague: Any, task: Reminder
) -> None:
    type(colleague).objects.update(is_active=True)
    type(colleague).objects.filter(pk=colleague.pk).update(is_active=False)
    for number in (colleague.pk, 999_999):
        assert anna.post(f"/tasks/{task.pk}/edit", form() | {"owner": str(number)}).status_code in (302, 422)
        with pytest.raises(NobodyToGiveTo):
            services.give(task.owner_id, task.pk, number)
    task.refresh_from_db()
    assert task.owner_id != colleague.pk


def test_an_error_of_ours_is_told_calmly_and_keeps_the_page(
    anna: Client, task: Reminder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(owner_id: int, reminder_id: int) -> Reminder:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(services, "complete", breaks)
    anna.raise_request_exception = False
    whole, fragment = (
        anna.post(f"/tasks/{task.pk}/complete"),
        anna.post(f"/tasks/{task.pk}/complete", headers=HTMX),
    )
    assert (whole.status_code, fragment.status_code) == (500, 500)
    assert "Something went wrong on our side" in whole.content.decode()
    assert "disk" not in whole.content.decode()
    assert fragment["HX-Retarget"] == "#toast"

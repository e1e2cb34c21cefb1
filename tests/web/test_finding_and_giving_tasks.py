"""Filters, search, pages, and a task for a colleague: in real Chromium, by mouse, by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.reminders import services
from tandem.reminders.models import Reminder
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Enter = Callable[[], Page]
Task = Callable[..., Reminder]


@pytest.fixture
def a_life(task: Task, anna: Member) -> None:
    task("Call back about renewal", in_days=-3)
    task("Send the proposal", about="Mara Smit · Noordzee Logistics")
    task("Prepare the summer", in_days=200, details="beach umbrellas")
    services.complete(anna.pk, task("Ring Ben", in_days=-1).pk)


def names(page: Page) -> list[str]:
    return [name.strip() for name in page.locator(".task .name:visible").all_inner_texts()]


@pytest.mark.usefixtures("a_life")
def test_each_filter_shows_what_its_name_says(enter: Enter) -> None:
    page = enter()
    expected = {
        "Overdue": ["Call back about renewal"],
        "All": ["Call back about renewal", "Send the proposal", "Prepare the summer"],
        "Done": ["Ring Ben"],
        "From Salesforce": [],
        "Today and tomorrow": ["Send the proposal"],
    }
    for label, listed in expected.items():
        page.get_by_role("navigation", name="Which tasks").get_by_role("link", name=label, exact=True).click()
        expect(page.locator(".filters [aria-current=page]")).to_have_text(label)
        assert names(page) == listed


@pytest.mark.usefixtures("a_life")
def test_a_member_searches_by_keyboard_alone_and_completes_what_was_found(enter: Enter) -> None:
    page = enter()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("umbrella")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 task")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#nothing-found")).to_contain_text("No task has “umbrella” in it.")
    page.keyboard.press("z")
    expect(page.locator("#found")).to_contain_text("Prepare the summer")
    expect(page.get_by_role("searchbox")).to_have_value("umbrella")


def test_what_is_typed_into_the_search_stays_while_the_list_is_drawn_anew(enter: Enter, task: Task) -> None:
    there = task("Old name")
    page = enter()
    page.keyboard.press("/")
    page.keyboard.type("half a wo")
    assert services.apply_from_salesforce(there.pk, 1, {"name": "Renamed in Salesforce"})
    expect(page.locator("#today")).to_contain_text("Renamed in Salesforce", timeout=15_000)
    expect(page.get_by_role("searchbox")).to_have_value("half a wo")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_more_tasks_than_a_page_holds_are_on_the_next_page(enter: Enter, task: Task) -> None:
    for number in range(51):
        task(f"Task {number:02}")
    page = enter()
    expect(page.locator("#summary")).to_contain_text("51 tasks today and tomorrow")
    expect(page.locator("#today .badge").first).to_have_text("51")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    assert names(page) == ["Task 50"]
    page.get_by_role("button", name="Complete Task 50").click()
    expect(page.locator("#toast")).to_contain_text("Completed “Task 50”.")


def test_a_member_gives_a_task_to_a_colleague(enter: Enter, task: Task, anna: Member) -> None:
    ben = accounts.create_member(email="ben@acme.example", name="Ben Visser")
    written = task("Send the proposal")
    page = enter()
    page.get_by_role("link", name="Send the proposal").click()
    page.get_by_label("For", exact=True).select_option("Ben Visser")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toast")).to_contain_text("“Send the proposal” is a task of Ben Visser now.")
    expect(page.locator(".task")).to_have_count(0)
    written.refresh_from_db()
    assert written.owner == ben


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.usefixtures("a_life")
def test_filters_and_search_work_without_javascript_and_lead_back_to_themselves(enter: Enter) -> None:
    page = enter()
    page.get_by_role("link", name="Overdue", exact=True).click()
    page.get_by_role("link", name="Call back about renewal").click()
    page.get_by_label("Task", exact=True).fill("Call back")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".filters [aria-current=page]")).to_have_text("Overdue")
    page.get_by_role("searchbox").fill("call")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("button", name="Complete Call back").click()
    expect(page.locator("#nothing-found")).to_contain_text("No task has “call” in it.")


@both_widths
@both_languages
@pytest.mark.usefixtures("a_life")
def test_every_filter_is_calm(page: Page, enter: Enter, anna: Member, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language)
    enter()
    base = page.url.rstrip("/")
    for query in ("?show=all", "?show=done", "?show=week", "?q=nobody+has+this"):
        page.goto(f"{base}/{query}")
        assert_calm(page, width)

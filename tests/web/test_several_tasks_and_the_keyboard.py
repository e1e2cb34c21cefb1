"""Choosing several tasks, searches that are kept, and the single keys: in real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts.models import Member
from tandem.reminders.models import Reminder
from tests.web.links import follow
from tests.web.test_finding_and_giving_tasks import names
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Enter = Callable[[], Page]
Task = Callable[..., Reminder]


@pytest.fixture
def three(task: Task) -> list[Reminder]:
    return [task(name) for name in ("First", "Second", "Third")]


@pytest.mark.usefixtures("three")
def test_several_are_chosen_by_keyboard_completed_and_taken_back_by_one_key(enter: Enter) -> None:
    page = enter()
    page.get_by_role("link", name="Choose several").click()
    page.wait_for_url(
        "**/?choose=some", wait_until="load"
    )  # the keys are listened to once their script has run
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.get_by_role("checkbox", name="Second")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Third")).not_to_be_checked()
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("Completed 2 tasks.")
    assert names(page) == ["Third"]
    page.keyboard.press("z")
    expect(page.locator("#toast")).to_contain_text("Undone: 2 tasks are as they were.")
    assert names(page) == ["First", "Second", "Third"]


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.usefixtures("three")
def test_all_on_a_page_move_to_another_day_without_javascript(enter: Enter, today: date) -> None:
    page = enter()
    page.get_by_role("link", name="Choose several").click()
    page.get_by_role("link", name="Tick all on this page").click()
    page.get_by_label("Day to move them to").fill((today + timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Move to this day").click()
    expect(page.locator("#toast")).to_contain_text("Moved 3 tasks to")
    assert names(page) == []
    follow(page.get_by_role("button", name="Undo"))
    assert names(page) == ["First", "Second", "Third"]


@pytest.mark.usefixtures("three")
def test_cc_8_a_search_is_kept_under_a_name_and_removed_again(enter: Enter) -> None:
    page = enter()
    page.keyboard.press("/")
    page.keyboard.type("ir")
    page.keyboard.press("Enter")
    page.get_by_label("Name of the search").fill("Odd ones")
    page.get_by_role("button", name="Save search").click()
    expect(page.locator("#toast")).to_contain_text("Saved the search “Odd ones”.")
    page.get_by_role("link", name="Command Center", exact=True).click()
    follow(page.get_by_role("link", name="Odd ones"))
    assert names(page) == ["First", "Third"]
    page.get_by_role("button", name="Remove the search Odd ones").click()
    expect(page.locator("#toast")).to_contain_text("Removed the search “Odd ones”.")
    expect(page.get_by_role("link", name="Odd ones")).to_have_count(0)


def test_the_single_keys_are_switched_off_and_on_for_good(enter: Enter, live_server: LiveServer) -> None:
    page = enter()
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch single keys off").click()
    expect(page.locator("#toast")).to_contain_text("Single keys are off.")
    page.goto(f"{live_server.url}/emails")
    for key in "?nc":
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Anna Bos").click()
    page.get_by_role("button", name="Keyboard").click()
    expect(page.get_by_role("dialog")).to_contain_text("none of these acts")
    page.get_by_role("button", name="Switch single keys on").click()
    expect(page.locator("#toast")).to_contain_text("Single keys are on.")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


@both_widths
@both_languages
@pytest.mark.usefixtures("three")
def test_choosing_and_kept_searches_are_calm(
    page: Page, enter: Enter, anna: Member, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language)
    enter()
    base = page.url.split("?")[0]
    page.goto(f"{base}?q=ir")
    follow(page.locator(".keep button"))
    assert_calm(page, width)
    page.goto(f"{base}?choose=all")
    assert_calm(page, width)

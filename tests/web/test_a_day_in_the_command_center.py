"""What a member does on the first page, in real Chromium."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tandem.accounts.models import Member
from tandem.reminders import services
from tandem.reminders.models import Reminder

Enter = Callable[[], Page]
Task = Callable[..., Reminder]


def toast(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(words)


def test_a_member_writes_a_task_and_sees_it_under_today(enter: Enter) -> None:
    page = enter()
    expect(page.locator("#nothing-due")).to_have_text("Nothing due today or tomorrow.")
    page.keyboard.press("n")
    expect(page.get_by_label("Task", exact=True)).to_be_focused()
    page.keyboard.type("Ring Ben")
    page.keyboard.press("Enter")
    expect(page.locator("#today")).to_contain_text("Ring Ben")
    expect(page.get_by_role("dialog")).to_have_count(0)
    toast(page, "Added “Ring Ben”.")


def test_a_member_edits_a_task_in_a_dialog(enter: Enter, task: Task) -> None:
    written = task("Send the proposal")
    page = enter()
    page.get_by_role("link", name="Send the proposal").click()
    dialog = page.get_by_role("dialog", name="Edit task")
    dialog.get_by_label("Task", exact=True).fill("Send the better proposal")
    dialog.get_by_label("Priority").select_option("High")
    dialog.get_by_label("Details").fill("two\nlines")
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Saved “Send the better proposal”.")
    expect(page.locator("#today")).to_contain_text("High")
    written.refresh_from_db()
    assert written.details == "two\nlines"


def test_a_name_of_blanks_is_explained_in_the_dialog_which_stays_open(
    page: Page, enter: Enter, console: list[str]
) -> None:
    enter()
    page.get_by_role("link", name="New task").click()
    page.get_by_label("Task", exact=True).fill("   ")
    page.get_by_label("Details").fill("typed with care")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("The task has no name yet. Nothing was saved.")
    expect(page.get_by_label("Details")).to_have_value("typed with care")
    expect(page.get_by_label("Task", exact=True)).to_be_focused()
    assert all("422" in complaint for complaint in console), console
    console.clear()


def test_a_member_completes_and_undoes_by_keyboard_alone(enter: Enter, task: Task) -> None:
    for name in ("First", "Second", "Third"):
        task(name)
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Second")).to_be_focused()
    page.keyboard.press("x")
    toast(page, "Completed “Second”.")
    expect(page.locator("#today .task")).to_have_count(2)
    expect(page.get_by_role("link", name="Third")).to_be_focused()
    page.keyboard.press("z")
    toast(page, "Undone: “Second” is as it was before.")
    expect(page.locator("#today .task")).to_have_count(3)


def test_a_completed_task_can_be_found_and_reopened(enter: Enter, task: Task) -> None:
    task("Send the proposal")
    page = enter()
    page.get_by_role("button", name="Complete Send the proposal").click()
    page.get_by_text("1 completed today, show").click()
    page.get_by_role("button", name="Reopen Send the proposal").click()
    expect(page.locator("#today")).to_contain_text("Send the proposal")


def test_a_member_deletes_a_task_and_takes_it_back(enter: Enter, task: Task) -> None:
    written = task("Send the proposal")
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_role("button", name="Delete").click()
    toast(page, "Deleted “Send the proposal”.")
    expect(page.locator(".task")).to_have_count(0)
    written.refresh_from_db()
    assert written.rev == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#today")).to_contain_text("Send the proposal")


def test_overdue_is_one_closed_line_that_opens(enter: Enter, task: Task) -> None:
    task("Call back about renewal", in_days=-3)
    page = enter()
    expect(page.get_by_role("link", name="Call back about renewal")).to_be_hidden()
    page.get_by_text("1 overdue, show").click()
    expect(page.get_by_role("link", name="Call back about renewal")).to_be_visible()


def test_what_salesforce_changes_appears_by_itself_and_disturbs_nobody(enter: Enter, task: Task) -> None:
    there, late = task("Old name"), task("Late", in_days=-1)
    page = enter()
    page.get_by_text("1 overdue, show").click()
    page.keyboard.press("n")
    page.get_by_label("Task", exact=True).fill("half a sente")
    assert services.apply_from_salesforce(there.pk, 1, {"name": "Renamed in Salesforce"})
    expect(page.locator("#today")).to_contain_text("Renamed in Salesforce", timeout=15_000)
    expect(page.get_by_label("Task", exact=True)).to_have_value("half a sente")
    expect(page.get_by_label("Task", exact=True)).to_be_focused()
    expect(page.get_by_role("status")).to_be_empty()
    page.keyboard.press("Escape")
    expect(page.locator(f"#name-{late.pk}")).to_be_visible()


def test_the_keys_are_explained_and_do_nothing_while_one_types(enter: Enter) -> None:
    page = enter()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("undo the last change")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="New task")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    expect(page.get_by_label("Task", exact=True)).to_be_focused()
    page.keyboard.type("jkxez?")
    expect(page.get_by_label("Task", exact=True)).to_have_value("jkxez?")


def test_a_task_that_vanished_meanwhile_is_told_in_the_toast(
    page: Page, enter: Enter, task: Task, console: list[str]
) -> None:
    written = task("Send the proposal")
    enter()
    page.get_by_role("link", name="Send the proposal").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    Reminder.objects.filter(pk=written.pk).delete()
    page.get_by_role("button", name="Save").click()
    toast(page, "This is not here.")
    assert all("404" in complaint for complaint in console), console
    console.clear()


def test_signing_out_by_the_menu_closes_the_door(enter: Enter) -> None:
    page = enter()
    page.get_by_role("button", name="Anna Bos").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()
    page.goto(page.url.replace("/sign-in", "/"))
    expect(page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()


def test_a_page_left_open_after_the_session_ended_asks_to_sign_in(enter: Enter, task: Task) -> None:
    task("Send the proposal")
    page = enter()
    expect(page.locator("#today")).to_be_visible()
    Session.objects.all().delete()
    expect(page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible(timeout=15_000)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_works_without_javascript(enter: Enter, task: Task, anna: Member) -> None:
    task("Send the proposal")
    page = enter()
    page.get_by_role("link", name="New task").click()
    page.get_by_label("Task", exact=True).fill("Ring Ben")
    page.get_by_role("button", name="Save").click()
    toast(page, "Added “Ring Ben”.")
    page.get_by_role("button", name="Complete Send the proposal").click()
    toast(page, "Completed “Send the proposal”.")
    page.get_by_role("button", name="Undo").click()
    toast(page, "Undone: “Send the proposal” is as it was before.")
    page.get_by_role("link", name="Ring Ben").click()
    page.get_by_label("Details").fill("at noon")
    page.get_by_role("button", name="Save").click()
    toast(page, "Saved “Ring Ben”.")
    page.get_by_role("link", name="Ring Ben").click()
    page.get_by_role("button", name="Delete").click()
    toast(page, "Deleted “Ring Ben”.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()
    assert [kept.name for kept in Reminder.objects.of(anna.pk)] == ["Send the proposal"]

"""The lists of emails: quick actions, what follows upon an email, columns, searches; in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.emails.models import Email, MailAccount
from tandem.reminders.models import Reminder
from tests.emails.test_lists import email
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

At = Callable[[str], Page]


@pytest.fixture
def at(enter: Callable[[], Page], live_server: LiveServer) -> At:
    """at("/emails"): Anna on that page."""

    def go(path: str = "/emails") -> Page:
        page = enter()
        page.goto(live_server.url + path)
        return page

    return go


@pytest.fixture
def two(anna: Member) -> None:
    email(anna, "Offerte")
    email(anna, "Contract")


@pytest.mark.usefixtures("two")
def test_cc_5_an_email_is_archived_from_its_row_and_put_back_by_one_key(at: At) -> None:
    page = at("/emails")
    page.get_by_role("button", name="Archive Offerte").click()
    expect(page.locator("#toast")).to_contain_text("Archived “Offerte”.")
    expect(page.locator(".task")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator("#toast")).to_contain_text("“Offerte” is back in your list.")
    page.get_by_role("button", name="Success Offerte").click()
    expect(page.locator("#toast")).to_contain_text("“Offerte” counts as a success.")


@pytest.mark.usefixtures("two")
def test_an_email_is_opened_and_a_new_one_begun_by_keyboard_alone(at: At) -> None:
    page = at("/emails")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Offerte", exact=True)).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Offerte")).to_be_visible()
    page.go_back()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New email")).to_be_visible()


@pytest.mark.usefixtures("two")
def test_cc_6_a_task_is_written_upon_an_email_and_stands_beside_it(at: At, anna: Member) -> None:
    page = at("/emails")
    page.locator(".task", has_text="Offerte").get_by_text("Follow up").click()
    page.get_by_role("link", name="Write a task").click()
    expect(page.get_by_label("Task", exact=True)).to_have_value("Follow up: Offerte")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("aside").get_by_role("link", name="Follow up: Offerte")).to_be_visible()
    page.get_by_role("link", name="Command Center").click()
    expect(page.locator("#tomorrow")).to_contain_text("Follow up: Offerte")
    assert Reminder.objects.get().owner == anna


def test_cc_5_what_bounced_becomes_a_draft_to_correct(at: At, anna: Member) -> None:
    email(anna, "Offerte", "bounced", trouble="There is no such mailbox.")
    page = at("/emails?folder=bounced")
    expect(page.locator(".task")).to_contain_text("There is no such mailbox.")
    page.get_by_role("button", name="Send again Offerte").click()
    expect(page.locator("#toast")).to_contain_text("Correct the address, then send it.")
    expect(page.get_by_label("To", exact=True)).to_have_value("Jan de Vries <jan@veldkamp.example>")


@pytest.mark.parametrize("javascript", [True, False])
def test_cc_7_cc_8_columns_and_searches_are_kept_with_and_without_javascript(
    browser: Browser, live_server: LiveServer, anna: Member, javascript: bool
) -> None:
    email(anna, "Offerte")
    email(anna, "Contract")
    page = browser.new_page(java_script_enabled=javascript)
    page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(anna)}")
    page.get_by_role("link", name="Emails").click()
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Came by").check()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Came by")).to_be_visible()
    page.get_by_role("searchbox").fill("contr")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".task")).to_have_count(1)
    page.get_by_label("Name of the search").fill("Contracts")
    follow(page.get_by_role("button", name="Save search"))
    page.goto(f"{live_server.url}/emails")
    page.get_by_role("link", name="Contracts").click()
    expect(page.locator(".task .name")).to_have_text(["Contract"])
    expect(page.get_by_role("columnheader", name="Came by")).to_be_visible()


@both_widths
@both_languages
def test_the_lists_are_calm(page: Page, at: At, anna: Member, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language)
    anna.refresh_from_db()
    email(anna, "Offerte")
    email(anna, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    email(anna, "Niet aangekomen", "bounced", trouble="550 5.1.1 <jan@veldkamp.example>: no such mailbox")
    email(anna, "Later", "draft")
    MailAccount.objects.filter(member=anna).delete()
    at("/emails")
    page.locator(".follow summary").first.click()
    page.locator(".aside summary").last.click()
    assert_calm(page, width)
    base = page.url.split("/emails")[0]
    for path in ("?folder=bounced", "?folder=drafts", "?q=nobody+has+this"):
        page.goto(f"{base}/emails{path}")
        assert_calm(page, width)
    page.goto(f"{base}/emails/{Email.objects.get(subject='Offerte').pk}/task")
    assert_calm(page, width)

"""The story of one task, and both versions where both sides changed it, in real Chromium against orgbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.reminders.models import Reminder
from tandem.sync.models import Conflict
from tests.emails.test_lists import email
from tests.sync.desk import Desk, open_desk
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Visit = Callable[..., Page]


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, in step; one of her tasks was changed on both sides at once, and then merged."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", time_zone="Europe/Amsterdam")
        desk.switch_on()
        desk.round()
        written = desk.create("Send the proposal", due="2026-11-23", details="By mail")
        desk.settle()
        desk.wait(minutes=7)
        desk.edit(written, details="By courier, before noon")
        sf_id = desk.link(written).sf_id
        assert sf_id is not None
        desk.update(sf_id, Description="In person, with samples", ActivityDate="2026-11-24")
        desk.wait(minutes=1)
        desk.settle()
        yield desk


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, desk: Desk) -> Visit:
    """visit("/"): Anna follows her sign-in link and opens that page."""

    def follow(path: str = "/", on: Page = page) -> Page:
        member = Member.objects.get(pk=desk.member().pk)
        on.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        on.goto(live_server.url + path)
        return on

    return follow


def lines(page: Page) -> list[str]:
    return page.locator(".story h2").all_inner_texts()


def test_the_row_says_that_both_sides_changed_it_and_leads_to_both_versions(visit: Visit, desk: Desk) -> None:
    page = visit()
    page.get_by_text("Changed on both sides · why?").click()
    page.locator(".state").get_by_role("link", name="Timeline").click()
    expect(page.get_by_role("heading", name="Send the proposal")).to_be_visible()
    task = desk.link(Reminder.objects.get()).sf_id
    assert lines(page) == [
        "Created here",
        "Sent to Salesforce",
        f"In Salesforce {task}",
        "Changed in Salesforce, and taken over here",
        "Changed on both sides",
    ]
    both = page.locator(".version")
    expect(both.nth(0)).to_contain_text("By courier, before noon")
    expect(both.nth(1)).to_contain_text("In person, with samples")
    expect(page.locator(".story")).to_contain_text("23 November 2026 → 24 November 2026")


@pytest.mark.parametrize("javascript", [True, False])
def test_keep_ours_reaches_salesforce_and_undo_takes_it_back(
    visit: Visit, desk: Desk, browser: Browser, javascript: bool
) -> None:
    written = Reminder.objects.get()
    page = visit(f"/tasks/{written.pk}/timeline", browser.new_page(java_script_enabled=javascript))
    page.get_by_role("button", name="Keep ours").click()
    expect(page.locator("#toast")).to_contain_text("Kept yours. Salesforce gets it in the next seconds.")
    expect(page.locator(".version.stands")).to_contain_text("By courier, before noon")
    desk.wait(minutes=1)
    desk.settle()
    assert desk.there(written)["Description"] == "By courier, before noon"
    page.reload()
    expect(page.locator(".story li").last).to_contain_text("Salesforce has the change")
    page.locator(".story").get_by_role("button", name="Undo").click()
    desk.wait(minutes=1)
    desk.settle()
    assert desk.there(written)["Description"] == "In person, with samples"
    expect(page.get_by_role("button", name="Keep theirs")).to_be_visible()


def test_keep_theirs_ends_the_matter(visit: Visit, desk: Desk) -> None:
    page = visit(f"/tasks/{Reminder.objects.get().pk}/timeline")
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.locator("#toast")).to_contain_text("Kept Salesforce's.")
    page.get_by_role("link", name="Command Center", exact=True).first.click()
    expect(page.locator("#tomorrow .state")).to_have_text("In Salesforce")


def test_a_choice_that_comes_too_late_says_so_and_overwrites_nothing(visit: Visit, desk: Desk) -> None:
    written = Reminder.objects.get()
    page = visit(f"/tasks/{written.pk}/timeline")
    desk.edit(written, details="A third word")
    page.get_by_role("button", name="Keep ours").click()
    expect(page.locator("#toast")).to_contain_text("Nothing was changed: the task was changed again")
    assert Reminder.objects.get().details == "A third word"


def test_p5_what_one_side_deleted_and_the_other_changed_is_told_and_marked_as_seen(
    client: Client, desk: Desk
) -> None:
    kept = desk.create("Ring Ben", due="2026-11-23")
    desk.settle()
    desk.wait(minutes=1)
    sf_id = desk.link(kept).sf_id
    assert sf_id is not None
    desk.delete(sf_id)
    desk.edit(kept, details="still to be done")
    desk.wait(hours=2)
    desk.settle()
    client.force_login(desk.member())
    page = client.get(f"/tasks/{kept.pk}/timeline").content.decode()
    assert "Deleted on one side, changed on the other" in page
    assert "an edit is never destroyed by a delete" in page
    conflict = Conflict.objects.get(link__reminder=kept)
    assert client.post(f"/versions/{conflict.pk}/theirs").status_code == 302
    assert Conflict.objects.get(pk=conflict.pk).resolved_at is None
    said = client.post(f"/versions/{conflict.pk}/ours", follow=True).content.decode()
    assert "Kept yours." in said
    assert "Salesforce gets it" not in said
    assert Conflict.objects.get(pk=conflict.pk).resolved_at is not None
    assert f"/versions/{conflict.pk}/" not in client.get(f"/tasks/{kept.pk}/timeline").content.decode()


def test_a_refusal_and_a_missing_answer_are_told_in_the_story_with_their_reasons(
    client: Client, desk: Desk
) -> None:
    written = Reminder.objects.get()
    desk.fault("row_refused", times=1)
    desk.edit(written, name="Send it on Monday")
    desk.settle()
    client.force_login(desk.member())
    page = client.get(f"/tasks/{written.pk}/timeline").content.decode()
    assert "Salesforce refused it" in page
    assert "Change sent to Salesforce" in page
    assert "<del>Send the proposal</del>" in page


@both_widths
@both_languages
def test_the_timeline_is_calm(page: Page, visit: Visit, desk: Desk, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.update(language=language)
    visit("/")
    assert_calm(page, width)
    page.goto(f"{page.url}tasks/{Reminder.objects.get().pk}/timeline")
    assert_calm(page, width)
    follow(page.locator(".versions button").first)
    assert_calm(page, width)
    page.goto(page.url.split("/tasks")[0])
    assert_calm(page, width)


def test_beside_the_tasks_stands_what_is_in_step_what_needs_the_member_and_who_has_answered(
    visit: Visit, desk: Desk
) -> None:
    anna = desk.member()
    offer = email(anna, "Offerte")
    email(
        anna,
        "Re: Offerte",
        kind="reply",
        answers=offer,
        sender="mara@noordzee.example",
        sender_name="Mara Smit",
    )
    page = visit()
    expect(page.locator("aside")).to_contain_text("1 task in step, 1 needs you.")
    expect(page.locator("aside")).to_contain_text("Mara Smit — Re: Offerte")
    assert_calm(page, 1280)
    page.set_viewport_size({"width": 320, "height": 900})
    assert_calm(page, 320)
    page.get_by_role("link", name="1 needs you").click()
    expect(page.get_by_role("button", name="Keep ours")).to_be_visible()
    page.goto(page.url.split("/tasks")[0])
    page.get_by_role("link", name="Mara Smit — Re: Offerte").click()
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("link", name="Command Center").click()
    expect(page.get_by_text("Replies waiting")).to_have_count(0)

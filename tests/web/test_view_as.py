"""An admin looks at a colleague's lists, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.reminders import services
from tandem.reminders.values import checked
from tests.emails.test_lists import email
from tests.web.test_the_look import assert_calm, both_languages, both_widths


@pytest.fixture
def ben(anna: Member, today: date) -> Member:
    """A colleague with a task and an email; Anna is an admin."""
    Member.objects.filter(pk=anna.pk).update(role="admin")
    anna.refresh_from_db()
    colleague = accounts.create_member(email="ben@acme.example", name="Ben Visser", time_zone=anna.time_zone)
    services.create(colleague.pk, checked(name="Ring Jan", due=today))
    email(colleague, "Offerte")
    return colleague


@pytest.mark.usefixtures("ben")
def test_an_admin_looks_at_a_colleagues_lists_and_goes_back(enter: Callable[[], Page]) -> None:
    page = enter()
    page.get_by_text("View as a colleague").click()
    page.get_by_label("Colleague").select_option("Ben Visser")
    page.get_by_role("button", name="Show their lists").click()
    expect(page.locator(".looking")).to_contain_text("These are the lists of Ben Visser.")
    expect(page.locator("#today")).to_contain_text("Ring Jan")
    expect(page.get_by_role("button", name="Complete Ring Jan")).to_have_count(0)
    page.get_by_role("link", name="Emails").click()
    expect(page.locator(".task")).to_contain_text("Offerte")
    page.get_by_role("button", name="Back to my own").click()
    expect(page.locator("#no-emails")).to_be_visible()


@both_widths
@both_languages
@pytest.mark.usefixtures("ben")
def test_looking_is_calm(
    page: Page, enter: Callable[[], Page], anna: Member, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language)
    enter()
    page.locator(".view-as summary").click()
    assert_calm(page, width)
    page.locator(".view-as button").click()
    expect(page.locator(".looking")).to_be_visible()
    assert_calm(page, width)
    page.goto(page.url.split("?")[0] + "emails")
    assert_calm(page, width)

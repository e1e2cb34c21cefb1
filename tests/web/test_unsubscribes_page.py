"""Unsubscribes, in real Chromium: said here and seen there, without JavaScript too, at every width."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.sync.opt_outs import STANDARD
from tests.activities.office import Office, open_office
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Visit = Callable[..., Page]
LENA = "lena@lam.example"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna, an admin, and Ben, a user, both connected."""
    with open_office(monkeypatch) as office:
        office.desk.join("ben")
        yield office


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, office: Office) -> Visit:
    """visit("ben"): Ben follows his sign-in link and opens the page."""

    def follow(name: str = "anna", on: Page = page) -> Page:
        member = Member.objects.get(pk=office.desk.member(name).pk)
        on.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        on.goto(f"{live_server.url}/settings/unsubscribes")
        return on

    return follow


def test_somebody_is_unsubscribed_here_and_salesforce_knows(visit: Visit, office: Office) -> None:
    lead = office.lead(LENA)
    page = visit("ben")
    page.get_by_label("Email address").fill(LENA)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.locator("#toast")).to_contain_text(f"{LENA} gets no emails from now on")
    expect(page.locator("#unsubscribed")).to_contain_text("By a member: Ben")
    office.desk.round()
    page.reload()
    expect(page.locator("#unsubscribed")).to_contain_text("set on 1 record")
    assert office.desk.running.call(lambda: dict(office.desk.org.get("Lead", lead)))[STANDARD] is True
    expect(page.get_by_role("button", name="Allow emails again")).to_have_count(0)


def test_an_admin_allows_emails_again_and_chooses_the_hour_without_javascript(
    browser: Browser, visit: Visit
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = visit("anna", context.new_page())
    page.get_by_label("Email address").fill(LENA)
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("button", name="Allow emails again").click()
    expect(page.locator("#nobody")).to_contain_text("Nobody is unsubscribed.")
    page.get_by_label("Both of them").check()
    page.get_by_label("At (Pacific time)").select_option("03:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Both of them")).to_be_checked()
    expect(page.get_by_label("At (Pacific time)")).to_have_value("3")
    context.close()


@both_widths
@both_languages
def test_the_page_is_calm(visit: Visit, office: Office, width: int, language: str) -> None:
    Member.objects.update(language=language)
    page = visit()
    page.set_viewport_size({"width": width, "height": 900})
    assert_calm(page, width)
    page.locator("#id_address").fill("donaudampfschifffahrtselektrizitaetenhauptbetriebswerk@beamten.example")
    page.locator("#id_address").press("Enter")
    expect(page.locator("#unsubscribed > li")).to_have_count(1)
    office.desk.round()
    page.reload()
    assert_calm(page, width)

"""Held for review, in real Chromium: one after the other, several at once, without JavaScript, at every width."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.config import wiring
from tandem.people.models import Ignored
from tandem.sync.models import Held
from tandem.sync_settings import services as settings
from tests.diagnostics.test_review import JAN, held, lead, logged_on, send
from tests.sync.desk import Desk, open_desk
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Visit = Callable[..., Page]


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, an admin, and Ben; three addresses that nobody in Salesforce has, one of them twice."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        desk.join("ben")
        wiring.register_answers()
        settings.save_email_api(desk.member("anna"), {"emails": True})
        send(desk, f"Jan de Vries <{JAN}>", subject="Offerte")
        send(
            desk, JAN, "mara@noordzee.example", number=2, subject="Donaudampfschifffahrtsgesellschaftskapitän"
        )
        send(desk, "ines@porto.example", owner="ben")
        desk.round()
        yield desk


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, desk: Desk) -> Visit:
    """visit("ben"): Ben follows his sign-in link and opens the review."""

    def follow(name: str = "anna", on: Page = page, path: str = "/review") -> Page:
        member = Member.objects.get(pk=desk.member(name).pk)
        on.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        on.goto(live_server.url + path)
        return on

    return follow


def test_the_navigation_counts_what_waits_and_a_record_is_chosen(visit: Visit, desk: Desk) -> None:
    there = lead(desk, "Jansen")
    page = visit()
    expect(page.locator("#held-count")).to_contain_text("3")
    page.locator("#held-1").get_by_role("link", name="Choose a record").click()
    page.get_by_label("Search leads and contacts in Salesforce").fill("Jansen")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Jansen · lead").check()
    page.get_by_role("button", name="Log it there").click()
    expect(page.locator("#toast")).to_contain_text("Jan de Vries: logged on the record that you chose.")
    desk.round()
    assert logged_on() == {there}


def test_a_lead_is_made_and_what_waits_shows_that_it_is_on_its_way(visit: Visit, desk: Desk) -> None:
    page = visit()
    page.locator("#held-1").get_by_role("link", name="Create a lead").click()
    expect(page.get_by_label("First name")).to_have_value("Jan de")
    expect(page.get_by_label("Company")).to_have_value("veldkamp.example")
    page.get_by_label("Last name").fill("de Vries")
    page.get_by_label("First name").fill("Jan")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#held-1")).to_contain_text("Being made")
    desk.settle()
    page.reload()
    expect(page.locator(".held > li")).to_have_count(2)


def test_several_are_ticked_and_left_out_and_that_is_taken_back(visit: Visit, desk: Desk) -> None:
    page = visit()
    page.get_by_label(f"Tick {JAN}").check()
    page.get_by_label("Tick mara@noordzee.example").check()
    page.locator("#bulk").get_by_role("button", name="Leave out").click()
    expect(page.locator("#toast")).to_contain_text("Left out 3.")
    expect(page.locator(".held > li")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("Taken back.")
    desk.round()
    assert len(held()) == 4


def test_a_user_ignores_an_address_and_is_not_offered_the_domain(visit: Visit, desk: Desk) -> None:
    page = visit("ben")
    expect(page.locator(".held > li")).to_have_count(1)
    expect(page.get_by_role("button", name="Ignore porto.example")).to_have_count(0)
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Ignore this address").click()
    expect(page.locator("#nothing-held")).to_contain_text("Nothing waits for you.")
    expect(page.locator("#held-count")).to_have_count(0)
    assert Ignored.objects.get().pattern == "ines@porto.example"


def test_all_of_it_works_without_javascript(browser: Browser, visit: Visit, desk: Desk) -> None:
    there = lead(desk, "Jansen")
    context = browser.new_context(java_script_enabled=False)
    page = visit("anna", context.new_page())
    page.get_by_label("Tick ines@porto.example").check()
    page.get_by_role("button", name="Ignore the addresses").click()
    page.locator("#held-1").get_by_role("link", name="Choose a record").click()
    page.get_by_label("Search leads and contacts in Salesforce").fill("Jansen")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Jansen · lead").check()
    page.get_by_role("button", name="Log it there").click()
    desk.round()
    assert logged_on() == {there}
    context.close()


@both_widths
@both_languages
def test_every_page_is_calm(
    visit: Visit, desk: Desk, width: int, language: str, live_server: LiveServer
) -> None:
    lead(desk, "Jansen")
    Member.objects.update(language=language)
    page = visit()
    page.set_viewport_size({"width": width, "height": 900})
    assert_calm(page, width)
    for line in page.locator(".held summary").all():
        line.click()
    assert_calm(page, width)
    for path in (f"choose?address={JAN}&q=Jansen", f"make/lead?address={JAN}"):
        page.goto(f"{live_server.url}/review/{path}")
        assert_calm(page, width)


@both_widths
@both_languages
def test_a_page_with_nothing_on_it_is_calm(visit: Visit, desk: Desk, width: int, language: str) -> None:
    Member.objects.update(language=language)
    Held.objects.all().delete()
    page = visit("ben")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("#nothing-held")).to_be_visible()
    assert_calm(page, width)

"""Every page, wide and narrow, in English and Dutch: readable, without sideways scrolling, WCAG 2.2 AA."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts.models import Member
from tandem.reminders import services
from tandem.reminders.models import Reminder

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
both_widths = pytest.mark.parametrize("width", [1280, 320])
both_languages = pytest.mark.parametrize("language", ["en", "nl"])


def assert_calm(page: Page, width: int) -> None:
    """No axe violation, and nothing wider than the window."""
    page.wait_for_load_state()  # an address is the new one before its document has an element
    # A frame shows an email's own text: it runs no script, axe's neither, so axe cannot look into it.
    found = Axe().run(page, options={"runOnly": WCAG, "iframes": False, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def narrow_or_wide(page: Page, width: int, language: str, anna: Member) -> None:
    """The window and the language of this test."""
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language)


@both_widths
@both_languages
@pytest.mark.usefixtures("narrow_or_wide")
def test_a_full_day(
    enter: Callable[[], Page], task: Callable[..., Reminder], anna: Member, width: int
) -> None:
    task("Call back about renewal", in_days=-3, about="Jan de Vries · Veldkamp BV · Opportunity €12,400")
    task("Send the proposal", about="Mara Smit · Noordzee Logistics · Lead", priority="high")
    task("Follow up: demo feedback", about="Luc Martin · Atelier Martin · Contact")
    task("Check contract redlines", about="Ines Costa · Porto Labs · Contact")
    task("Prepare QBR slides", in_days=1, about="Anna Bos · Acme · Contact")
    task("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", in_days=1)
    services.complete(anna.pk, task("Ring Ben").pk)
    task("Ring Ben again")
    page = enter()
    assert_calm(page, width)
    for line in page.locator("#tasks > details > summary").all():
        line.click()
    page.get_by_text(re.compile("why|waarom")).last.click()
    page.locator("#today .tick").last.click()
    expect(page.get_by_role("status")).to_contain_text("Ring Ben again")
    assert_calm(page, width)


@both_widths
@both_languages
@pytest.mark.usefixtures("narrow_or_wide")
def test_an_empty_day(enter: Callable[[], Page], task: Callable[..., Reminder], width: int) -> None:
    page = enter()
    expect(page.locator("#nothing-due")).to_be_visible()
    assert_calm(page, width)


@both_widths
@both_languages
@pytest.mark.usefixtures("narrow_or_wide")
def test_the_dialog_with_something_to_mend(enter: Callable[[], Page], console: list[str], width: int) -> None:
    page = enter()
    page.locator("#new-task").click()
    page.locator("#id_name").fill(" ")
    page.locator("#save").click()
    expect(page.locator("#id_name_error")).to_be_visible()
    assert_calm(page, width)
    console.clear()


@both_widths
@both_languages
@pytest.mark.usefixtures("narrow_or_wide")
def test_the_account_menu_and_the_keyboard_help(enter: Callable[[], Page], width: int) -> None:
    page = enter()
    page.get_by_role("button", name="Anna Bos").click()
    assert_calm(page, width)
    page.locator("[data-show=help]").click()
    expect(page.locator("#help")).to_be_visible()
    assert_calm(page, width)


@both_widths
@pytest.mark.parametrize("path", ["/tasks/new", "/no-such-page", "/sign-in/spent", "/sign-in"])
def test_a_page_of_its_own(
    page: Page, console: list[str], live_server: LiveServer, enter: Callable[[], Page], path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    if path.startswith("/tasks"):
        enter()
    page.goto(live_server.url + path)
    assert_calm(page, width)
    console.clear()

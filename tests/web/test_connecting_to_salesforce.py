"""From the gear to a connection, in real Chromium, against an org in a box."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.clock import RealClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.connections.models import Connection
from tandem.connections.services import save_team_app
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

WORDS = {
    "en": {
        "gear": "Settings menu",
        "settings": "Settings",
        "save": "Save",
        "connect": "Connect",
        "check": "Check the set-up",
        "disconnect": "Disconnect",
        "connected": "Connected to Salesforce as",
        "checked": "Set-up check",
        "denied": "You did not allow access",
        "reconnect": "Reconnect",
        "app": "Salesforce app",
    },
    "nl": {
        "gear": "Instellingenmenu",
        "settings": "Instellingen",
        "save": "Opslaan",
        "connect": "Verbinden",
        "check": "Inrichting controleren",
        "disconnect": "Verbinding verbreken",
        "connected": "Verbonden met Salesforce als",
        "checked": "Controle van de inrichting",
        "denied": "Je hebt geen toegang gegeven",
        "reconnect": "Opnieuw verbinden",
        "app": "Salesforce-app",
    },
}


@pytest.fixture
def box(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOrg]:
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    callback = f"{live_server.url}/settings/salesforce/callback"
    with RunningOrg(Org(RealClock(), seed=5), callbacks=[callback]) as running:
        yield running


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def words(language: str) -> dict[str, str]:
    return WORDS[language]


@pytest.fixture
def arrive(
    page: Page, console: list[str], live_server: LiveServer, language: str, width: int, transactional_db: None
) -> Callable[[str], Member]:
    """arrive("admin"): somebody with this role is signed in and sees the Command Center."""
    page.set_viewport_size({"width": width, "height": 900})

    def sign_in(role: str) -> Member:
        member = accounts.create_member(
            email=f"{role}@acme.example", name="Anna Bos", role=role, language=language, time_zone="UTC"
        )
        page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        return member

    return sign_in


def look(page: Page, name: str, width: int) -> None:
    """Nothing to complain of; and a picture, when somebody wants to look too (TANDEM_PICTURES names the folder)."""
    if folder := os.environ.get("TANDEM_PICTURES"):
        language = page.locator("html").get_attribute("lang")
        page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
    assert_calm(page, width)


def open_settings(page: Page, words: dict[str, str]) -> None:
    page.get_by_role("button", name=words["gear"]).click()
    page.get_by_role("link", name=words["settings"], exact=True).click()
    expect(page.get_by_role("heading", name="Salesforce", exact=True)).to_be_visible()


def allow(page: Page, box: RunningOrg, button: str = "Allow") -> None:
    """Log in at Salesforce as the admin of the org, and decide."""
    page.get_by_label("Username").fill(str(box.org.get("User", box.org.admin_id)["Username"]))
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.get_by_role("button", name=button).click()


def name_the_app(by: Member, box: RunningOrg) -> None:
    app = box.app.state.oauth.app
    save_team_app(
        by, target="my-domain", my_domain=box.url, client_id=app.client_id, client_secret=app.client_secret
    )


@both_widths
@both_languages
def test_an_admin_names_the_app_connects_and_checks(
    page: Page, box: RunningOrg, arrive: Callable[[str], Member], words: dict[str, str], width: int
) -> None:
    arrive("admin")
    open_settings(page, words)
    look(page, "admin-first", width)
    page.locator("#id_target").select_option("my-domain")
    page.locator("#id_client_id").fill(box.app.state.oauth.app.client_id)
    page.locator("#id_client_secret").fill(box.app.state.oauth.app.client_secret)
    page.locator("#id_my_domain").fill(box.url)
    page.get_by_role("button", name=words["save"]).click()
    expect(page.locator("#app .badge.bg-green-lt")).to_be_visible()
    look(page, "admin-ready", width)
    page.get_by_role("button", name=words["connect"], exact=True).click()
    allow(page, box)
    expect(page.locator("#toast")).to_contain_text(words["connected"])
    look(page, "admin-connected", width)
    page.get_by_role("button", name=words["check"]).click()
    expect(page.get_by_role("heading", name=words["checked"])).to_be_visible()
    look(page, "admin-checked", width)
    assert Connection.objects.get().state == "connected"


@both_widths
@both_languages
def test_a_user_denies_connects_and_disconnects(
    page: Page, box: RunningOrg, arrive: Callable[[str], Member], words: dict[str, str], width: int
) -> None:
    user = arrive("user")
    open_settings(page, words)
    look(page, "user-no-app", width)
    name_the_app(user, box)
    page.reload()
    look(page, "user-first", width)
    page.get_by_role("button", name=words["connect"], exact=True).click()
    allow(page, box, "Deny")
    expect(page.get_by_role("heading", name=words["denied"])).to_be_visible()
    look(page, "user-denied", width)
    page.locator("main form button").click()  # logged in there already: only the consent is asked
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("#toast")).to_contain_text(words["connected"])
    Connection.objects.update(state="reconnect", trouble_code="invalid_grant")
    follow(page.get_by_role("link", name="Tandem", exact=True))
    look(page, "user-center", width)
    page.get_by_role("link", name=words["reconnect"]).click()
    expect(page.locator("#reconnect")).to_be_visible()
    look(page, "user-reconnect", width)
    follow(page.get_by_role("link", name=words["disconnect"]))
    look(page, "user-disconnect", width)
    page.get_by_role("button", name=words["disconnect"]).click()
    expect(page.get_by_role("button", name=words["connect"], exact=True)).to_be_visible()
    assert Connection.objects.get().state == "disconnected"


def press_to(page: Page, name: str, role: str = "button") -> None:
    """Tab until the focus is there, then Enter."""
    there = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(60):
        page.keyboard.press("Tab")
        if there.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached by the keyboard")


@both_widths
@both_languages
def test_the_keyboard_alone_connects_and_disconnects(
    page: Page, box: RunningOrg, arrive: Callable[[str], Member], words: dict[str, str]
) -> None:
    name_the_app(arrive("admin"), box)
    press_to(page, words["gear"])
    expect(page.get_by_role("link", name=words["settings"], exact=True)).to_be_visible()
    press_to(page, words["settings"], "link")
    expect(page.get_by_role("heading", name="Salesforce", exact=True)).to_be_visible()
    press_to(page, words["connect"])
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(str(box.org.get("User", box.org.admin_id)["Username"]))
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    press_to(page, "Allow")
    expect(page.locator("#toast")).to_contain_text(words["connected"])
    press_to(page, words["check"])
    expect(page.get_by_role("heading", name=words["checked"])).to_be_visible()
    press_to(page, words["disconnect"], "link")
    expect(page.locator("#disconnect-title")).to_be_visible()
    press_to(page, words["disconnect"])
    expect(page.get_by_role("button", name=words["connect"], exact=True)).to_be_visible()


@both_widths
@both_languages
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_it_works_without_javascript(
    page: Page, box: RunningOrg, arrive: Callable[[str], Member], words: dict[str, str]
) -> None:
    name_the_app(arrive("admin"), box)
    page.get_by_role("link", name=words["settings"], exact=True).click()
    page.get_by_role("button", name=words["connect"], exact=True).click()
    allow(page, box)
    expect(page.locator("#toast")).to_contain_text(words["connected"])
    page.get_by_role("button", name=words["check"]).click()
    expect(page.get_by_role("heading", name=words["checked"])).to_be_visible()

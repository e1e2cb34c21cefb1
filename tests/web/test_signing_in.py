"""From an empty Tandem to a team that signs in: password, authenticator app, passkey, invitation, in real Chromium."""

from __future__ import annotations

import os
import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem import clock
from tandem.accounts import first_run, invitations, services
from tandem.accounts.models import Invitation, Member
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

PASSWORD = "a sentence only I know"
WORDS = {
    "en": {
        "on": "Turn on",
        "sign in": "Sign in",
        "save": "Save",
        "add": "Add",
        "passkey": "Sign in with a passkey",
    },
    "nl": {
        "on": "Aanzetten",
        "sign in": "Aanmelden",
        "save": "Opslaan",
        "add": "Toevoegen",
        "passkey": "Aanmelden met een passkey",
    },
}


@pytest.fixture(autouse=True)
def nobody_tried_before(transactional_db: None) -> Iterator[None]:
    """Wrong passwords of another test are not counted here."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def words(language: str) -> dict[str, str]:
    return WORDS[language]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], language: str) -> dict[str, Any]:
    """A browser that asks for this language, in Amsterdam."""
    return {**browser_context_args, "locale": language, "timezone_id": "Europe/Amsterdam"}


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, width: int) -> Callable[[str], Page]:
    """visit("/account"): whoever sits at this browser goes there."""
    page.set_viewport_size({"width": width, "height": 900})

    def go(path: str) -> Page:
        page.goto(live_server.url + path)
        return page

    return go


def make(name: str, *, role: str = "admin", language: str = "en") -> Member:
    return services.create_member(
        email=f"{name.lower()}@acme.example",
        name=name,
        password=PASSWORD,
        role=role,
        language=language,
        time_zone="Europe/Amsterdam",
    )


def look(page: Page, name: str, width: int) -> None:
    """Nothing to complain of; and a picture, when somebody wants to look too (TANDEM_PICTURES names the folder)."""
    if folder := os.environ.get("TANDEM_PICTURES"):
        language = page.locator("html").get_attribute("lang")
        page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
    assert_calm(page, width)


def sign_in(page: Page, member: Member, password: str = PASSWORD) -> None:
    page.locator("#id_login").fill(member.email)
    page.locator("#id_password").fill(password)
    page.locator("form[action='/sign-in'] button").click()


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return TOTP(b32decode(secret), 6, SHA1(), 30).generate(int(clock.now().timestamp())).decode()


@both_widths
@both_languages
def test_whoever_has_the_setup_code_becomes_the_first_admin(
    visit: Callable[[str], Page], console: list[str], width: int
) -> None:
    page = visit("/")
    expect(page).to_have_url(re.compile("/first-run$"))
    expect(page.locator("#id_time_zone")).to_have_value("Europe/Amsterdam")
    look(page, "first-run", width)
    page.locator("#id_code").fill("AAAA-BBBB-CCCC")
    page.locator("#id_email").fill("Anna@acme.example")
    page.locator("#id_name").fill("Anna Bos")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.locator("#id_code_error")).to_be_visible()
    look(page, "first-run-wrong-code", width)
    assert all("422" in complaint for complaint in console)
    console.clear()
    assert first_run.needed()
    page.locator("#id_code").fill(first_run.setup_code().lower())
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.get_by_role("heading", name="Salesforce", exact=True)).to_be_visible()
    look(page, "first-admin", width)
    anna = Member.objects.get()
    assert (anna.email, anna.role, anna.time_zone) == ("anna@acme.example", "admin", "Europe/Amsterdam")


@both_widths
@both_languages
def test_an_admin_invites_and_the_invited_becomes_a_member(
    visit: Callable[[str], Page], browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    anna = make("Anna", language=language)
    sign_in(visit("/settings/members"), anna)
    page = visit("/settings/members")
    page.locator("#id_email").fill("ben@acme.example")
    page.locator("#invite button").click()
    expect(page.locator("#toast")).to_contain_text("ben@acme.example")
    page.locator("details summary").first.click()
    look(page, "members", width)
    link = page.locator("code").inner_text()
    theirs = browser.new_context(
        viewport={"width": width, "height": 900}, timezone_id="Asia/Tokyo", locale=language
    )
    invited = theirs.new_page()
    invited.goto(link)
    expect(invited.locator("html")).to_have_attribute("lang", language)
    look(invited, "join", width)
    invited.locator("#id_name").fill("Ben Visser")
    invited.locator("#id_password").fill(PASSWORD)
    invited.locator("main button").click()
    expect(invited.locator("#tasks")).to_be_visible()
    ben = Member.objects.get(email="ben@acme.example")
    assert (ben.name, ben.role, ben.language, ben.time_zone) == ("Ben Visser", "user", language, "Asia/Tokyo")
    invited.goto(link)
    look(invited, "invitation-spent", width)
    page.reload()
    expect(page.locator("code")).to_have_count(0)
    follow(page.get_by_role("link", name=re.compile("Ben Visser")))
    look(page, "deactivate", width)
    page.locator("main form button").click()
    expect(page.locator("#toast")).to_contain_text("Ben Visser")
    look(page, "members-deactivated", width)
    invited.goto(live_server.url)
    expect(invited).to_have_url(re.compile("/sign-in"))
    sign_in(invited, ben)
    expect(invited).to_have_url(re.compile("/sign-in/closed$"))
    look(invited, "closed", width)
    theirs.close()


@both_widths
@both_languages
def test_a_member_turns_on_an_authenticator_app_and_signs_in_with_it(
    visit: Callable[[str], Page], width: int, language: str, words: dict[str, str]
) -> None:
    ben = make("Ben", role="user", language=language)
    sign_in(visit("/account/security"), ben)
    page = visit("/account/security")
    look(page, "security", width)
    follow(page.get_by_role("link", name=words["on"]))
    look(page, "again", width)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").click()
    secret = page.locator("#authenticator_secret").input_value()
    look(page, "authenticator", width)
    page.locator("#id_code").fill(code_of(secret))
    page.locator("main form button").click()
    expect(page.locator("#recovery_codes")).to_be_visible()
    expect(page.locator("#toast > .card")).to_have_count(1)  # one, however much there is to say
    codes = page.locator("#recovery_codes").input_value().split()
    look(page, "recovery-codes", width)
    visit("/account/security")
    look(page, "security-on", width)
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))
    visit("/sign-out")
    look(page, "sign-out", width)
    follow(page.locator("main form button"))
    look(page, "sign-in", width)
    sign_in(page, ben)
    expect(page).to_have_url(re.compile("/sign-in/code"))
    look(page, "code", width)
    page.locator("#id_code").fill(codes[0])
    page.locator("main form:not([hidden]) button.btn-primary").first.click()
    expect(page.locator("#tasks")).to_be_visible()
    visit("/account/authenticator/remove")
    page.locator("#id_password").fill(PASSWORD)
    follow(page.locator("main form button"))
    look(page, "authenticator-remove", width)


@both_widths
@both_languages
def test_a_member_adds_a_passkey_and_signs_in_without_a_password(
    visit: Callable[[str], Page], width: int, language: str, words: dict[str, str]
) -> None:
    ben = make("Ben", role="user", language=language)
    sign_in(visit("/account"), ben)
    page = visit("/account/passkeys/new")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").click()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.locator("#id_name").fill("My laptop")
    page.locator("#id_passwordless").check()
    look(page, "passkey-new", width)
    page.get_by_role("button", name=words["add"], exact=True).click()
    expect(page.locator("#recovery_codes")).to_be_visible()
    visit("/account/passkeys")
    expect(page.locator("main")).to_contain_text("My laptop")
    look(page, "passkeys", width)
    visit("/sign-out")
    page.locator("main form button").click()
    page.get_by_role("button", name=words["passkey"]).click()
    expect(page.locator("#tasks")).to_be_visible()
    visit("/account/sessions")
    look(page, "sessions", width)


@both_widths
@both_languages
def test_the_other_pages_of_an_account(visit: Callable[[str], Page], width: int, language: str) -> None:
    anna = make("Anna", language=language)
    page = visit("/sign-in/forgotten")
    look(page, "forgotten", width)
    visit("/sign-in")
    sign_in(page, anna, "a wrong password")
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, "sign-in-wrong", width)
    sign_in(page, anna)
    for path in ("/account", "/account/password", "/settings/audit"):
        look(visit(path), path.strip("/").replace("/", "-"), width)


def test_a_member_signs_out_everywhere_else(
    visit: Callable[[str], Page], browser: Browser, live_server: LiveServer
) -> None:
    ben = make("Ben", role="user")
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(live_server.url)
    sign_in(elsewhere, ben)
    expect(elsewhere.locator("#tasks")).to_be_visible()
    sign_in(visit("/"), ben)
    page = visit("/account/sessions")
    expect(page.locator(".lines > li")).to_have_count(2)
    expect(page.locator(".lines")).to_contain_text("Chrome on Linux")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator(".lines > li")).to_have_count(1)
    elsewhere.reload()
    expect(elsewhere).to_have_url(re.compile("/sign-in"))
    elsewhere.context.close()


def test_a_profile_in_another_language(visit: Callable[[str], Page]) -> None:
    ben = make("Ben", role="user")
    sign_in(visit("/account"), ben)
    page = visit("/account")
    page.locator("#id_language").select_option("nl")
    page.locator("#id_time_zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toast")).to_contain_text("Opgeslagen.")
    expect(page.get_by_role("heading", name="Profiel")).to_be_visible()
    assert Member.objects.get().time_zone == "Asia/Tokyo"


def test_an_invitation_that_was_sent_again_works_by_its_newest_link_only(
    visit: Callable[[str], Page], console: list[str]
) -> None:
    anna = make("Anna")
    first = invitations.invite(anna, "ben@acme.example", role="user", language="en")
    old = invitations.token_of(first)
    new = invitations.token_of(invitations.resend(anna, Invitation.objects.get()))
    page = visit(f"/join/{old}")
    expect(page.get_by_role("heading", name="This invitation no longer works")).to_be_visible()
    visit(f"/join/{new}")
    expect(page.get_by_role("heading", name="Welcome to Tandem")).to_be_visible()
    console.clear()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_signing_in_and_inviting_work_without_javascript(visit: Callable[[str], Page]) -> None:
    anna = make("Anna")
    page = visit("/settings/members")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, anna)
    page.get_by_label("Email").fill("ben@acme.example")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.locator("#toast")).to_contain_text("ben@acme.example is invited.")
    page.get_by_role("button", name="Revoke ben@acme.example").click()
    expect(page.locator("#toast")).to_contain_text("is revoked.")


def test_the_keyboard_alone_signs_in_and_changes_a_role(visit: Callable[[str], Page]) -> None:
    anna, ben = make("Anna"), make("Ben", role="user")
    page = visit("/settings/members")
    page.locator("#id_login").focus()
    page.keyboard.type(anna.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    role = page.get_by_label("Role of Ben")
    expect(role).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if role.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("The role of Ben is changed.")
    ben.refresh_from_db()
    assert ben.role == "admin"

"""Every page there is, in real Chromium: nothing to complain of, nothing out of its card, all of it by keyboard.

The pages are those of the table of routes and roles (tests/accounts), so that one which is added tomorrow is looked at, too.
What a page does is tested where it belongs; here each is looked at as it stands. TANDEM_PICTURES names a folder for pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tests.accounts import test_routes_and_roles as routes
from tests.accounts.test_routes_and_roles import ROLES, TABLE, World
from tests.web.test_the_look import assert_calm

world = routes.world

NAMES = {"user": "ben", "admin": "anna"}
#: Not pages of ours: what somebody else wrote, in its sandbox.
NOT_OURS = {"email-html"}
#: Begins a sign-in that only a virtual key of the browser can end; tests/web/test_signing_in.py has one.
ASKS_THE_DEVICE = {"mfa_reauthenticate_webauthn"}
#: Something that can be pressed and does not lie within its card.
OUT_OF_ITS_CARD = """() => [...document.querySelectorAll('.card .btn, .card .badge, .card input, .card select')]
    .filter((one) => one.checkVisibility() && !one.closest('.dropdown-menu, .visually-hidden'))
    .filter((one) => one.getBoundingClientRect().right > one.closest('.card').getBoundingClientRect().right)
    .map((one) => one.outerHTML.slice(0, 120))"""
#: What Tab must reach: of a group of radio buttons the one that is chosen.
REACHABLE = """() => {
    const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe, [tabindex="0"]');
    window.walk = [...all].filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0
        && !(one.type === 'radio' && !one.checked) && one.type !== 'hidden');
    document.activeElement.blur();
    return window.walk.map((one) => one.outerHTML.slice(0, 120));
}"""
#: Where the focus is now, and whether it can be seen there.
FOCUS = """() => {
    const here = document.activeElement, look = getComputedStyle(here), place = window.walk.indexOf(here);
    return [place, look.outlineStyle !== 'none' || look.boxShadow !== 'none'];
}"""


def pages_of(world: World, role: str, but_for: str = "") -> list[str]:
    """The names of the addresses that show this role a whole page; those are left out that show it to `but_for` too."""
    browser, found = world.browser(role), []
    for name in sorted(TABLE.keys() - NOT_OURS - ASKS_THE_DEVICE):
        gets = dict(zip(ROLES, TABLE[name].get, strict=True))
        if gets[role] == 200 and gets.get(but_for) != 200:
            answer = browser.get(world.address(name))
            if answer["Content-Type"].startswith("text/html") and b"<!doctype" in answer.content[:20]:
                found.append(name)
    return found


def enter(page: Page, live_server: LiveServer, world: World, role: str) -> None:
    if role != "stranger":
        member = Member.objects.get(pk=world.desk.member(NAMES[role]).pk)
        page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")


def unreached(page: Page) -> list[str]:
    """What Tab does not come to, or where nobody sees that it came."""
    reachable = page.evaluate(REACHABLE)
    missed = set(range(len(reachable)))
    unseen = []
    stops_of_a_date = (
        10 * page.locator("input[type=date], input[type=datetime-local], input[type=time]").count()
    )
    for _ in range(len(reachable) + stops_of_a_date + 3):
        if not missed:
            break
        page.keyboard.press("Tab")
        place, seen = page.evaluate(FOCUS)
        missed.discard(place)
        if place >= 0 and not seen:
            unseen.append(reachable[place])
    return [reachable[place] for place in sorted(missed)] + unseen


# Every page in both languages at both widths: what users see too, an admin looks at where they do not.
@pytest.mark.parametrize(
    ("role", "but_for", "language", "width"),
    [
        ("admin", "", "en", 1280),
        ("admin", "", "nl", 320),
        ("admin", "user", "en", 320),
        ("admin", "user", "nl", 1280),
        ("user", "", "en", 320),
        ("user", "", "nl", 1280),
        ("stranger", "", "en", 320),
        ("stranger", "", "en", 1280),
    ],
)
def test_nothing_is_to_complain_of_on_any_page(
    page: Page,
    console: list[str],
    live_server: LiveServer,
    world: World,
    role: str,
    but_for: str,
    language: str,
    width: int,
) -> None:
    Member.objects.update(language=language)
    names = pages_of(world, role, but_for)
    assert len(names) > (3 if but_for else 5)
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, live_server, world, role)
    complaints: dict[str, list[str]] = {}
    for name in names:
        page.goto(live_server.url + world.address(name))
        if folder := os.environ.get("TANDEM_PICTURES"):
            page.screenshot(path=Path(folder) / f"every-{name}-{role}-{language}-{width}.png", full_page=True)
        found = [*page.evaluate(OUT_OF_ITS_CARD), *console]
        console.clear()
        try:
            assert_calm(page, width)
        except AssertionError as complaint:
            found.append(str(complaint))
        if found:
            complaints[name] = found
    assert complaints == {}


@pytest.mark.parametrize("role", ["stranger", "user", "admin"])
def test_the_keyboard_comes_to_everything_on_every_page_and_is_seen_there(
    page: Page, console: list[str], live_server: LiveServer, world: World, role: str
) -> None:
    names = pages_of(world, role)
    enter(page, live_server, world, role)
    missed = {}
    for name in names:
        page.goto(live_server.url + world.address(name))
        if found := unreached(page):
            missed[name] = found
    assert missed == {}

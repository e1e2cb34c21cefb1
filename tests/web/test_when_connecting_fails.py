"""CN-4, CN-5, P10 in real Chromium: each reason why connecting failed has a page that says which, and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils.translation import override
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.server import RunningOrg
from tandem.accounts.models import Member
from tandem.connections.models import Connection
from tandem.connections.troubles import TROUBLES
from tests.web import test_connecting_to_salesforce as connecting
from tests.web.test_connecting_to_salesforce import allow, look, name_the_app
from tests.web.test_the_look import both_languages, both_widths

arrive, box, language, width, words = (
    connecting.arrive,
    connecting.box,
    connecting.language,
    connecting.width,
    connecting.words,
)

#: What Salesforce does -> the reason that the page gives. Whether the consent page comes first.
FAILURES = {
    "restricted_domain": ("restricted-domain", False),
    "OAUTH_APP_BLOCKED": ("app-blocked", False),
    "OAUTH_APP_ACCESS_DENIED": ("app-not-approved", False),
    "app_not_installed": ("app-not-installed", True),
    "ip_restricted": ("ip-restricted", True),
    "code_expired": ("too-late", True),
}
API = "/services/data/v"


def read(page: Page, kind: str, language: str) -> None:
    """The page says what happened, what it means for the data, and every step, in the reader's language."""
    trouble = TROUBLES[kind]
    main = page.locator("#main")
    with override(language):
        expect(page.get_by_role("heading", name=str(trouble.title), exact=True)).to_be_visible()
        for sentence in (trouble.happened, trouble.means, *trouble.steps):
            expect(main).to_contain_text(str(sentence))


@both_widths
@both_languages
@pytest.mark.parametrize("role", ["admin", "user"])
def test_each_failure_has_a_page_that_says_which_and_what_to_do(
    page: Page,
    box: RunningOrg,
    live_server: LiveServer,
    arrive: Callable[[str], Member],
    words: dict[str, str],
    language: str,
    width: int,
    role: str,
) -> None:
    name_the_app(arrive(role), box)
    page.goto(f"{live_server.url}/settings/salesforce")
    page.get_by_role("button", name=words["connect"], exact=True).click()
    allow(page, box, "Deny")  # logged in there from now on
    read(page, "denied", language)
    for fault, (kind, asks) in FAILURES.items():
        box.call(lambda fault=fault: box.app.state.faults.add(fault))  # type: ignore[misc]
        page.locator("main form button").click()
        if asks:
            page.get_by_role("button", name="Allow").click()
        read(page, kind, language)
        expect(page.locator(".raw")).to_contain_text("Salesforce")
        look(page, f"failed-{kind}-{role}", width)
        box.call(box.app.state.faults.clear)
    assert not Connection.objects.exists()


@both_widths
@both_languages
@pytest.mark.parametrize("role", ["admin", "user"])
def test_cn_1_without_an_api_the_page_leads_to_bcc(
    page: Page,
    box: RunningOrg,
    live_server: LiveServer,
    arrive: Callable[[str], Member],
    words: dict[str, str],
    language: str,
    width: int,
    role: str,
) -> None:
    name_the_app(arrive(role), box)
    box.call(lambda: box.app.state.faults.add("API_DISABLED_FOR_ORG", path=API, times=None))
    page.goto(f"{live_server.url}/settings/salesforce")
    page.get_by_role("button", name=words["connect"], exact=True).click()
    allow(page, box)
    read(page, "api-disabled", language)
    look(page, f"no-api-{role}", width)
    assert Connection.objects.get().state == "connected"
    page.goto(f"{live_server.url}/settings/salesforce")
    look(page, f"no-api-connection-{role}", width)
    page.locator(".notice").get_by_role("link").click()
    expect(page.locator("#email-bcc-address")).to_be_visible()
    page.goto(f"{live_server.url}/settings/salesforce/sync")
    page.locator("#card-email > summary").click()
    api = page.locator("#pane-api")
    expect(api.locator("form")).to_have_count(0)
    look(page, f"no-api-settings-{role}", width)
    api.get_by_role("link").click()
    expect(page.locator("#tab-bcc")).to_have_class("nav-link active")
    expect(page.locator("#email-bcc-address")).to_be_visible()
    look(page, f"no-api-bcc-{role}", width)

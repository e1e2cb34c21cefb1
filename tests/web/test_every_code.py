"""Each of the 26 codes of rule A.11, in real Chromium: injected in orgbox, read with its remedy in English and Dutch, cured there,
and retried by its button to success; where the sign-in has ended, by connecting again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.http.authorize import DEMO_PASSWORD
from tandem.accounts.models import Member
from tandem.connections.explanations import explained
from tandem.connections.services import save_team_app
from tandem.salesforce.retries import A_11
from tandem.sync.activity_settle import Retry
from tandem.sync.models import ActivityLink
from tests.activities.office import Office, open_office
from tests.activities.test_every_code import _BY_ROW, strike

Visit = Callable[[str], Page]
RETRY = re.compile("^Retry")


@pytest.fixture
def office(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, live_server: LiveServer
) -> Iterator[Office]:
    """Anna, an admin, is connected; her emails are logged by the usual rules."""
    callback = f"{live_server.url}/settings/salesforce/callback"
    with open_office(monkeypatch, callbacks=[callback]) as office:
        app, anna = office.desk.running.app.state.oauth.app, office.desk.member()
        save_team_app(
            anna,
            target="my-domain",
            my_domain=office.desk.running.url,
            client_id=app.client_id,
            client_secret=app.client_secret,
        )
        office.rules()
        office.task_type("Email", "Call")
        yield office


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, office: Office) -> Visit:
    """visit("code=…"): Anna, who signed in before, opens Diagnostics."""
    before = Client()
    before.force_login(office.desk.member())
    session = before.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )

    def follow(query: str = "") -> Page:
        page.goto(f"{live_server.url}/settings/diagnostics?{query}")
        return page

    return follow


def assert_says(page: Page, code: str, language: str) -> None:
    """The cause says what happened, what it means and what to do, in this language."""
    with translation.override(language):
        why = explained(code)
        sentences = [str(sentence) for sentence in (why.happened, why.means, why.do)]
    for sentence in [*sentences, code]:
        expect(page.locator("#cause-1")).to_contain_text(sentence)


def retry(office: Office, visit: Visit, code: str) -> int:
    """Press Retry until there is nothing to press; how often that was.

    An answer in doubt is looked for first, and a lock's neighbours go out one by one, so once is not always enough.
    """
    for pressed in range(4):
        page = visit(f"code={code}")
        button = page.get_by_role("button", name=RETRY)
        if not button.count():
            return pressed
        button.click()
        expect(page.locator("#toast")).to_contain_text(re.compile("ried again"))
        office.round()
        office.desk.wait(minutes=11)
    return 4


def connect_again(office: Office, visit: Visit, code: str) -> int:
    """Follow the page's link and sign in at Salesforce, where this app was allowed before."""
    page = visit(f"code={code}")
    page.locator("#cause-1").get_by_role("link", name="Reconnect").click()
    page.locator("#reconnect").get_by_role("button").click()
    page.get_by_label("Username").fill("anna@org.example")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log In").click()
    expect(page.locator("#toast")).to_contain_text("Connected to Salesforce as")
    return 1


@pytest.mark.parametrize("code", sorted(A_11))
def test_a_code_is_seen_in_the_browser_with_its_remedy_then_cured_then_retried_to_success(
    office: Office, visit: Visit, code: str
) -> None:
    what = {"message": "Net::ReadTimeout"} if code == "INVALID_FIELD" else {}
    struck = strike(office, code, times=None, **what)
    if _BY_ROW[code] is Retry.ONCE:
        office.desk.wait(seconds=5)
        office.round()

    Member.objects.update(language="nl")
    page = visit(f"code={code}")
    assert_says(page, code, "nl")
    Member.objects.update(language="en")
    page.reload()
    assert_says(page, code, "en")

    office.desk.cure()
    again = connect_again if _BY_ROW[code] is Retry.PAUSE else retry
    assert again(office, visit, code) in (1, 2, 3)
    office.settle()
    struck.refresh_from_db()
    assert struck.closed == "logged"
    assert len(office.tasks(deleted=True)) == ActivityLink.objects.count() == 5, "each once"
    expect(visit("").locator("#no-problems")).to_contain_text("Nothing stands in the way.")

"""A whole run in real Chromium, with all that anybody could read of it kept: none of it holds a secret.

Kept are every answer the browser got (headers and bodies), what was printed and logged at the finest level, every row as
it lies in the database and every session's content, and what objects say of themselves.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.clock import RealClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.accounts import services as accounts
from tandem.config import wiring
from tandem.connections import services, views, web_flow
from tandem.connections.models import Connection, TeamApp
from tandem.connections.team_app import app_in_use
from tandem.connections.vault import DatabaseVault
from tandem.reminders.models import Reminder
from tests.connections.test_nothing_leaks import rows

TYPED_PASSWORD = "correct-horse-battery-staple-7"
TYPED_SECRET = "a-client-secret-that-was-mistyped"


class Kept:
    """What was secret in this run, and what of it could be read by somebody."""

    def __init__(self, box: RunningOrg) -> None:
        self.box = box
        self.secrets: set[str] = {TYPED_PASSWORD, TYPED_SECRET, DEMO_PASSWORD, settings.SECRET_KEY}
        self.read: dict[str, str] = {}

    def note_tokens(self) -> None:
        """Those that live on either side now; called often, because they rotate."""
        oauth = self.box.app.state.oauth
        self.secrets.update(self.box.call(lambda: {*oauth.grants, *oauth.sessions, oauth.app.client_secret}))
        for held in Connection.with_secrets.all():
            self.secrets.update((held.client_secret, held.access_token, held.refresh_token))

    def note_answers(self, har: Path, of: str) -> None:
        """Every answer of Tandem's that the browser got."""
        entries = json.loads(har.read_text())["log"]["entries"]
        answers = [entry["response"] for entry in entries if entry["request"]["url"].startswith(of)]
        assert len(answers) > 40
        for place, answer in enumerate(answers):
            content = answer["content"]
            body = content.get("text", "")
            if content.get("encoding") == "base64":
                body = base64.b64decode(body).decode("utf-8", "replace")
            self.read[f"answer {place}"] = body + json.dumps(answer["headers"])

    def leaks(self) -> list[tuple[str, str]]:
        """Where a secret can be read, and how it begins."""
        return [
            (where, secret[:6])
            for where, text in self.read.items()
            for secret in self.secrets
            if len(secret) > 5 and secret in text
        ]


def log_in_there(page: Page, box: RunningOrg) -> None:
    page.get_by_label("Username").fill(str(box.org.get("User", box.org.admin_id)["Username"]))
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log In").click()


def name_the_app(page: Page, box: RunningOrg, secret: str) -> None:
    if not page.locator("#id_client_id").is_visible():
        page.locator("#app > summary").click()
    page.locator("#id_target").select_option("my-domain")
    page.locator("#id_my_domain").fill(box.url)
    page.locator("#id_client_id").fill(box.app.state.oauth.app.client_id)
    page.locator("#id_client_secret").fill(secret)
    page.locator("#app form button").click()


def connect_and_fail(page: Page, box: RunningOrg, fault: str) -> None:
    """One attempt that ends on a page of its own."""
    box.call(lambda: box.app.state.faults.add(fault))
    page.goto(page.url.split("/settings")[0] + "/settings/salesforce")
    page.get_by_role("button", name="Connect again").click()
    allow, trouble = page.get_by_role("button", name="Allow"), page.locator("#trouble-title")
    log_in = page.get_by_role("button", name="Log In")
    expect(allow.or_(trouble).or_(log_in)).to_be_visible()
    if log_in.is_visible():  # there, sessions have ended meanwhile
        log_in_there(page, box)
        expect(allow.or_(trouble)).to_be_visible()
    if allow.is_visible():
        allow.click()
    expect(trouble).to_be_visible()
    box.call(box.app.state.faults.clear)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The code verifiers of all sign-ins that are begun."""
    verifiers: set[str] = set()
    begin: Callable[..., web_flow.Begun] = web_flow.begin

    def watching(*given: Any) -> web_flow.Begun:
        begun = begin(*given)
        verifiers.add(begun["verifier"])
        return begun

    monkeypatch.setattr(web_flow, "begin", watching)
    return verifiers


def test_nothing_of_a_whole_run_in_the_browser_shows_a_secret(
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    watched: set[str],
) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("TANDEM_ENCRYPTION_KEYS", key)
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    wiring.register_wakes()
    wiring.register_answers()
    caplog.set_level(logging.DEBUG)
    member = accounts.create_member(email="anna@acme.example", name="Anna Bos", role="admin", time_zone="UTC")
    member.set_password(TYPED_PASSWORD)
    member.save()
    har = tmp_path / "run.har"
    context = browser.new_context(record_har_path=har, record_har_content="embed")
    page = context.new_page()
    callback = f"{live_server.url}/settings/salesforce/callback"
    with RunningOrg(Org(RealClock(), seed=5), callbacks=[callback], rotate_tokens=True) as box:
        kept = Kept(box)
        kept.secrets.add(key)

        # Sign in: once with a password that does not fit, then by a link.
        page.goto(f"{live_server.url}/sign-in")
        page.locator("input[type=email], input[type=text]").first.fill("anna@nowhere.example")
        page.locator("input[type=password]").first.fill(TYPED_PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")

        # The app, with a secret that is wrong at first; then connect.
        page.goto(f"{live_server.url}/settings/salesforce")
        name_the_app(page, box, TYPED_SECRET)
        page.get_by_role("button", name="Connect", exact=True).click()
        log_in_there(page, box)
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("**/not-connected")
        page.goto(f"{live_server.url}/settings/salesforce")
        name_the_app(page, box, box.app.state.oauth.app.client_secret)
        page.get_by_role("button", name="Connect", exact=True).click()
        page.get_by_role("button", name="Allow").click()
        expect(page.locator("#toast")).to_contain_text("Connected to Salesforce as")
        kept.note_tokens()

        # The set-up check, Save, the first round, a renewal.
        page.get_by_role("button", name="Check the set-up").click()
        expect(page.get_by_role("heading", name="Set-up check")).to_be_visible()
        user = Connection.objects.get().user
        box.call(lambda: box.org.insert("Task", {"Subject": "Call Ann", "OwnerId": user}))
        page.goto(f"{live_server.url}/settings/salesforce/sync?open=tasks")
        expect(page.locator("#foreseen")).to_be_visible()
        page.locator("#card-tasks").get_by_role("button", name="Save").click()
        page.wait_for_url("**#card-tasks")
        wiring.run(Connection.objects.get().org_id)
        box.call(box.app.state.oauth.expire_sessions)
        wiring.run(Connection.objects.get().org_id)
        kept.note_tokens()
        assert Reminder.objects.count() == 1

        # What goes wrong: each reason on its page, a broken view, a key that is wrong.
        for fault in (
            "access_denied",
            "app_not_installed",
            "ip_restricted",
            "code_expired",
            "restricted_domain",
        ):
            connect_and_fail(page, box, fault)

        def explode(connection: Connection) -> NoReturn:
            held = DatabaseVault(connection.pk).current()
            raise RuntimeError(repr(held) + repr(services.client_for(connection)))

        with monkeypatch.context() as broken:
            broken.setattr(views, "check_up", explode)
            page.goto(f"{live_server.url}/settings/salesforce")
            page.get_by_role("button", name="Check the set-up").click()
            expect(page.locator("#toast, main").first).to_be_visible()
        with monkeypatch.context() as wrong:
            wrong.setenv("TANDEM_ENCRYPTION_KEYS", Fernet.generate_key().decode())
            page.goto(f"{live_server.url}/settings/salesforce")
            expect(page.locator("#unreadable")).to_be_visible()
        for path in ("/", "/settings/audit", "/settings/salesforce/sync?open=file"):
            page.goto(live_server.url + path)

        # What objects say of themselves, while they hold something.
        connection = Connection.objects.get()
        held: list[object] = [connection, TeamApp.objects.get(), app_in_use(), app_in_use().app()]
        held += [
            DatabaseVault(connection.pk),
            DatabaseVault(connection.pk).current(),
            services.client_for(connection),
        ]
        kept.read["repr"] = "\n".join(map(repr, held))
        kept.note_tokens()
        kept.read["database, connected"] = rows()

        # Disconnect.
        page.goto(f"{live_server.url}/settings/salesforce/disconnect")
        page.get_by_role("button", name="Disconnect", exact=True).click()
        expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()
        assert Connection.with_secrets.get().refresh_token == ""

    context.close()
    printed = capfd.readouterr()
    kept.secrets |= watched
    kept.note_answers(har, live_server.url)
    kept.read |= {"stdout": printed.out, "stderr": printed.err, "log": caplog.text, "database": rows()}
    kept.read["sessions"] = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert len(watched) > 5
    assert len(kept.secrets) > 15
    assert kept.leaks() == []

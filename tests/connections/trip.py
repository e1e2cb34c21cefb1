"""The trip to Salesforce and back as a browser makes it, without the browser: two cookie jars and an orgbox."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from django.test import Client

from orgbox.clock import VirtualClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.accounts.services import create_member
from tandem.config import wiring
from tandem.connections.models import Connection
from tandem.connections.services import save_team_app
from tests.sync.desk import KEY_FIELD, START

CALLBACK = "http://testserver/settings/salesforce/callback"


class Office:
    """A team's Tandem and one org; members with a User of their own on the other side."""

    def __init__(self, running: RunningOrg, virtual: VirtualClock) -> None:
        self.running = running
        self.clock = virtual
        self.admin = create_member(email="anna@tandem.example", name="Anna Bos", role="admin")
        self.user = create_member(email="ben@tandem.example", name="Ben Visser")
        for member in (self.admin, self.user):
            self.hire(member)
        self.use(running)

    def use(self, running: RunningOrg) -> None:
        """The team's app is that of this org."""
        app = running.app.state.oauth.app
        save_team_app(
            self.admin,
            target="my-domain",
            my_domain=running.url,
            client_id=app.client_id,
            client_secret=app.client_secret,
        )

    def hire(self, member: Member, running: RunningOrg | None = None) -> str:
        """A User in the org with the member's email address."""
        org = running or self.running
        values = {
            "LastName": member.name,
            "Username": member.email,
            "Email": member.email,
            "Alias": member.email[:8],
        }
        return org.call(lambda: org.org.insert("User", values))

    def browser(self, member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    def fault(self, name: str, **what: Any) -> None:
        self.running.call(lambda: self.running.app.state.faults.add(name, **what))

    def grants(self, running: RunningOrg | None = None) -> list[str]:
        """The refresh tokens that live."""
        oauth = (running or self.running).app.state.oauth
        return sorted({grant.current for grant in oauth.grants.values() if grant.current is not None})

    def begin(self, browser: Client) -> str:
        """Press Connect; where the browser is sent."""
        answer = browser.post("/settings/salesforce/connect")
        assert answer.status_code == 200
        return str(answer["Refresh"]).partition("url=")[2]

    def at_salesforce(self, address: str, username: str, decision: str = "allow") -> str:
        """Log in and decide there; the address of the callback that the browser is sent to."""
        with _unlogged(), httpx2.Client(trust_env=False) as there:
            answer = there.get(address)
            for _ in range(4):
                if answer.status_code == 302:
                    answer = _follow(there, answer)
                    if isinstance(answer, str):
                        return answer
                    continue
                form = _hidden(answer.text)
                if "startURL" in form:
                    form |= {"username": username, "pw": DEMO_PASSWORD}
                    answer = there.post(httpx2.URL(address).join("/login"), data=form)
                else:
                    asked = form | {"decision": decision}
                    answer = there.post(httpx2.URL(address).join("/services/oauth2/authorize"), data=asked)
            back = _follow(there, answer)
            assert isinstance(back, str)
            return back

    def come_back(self, browser: Client, address: str) -> Any:
        """The page the browser ends on."""
        parts = urlsplit(address)
        return browser.get("/settings/salesforce/callback", dict(parse_qsl(parts.query)), follow=True)

    def connect(self, member: Member, browser: Client | None = None, username: str = "") -> Any:
        """The whole trip; the page the member ends on."""
        client = browser or self.browser(member)
        address = self.at_salesforce(self.begin(client), username or member.email)
        return self.come_back(client, address)

    def connection(self, member: Member) -> Connection:
        return Connection.objects.exclude(state="disconnected").get(member=member)


@contextmanager
def open_office(monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[Office]:
    """An office whose two clocks stand at START."""
    virtual = VirtualClock(START)
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    monkeypatch.delenv("TANDEM_SALESFORCE_CLIENT_ID", raising=False)
    monkeypatch.setattr(clock, "now", virtual.now)
    monkeypatch.setattr(jobs, "_jobs", {})
    wiring.register_wakes()
    org = Org(virtual, seed=3, task_fields=[KEY_FIELD])
    with RunningOrg(org, callbacks=[CALLBACK], **options) as running:
        yield Office(running, virtual)


@contextmanager
def _unlogged() -> Iterator[None]:
    """What a person's browser does is in no log of ours."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _follow(there: httpx2.Client, answer: httpx2.Response) -> Any:
    location = answer.headers["location"]
    if location.startswith(CALLBACK):
        return location
    return there.get(answer.request.url.join(location))


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}

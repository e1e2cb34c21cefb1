"""Setting up Email to Salesforce in the org's own pages, as its help says; what is set survives the process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from orgbox.clock import VirtualClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.mail_address import address_of, is_active
from orgbox.mail_matching import Associations
from orgbox.org import Org
from orgbox.persist import load, save
from orgbox.server import RunningOrg

MINE, ORGS = "/personal/email/salesforce", "/setup/email/salesforce"


class Browser:
    """Somebody's browser, logged in."""

    def __init__(self, running: RunningOrg, username: str) -> None:
        self.http = httpx2.Client(base_url=running.url, follow_redirects=True, trust_env=False)
        form = {"username": username, "pw": DEMO_PASSWORD, "startURL": "/home"}
        assert "Home" in self.http.post("/login", data=form).text

    def page(self, path: str) -> str:
        return self.http.get(path).text

    def post(self, path: str, **form: str) -> str:
        return self.http.post(path, data=form).text


@pytest.fixture
def anna(org: Org) -> str:
    return org.insert("User", {"LastName": "Bos", "Username": "anna@acme.example", "Email": "a@acme.example"})


@pytest.fixture
def browser(running: RunningOrg, anna: str) -> Iterator[Browser]:
    made = Browser(running, "anna@acme.example")
    yield made
    made.http.close()


@pytest.fixture
def admin(running: RunningOrg, org: Org) -> Iterator[Browser]:
    made = Browser(running, str(org.get("User", org.admin_id)["Username"]))
    yield made
    made.http.close()


def test_the_user_finds_the_page_only_after_the_admin_has_activated_it(
    browser: Browser, admin: Browser
) -> None:
    assert "My Email to Salesforce" not in browser.page("/personal/email")
    assert browser.http.get(MINE).status_code == 403
    assert "Edit" in admin.page(ORGS)
    assert "Active</b> Yes" in admin.post(f"{ORGS}/edit", active="on", type="Email")
    assert "My Email to Salesforce" in browser.page("/personal/email")


def test_saving_the_acceptable_addresses_gives_the_user_their_address(
    browser: Browser, admin: Browser, org: Org, anna: str
) -> None:
    admin.post(f"{ORGS}/edit", active="on")
    assert "none yet" in browser.page(MINE)
    assert "Enter at least one address" in browser.post(MINE, accepts="")
    assert "anna is not an email address" in browser.post(MINE, accepts="anna")
    page = browser.post(
        MINE, accepts="Anna@acme.example", leads="on", several="oldest", excluded="acme.example"
    )
    assert re.search(r"emailtosalesforce@[a-z0-9.]+\.le\.salesforce\.com", page)
    row = address_of(org, anna)
    assert row is not None
    assert row["AuthorizedSenders"] == "anna@acme.example"
    assert org.state.associations[anna] == Associations(
        contacts=False, opportunities=False, several="oldest", unresolved=False, excluded=("acme.example",)
    )


def test_setup_is_for_the_admin_and_none_of_it_for_strangers(browser: Browser, running: RunningOrg) -> None:
    assert browser.http.get(ORGS).status_code == 403
    assert browser.http.post(f"{ORGS}/edit", data={"active": "on"}).status_code == 403
    stranger = httpx2.get(running.url + ORGS, trust_env=False)
    assert "Log in" in stranger.text
    assert not is_active(running.org)


def test_a_log_in_leads_to_no_other_site(running: RunningOrg) -> None:
    for wanted in ("//evil.example/home", "https://evil.example/home", "/elsewhere"):
        form = {"username": "x", "pw": DEMO_PASSWORD, "startURL": wanted}
        assert httpx2.post(f"{running.url}/login", data=form, trust_env=False).status_code == 400


def test_what_was_chosen_outlives_the_process(
    browser: Browser, admin: Browser, org: Org, anna: str, tmp_path: Path, clock: VirtualClock
) -> None:
    admin.post(f"{ORGS}/edit", active="on", type="Call", verify="on")
    browser.post(MINE, accepts="anna@acme.example", excluded="acme.example")
    save(org, tmp_path / "org")
    again, _beside = load(tmp_path / "org", clock)
    assert again.state.associations == org.state.associations
    assert (again.state.filed_type, is_active(again)) == ("Call", True)
    assert address_of(again, anna) == address_of(org, anna)

"""Connect, disconnect, connect again; and what happens when it does not work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.config import wiring
from tandem.config.due import due_orgs
from tandem.connections import services
from tandem.connections.models import Connection, TeamApp
from tandem.connections.models import Org as KnownOrg
from tandem.connections.troubles import TROUBLES
from tandem.reminders import services as reminders
from tandem.reminders.values import checked
from tandem.sync import services as sync
from tandem.sync.models import Link
from tests.connections.trip import CALLBACK, Office, open_office
from tests.sync.desk import KEY_FIELD, START
from tests.sync.wakes import taken


def words(page: Any) -> str:
    return " ".join(page.content.decode().replace("&#x27;", "'").split())


def test_a_member_connects_and_the_page_says_as_whom(office: Office) -> None:
    page = office.connect(office.user)
    assert page.status_code == 200
    assert "Connected to Salesforce as ben@tandem.example." in words(page)
    connection = office.connection(office.user)
    assert connection.org.sf_id == office.running.org.id
    assert connection.org.edition == "Developer Edition"
    assert connection.org.key_is_unique
    assert services.client_for(connection).query("SELECT Id FROM User").total == 3


def test_what_goes_out_with_the_browser_is_state_and_challenge_and_no_secret(office: Office) -> None:
    asked = dict(parse_qsl(urlsplit(office.begin(office.browser(office.user))).query))
    assert asked.keys() == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    }
    assert asked["scope"] == "api refresh_token"
    assert asked["redirect_uri"] == CALLBACK


# --- what can go wrong ------------------------------------------------------------------------------------------------

API = {"path": "/services/data/v"}


@pytest.mark.parametrize(
    ("fault", "what", "kind", "raw"),
    [
        ("access_denied", {}, "denied", "access_denied"),
        ("restricted_domain", {}, "restricted-domain", "login error restricted domain"),
        ("OAUTH_APP_BLOCKED", {}, "app-blocked", "OAUTH_APP_BLOCKED"),
        ("OAUTH_APP_ACCESS_DENIED", {}, "app-not-approved", "OAUTH_APP_ACCESS_DENIED"),
        ("app_not_installed", {}, "app-not-installed", "app must be installed into org"),
        ("ip_restricted", {}, "ip-restricted", "ip restricted"),
        ("code_expired", {}, "too-late", "expired authorization code"),
        ("503_before_commit", {"path": "/oauth2/token"}, "no-answer", "HTTP_503"),
        ("reset_before_commit", {"path": "/oauth2/token"}, "no-answer", "CONNECTION_LOST"),
        ("REQUEST_LIMIT_EXCEEDED", API, "limit", "REQUEST_LIMIT_EXCEEDED"),
    ],
)
def test_every_failure_says_which_it_is_what_it_means_and_what_to_do(
    office: Office, fault: str, what: dict[str, Any], kind: str, raw: str
) -> None:
    office.fault(fault, **what)
    page = office.connect(office.user)
    shown, trouble = words(page), TROUBLES[kind]
    assert str(trouble.title) in shown
    assert str(trouble.means) in shown
    assert all(str(step) in shown for step in trouble.steps)
    assert raw in shown
    assert not Connection.objects.exists()
    assert page.redirect_chain[-1][0] == "/settings/salesforce/not-connected"  # neither code nor state


def test_a_sign_in_that_cannot_look_around_is_given_back(office: Office) -> None:
    office.fault("REQUEST_LIMIT_EXCEEDED", **API)
    office.connect(office.user)
    assert office.grants() == []


def test_pressing_deny_is_told_as_that(office: Office) -> None:
    browser = office.browser(office.user)
    address = office.at_salesforce(office.begin(browser), office.user.email, decision="deny")
    assert "You did not allow access" in words(office.come_back(browser, address))


def test_without_the_api_one_is_connected_and_led_to_bcc(office: Office) -> None:
    office.fault("API_DISABLED_FOR_ORG", path="/services/data/v", times=None)
    shown = words(office.connect(office.user))
    assert "Connected, but without the API" in shown
    assert "Email to Salesforce (BCC)" in shown
    connection = office.connection(office.user)
    assert (connection.state, connection.trouble_code) == ("connected", "API_DISABLED_FOR_ORG")


def test_a_wrong_secret_is_told_as_that(office: Office) -> None:
    app = office.running.app.state.oauth.app
    services.save_team_app(
        office.admin,
        target="my-domain",
        my_domain=office.running.url,
        client_id=app.client_id,
        client_secret="wrong",
    )
    assert "Salesforce does not know the app" in words(office.connect(office.user))


def test_an_org_in_a_box_that_is_no_longer_allowed_is_told_and_nobody_is_sent_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TANDEM_ALLOW_ORGBOX")
    page = office.browser(office.user).post("/settings/salesforce/connect", follow=True)
    assert "is not one of Salesforce's" in words(page)
    assert "BAD_INSTANCE_URL" in words(page)


def test_two_members_cannot_be_the_same_salesforce_user(office: Office) -> None:
    office.connect(office.admin)
    page = office.connect(office.user, username=office.admin.email)
    assert "A colleague is connected as this Salesforce user" in words(page)
    assert Connection.objects.get().member == office.admin
    assert len(office.grants()) == 1  # the second sign-in was given back


# --- state: single use, ten minutes, one browser ------------------------------------------------------------------------


def test_an_answer_works_once(office: Office) -> None:
    browser = office.browser(office.user)
    address = office.at_salesforce(office.begin(browser), office.user.email)
    office.come_back(browser, address)
    assert "This sign-in was not begun here" in words(office.come_back(browser, address))
    assert office.connection(office.user).state == "connected"


def test_an_answer_is_too_late_after_ten_minutes(office: Office) -> None:
    browser = office.browser(office.user)
    address = office.at_salesforce(office.begin(browser), office.user.email)
    office.clock.advance(timedelta(minutes=10, seconds=1).total_seconds())
    assert "This sign-in was not begun here" in words(office.come_back(browser, address))
    assert not Connection.objects.exists()


@pytest.mark.parametrize("state", ["", "guess", "é"])
def test_an_answer_with_another_state_is_not_believed(office: Office, state: str) -> None:
    browser = office.browser(office.user)
    office.begin(browser)
    page = browser.get("/settings/salesforce/callback", {"error": "<b>x</b>", "state": state}, follow=True)
    assert "This sign-in was not begun here" in words(page)
    assert "<b>x</b>" not in words(page)


def test_a_colleague_cannot_bring_back_my_answer(office: Office) -> None:
    mine, theirs = office.browser(office.user), office.browser(office.admin)
    address = office.at_salesforce(office.begin(mine), office.user.email)
    office.begin(theirs)
    office.come_back(theirs, address)
    assert not Connection.objects.exists()


# --- disconnect, reconnect, another org -----------------------------------------------------------------------------


def rounds(office: Office, org: int) -> None:
    """Rounds enough for what waits, with the time that Salesforce's whole seconds ask for."""
    for _ in range(3):
        office.clock.advance(11)
        wiring.run(org)


def in_step(office: Office) -> Link:
    """Ben's one task, in step with the org."""
    office.connect(office.user)
    connection = office.connection(office.user)
    sync.switch_on(connection)
    wiring.run(connection.org_id)
    reminders.create(office.user.pk, checked(name="Call Ann", due=START.date()))
    rounds(office, connection.org_id)
    link = Link.objects.get()
    assert link.sf_id is not None
    return link


def test_disconnecting_revokes_and_keeps_the_links(office: Office) -> None:
    link = in_step(office)
    browser = office.browser(office.user)
    assert "takes up where it was" in words(browser.get("/settings/salesforce/disconnect"))
    page = browser.post("/settings/salesforce/disconnect", follow=True)
    assert "Disconnected from Salesforce." in words(page)
    assert office.grants() == []
    kept = Connection.objects.get()
    assert (kept.state, kept.access_token, kept.refresh_token) == ("disconnected", "", "")
    link.refresh_from_db()
    assert link.closed is None


def test_a_salesforce_that_cannot_be_told_does_not_keep_us_connected(office: Office) -> None:
    office.connect(office.user)
    office.fault("reset_before_commit", path="/oauth2/revoke")
    page = office.browser(office.user).post("/settings/salesforce/disconnect", follow=True)
    assert "Salesforce could not be told" in words(page)
    assert Connection.objects.get().refresh_token == ""


def test_connecting_to_the_same_org_again_takes_up_where_it_was(office: Office) -> None:
    link = in_step(office)
    office.browser(office.user).post("/settings/salesforce/disconnect")
    assert link.reminder_id is not None
    reminders.edit(office.user.pk, link.reminder_id, {"name": "Call Ann today"})
    assert due_orgs() == []
    taken()
    assert "your changes wait here and go out once you connect again" in words(
        office.browser(office.user).get("/tasks/list")
    )
    office.connect(office.user)
    assert taken() == [link.org_id]
    rounds(office, link.org_id)
    task = office.running.call(lambda: dict(office.running.org.get("Task", link.sf_id or "")))
    assert task["Subject"] == "Call Ann today"
    assert Connection.objects.count() == Link.objects.count() == 1


def test_connecting_once_more_leaves_no_forgotten_sign_in_behind(office: Office) -> None:
    browser = office.browser(office.user)
    office.connect(office.user, browser)
    first = office.grants()
    office.connect(office.user, browser)
    assert office.grants() == [Connection.objects.get().refresh_token] != first
    assert services.client_for(Connection.objects.get()).query("SELECT Id FROM User").total == 3


def test_another_org_never_mixes_with_the_first(office: Office) -> None:
    link = in_step(office)
    first = office.connection(office.user)
    other = Org(office.clock, seed=99, task_fields=[KEY_FIELD])
    with RunningOrg(other, callbacks=[CALLBACK]) as second:
        office.hire(office.user, second)
        office.use(second)
        office.connect(office.user)
        here = office.connection(office.user)
        assert here.org.sf_id == other.id != first.org.sf_id
        assert office.grants() == []  # the first org's sign-in was given back
        sync.switch_on(here)
        assert "belongs to another" not in words(office.browser(office.user).get("/tasks/list"))
        before = Link.objects.values().get(pk=link.pk)
        assert link.reminder_id is not None
        reminders.edit(office.user.pk, link.reminder_id, {"name": "Only for the first org"})
        assert "belongs to another Salesforce org" in words(office.browser(office.user).get("/tasks/list"))
        new = reminders.create(office.user.pk, checked(name="For the second"))
        rounds(office, here.org_id)
        assert due_orgs() in ([], [here.org_id])
        wiring.run(first.org_id)  # even when somebody asks: nobody is connected there
        assert [task["Subject"] for task in second.call(lambda: list(other.scan("Task")))] == [
            "For the second"
        ]
        assert Link.objects.values().get(pk=link.pk) == before
        assert Link.objects.get(reminder=new).org_id == here.org_id
    subjects = office.running.call(lambda: [task["Subject"] for task in office.running.org.scan("Task")])
    assert subjects == ["Call Ann"]
    assert KnownOrg.objects.count() == 2


def test_a_replayed_refresh_token_leads_to_one_notice_and_what_waits_goes_out_in_order(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer with the rotated token is lost on its way; the old one, used again, ends the grant (docs/salesforce.md §1.3)."""
    with open_office(monkeypatch, rotate_tokens=True) as office:
        link = in_step(office)
        office.running.call(office.running.app.state.oauth.expire_sessions)
        office.fault("reset_after_commit", path="/services/oauth2/token")
        reminders.edit(office.user.pk, link.reminder_id or 0, {"name": "Call Ann, waited"})
        reminders.create(office.user.pk, checked(name="Made first"))
        reminders.create(office.user.pk, checked(name="Made second"))
        browser = office.browser(office.user)
        wiring.run(link.org_id)
        assert "Salesforce asks to be connected again." not in words(browser.get("/settings/salesforce"))
        wiring.run(link.org_id)
        assert office.grants() == []
        page = words(browser.get("/settings/salesforce"))
        assert page.count("Salesforce asks to be connected again.") == 1
        assert "no longer accepts Tandem's sign-in" in page
        assert page.count("Salesforce said: invalid_grant · ") == 1
        assert words(browser.get("/")).count('class="notice"') == 1
        assert 'class="notice"' not in words(office.browser(office.admin).get("/"))
        before = office.running.call(lambda: office.running.app.state.journal.requests)
        rounds(office, link.org_id)
        assert office.running.call(lambda: office.running.app.state.journal.requests) == before
        office.connect(office.user, browser)
        assert "Salesforce asks to be connected again." not in words(browser.get("/settings/salesforce"))
        rounds(office, link.org_id)
        tasks = office.running.call(lambda: [task["Subject"] for task in office.running.org.scan("Task")])
        assert tasks == ["Call Ann, waited", "Made first", "Made second"]


# --- the team's app ---------------------------------------------------------------------------------------------------


def test_the_environment_goes_before_what_the_admin_saved(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_SALESFORCE_CLIENT_ID", "from-the-environment")
    address = office.begin(office.browser(office.user))
    assert dict(parse_qsl(urlsplit(address).query))["client_id"] == "from-the-environment"
    browser = office.browser(office.admin)
    page = words(browser.get("/settings/salesforce"))
    assert "set by the environment" in page
    assert 'name="client_secret"' not in page
    browser.post("/settings/salesforce/app", {"target": "sandbox", "my_domain": ""})
    assert office.begin(browser).startswith("https://test.salesforce.com/services/oauth2/authorize?")
    assert TeamApp.objects.get().client_secret == office.running.app.state.oauth.app.client_secret


def test_an_empty_secret_keeps_the_one_that_is_saved(office: Office) -> None:
    app = office.running.app.state.oauth.app
    form = {"target": "production", "client_id": app.client_id, "client_secret": ""}
    office.browser(office.admin).post("/settings/salesforce/app", form)
    saved = TeamApp.objects.get()
    assert (saved.target, saved.my_domain, saved.client_secret) == ("production", "", app.client_secret)


def test_a_new_secret_of_the_same_app_reaches_the_connections_made_with_it(office: Office) -> None:
    office.connect(office.user)
    app = office.running.app.state.oauth.app
    form = {"target": "production", "client_id": app.client_id, "client_secret": "rolled"}
    office.browser(office.admin).post("/settings/salesforce/app", form)
    assert office.connection(office.user).client_secret == "rolled"


@pytest.mark.parametrize(
    "address", ["https://evil.example", "", "https://acme.my.salesforce.com/path", "ftp://x"]
)
def test_a_domain_that_is_not_salesforces_is_refused_with_a_sentence(office: Office, address: str) -> None:
    form = {"target": "my-domain", "my_domain": address, "client_id": "x", "client_secret": "y"}
    page = office.browser(office.admin).post("/settings/salesforce/app", form)
    assert page.status_code == 422
    assert "This is not an address of Salesforce, so nothing was saved." in words(page)
    assert 'aria-invalid="true"' in words(page)
    assert TeamApp.objects.get().my_domain == office.running.url

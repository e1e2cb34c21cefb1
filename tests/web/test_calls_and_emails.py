"""Logging a call, reading emails, and making a token, in real Chromium: by mouse, by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem import clock
from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.api import services as api
from tandem.api.models import Token
from tandem.calls import services as calls
from tandem.calls.models import Call
from tandem.calls.values import checked
from tandem.connections.models import Connection, Org
from tandem.emails import services as emails
from tandem.emails.models import Email
from tandem.sync.models import Activity, ActivityLink
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

HTML = '<p style="color: #0a0">Dag <b>Jan</b>,</p><p>Zie <a href="https://acme.example">de offerte</a>.</p>'


def message(
    number: int = 1, *, subject: str = "Offerte café", html: str = "", to: str = "jan@veldkamp.example"
) -> bytes:
    kind, text = ("html", html) if html else ("plain", "Dag Jan,\n\nHierbij de offerte.\n")
    return (
        f"Message-ID: <{number}@acme.example>\nFrom: Anna Bos <anna@acme.example>\nTo: Jan de Vries <{to}>\n"
        f"Subject: {subject}\nDate: Mon, 23 Nov 2026 10:00:00 +0100\nContent-Type: text/{kind}; charset=utf-8\n\n{text}"
    ).encode()


def told(member: Member, number: int = 1, **what: Any) -> Email:
    return emails.told(member, message=message(number, **what), way=Email.Way.API)


def logged(email: Email) -> Activity:
    """The email as whoever logs would leave it: on one lead, and one address held."""
    org = Org.objects.create(
        sf_id="00D000000000001EAA", name="Acme", edition="Enterprise Edition", key_field="CallObject"
    )
    Connection.objects.create(
        member=email.member,
        org=org,
        user="005000000000001AAA",
        instance_url="https://acme.my.salesforce.com",
        login_url="https://login.salesforce.com",
        client_id="x",
    )
    why = [
        {
            "address": "jan@veldkamp.example",
            "said": "log",
            "rule": "several: oldest",
            "records": [{"id": "00Q000000000001AAA", "name": "Jan de Vries", "kind": "lead"}],
        },
        {"address": "new@veldkamp.example", "said": "hold", "rule": "nobody: hold", "records": []},
    ]
    activity = Activity.objects.create(
        org=org,
        member=email.member,
        email=email,
        verdict="logged",
        why=why,
        calls=0.035,
        decided_at=clock.now(),
    )
    ActivityLink.objects.create(
        activity=activity,
        org=org,
        member=email.member,
        key="log-1",
        record="00Q000000000001AAA",
        record_name="Jan de Vries",
        body={},
        sf_id="00T000000000001AAA",
        closed="logged",
        logged_at=clock.now(),
    )
    return activity


@pytest.fixture
def at(enter: Callable[[], Page], live_server: LiveServer) -> Callable[[str], Page]:
    """at("/calls"): Anna on that page."""

    def go(path: str) -> Page:
        page = enter()
        page.goto(live_server.url + path)
        return page

    return go


# --- calls ------------------------------------------------------------------------------------------------------------


def test_a_call_is_logged_by_keyboard_alone(enter: Callable[[], Page], anna: Member) -> None:
    page = enter()
    page.keyboard.press("c")
    expect(page.get_by_label("With")).to_be_focused()
    page.keyboard.type("jan@veldkamp.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Jan de Vries")
    page.get_by_label("Outcome").select_option("Left a voicemail")
    page.get_by_label("Notes").fill("Rings back on Monday")
    page.get_by_label("Notes").press("Tab")
    page.get_by_label("Minutes").focus()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Saved “Call with Jan de Vries”.")
    row = page.locator(".task")
    row.locator("summary").click()
    expect(row).to_contain_text("Left a voicemail")
    expect(row).to_contain_text("Rings back on Monday")
    kept = Call.objects.get()
    assert (kept.member, kept.seconds, kept.news) == (anna, 180, True)


def test_a_call_to_nobody_is_told_what_to_mend_and_nothing_typed_is_lost(
    at: Callable[[str], Page], console: list[str]
) -> None:
    page = at("/calls")
    expect(page.locator("#no-calls")).to_contain_text("No calls yet.")
    page.get_by_role("link", name="Log a call").click()
    page.get_by_label("With").fill("jan at veldkamp")
    page.get_by_label("Notes").fill("Rings back")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("neither an email address nor the link of a lead or contact")).to_be_visible()
    expect(page.get_by_label("Notes")).to_have_value("Rings back")
    page.get_by_label("With").fill(
        "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000001AAA/view"
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".task")).to_have_count(1)
    assert Call.objects.get().record == "00Q000000000001AAA"
    console.clear()  # the 422


def test_an_admin_sets_the_teams_outcomes(at: Callable[[str], Page], anna: Member) -> None:
    Member.objects.filter(pk=anna.pk).update(role="admin")
    page = at("/settings/calls")
    page.get_by_label("Outcomes").fill("Gesproken\nVoicemail")
    page.get_by_label("Outcomes").locator("xpath=ancestor::form").get_by_role("button", name="Save").click()
    expect(page.locator("#toast")).to_contain_text("Saved.")
    page.goto(page.url.replace("/settings/calls", "/calls/new"))
    expect(page.get_by_label("Outcome").locator("option")).to_have_text(["–", "Gesproken", "Voicemail"])


# --- emails -----------------------------------------------------------------------------------------------------------


def test_an_email_says_where_it_is_logged_why_and_at_which_cost(
    at: Callable[[str], Page], anna: Member
) -> None:
    logged(told(anna, subject="Offerte"))
    page = at("/emails")
    expect(page.locator("main [aria-current=page]")).to_contain_text("Delivered")
    expect(page.locator(".task")).to_contain_text("In Salesforce")
    page.get_by_role("link", name="Offerte").click()
    why = page.locator(".why")
    expect(why.get_by_role("link", name="Jan de Vries")).to_have_attribute(
        "href", "https://acme.my.salesforce.com/00Q000000000001AAA"
    )
    expect(why.get_by_role("link", name="the task")).to_have_attribute(
        "href", "https://acme.my.salesforce.com/00T000000000001AAA"
    )
    expect(why).to_contain_text("Your rule says the oldest: Jan de Vries.")
    expect(why).to_contain_text(
        "new@veldkamp.example: nobody in Salesforce has this address, so it is held for review."
    )
    expect(why).to_contain_text("Cost: 0.035 of an API call")


def test_what_somebody_else_wrote_can_do_nothing_on_our_page(
    at: Callable[[str], Page], anna: Member, page: Page, console: list[str]
) -> None:
    evil = HTML + '<script>document.title = "taken"</script><img src="https://tracker.example/pixel">'
    email = told(anna, html=HTML)
    Email.objects.filter(pk=email.pk).update(html=evil)  # as if it had slipped through what makes it safe
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    at(f"/emails/{email.pk}")
    frame = page.frame_locator("iframe.mail")
    expect(frame.get_by_text("Dag Jan")).to_be_visible()
    assert not any("tracker" in url for url in asked)
    assert page.title() != "taken"
    assert page.locator("iframe.mail").get_attribute("sandbox") == ""
    console.clear()  # the browser's word on what it held back


def test_an_email_is_archived_and_put_back(at: Callable[[str], Page], anna: Member) -> None:
    told(anna, subject="Offerte")
    page = at("/emails")
    page.get_by_role("link", name="Offerte").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("#no-emails")).to_contain_text("Nothing sent yet.")
    expect(page.get_by_role("link", name="Archived 1")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("is back in your list")
    assert Email.objects.get().archived_at is None


def test_a_colleague_sees_none_of_it(
    client: Any, anna: Member, transactional_db: None, django_user_model: Any
) -> None:
    email = told(anna)
    ben = accounts.create_member(email="ben@acme.example", name="Ben", role="admin")
    client.force_login(ben)
    assert client.get(f"/emails/{email.pk}").status_code == 404
    assert client.get(f"/emails/{email.pk}/html").status_code == 404
    assert client.post(f"/emails/{email.pk}/archive").status_code == 404
    assert "Offerte" not in client.get("/emails").content.decode()


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_revoked(at: Callable[[str], Page], anna: Member) -> None:
    page = at("/settings/api")
    page.get_by_label("What is it for?").fill("Our dialer")
    page.get_by_role("button", name="Make a token").click()
    secret = page.get_by_label("Token", exact=True).input_value()
    assert api.member_of(secret) == anna
    page.goto(page.url)
    assert secret not in page.content()
    expect(page.get_by_role("heading", name="Our dialer")).to_be_visible()
    page.get_by_role("button", name="Revoke Our dialer").click()
    expect(page.locator("#toast")).to_contain_text("Revoked “Our dialer”.")
    with pytest.raises(api.NotAccepted):
        api.member_of(secret)


def test_only_an_admin_makes_and_revokes_the_teams_tokens(client: Any, anna: Member) -> None:
    ben = accounts.create_member(email="ben@acme.example", name="Ben", role="admin")
    team = api.make_token(ben, "Team", team=True).token
    client.force_login(anna)
    page = client.get("/settings/api").content.decode()
    assert "Team" not in page.split("<main")[1].split("</nav>")[1]
    assert client.post("/settings/api", {"name": "x", "team": "1"}).status_code == 404
    assert client.post(f"/settings/api/{team.pk}/revoke").status_code == 404
    client.force_login(ben)
    assert client.post(f"/settings/api/{team.pk}/revoke").status_code == 302
    assert not Token.objects.filter(revoked_at=None).exists()


# --- without JavaScript, and the look ---------------------------------------------------------------------------------


def test_all_of_it_works_without_javascript(browser: Browser, live_server: LiveServer, anna: Member) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    told(anna, subject="Offerte")
    page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(anna)}")
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_role("link", name="Log a call").click()
    page.get_by_label("With").fill("jan@veldkamp.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".task")).to_contain_text("Call with jan@veldkamp.example")
    page.get_by_role("link", name="Emails").click()
    page.get_by_role("link", name="Offerte").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("h1")).to_have_text("Emails")
    page.goto(f"{live_server.url}/settings/api")
    page.get_by_label("What is it for?").fill("Our dialer")
    follow(page.get_by_role("button", name="Make a token"))
    assert page.get_by_label("Token", exact=True).input_value().startswith(api.PREFIX)
    context.close()


@both_widths
@both_languages
def test_every_page_is_calm(
    page: Page, at: Callable[[str], Page], live_server: LiveServer, anna: Member, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Member.objects.filter(pk=anna.pk).update(language=language, role="admin")
    anna.refresh_from_db()
    at("/calls")
    expect(page.locator("#no-calls")).to_be_visible()
    assert_calm(page, width)
    email = told(anna, html=HTML)
    logged(email)
    told(anna, 2, subject="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    with_notes = {"name": "Jan", "notes": "Rings back", "outcome": "Connected"}
    calls.log_call(anna, checked(clock.now(), at=None, address="jan@veldkamp.example", **with_notes))
    api.make_token(anna, "Our dialer")
    api.make_token(anna, "Everybody's dialer", team=True)
    paths = ["/calls", "/calls/new", "/emails", "/emails?folder=bounced", f"/emails/{email.pk}"]
    for path in [*paths, "/settings/api", "/settings/calls", "/api/v1/"]:
        page.goto(live_server.url + path)
        for line in page.locator(".task summary").all():
            line.click()
        assert_calm(page, width)

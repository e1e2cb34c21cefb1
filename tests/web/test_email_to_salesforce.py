"""From “no address yet” to the activity in Salesforce: Anna in her browser, an admin in the org's pages, mail through a real Postfix.

Tandem speaks English or Dutch; the org's own pages are in English, as Salesforce's help names their steps.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.mail_address import give_address, service
from tandem import clock
from tandem.accounts import services as members
from tandem.accounts.models import Member
from tandem.bcc import confirming
from tandem.config import wiring
from tandem.connections.models import Connection
from tandem.emails import accounts, outbox, second_envelope, second_sending, sending, services
from tandem.emails.models import Email
from tandem.sync_settings.services import activate_bcc, let_copies_name_records
from tests.mail import servers
from tests.mail.servers import PASSWORD, Servers
from tests.sync.desk import Desk, day, open_desk
from tests.web.test_the_look import assert_calm, both_languages, both_widths

JAN, MARA = "jan@veldkamp.example", "j.devries@home.example"
SYNC = "/settings/salesforce/sync?open=email&tab=bcc"
WORDS = {
    "en": {
        "none": "You have no Email to Salesforce address yet",
        "sender": "Salesforce does not take mail from anna@acme.example yet",
        "active": "BCC is active",
        "handed": "Handed to Salesforce",
        "logged": "Logged on Jan de Vries, Mara Smit and 2 opportunities, by Email to Salesforce.",
        "bounced": "add anna@acme.example to “My Acceptable Email Addresses”",
        "lost": "1 email is not in Salesforce: its copy did not get there",
        "no-api": "without the API Tandem cannot look",
        "by-hand": "Your Salesforce edition has no API",
        "not-seen": "was not seen there after 30 minutes",
    },
    "nl": {
        "none": "Je hebt nog geen Email to Salesforce-adres",
        "sender": "Salesforce neemt nog geen mail van anna@acme.example aan",
        "active": "BCC is actief",
        "handed": "Aan Salesforce overgedragen",
        "logged": "Vastgelegd bij Jan de Vries, Mara Smit en 2 opportunity's, via Email to Salesforce.",
        "bounced": "Zet anna@acme.example in Salesforce bij “My Acceptable Email Addresses”",
        "lost": "1 e-mail staat niet in Salesforce: de kopie is daar niet aangekomen",
        "no-api": "zonder de API kan Tandem niet kijken",
        "by-hand": "Je Salesforce-editie heeft geen API",
        "not-seen": "was daar na 30 minuten niet te zien",
    },
}


@pytest.fixture(scope="module")
def mail() -> Iterator[Servers]:
    """Postfix and Dovecot; where they are missing these tests are skipped, but never in CI."""
    if missing := servers.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with servers.running() as both:
        yield both


@pytest.fixture
def desk(transactional_db: None, mail: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, connected, with a mail account; Jan is a contact with two open opportunities, Mara a lead."""
    monkeypatch.setenv("SSL_CERT_FILE", str(mail.certificate))
    mail.empty()
    with open_desk(monkeypatch, mail_port=mail.salesforce) as desk:
        desk.join("anna", role="user")
        wiring.register_answers()
        accounts.save_account(
            desk.member(),
            {
                "address": "anna@acme.example",
                "name": "Anna Bos",
                "smtp_host": "localhost",
                "smtp_port": mail.submission,
                "username": "anna@acme.example",
                "password": PASSWORD,
            },
        )
        desk.running.call(lambda: people(desk))
        yield desk


def people(desk: Desk) -> None:
    jan = desk.org.insert("Contact", {"FirstName": "Jan", "LastName": "de Vries", "Email": JAN})
    desk.org.insert("Lead", {"FirstName": "Mara", "LastName": "Smit", "Company": "Noord", "Email": MARA})
    for name in ("Renewal", "Pilot"):
        values = {"Name": name, "StageName": "Prospecting", "CloseDate": day(30)}
        deal = desk.org.insert("Opportunity", values)
        desk.org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": jan})


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, desk: Desk) -> Callable[[str], Page]:
    """visit("/emails"): Anna's browser, signed in."""

    def follow(path: str) -> Page:
        if "sessionid" not in {cookie["name"] for cookie in page.context.cookies()}:
            member = Member.objects.get(pk=desk.member().pk)
            page.goto(f"{live_server.url}/sign-in/{members.sign_in_token(member)}")
        page.goto(live_server.url + path)
        console.clear()
        return page

    return follow


@pytest.fixture
def in_salesforce(browser: Browser, desk: Desk) -> Iterator[Callable[[str], Page]]:
    """in_salesforce("anna@org.example"): that user's browser, logged in to the org."""
    contexts = []

    def log_in(username: str) -> Page:
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{desk.running.url}/home")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Log In").click()
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
        return page

    yield log_in
    for context in contexts:
        context.close()


def admin_of(desk: Desk) -> str:
    return str(desk.running.call(lambda: desk.org.get("User", desk.org.admin_id)["Username"]))


def choose(page: Page, *steps: str) -> None:
    """The menu under the name, upper right, then link after link."""
    page.locator("header summary").click()
    for step in steps:
        page.get_by_role("link", name=step, exact=True).click()


def activate_in_setup(page: Page) -> None:
    choose(page, "Setup", "Email Administration", "Email to Salesforce", "Edit")
    page.get_by_label("Active").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")


def save_acceptable(page: Page, *addresses: str) -> str:
    """My Email to Salesforce, with these addresses; the user's own address there."""
    page.get_by_label("My Acceptable Email Addresses").fill(", ".join(addresses))
    page.get_by_role("button", name="Save Changes").click()
    expect(page.locator("output")).to_have_text(re.compile("^emailtosalesforce@.*salesforce.com$"))
    return page.locator("output").inner_text()


def work(desk: Desk, **span: float) -> None:
    """Time passes, and Tandem's threads do what is due."""
    desk.wait(**(span or {"seconds": 11}))
    for email in outbox.due(clock.now()):
        sending.send(email)
    for copy in second_envelope.due(clock.now()):
        second_sending.send(copy)
    for org in confirming.due():
        wiring.look_for_copies(org)


def write(page: Page) -> None:
    page.locator("#id_to").fill(f"Jan de Vries <{JAN}>")
    page.locator("#id_cc").fill(MARA)
    page.locator("#id_subject").fill("Voorstel")
    page.locator("#id_text").fill("Zullen we dinsdag bellen?")
    page.locator("button[value=send]").click()


@both_languages
def test_address_missing_then_the_steps_then_activate_send_and_see_the_activities(
    visit: Callable[[str], Page],
    in_salesforce: Callable[[str], Page],
    console: list[str],
    desk: Desk,
    language: str,
) -> None:
    Member.objects.update(language=language)
    says = WORDS[language]
    # Activate finds no address, and the steps are there.
    tandem = visit(SYNC)
    tandem.locator("[value=activate]").click()
    expect(tandem.locator("#not-pulled")).to_contain_text(says["none"])
    steps = tandem.locator("details.how-to[open] li")
    expect(steps).to_have_count(8)
    expect(steps.nth(4)).to_contain_text("My Email to Salesforce")
    look(tandem)

    # Anna takes them, but the page is missing: an admin takes theirs.
    hers = in_salesforce("anna@org.example")
    choose(hers, "My Settings", "Email")
    expect(hers.get_by_role("link", name="My Email to Salesforce")).to_have_count(0)
    activate_in_setup(in_salesforce(admin_of(desk)))
    hers.reload()
    hers.get_by_role("link", name="My Email to Salesforce").click()
    save_acceptable(hers, "somebody@acme.example")

    # Her address is there now, but mail from hers would not be taken.
    tandem.locator("[value=check]").click()
    expect(tandem.locator("#not-pulled")).to_contain_text(says["sender"])
    address = save_acceptable(hers, "anna@acme.example")
    tandem.locator("[value=check]").click()
    expect(tandem.locator("#toast")).to_contain_text(says["active"])
    expect(tandem.locator("#email-bcc-address")).to_have_value(address)
    look(tandem)

    # She writes; Jan and Mara get it, and Salesforce its copy.
    write(visit("/emails/new"))
    console.clear()
    work(desk)
    email = Email.objects.get()
    page = visit(f"/emails/{email.pk}")
    expect(page.locator(".why")).to_contain_text(says["handed"])
    servers.eventually(lambda: len(desk.running.door.received) == 1, "the copy's arrival")
    work(desk, seconds=15)
    page.reload()
    expect(page.locator(".why")).to_contain_text(says["logged"])
    look(page)
    records = [task["WhoId"] or task["WhatId"] for task in desk.tasks()]
    assert [record[:3] for record in records] == ["003", "00Q", "006", "006"]
    assert {task["Subject"] for task in desk.tasks()} == {"Email: Voorstel"}


@both_languages
def test_the_edition_without_api_does_all_of_it_but_the_looking(
    visit: Callable[[str], Page],
    in_salesforce: Callable[[str], Page],
    console: list[str],
    desk: Desk,
    language: str,
) -> None:
    Member.objects.update(language=language)
    Connection.objects.update(trouble_code="API_DISABLED_FOR_ORG")
    says = WORDS[language]
    tandem = visit(SYNC)
    tandem.locator("[value=activate]").click()
    expect(tandem.locator("#not-pulled")).to_contain_text(says["by-hand"])
    look(tandem)
    activate_in_setup(in_salesforce(admin_of(desk)))
    hers = in_salesforce("anna@org.example")
    choose(hers, "My Settings", "Email", "My Email to Salesforce")
    tandem.locator("#email-bcc-address").fill(save_acceptable(hers, "anna@acme.example"))
    tandem.locator("[value=activate]").click()
    expect(tandem.locator("#toast")).to_contain_text(says["active"])
    calls = desk.calls
    write(visit("/emails/new"))
    work(desk)
    servers.eventually(lambda: len(desk.running.door.received) == 1, "the copy's arrival")
    work(desk, minutes=45)
    page = visit(f"/emails/{Email.objects.get().pk}")
    expect(page.locator(".why")).to_contain_text(says["handed"])
    expect(page.locator(".why")).to_contain_text(says["no-api"])
    look(page)
    assert desk.calls == calls
    assert len(desk.tasks()) == 4


@both_languages
def test_a_copy_that_bounced_or_was_not_seen_says_why_and_is_sent_again(
    visit: Callable[[str], Page], console: list[str], desk: Desk, language: str
) -> None:
    Member.objects.update(language=language)
    says, user = WORDS[language], desk.connections["anna"].user
    address = desk.running.call(lambda: give_address(desk.org, user, "somebody@acme.example"))
    activate_bcc(desk.member(), address)
    write(visit("/emails/new"))
    work(desk)
    email = Email.objects.get()
    servers.eventually(lambda: len(desk.running.door.received) == 1, "the copy's arrival")
    services.bounced(email.message_id, address, desk.running.door.received[0].answer)
    page = visit(f"/emails/{email.pk}")
    expect(page.locator(".why")).to_contain_text(says["bounced"])
    look(page)
    # Health and Diagnostics say so too, and the button is there as well.
    page = visit("/health")
    look(page)
    page.locator("#lost-copies a").click()
    expect(page.locator("#copies")).to_contain_text(says["lost"])
    expect(page.locator("#copies")).to_contain_text(says["bounced"])
    expect(page.locator("#copies form[action$=copy-again] button")).to_be_visible()
    look(page)
    page = visit(f"/emails/{email.pk}")
    # Now Salesforce says nothing and files nothing: it may be told to discard what it does not take.
    discard = {**desk.running.call(lambda: service(desk.org) or {}), "AuthorizationFailureAction": "Discard"}
    desk.running.call(lambda: desk.org.plant("EmailServicesFunction", discard))
    page.locator("form[action$=copy-again] button").click()
    work(desk)
    servers.eventually(lambda: len(desk.running.door.received) == 2, "the second copy's arrival")
    work(desk, minutes=31)
    page.reload()
    expect(page.locator(".why")).to_contain_text(says["not-seen"])
    look(page)


def test_where_an_admin_asks_for_it_a_record_is_named_and_only_salesforce_sees_that(
    visit: Callable[[str], Page], console: list[str], mail: Servers, desk: Desk
) -> None:
    user = desk.connections["anna"].user
    activate_bcc(desk.member(), desk.running.call(lambda: give_address(desk.org, user, "anna@acme.example")))
    desk.join("ben", role="admin")
    let_copies_name_records(desk.member("ben"), on=True)
    account = desk.running.call(lambda: desk.org.insert("Account", {"Name": "Veldkamp"}))
    page = visit("/emails/new")
    page.locator("#id_refs").fill("not a record")
    write(page)
    expect(page.locator("#id_refs_error")).to_contain_text("is no link and no id of a record")
    console.clear()  # 422, which is meant
    look(page)
    page.locator("#id_refs").fill(f"https://acme.lightning.force.com/lightning/r/Account/{account}/view")
    page.locator("button[value=send]").click()
    work(desk)
    servers.eventually(lambda: len(desk.running.door.received) == 1, "the copy's arrival")
    assert account in [task["WhatId"] for task in desk.tasks()]
    servers.eventually(lambda: bool(mail.inbox(JAN)), "Jan's mail")
    assert b"ref:" not in mail.inbox(JAN)[0]


@both_widths
def test_the_orgs_own_pages_are_calm(in_salesforce: Callable[[str], Page], desk: Desk, width: int) -> None:
    admin = in_salesforce(admin_of(desk))
    admin.set_viewport_size({"width": width, "height": 800})
    admin.locator("header summary").click()
    assert_calm(admin, width)
    picture(admin, f"orgbox-home-{width}")
    activate_in_setup(in_salesforce(admin_of(desk)))
    for path in (
        "/setup",
        "/setup/email/salesforce",
        "/setup/email/salesforce/edit",
        "/personal/email/salesforce",
    ):
        admin.goto(desk.running.url + path)
        assert_calm(admin, width)
        picture(admin, f"orgbox{path.replace('/', '-')}-{width}")


def look(page: Page) -> None:
    """Calm at both widths."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert_calm(page, width)
        picture(page, f"{re.sub('[^a-z]+', '-', page.url.partition('/settings')[2] or 'email')}-{width}")


def picture(page: Page, name: str) -> None:
    """For somebody who wants to see: PICTURES=folder."""
    if folder := os.environ.get("PICTURES"):
        number = len(list(Path(folder).iterdir()))
        page.screenshot(path=Path(folder) / f"{number:02}-{name}.png", full_page=True)

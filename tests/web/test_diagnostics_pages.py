"""Diagnostics and Sync health, in real Chromium: what a member reads and presses, at every width, also without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orgbox.schema.types import PicklistValue
from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.config import wiring
from tandem.connections.explanations import explained
from tandem.connections.models import Connection, Org
from tandem.emails.models import Source
from tandem.sync.models import Day, OrgWarning
from tests.activities.office import Office, open_office
from tests.emails.test_lists import email
from tests.sync.desk import Desk, day
from tests.web.links import follow
from tests.web.test_the_look import assert_calm, both_languages, both_widths

Visit = Callable[..., Page]
RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
DIAGNOSTICS = "/settings/diagnostics"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna, an admin, and Ben; two of Anna's tasks and one of her emails are refused by a rule, and one of Ben's tasks."""
    with open_office(monkeypatch) as office:
        desk = office.desk
        desk.join("ben")
        office.rules()
        wiring.register_answers()
        desk.switch_on("anna")
        desk.switch_on("ben")
        desk.create("Ring Ines")
        desk.settle()
        desk.fault(RULE, at="row", path="Task", times=None, message="Due dates lie on working days.")
        desk.create("Call Ann about the renewal")
        desk.create("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
        desk.create("Ben's own", owner="ben")
        office.lead("lena@lam.example")
        office.send("lena@lam.example")
        desk.round()
        yield office


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, office: Office) -> Visit:
    """visit("ben", path="/health"): Ben follows his sign-in link and opens the page."""

    def follow(name: str = "anna", on: Page = page, path: str = DIAGNOSTICS) -> Page:
        member = Member.objects.get(pk=office.desk.member(name).pk)
        on.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        on.goto(live_server.url + path)
        return on

    return follow


def a_month(desk: Desk) -> None:
    """Thirty days of work, as the pictures show it."""
    Day.objects.all().delete()
    org, anna = desk.connections["anna"].org, desk.member()
    for back in range(30):
        done, refused = 120 + (back * 37) % 110, 2 if back % 3 == 0 else 0
        lags = [done // 2, done // 4, done // 8, 4, 2, 1, 1]
        for member in (None, anna):
            Day.objects.create(
                org=org, member=member, day=day(-back), done=done, refused=refused, calls=1_842, lags=lags
            )


def refused(office: Office) -> None:
    """An email of Anna's that did not go out."""
    made = email(office.desk.member(), "Invoice", "failed", trouble="The mail server refuses the email.")
    Source.objects.create(email=made, content=b"")


def test_an_admin_reads_the_cause_mends_the_rule_and_retries_all(visit: Visit, office: Office) -> None:
    page = visit(path="/health")
    expect(page.locator("#needs-you")).to_contain_text("4")
    cause = page.locator("#cause-1")
    expect(cause).to_contain_text("A validation rule of your org does not allow this.")
    expect(cause).to_contain_text("Due dates lie on working days.")
    office.desk.cure()
    cause.get_by_role("button", name="Retry all 4").click()
    expect(page.locator("#toast")).to_contain_text("4 items are tried again now.")
    office.desk.settle()
    page.goto(page.url.replace(DIAGNOSTICS, "/health"))
    expect(page.locator("#no-problems")).to_contain_text("Nothing stands in the way.")
    expect(page.locator("#waiting")).to_contain_text("all is sent")


def test_one_item_is_looked_at_and_retried_alone(visit: Visit, office: Office) -> None:
    page = visit()
    page.get_by_role("link", name="Look at all 4").click()
    page.get_by_role("link", name="Call Ann about the renewal").click()
    expect(page.locator("main")).to_contain_text("What Tandem sends")
    expect(page.locator("main")).to_contain_text("ActivityDate")
    office.desk.cure()
    page.get_by_role("button", name="Retry").click()
    office.desk.settle()
    page.reload()
    expect(page.locator("#cause-1")).to_contain_text("2 tasks · 1 email or call")


def test_several_are_ticked_and_skipped_and_that_is_taken_back(visit: Visit) -> None:
    page = visit()
    page.get_by_role("link", name="Look at all 4").click()
    page.get_by_role("checkbox", name="Tick Call Ann about the renewal").check()
    page.get_by_role("checkbox", name="Tick Our offer").check()
    page.locator("#ticked").get_by_role("button", name="Skip").click()
    expect(page.locator("#toast")).to_contain_text("2 items are skipped")
    expect(page.locator("#items > li")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("Taken back: it is listed here again.")
    expect(page.locator("#cause-1")).to_contain_text("3 tasks")


def test_a_user_sees_their_own_problem_and_no_colleagues(visit: Visit) -> None:
    page = visit("ben")
    expect(page.locator("#cause-1")).to_contain_text("1 task")
    page.get_by_role("link", name="Look at it").click()
    expect(page.locator("#items > li")).to_have_count(1)
    expect(page.locator("#items")).to_contain_text("Ben's own")


def test_a_status_is_mapped_right_at_the_error(visit: Visit, office: Office) -> None:
    desk = office.desk
    desk.cure()
    choices = [PicklistValue("Not Started", default=True), PicklistValue("Finished", closed=True)]
    desk.running.call(lambda: desk.org.set_picklist("Task", "Status", choices))
    Org.objects.update(statuses=["Not Started", "Finished"])
    task = desk.here(name="Ring Ines")
    desk.edit(task, status="done")
    desk.settle()
    page = visit(path=f"{DIAGNOSTICS}?code=STATUS_NOT_IN_ORG")
    page.get_by_label("“Complete” in Tandem is").select_option("Finished")
    page.get_by_role("button", name="Map this status").click()
    expect(page.locator("#toast")).to_contain_text("“Finished” is sent from now on")
    desk.settle()
    assert desk.there(task)["Status"] == "Finished"


@pytest.mark.parametrize(
    "code",
    ["INSUFFICIENT_ACCESS_OR_READONLY", "UNABLE_TO_LOCK_ROW", "REQUIRED_FIELD_MISSING", "INVALID_TYPE"],
)
def test_a_code_is_read_with_its_remedy_cured_in_salesforce_and_retried(
    visit: Visit, office: Office, code: str
) -> None:
    desk = office.desk
    desk.cure()
    desk.fault(code, at="row", path="Task", body="New one", times=None)
    desk.create("New one")
    desk.round()
    page = visit(path=f"{DIAGNOSTICS}?code={code}")
    cause = page.locator("#cause-1")
    for sentence in (explained(code).happened, explained(code).do):
        expect(cause).to_contain_text(str(sentence))
    desk.cure()
    cause.get_by_role("button", name="Retry").click()
    desk.wait(minutes=6)
    desk.settle()
    page.reload()
    expect(page.locator("#no-problems")).to_be_visible()
    assert "New one" in {task["Subject"] for task in desk.tasks()}


def test_what_the_mail_server_refused_is_sent_again_from_diagnostics(visit: Visit, office: Office) -> None:
    refused(office)
    page = visit()
    expect(page.locator("#undelivered")).to_contain_text("The mail server refuses the email.")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#toast")).to_contain_text("1 email is going out again.")
    expect(page.locator("#undelivered")).to_have_count(0)


def test_the_filter_and_the_file(visit: Visit) -> None:
    page = visit()
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("What").select_option("Emails and calls")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#cause-1")).to_contain_text("1 email or call")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert "Our offer" in text
    assert "Call Ann" not in text


def test_all_of_it_works_without_javascript(browser: Browser, visit: Visit, office: Office) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = visit("anna", context.new_page())
    page.get_by_role("link", name="Look at all 4").click()
    page.get_by_role("checkbox", name="Tick Our offer").check()
    page.locator("#ticked").get_by_role("button", name="Skip").click()
    expect(page.locator("#toast")).to_contain_text("1 item is skipped")
    office.desk.cure()
    page.locator("#cause").get_by_role("button", name="Retry all 3").click()
    office.desk.settle()
    a_month(office.desk)
    page.goto(page.url.split("/settings")[0] + "/health")
    page.locator("summary", has_text="Show as table").click()
    expect(page.locator("table.days tbody tr")).to_have_count(30)
    expect(page.locator(".chart svg")).to_be_visible()
    context.close()


@both_widths
@both_languages
def test_every_page_is_calm(
    visit: Visit, office: Office, width: int, language: str, live_server: LiveServer
) -> None:
    desk = office.desk
    a_month(desk)
    now = desk.clock.now()
    org = desk.connections["anna"].org
    Org.objects.update(statuses=["Not Started", "Finished"])
    OrgWarning.objects.create(
        org=org,
        code="INVALID_FIELD_FOR_INSERT_UPDATE",
        about="MSE_Email_Status__c",
        first_at=now,
        last_at=now,
    )
    Connection.objects.filter(pk=desk.connections["ben"].pk).update(
        state="reconnect", trouble_code="INVALID_GRANT"
    )
    refused(office)
    Member.objects.update(language=language)
    page = visit()
    page.set_viewport_size({"width": width, "height": 900})
    paths = (
        f"{DIAGNOSTICS}?state=needs-you",
        DIAGNOSTICS,
        f"{DIAGNOSTICS}?code=NOTHING",
        f"{DIAGNOSTICS}/cause?code={RULE}",
        "/health",
    )
    for path in paths:
        page.goto(live_server.url + path)
        for line in page.locator("main summary").all():
            line.click()
        assert_calm(page, width)
    page.goto(f"{live_server.url}{DIAGNOSTICS}/cause?code={RULE}")
    follow(page.locator("#items a").first)
    assert_calm(page, width)

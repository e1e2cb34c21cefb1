"""The Sync Settings page in real Chromium: what admins and users do there, by mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.config import wiring
from tandem.reminders.models import Reminder
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync_settings import services
from tandem.sync_settings.models import Setting
from tests.sync.desk import START, Desk, day, open_desk
from tests.web.test_the_look import assert_calm, both_languages, both_widths

ADDRESS = "emailtosalesforce@2-k7s9p0h8n3vb.d-1gv2eai.le.salesforce.com"
SYNC = "/settings/salesforce/sync"
Visit = Callable[..., Page]


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, an admin, and Ben, a user, connected to an org with 27 tasks of Anna's that changed an hour ago."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        desk.join("ben")
        wiring.register_answers()
        for n in range(27):
            desk.plant(f"Task {n}", ActivityDate=day(n % 3), LastModifiedDate=START - timedelta(hours=1))
        yield desk


@pytest.fixture
def visit(page: Page, console: list[str], live_server: LiveServer, desk: Desk) -> Visit:
    """visit("ben"): Ben follows his sign-in link and opens the Sync Settings."""

    def follow(name: str, on: Page = page) -> Page:
        member = Member.objects.get(pk=desk.member(name).pk)
        on.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(member)}")
        on.goto(live_server.url + SYNC)
        return on

    return follow


def card(page: Page, name: str) -> Locator:
    return page.locator(f"#card-{name}")


def opened(page: Page, name: str) -> Locator:
    """The card, opened by its arrow."""
    found = card(page, name)
    found.locator("> summary").click()
    return found


def toast(page: Page, words: str) -> None:
    expect(page.locator("#toast")).to_contain_text(words)


# --- the way there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "section"), [("anna", "Admin Settings"), ("ben", "My Account")])
def test_the_way_from_the_gear_to_the_cards_is_the_seeds(
    visit: Visit, live_server: LiveServer, name: str, section: str
) -> None:
    """Gear, Settings, Admin Settings or My Account, Salesforce, two tabs, cards opened by their arrow, two inner tabs."""
    page = visit(name)
    page.goto(live_server.url)
    page.get_by_role("button", name="Settings menu").click()
    page.get_by_role("link", name="Settings", exact=True).click()
    side = page.get_by_role("navigation", name="Settings")
    under = side.get_by_role("heading", name=section).locator("xpath=following-sibling::*[1]")
    under.get_by_role("link", name="Salesforce").click()
    tabs = page.get_by_role("navigation", name="Salesforce").get_by_role("link")
    expect(tabs).to_have_text(["Connections & Customizations", "Sync Settings"])
    tabs.last.click()
    expect(page.locator(".top-line")).to_contain_text(f"Connected as {name}@org.example · Orgbox")
    cards = ["Log Email Activity to Salesforce", "Sync Tasks/Reminders to Salesforce Tasks"]
    cards += ["Log Calls to Salesforce"]
    cards += ["Activity Details Customization", "Settings as a file"] if name == "anna" else []
    expect(page.locator(".sync-card > summary h2")).to_have_text(cards)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)  # all are closed
    email = opened(page, "email")
    expect(email.get_by_role("tab")).to_have_text(["Salesforce API", "Email to Salesforce (BCC)"])
    expect(email.get_by_role("button", name="Save")).to_be_visible()
    email.get_by_role("tab", name="Email to Salesforce (BCC)").click()
    expect(email.get_by_role("button", name="Activate")).to_be_visible()
    expect(email.get_by_role("button", name="Save")).to_be_hidden()


# --- the first import -------------------------------------------------------------------------------------------------


def test_an_admin_turns_on_task_sync_and_sees_the_first_import_finish(visit: Visit, desk: Desk) -> None:
    desk.create("Made before, and never sent")
    page = visit("anna")
    tasks = card(page, "tasks")
    expect(tasks.locator("summary")).to_contain_text("Not saved yet")
    opened(page, "tasks")
    expect(tasks.get_by_label("Sync with Salesforce tasks")).to_be_checked()
    expect(tasks).to_contain_text("27 tasks to import · 0 to remove · 0 to send · about 2 API calls")
    assert not Reminder.objects.filter(link__isnull=False).exists()

    tasks.get_by_role("button", name="Save").click()
    expect(tasks.get_by_label("Importing Salesforce tasks")).to_be_visible()
    expect(tasks).to_contain_text("counting…")
    TaskSync.objects.update(import_done=312, import_total=1240)  # as the round stores it while it reads
    expect(tasks.locator("> summary")).to_contain_text("First import 25%", timeout=15_000)
    page.reload()
    expect(tasks).to_contain_text("312 of 1,240")
    expect(tasks.locator("> summary")).to_contain_text("First import 25%")

    desk.round()
    expect(page.locator("#tasks-result")).to_have_text(
        "27 read · 18 due today or tomorrow · 0 need you", timeout=15_000
    )
    expect(tasks.locator("> summary")).to_contain_text("On")
    expect(page.locator("#tasks-said")).to_have_text("The first import is finished: 27 tasks read.")
    expect(page.locator("[hx-trigger='every 2s']")).to_have_count(0)
    expect(tasks).to_contain_text("Saved 23 Nov by Anna")
    assert Reminder.objects.filter(link__isnull=False).count() == 27


def test_a_user_pauses_the_import_and_resumes_it(visit: Visit, desk: Desk) -> None:
    services.save_tasks(desk.member("ben"), {"sync": True})
    page = visit("ben")
    opened(page, "tasks").get_by_role("button", name="Pause").click()
    toast(page, "Paused. Nothing is lost")
    expect(card(page, "tasks").locator("> summary")).to_contain_text("Paused")
    desk.round()
    expect(card(page, "tasks")).to_contain_text("Import paused")
    page.get_by_role("button", name="Resume").click()
    desk.round()
    expect(page.locator("#tasks-result")).to_contain_text("0 read", timeout=15_000)


def test_a_user_chooses_not_to_sync_and_is_told_what_that_means(visit: Visit, desk: Desk) -> None:
    page = visit("ben")
    tasks = opened(page, "tasks")
    expect(tasks).not_to_contain_text("Nothing is deleted on either side", use_inner_text=True)
    tasks.get_by_label("Do not sync to Salesforce tasks").check()
    expect(tasks).to_contain_text("Nothing is deleted on either side", use_inner_text=True)
    expect(page.locator("#tasks-preview")).to_be_hidden()
    tasks.get_by_role("button", name="Save").click()
    expect(tasks.locator("> summary")).to_contain_text("Off")
    assert not TaskSync.objects.filter(enabled=True).exists()


def test_when_salesforce_cannot_be_asked_the_preview_says_so_and_save_still_works(
    visit: Visit, desk: Desk
) -> None:
    desk.fault("503_before_commit", times=None)
    page = visit("anna")
    tasks = opened(page, "tasks")
    expect(tasks).to_contain_text("Salesforce cannot be asked now", timeout=20_000)
    desk.cure()
    tasks.get_by_role("button", name="Save").click()
    desk.round()
    expect(page.locator("#tasks-result")).to_contain_text("27 read", timeout=15_000)


def test_an_admin_sees_what_a_lock_brings_everybody_before_saving(visit: Visit, desk: Desk) -> None:
    desk.plant("Ben's", "ben", LastModifiedDate=START - timedelta(hours=1))
    page = visit("anna")
    tasks = opened(page, "tasks")
    expect(tasks).to_contain_text("27 tasks to import")
    tasks.get_by_label("Lock: everybody who is connected").check()
    expect(tasks).to_contain_text("for everybody together:")
    expect(tasks).to_contain_text("28 tasks to import")
    tasks.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    assert TaskSync.objects.filter(enabled=True).count() == 2


def test_an_admin_whose_own_sync_is_on_sees_what_a_lock_brings_the_others(visit: Visit, desk: Desk) -> None:
    desk.plant("Ben's", "ben", LastModifiedDate=START - timedelta(hours=1))
    services.save_tasks(desk.member("anna"), {"sync": True})
    desk.round()
    page = visit("anna")
    tasks = opened(page, "tasks")
    expect(page.locator("#tasks-preview")).to_be_hidden()
    tasks.get_by_label("Lock: everybody who is connected").check()
    expect(tasks).to_contain_text("1 task to import")


# --- email and calls --------------------------------------------------------------------------------------------------


def test_an_admin_sets_how_emails_are_logged_along_the_seeds_path(visit: Visit, desk: Desk) -> None:
    page = visit("anna")
    email = opened(page, "email")
    expect(email.get_by_label("Replies received")).to_be_hidden()  # EM-10
    email.get_by_label("Emails sent").check()
    email.get_by_label("Replies received").check()
    email.get_by_label("Opportunities").check()
    email.get_by_label("The oldest record").check()
    email.get_by_label("Create a lead").check()
    email.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    expect(email.locator("> summary")).to_contain_text("On · API")
    expect(email).to_contain_text("Saved 23 Nov by Anna")
    value = Setting.objects.get().value
    assert (value["replies"], value["opportunities"], value["several"], value["nobody"]) == (
        True,
        True,
        "oldest",
        "lead",
    )


def test_a_user_activates_bcc_after_mending_the_address(visit: Visit, console: list[str]) -> None:
    page = visit("ben")
    email = opened(page, "email")
    email.get_by_role("tab", name="Email to Salesforce (BCC)").click()
    email.get_by_text("Where do I find my address?").click()
    expect(email).to_contain_text("Choose My Email to Salesforce.")
    email.get_by_label("Email to Salesforce address").fill("ben@org.example")
    email.get_by_role("button", name="Activate").click()
    expect(email).to_contain_text("This is not an Email to Salesforce address, so nothing was activated.")
    expect(email.get_by_label("Email to Salesforce address")).to_have_value("ben@org.example")
    expect(email.get_by_label("Email to Salesforce address")).to_be_focused()
    assert all("422" in complaint for complaint in console), console
    console.clear()
    email.get_by_label("Email to Salesforce address").fill(ADDRESS)
    email.get_by_role("button", name="Activate").click()
    toast(page, "BCC is active")
    expect(email.locator("> summary")).to_contain_text("On · BCC")
    email.get_by_role("button", name="Deactivate").click()
    toast(page, "BCC is switched off.")
    expect(email.get_by_label("Email to Salesforce address")).to_have_value(ADDRESS)


def test_the_page_asks_for_one_of_api_and_bcc_and_an_admin_may_insist(
    visit: Visit, desk: Desk, console: list[str]
) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    page = visit("anna")
    email = opened(page, "email")
    email.get_by_label("Emails sent").check()
    email.get_by_role("button", name="Save").click()
    expect(email).to_contain_text("Emails would be logged twice")
    console.clear()  # the 422
    email.get_by_label("Use both all the same").check()
    email.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    assert Setting.objects.get(section="email-api").value["both"]


def test_a_user_sees_what_the_admin_locked_and_can_only_read_it(visit: Visit, desk: Desk) -> None:
    services.save_calls(desk.member("anna"), {"log": True}, locked=True)
    page = visit("ben")
    calls = opened(page, "calls")
    expect(calls).to_contain_text("Set by your admin")
    expect(calls).to_contain_text("yes")
    expect(calls.get_by_role("button")).to_have_count(0)
    expect(calls.get_by_role("checkbox")).to_have_count(0)


# --- the template -----------------------------------------------------------------------------------------------------


def test_an_admin_adds_a_dynamic_field_at_the_cursor_and_sees_a_real_task_named(
    visit: Visit, desk: Desk
) -> None:
    desk.create("Send the proposal")
    page = visit("anna")
    subject = opened(page, "subject")
    box = subject.get_by_label("Subject of the task in Salesforce")
    box.fill("[Tandem]  by us")
    box.press("Home")
    for _ in "[Tandem] ":
        box.press("ArrowRight")
    subject.get_by_role("button", name="Add Dynamic Field").click()
    subject.get_by_role("button", name="{{activity_subject}}").click()
    expect(box).to_have_value("[Tandem] {{activity_subject}} by us")
    expect(box).to_be_focused()
    expect(page.locator("#subject-made")).to_have_text("[Tandem] Send the proposal by us")
    expect(subject).to_contain_text("32 of 255 characters")
    subject.get_by_role("button", name="Save").click()
    toast(page, "no task in Salesforce was rewritten")
    assert OrgSync.objects.get().subject_template == "[Tandem] {{activity_subject}} by us"


def test_an_unknown_dynamic_field_is_refused_with_a_sentence(visit: Visit, console: list[str]) -> None:
    page = visit("anna")
    subject = opened(page, "subject")
    subject.get_by_label("Subject of the task in Salesforce").fill("Hi {{first_name}}")
    subject.get_by_role("button", name="Save").click()
    expect(subject).to_contain_text("“{{first_name}}” is not a dynamic field, so nothing was saved.")
    console.clear()  # the 422


# --- unsaved changes --------------------------------------------------------------------------------------------------


def test_unsaved_changes_are_guarded_and_saved_ones_are_not(visit: Visit, page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    visit("anna")
    calls = opened(page, "calls")
    box = calls.get_by_label("Log calls to Salesforce")
    box.check()
    page.get_by_role("link", name="Command Center").click()
    expect(box).to_be_checked()
    assert asked == ["beforeunload"]
    box.uncheck()  # as it was shown: nothing to lose
    page.get_by_role("link", name="Command Center").click()
    expect(page.get_by_role("heading", name="Command Center")).to_be_visible()
    page.go_back()
    opened(page, "calls").get_by_label("Log calls to Salesforce").check()
    calls.get_by_role("link", name="Cancel").click()
    expect(calls.get_by_label("Log calls to Salesforce")).not_to_be_checked()
    calls.get_by_label("Log calls to Salesforce").check()
    calls.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    assert asked == ["beforeunload"]


# --- keyboard, and no JavaScript --------------------------------------------------------------------------------------


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


@pytest.fixture
def speaks(desk: Desk, page: Page, language: str, width: int) -> None:
    """Everybody reads this language, in a window of this width."""
    Member.objects.update(language=language)
    page.set_viewport_size({"width": width, "height": 900})


@both_widths
@both_languages
@pytest.mark.usefixtures("speaks")
def test_everything_can_be_done_by_keyboard_alone(visit: Visit, desk: Desk) -> None:
    page = visit("anna")
    email, tasks, subject = (card(page, name) for name in ("email", "tasks", "subject"))
    tab_to(page, email.locator("> summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#tab-api"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-bcc")).to_be_focused()
    tab_to(page, page.locator("#email-bcc-address"))
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Enter")
    toast(page, "BCC")
    tab_to(page, tasks.locator("> summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#tasks-sync_0"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#tasks-sync_1")).to_be_checked()
    page.keyboard.press("ArrowUp")
    tab_to(page, tasks.locator(".btn-primary"))
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-state")).to_be_visible()
    tab_to(page, subject.locator("> summary"))
    page.keyboard.press("Enter")
    tab_to(page, subject.locator(".dropdown-toggle"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-insert='{{activity_type}}']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#subject-template")).to_have_value(re.compile(re.escape("{{activity_type}}")))
    assert TaskSync.objects.get(enabled=True).connection == desk.connections["anna"]


@both_widths
@both_languages
@pytest.mark.usefixtures("speaks")
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_all_of_it_works_without_javascript(visit: Visit, desk: Desk) -> None:
    page = visit("anna")
    tasks, email, calls, subject = (card(page, name) for name in ("tasks", "email", "calls", "subject"))
    opened(page, "tasks").locator("#tasks-preview a").click()
    expect(page.locator("#foreseen")).to_contain_text("27")
    tasks.locator("form .btn-primary").click()
    expect(page.locator("#tasks-bar")).to_be_visible()
    opened(page, "email").locator("#tab-bcc").click()
    email.locator("#email-bcc-address").fill(ADDRESS)
    email.locator("[value=activate]").click()
    toast(page, "BCC")
    opened(page, "calls").locator("#calls-log").check()
    calls.locator(".btn-primary").click()
    expect(opened(page, "subject")).to_contain_text("{{call_reason}}")
    subject.locator("#subject-template").fill("[T] {{activity_subject}}")
    subject.locator(".btn-primary").click()
    expect(subject.locator("> summary")).to_contain_text("[T] {{activity_subject}}")
    assert Setting.objects.filter(section="calls", value__log=True).exists()


@both_widths
@both_languages
@pytest.mark.usefixtures("speaks")
def test_a_user_saves_pauses_and_resumes_and_reads_who_did_it(visit: Visit, desk: Desk, width: int) -> None:
    """The card says when the org was looked at last, what stopped it, and who paused it."""
    page = visit("ben")
    opened(page, "tasks").locator("form .btn-primary").click()
    expect(page.locator("#tasks-bar")).to_be_visible()
    desk.round("ben")
    expect(page.locator("#tasks-result")).to_be_visible(timeout=15_000)
    expect(page.locator("#tasks-last")).to_contain_text("23")
    page.locator("#tasks-pause").click()
    expect(page.locator("#tasks-rested")).to_contain_text("Ben")
    assert_calm(page, width)
    page.locator("#tasks-pause").click()
    expect(page.locator("#tasks-rested")).to_contain_text("Ben")
    desk.fault("REQUEST_LIMIT_EXCEEDED")
    desk.wait(minutes=1)
    desk.round("ben")
    page.reload()
    expect(page.locator("#tasks-trouble .raw")).to_contain_text("REQUEST_LIMIT_EXCEEDED")
    expect(page.locator("#tasks-badge")).to_have_class(re.compile("bg-orange-lt"))
    assert_calm(page, width)


# --- file and log -----------------------------------------------------------------------------------------------------


def test_an_admin_exports_edits_and_imports_the_settings_and_finds_it_in_the_log(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    page = visit("anna")
    files = opened(page, "file")
    with page.expect_download() as download:
        files.get_by_role("link", name="Export").click()
    settings = json.loads(Path(download.value.path()).read_text())
    settings["calls"] = {"log": True, "locked": True}
    edited = tmp_path / "settings.json"
    edited.write_text(json.dumps(settings))
    files.get_by_label("Import a file").set_input_files(edited)
    files.get_by_role("button", name="Show what it would change").click()
    expect(page.locator("main")).to_contain_text("Log calls: no → yes")
    assert not Setting.objects.exists()
    page.get_by_role("button", name="Save").click()
    toast(page, "The settings of the file are saved.")
    opened(page, "file").get_by_role("link", name="Every change of the settings").click()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    expect(page.locator(".audit")).to_contain_text("Log calls: yes")


# --- the look ---------------------------------------------------------------------------------------------------------


@both_widths
@both_languages
@pytest.mark.parametrize("name", ["anna", "ben"])
def test_every_card_closed_and_open(visit: Visit, desk: Desk, name: str, language: str, width: int) -> None:
    desk.create("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", name)
    services.save_email_api(desk.member("anna"), {"emails": True})
    Member.objects.update(language=language)
    page = visit(name)
    page.set_viewport_size({"width": width, "height": 900})
    assert_calm(page, width)
    for summary in page.locator(".sync-card > summary").all():
        summary.click()
    expect(page.locator("#foreseen")).to_be_visible()
    assert_calm(page, width)
    page.locator("#tab-bcc").click()
    for summary in page.locator(".how-to > summary").all():
        summary.click()
    if name == "anna":
        page.locator("#card-file > summary").click()  # an open menu may lie above the card below it
        page.locator("#card-subject .dropdown-toggle").click()
    assert_calm(page, width)


@both_widths
@both_languages
def test_an_import_a_result_and_a_lock(visit: Visit, desk: Desk, language: str, width: int) -> None:
    Member.objects.update(language=language)
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=True)
    services.save_email_api(desk.member("anna"), {"emails": True, "opportunities": True}, locked=True)
    TaskSync.objects.update(import_done=312, import_total=1240)
    page = visit("ben")
    page.set_viewport_size({"width": width, "height": 900})
    for summary in page.locator(".sync-card > summary").all():
        summary.click()
    expect(page.locator("#tasks-bar")).to_be_visible()
    assert_calm(page, width)
    desk.round()
    expect(page.locator("#tasks-result")).to_be_visible(timeout=15_000)
    assert_calm(page, width)


@both_widths
@both_languages
def test_the_log_and_a_file_with_differences(
    visit: Visit, desk: Desk, live_server: LiveServer, language: str, width: int, tmp_path: Path
) -> None:
    Member.objects.update(language=language)
    services.activate_bcc(desk.member("ben"), ADDRESS)
    services.save_email_api(desk.member("anna"), {"emails": True, "both": True}, locked=True)
    services.save_subject(
        desk.member("anna"), "[A rather long prefix] {{activity_type}} {{activity_subject}}"
    )
    page = visit("anna")
    page.set_viewport_size({"width": width, "height": 900})
    file = tmp_path / "settings.json"
    file.write_text(
        '{"tandem-settings": 1, "calls": {"log": true}, "tasks": {"sync": false, "locked": true}}'
    )
    opened(page, "file").locator("input[type=file]").set_input_files(file)
    page.locator("#card-file form button").click()
    expect(page.locator(".differences").first).to_be_visible()
    assert_calm(page, width)
    page.goto(f"{live_server.url}/settings/audit")
    expect(page.locator(".audit > li")).to_have_count(5)  # two of them connected
    expect(page.locator(".side [aria-current=page]")).to_have_attribute("href", "/settings/audit")
    assert_calm(page, width)


@both_widths
def test_the_page_of_somebody_who_is_not_connected(visit: Visit, desk: Desk, width: int) -> None:
    connection = desk.connections["ben"]
    type(connection).objects.filter(pk=connection.pk).update(state="disconnected")
    page = visit("ben")
    page.set_viewport_size({"width": width, "height": 900})
    for summary in page.locator(".sync-card > summary").all():
        summary.click()
    expect(page.locator("#not-connected")).to_be_visible()
    assert_calm(page, width)

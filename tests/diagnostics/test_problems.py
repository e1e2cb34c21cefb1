"""What stands in the way: who sees it, what may be done about it, and what is never shown."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from orgbox.schema.types import PicklistValue
from tandem.audit.models import Change
from tandem.connections.models import Org
from tandem.diagnostics.payload import without_secrets
from tandem.diagnostics.spreadsheet import safe
from tandem.sync.models import ActivityLink, Link, OrgSync
from tests.activities.office import Office, open_office
from tests.sync.desk import Desk

PAGE = "/settings/diagnostics"
RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna, an admin, and Ben, a user; their tasks are synced, Anna's emails are logged."""
    with open_office(monkeypatch) as office:
        office.desk.join("ben")
        office.rules()
        office.desk.switch_on("anna")
        office.desk.switch_on("ben")
        office.desk.settle()
        yield office


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


def client(desk: Desk, name: str = "anna") -> Client:
    made = Client()
    made.force_login(desk.member(name))
    return made


def read(client: Client, path: str = PAGE, **given: Any) -> str:
    answer = client.get(path, given)
    assert answer.status_code == 200, path
    return " ".join(html.unescape(answer.content.decode()).split())


def refuse(desk: Desk, *names: str, owner: str = "anna", code: str = RULE, **what: Any) -> list[Link]:
    """Tasks that Salesforce refuses."""
    desk.fault(code, at="row", path="Task", times=None, **what)
    made = [desk.create(name, owner=owner) for name in names]
    desk.round()
    return [desk.link(task) for task in made]


def press(client: Client, what: str, **form: Any) -> str:
    answer = client.post(f"{PAGE}/{what}", form, follow=True)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_problems_are_grouped_by_cause_with_first_and_last_time(office: Office, desk: Desk) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    refuse(desk, "Call Ann", "Call Ben", message="Only on Mondays.")
    page = read(client(desk))
    assert page.count("A validation rule of your org does not allow this.</a>") == 1
    assert "2 tasks · 1 email or call" in page.replace("</span>", "").replace("<span>", "")
    assert "first seen 23 Nov" in page
    assert "Only on Mondays." in page


def test_a_user_sees_their_own_and_an_admin_the_teams_without_its_texts(desk: Desk) -> None:
    (bens,) = refuse(desk, "Ben's secret plan", owner="ben")
    (annas,) = refuse(desk, "Anna's own")
    own = read(client(desk, "ben"), f"{PAGE}/cause", code=RULE)
    assert "Ben's secret plan" in own
    assert "Anna's own" not in own
    team = read(client(desk), f"{PAGE}/cause", code=RULE)
    assert "Anna's own" in team
    assert "Ben's secret plan" not in team
    assert "A task" in team
    theirs = read(client(desk), f"{PAGE}/task/{bens.pk}")
    assert "17 characters of your colleague’s, not shown" in theirs
    assert client(desk, "ben").get(f"{PAGE}/task/{annas.pk}").status_code == 404


def test_what_is_not_theirs_a_user_can_neither_retry_nor_skip(desk: Desk) -> None:
    (link,) = refuse(desk, "Anna's own")
    ben = client(desk, "ben")
    for what in ("retry", "skip"):
        ben.post(f"{PAGE}/{what}", {"item": f"task:{link.pk}"})
        ben.post(f"{PAGE}/{what}", {"code": RULE})
    after = desk.link(link.reminder)  # type: ignore[arg-type]
    assert (after.parked, after.skipped_rev) == (True, None)
    assert ben.post(f"{PAGE}/status", {"org": link.org_id, "word": "done", "status": "x"}).status_code == 403


# --- what is done about it --------------------------------------------------------------------------------------------


def test_one_is_retried_and_the_others_stay(desk: Desk) -> None:
    first, second = refuse(desk, "Call Ann", "Call Ben")
    desk.cure()
    assert "1 item is tried again now." in press(client(desk), "retry", item=f"task:{first.pk}")
    desk.settle()
    assert [task["Subject"] for task in desk.tasks()] == ["Call Ann"]
    assert Link.objects.get(pk=second.pk).parked


def test_all_are_retried(desk: Desk) -> None:
    refuse(desk, "Call Ann", "Call Ben")
    desk.cure()
    assert "2 items are tried again now." in press(client(desk), "retry", code=RULE)
    desk.settle()
    assert {task["Subject"] for task in desk.tasks()} == {"Call Ann", "Call Ben"}


def test_refused_again_it_is_known_since_when(desk: Desk) -> None:
    (link,) = refuse(desk, "Call Ann")
    first = link.error_first_at
    desk.wait(hours=2)
    press(client(desk), "retry", code=RULE)
    desk.round()
    after = Link.objects.get(pk=link.pk)
    assert (after.error_first_at, after.error_last_at) == (first, desk.clock.now())


def test_a_skipped_task_is_shown_no_more_until_it_is_edited(desk: Desk) -> None:
    (link,) = refuse(desk, "Call Ann")
    anna = client(desk)
    assert "1 item is skipped" in press(anna, "skip", item=f"task:{link.pk}")
    desk.round()
    assert RULE not in read(anna)
    assert desk.tasks() == []
    desk.edit(desk.here(name="Call Ann"), name="Call Ann soon")
    desk.round()
    assert RULE in read(anna), "refused anew, shown anew"
    desk.cure()
    press(anna, "retry", code=RULE)
    desk.settle()
    assert [task["Subject"] for task in desk.tasks()] == ["Call Ann soon"]


def test_skipping_is_taken_back(office: Office, desk: Desk) -> None:
    office.lead("lena@lam.example")
    email = office.send("lena@lam.example")
    (link,) = refuse(desk, "Call Ann")
    anna = client(desk)
    assert "2 items are skipped" in press(anna, "skip", code=RULE)
    assert office.links(email)[0].closed == ActivityLink.Closed.LEFT_OUT
    assert RULE not in read(anna)
    assert "Taken back: it is listed here again." in press(anna, "undo")
    assert RULE in read(anna)
    assert office.links(email)[0].closed is None
    desk.cure()
    press(anna, "retry", code=RULE)
    desk.settle()
    assert len(desk.tasks()) == 2
    assert Link.objects.get(pk=link.pk).sf_id


def test_what_may_have_been_made_is_not_skipped(office: Office, desk: Desk) -> None:
    office.lead("lena@lam.example")
    office.desk.fault("reset_after_commit", method="POST", body="Our offer", times=1)
    email = office.send("lena@lam.example")
    desk.round()
    (link,) = office.links(email)
    assert link.error_code
    assert "Nothing was skipped" in press(client(desk), "skip", item=f"log:{link.pk}")
    assert office.links(email)[0].closed is None


def test_a_status_that_the_org_does_not_have_is_mapped_right_there(desk: Desk) -> None:
    choices = [PicklistValue("Not Started", default=True), PicklistValue("Finished", closed=True)]
    desk.running.call(lambda: desk.org.set_picklist("Task", "Status", choices))
    Org.objects.update(statuses=["Not Started", "Finished"])
    task = desk.create("Call Ann")
    desk.settle()
    desk.edit(task, status="done")
    desk.round()
    anna = client(desk)
    page = read(anna)
    assert "Your org has no task status “Completed”." in page
    assert "Map this status" in page
    org = Org.objects.get()
    assert "no such status" in press(anna, "status", org=org.pk, word="done", status="Invented")
    said = press(anna, "status", org=org.pk, word="done", status="Finished")
    assert "“Finished” is sent from now on" in said
    desk.settle()
    assert desk.there(task)["Status"] == "Finished"
    assert "STATUS_NOT_IN_ORG" not in read(anna)
    assert [(change.by, change.after) for change in Change.objects.filter(section="statuses")] == [
        (desk.member(), {"done": "Finished"})
    ]
    desk.update(desk.link(task).sf_id or "", Status="Not Started")
    desk.settle()
    assert desk.here(pk=task.pk).status == "open", "and it is read as our word too"
    press(anna, "status", org=org.pk, word="done", status="")
    assert OrgSync.objects.get().status_words == {}


# --- filter, file, secrets --------------------------------------------------------------------------------------------


def test_the_filter_narrows_by_category_kind_member_state_code_and_day(office: Office, desk: Desk) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    refuse(desk, "Call Ann")
    refuse(desk, "Ben's", owner="ben")
    anna = client(desk)
    ben = desk.member("ben").pk
    for given, shown in (
        ({"category": "access-or-validation"}, True),
        ({"category": "intermittent"}, False),
        ({"kind": "task"}, True),
        ({"kind": "unsubscribe"}, False),
        ({"member": ben}, True),
        ({"state": "waits"}, False),
        ({"state": "needs-you"}, True),
        ({"code": RULE}, True),
        ({"code": "INVALID_TYPE"}, False),
        ({"since": "2026-11-23"}, True),
        ({"since": "2026-11-24"}, False),
        ({"since": "soon", "category": "nonsense", "member": "0"}, True),
    ):
        page = read(anna, **given)
        assert ('id="causes"' in page) is shown, given
    assert "1 task ·" in read(anna, member=ben).replace("</span>", "")


def test_the_file_holds_what_the_filter_names_and_no_formula(desk: Desk) -> None:
    refuse(desk, '=HYPERLINK("http://evil.example")', "  @SUM(1)", "Call Ann", message="-1 is not allowed")
    answer = client(desk).get(f"{PAGE}/file", {"kind": "task"})
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Name"] for row in rows] == ['\'=HYPERLINK("http://evil.example")', "'@SUM(1)", "Call Ann"]
    assert {row["Code"] for row in rows} == {RULE}
    assert {row["Salesforce said"] for row in rows} == {"'-1 is not allowed"}
    assert all(safe(cell)[0] == "'" for cell in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1"))
    assert safe("Call Ann") == "Call Ann"


@pytest.mark.parametrize(
    "secret",
    [
        "00D000000000001AAA!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B",
        "Bearer abc.def",
        "password=hunter2",
        '"refresh_token": "5Aep861KIwKdekr90I4iHdZyQ"',
        "client_secret=ABC123",
        "eyJhbGciOi.eyJzdWIi.c2ln",
    ],
)
def test_nothing_that_looks_like_a_secret_is_shown(desk: Desk, secret: str) -> None:
    (link,) = refuse(desk, "Call Ann", message=f"It said {secret} to us")
    hidden = secret.split("=")[-1].split('": "')[-1].strip('"')
    assert hidden not in without_secrets(secret)
    for path in (PAGE, f"{PAGE}/cause?code={RULE}", f"{PAGE}/task/{link.pk}"):
        assert hidden not in read(client(desk), path)


def test_the_page_of_one_item_shows_what_is_sent_by_salesforces_names(desk: Desk) -> None:
    (link,) = refuse(desk, "Call Ann", message="No.")
    page = read(client(desk), f"{PAGE}/task/{link.pk}")
    for words in ("Subject", "Call Ann", "Status", "Not Started", "Salesforce said", "No."):
        assert words in page

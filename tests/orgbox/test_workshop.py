"""The pages behind the org's back: what a person sees there, and what they may change."""

from __future__ import annotations

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg


def read(running: RunningOrg, path: str = "") -> str:
    answer = httpx2.get(f"{running.url}/orgbox{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def post(
    running: RunningOrg, at: str, headers: dict[str, str] | None = None, /, **form: str
) -> httpx2.Response:
    return httpx2.post(f"{running.url}/orgbox{at}", data=form, headers=headers)


def test_every_sobject_is_listed_with_its_records(running: RunningOrg, org: Org) -> None:
    running.call(lambda: [org.insert("Task", {"Subject": f"<b>Task {n}</b>"}) for n in range(60)])
    assert re.search(r'href="/orgbox/records/Task">Task</a></td><td>Task</td><td>60</td>', read(running))
    listed = read(running, "/records/Task")
    assert "The 50 changed last." in listed
    assert "&lt;b&gt;Task 59&lt;/b&gt;" in listed
    assert "<b>Task" not in listed
    found = read(running, "/records/task?q=task+7")
    assert "1 with “task 7”." in found


def test_a_record_is_made_changed_deleted_and_brought_back(running: RunningOrg, org: Org) -> None:
    made = post(running, "/records/Task/new", Subject="Call Ann", Status="Not Started", Priority="Normal")
    assert made.status_code == 303
    path = made.headers["location"].removeprefix("/orgbox").partition("?")[0]
    identifier = path.rpartition("/")[2]
    whole = {"Subject": "Call Ann Lee", "Status": "Completed", "Priority": "Normal", "OwnerId": org.admin_id}
    post(running, path, **whole, IsReminderSet="yes", ActivityDate="2026-03-09")
    task = org.get("Task", identifier)
    assert (task["Subject"], task["IsClosed"], task["IsReminderSet"]) == ("Call Ann Lee", True, True)
    assert str(task["ActivityDate"]) == "2026-03-09"
    post(running, path, do="delete")
    assert org.get("Task", identifier, deleted=True)["IsDeleted"]
    assert "Undelete" in read(running, path)
    post(running, path, do="undelete")
    assert not org.get("Task", identifier)["IsDeleted"]


def test_saving_without_a_change_writes_nothing(running: RunningOrg, org: Org, clock: VirtualClock) -> None:
    identifier = running.call(lambda: org.insert("Task", {"Subject": "As it is"}))
    clock.advance(60)
    page = read(running, f"/records/Task/{identifier}")
    entries = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    chosen = dict(re.findall(r'<select name="(\w+)">.*?<option selected>([^<]*)</option>', page))
    post(
        running,
        f"/records/Task/{identifier}",
        **{n: v for n, v in (entries | chosen).items() if v != "yes" and n != "do"},
    )
    assert org.get("Task", identifier)["SystemModstamp"] < clock.now()


def test_what_the_org_refuses_is_said_and_nothing_typed_is_lost(running: RunningOrg) -> None:
    refused = post(running, "/records/Task/new", Subject="x" * 300, Status="Not Started", Priority="Normal")
    assert refused.status_code == 400
    assert "Nothing was changed. STRING_TOO_LONG" in refused.text
    assert "x" * 300 in refused.text
    assert httpx2.get(f"{running.url}/orgbox/records/Nope").status_code == 404
    assert httpx2.get(f"{running.url}/orgbox/records/Task/00T000000000000").status_code == 404


def test_the_traffic_shows_each_request(api: Api, running: RunningOrg) -> None:
    api.query("SELECT Id FROM Task")
    page = read(running, "/traffic")
    assert "SELECT Id FROM Task" in page
    assert 'http-equiv="refresh"' in page
    assert 'http-equiv="refresh"' not in read(running, "/traffic?paused")
    post(running, "/traffic")
    assert "Nobody has asked anything yet." in read(running, "/traffic")


def test_trouble_is_set_and_cleared(api: Api, running: RunningOrg) -> None:
    assert (
        post(running, "/trouble", name="REQUEST_LIMIT_EXCEEDED", times="2", path="/limits").status_code == 303
    )
    assert api.get("/limits").status_code == 403
    assert "struck 1, 1 more" in read(running, "/trouble")
    post(running, "/trouble", do="clear")
    assert api.get("/limits").status_code == 200
    for wrong in ({"name": "nonsense"}, {"name": "delay", "seconds": "soon"}, {}):
        assert post(running, "/trouble", **wrong).status_code == 400


def test_the_clock_moves_on_and_the_archive_job_runs(
    running: RunningOrg, org: Org, clock: VirtualClock
) -> None:
    running.call(lambda: org.insert("Task", {"Status": "Completed"}))
    before = clock.now()
    post(running, "/clock", many="366", unit="days")
    assert (clock.now() - before).days == 366
    assert "1 tasks were archived." in post(running, "/clock", do="archive").text
    for wrong in ("-1", "0", "x", "1e9"):
        assert post(running, "/clock", many=wrong, unit="days").status_code == 400


def test_another_sites_page_changes_nothing(running: RunningOrg, org: Org) -> None:
    identifier = running.call(lambda: org.insert("Task", {"Subject": "Mine"}))
    elsewhere = {"Origin": "https://evil.example"}
    for path in (f"/records/Task/{identifier}", "/trouble", "/clock", "/traffic", "/records/Task/new"):
        post(running, path, elsewhere, do="delete", name="delay", many="1", unit="days")
    assert not org.get("Task", identifier)["IsDeleted"]
    assert running.app.state.faults.as_json() == []
    own = {"Origin": running.url}
    assert post(running, "/trouble", own, name="delay").headers["location"] == "/orgbox/trouble"
    assert len(running.app.state.faults.faults) == 1


@pytest.mark.parametrize("width", [1280, 320])
def test_a_person_makes_a_task_and_lets_the_next_call_fail(
    page: Page, running: RunningOrg, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{running.url}/orgbox")
    contacts = page.get_by_role("row").filter(has=page.get_by_role("link", name="Contact", exact=True))
    contacts.get_by_role("link", name="New").click()
    page.get_by_label("Last Name").fill("Lee")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("link", name="Trouble").click()
    page.get_by_label("What").select_option("delay")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("cell", name="struck 0, 1 more")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width

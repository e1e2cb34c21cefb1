"""Every route of the page against every role, crafted requests, another's settings, and the cost of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils.html import escape

from tandem.accounts.services import create_member
from tandem.audit.models import Change
from tandem.config import wiring
from tandem.sync.models import OrgSync
from tandem.sync_settings import services
from tandem.sync_settings.models import Setting
from tandem.sync_settings.urls import urlpatterns
from tests.sync.desk import Desk

Visit = Callable[[str], Client]
SYNC = "/settings/salesforce/sync"
ADDRESS = "emailtosalesforce@2-abc.le.salesforce.com"

#: route -> (method, what is posted, what a user gets, what an admin gets)
ROUTES: dict[str, tuple[str, dict[str, str], int, int]] = {
    SYNC: ("get", {}, 200, 200),
    f"{SYNC}/email-api": (
        "post",
        {"emails": "on", "leads": "on", "several": "all", "nobody": "hold"},
        302,
        302,
    ),
    f"{SYNC}/email-bcc": ("post", {"do": "activate", "address": ADDRESS}, 302, 302),
    f"{SYNC}/tasks": ("post", {"sync": "on"}, 302, 302),
    f"{SYNC}/tasks/preview": ("get", {}, 200, 200),
    f"{SYNC}/tasks/progress": ("get", {}, 200, 200),
    f"{SYNC}/tasks/pause": ("post", {}, 302, 302),
    f"{SYNC}/tasks/resume": ("post", {}, 302, 302),
    f"{SYNC}/calls": ("post", {"log": "on"}, 302, 302),
    f"{SYNC}/subject": ("post", {"template": "By Tandem"}, 403, 302),
    f"{SYNC}/subject/preview": ("get", {"template": "By Tandem"}, 403, 200),
    f"{SYNC}/team-rules/calls": ("post", {}, 302, 302),
    f"{SYNC}/file": ("get", {}, 403, 200),
    f"{SYNC}/file/compare": ("post", {}, 403, 422),
    f"{SYNC}/file/save": ("post", {"content": "{}", "seen": ""}, 403, 422),
    "/settings/audit": ("get", {}, 403, 200),
}
every_route = pytest.mark.parametrize("route", ROUTES)


def test_the_table_names_every_route() -> None:
    patterns = [str(route.pattern) for route in urlpatterns if isinstance(route, URLPattern)]
    assert len(patterns) == len(ROUTES)
    assert {pattern.replace("<str:section>", "calls") for pattern in patterns} == {
        route.removeprefix("/") for route in ROUTES
    }


def ask(client: Client, route: str) -> Any:
    method, words, *_ = ROUTES[route]
    return getattr(client, method)(route, words)


@every_route
def test_a_stranger_is_asked_to_sign_in(member: Any, route: str) -> None:
    answer = ask(Client(), route)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")
    assert not Setting.objects.exists()


@every_route
def test_a_user_gets_their_own_page_and_nothing_of_the_admins(desk: Desk, visit: Visit, route: str) -> None:
    assert ask(visit("ben"), route).status_code == ROUTES[route][2]
    assert not Setting.objects.exclude(member=desk.member("ben")).exists()


@every_route
def test_an_admin_gets_all_of_it(desk: Desk, visit: Visit, route: str) -> None:
    assert ask(visit("anna"), route).status_code == ROUTES[route][3]


@every_route
def test_the_other_method_is_refused(desk: Desk, visit: Visit, route: str) -> None:
    other = {"get": "post", "post": "get"}[ROUTES[route][0]]
    assert getattr(visit("anna"), other)(route).status_code == 405


@pytest.mark.parametrize("route", [route for route in ROUTES if ROUTES[route][0] == "post"])
def test_a_form_from_another_site_is_refused(desk: Desk, route: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.member("anna"))
    assert ask(client, route).status_code == 403
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    "route", ["email-api", "email-bcc", "tasks", "tasks/pause", "calls", "team-rules/calls"]
)
def test_a_crafted_request_cannot_change_what_is_locked(desk: Desk, visit: Visit, route: str) -> None:
    anna = desk.member("anna")
    services.save_email_api(anna, {}, locked=True)
    services.deactivate_bcc(anna, locked=True)
    services.save_tasks(anna, {"sync": False}, locked=True)
    services.save_calls(anna, {"log": False}, locked=True)
    before = list(Setting.objects.order_by("pk").values())
    answer = ask(visit("ben"), f"{SYNC}/{route}")
    assert answer.status_code == 403
    assert "Your admin has set this for everybody. Nothing was saved." in answer.content.decode()
    assert list(Setting.objects.order_by("pk").values()) == before


def test_what_is_locked_is_shown_and_has_no_form(desk: Desk, visit: Visit) -> None:
    services.save_email_api(desk.member("anna"), {"emails": True, "nobody": "lead"}, locked=True)
    page = visit("ben").get(SYNC).content.decode()
    assert "Set by your admin" in page
    assert "Create a lead" in page
    assert f'action="{SYNC}/email-api"' not in page
    assert f'action="{SYNC}/calls"' in page


def test_a_user_sees_no_lock_no_template_and_no_file(desk: Desk, visit: Visit) -> None:
    page = visit("ben").get(SYNC).content.decode()
    admins = visit("anna").get(SYNC).content.decode()
    for words in ('name="locked"', "Activity Details Customization", "Settings as a file", "settings/audit"):
        assert words not in page
        assert words in admins


def test_a_crafted_lock_of_a_user_locks_nothing(desk: Desk, visit: Visit) -> None:
    visit("ben").post(f"{SYNC}/calls", {"log": "on", "locked": "on"})
    assert not Setting.objects.filter(locked=True).exists()
    assert not Setting.objects.filter(member=None).exists()


def test_nobody_sees_a_colleagues_address(desk: Desk, visit: Visit) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    assert ADDRESS in visit("ben").get(SYNC).content.decode()
    for page in (SYNC, "/settings/audit", f"{SYNC}/file"):
        assert ADDRESS not in visit("anna").get(page).content.decode()


def test_without_a_connection_the_page_says_what_to_do_first_and_a_crafted_save_is_refused(
    db: None, member: Any
) -> None:
    client = Client()
    client.force_login(member)
    page = client.get(SYNC).content.decode()
    assert "You are not connected to Salesforce yet" in page
    assert "<form" not in page.split("<details")[1]
    answer = client.post(f"{SYNC}/tasks", {"sync": "on"})
    assert answer.status_code == 409
    assert "Connect first." in answer.content.decode()
    assert not Setting.objects.exists()


def test_p_10_without_the_api_the_tab_says_so_and_leads_to_bcc(desk: Desk, visit: Visit) -> None:
    connection = desk.connections["anna"]
    type(connection).objects.filter(pk=connection.pk).update(trouble_code="API_DISABLED_FOR_ORG")
    page = visit("anna").get(SYNC).content.decode()
    assert "Your Salesforce edition does not include the API." in page
    assert f'action="{SYNC}/email-api"' not in page
    assert "Use Email to Salesforce (BCC)" in page
    assert "so tasks cannot be kept in step" in page
    assert f'action="{SYNC}/email-bcc"' in page


def test_a_refused_form_keeps_what_was_typed_and_says_what_to_mend(desk: Desk, visit: Visit) -> None:
    answer = visit("anna").post(f"{SYNC}/subject", {"template": "Hi {{first_name}}"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“{{first_name}}” is not a dynamic field" in page
    assert 'value="Hi {{first_name}}"' in page
    assert 'id="card-subject" open' in page


def test_p_9_a_user_is_told_why_one_way_is_enough(desk: Desk, visit: Visit) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    answer = ask(visit("ben"), f"{SYNC}/email-api")
    assert answer.status_code == 422
    assert "Your emails would be logged twice" in answer.content.decode()


def test_a_save_leads_back_to_its_open_card(desk: Desk, visit: Visit) -> None:
    answer = ask(visit("ben"), f"{SYNC}/email-bcc")
    assert answer["Location"] == f"{SYNC}?open=email&tab=bcc#card-email"


def test_when_the_org_has_no_calls_left_the_card_says_so(desk: Desk, visit: Visit) -> None:
    services.save_tasks(desk.member("anna"), {"sync": True})
    desk.fault("REQUEST_LIMIT_EXCEEDED", times=None)
    desk.round()
    page = visit("anna").get(f"{SYNC}/tasks/progress").content.decode()
    assert OrgSync.objects.get().pause_text != ""
    assert escape(OrgSync.objects.get().pause_text) in page


def test_saved_when_and_by_whom(desk: Desk, visit: Visit) -> None:
    services.save_calls(desk.member("anna"), {"log": True})
    assert "Saved 23 Nov by Anna" in visit("ben").get(SYNC).content.decode()


def test_the_audit_log_is_in_words(desk: Desk, visit: Visit) -> None:
    services.save_calls(desk.member("anna"), {"log": True}, locked=True)
    page = " ".join(visit("anna").get("/settings/audit").content.decode().split())
    assert "Log calls: <ins>yes</ins>" in page
    assert "Locked for members: <ins>yes</ins>" in page
    assert "of the team" in page


def test_a_page_costs_the_same_however_large_the_team(
    desk: Desk, visit: Visit, django_assert_max_num_queries: Any
) -> None:
    anna = desk.member("anna")
    services.save_tasks(anna, {"sync": True})
    desk.round()
    for n in range(30):
        person = create_member(email=f"rep{n}@org.example", name=f"Rep {n}")
        Setting.objects.create(
            section="calls", member=person, value={"log": True}, saved_at=desk.clock.now(), saved_by=person
        )
        Change(at=desk.clock.now(), by=person, section="calls", member=person, after={"log": True}).save()
    client = visit("anna")
    wiring.register_wakes()  # a member who looks wakes the org
    with django_assert_max_num_queries(17):
        client.get(SYNC)
    with django_assert_max_num_queries(9):
        client.get(f"{SYNC}/tasks/progress")
    with django_assert_max_num_queries(6):
        client.get("/settings/audit")

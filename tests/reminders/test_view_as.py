"""An admin looks at a colleague's lists: to read, said in the log, and nobody else may (CC-8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.audit.models import Change
from tandem.reminders import services
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tests.emails.test_lists import email

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(member: Member) -> Client:
    """Anna's browser; she is an admin."""
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def bens(colleague: Member) -> Reminder:
    """What Ben has: a task for today, and an email."""
    email(colleague, "Ben's offer")
    return services.create(colleague.pk, checked(name="Ben's task", due="2026-11-23", details="a secret"))


def look(browser: Client, whom: Member) -> int:
    return browser.post("/view-as", {"member": whom.pk}).status_code


def test_an_admin_reads_a_colleagues_tasks_and_emails_and_nothing_in_them(
    admin: Client, colleague: Member, bens: Reminder
) -> None:
    assert look(admin, colleague) == 302
    tasks, emails = admin.get("/").content.decode(), admin.get("/emails").content.decode()
    assert "Ben&#x27;s task" in tasks
    assert "Ben&#x27;s offer" in emails
    for page in (tasks, emails):
        assert "These are the lists of <strong>Ben Visser</strong>." in page
        assert "a secret" not in page
        assert f"/tasks/{bens.pk}/" not in page
        assert "/emails/1" not in page
        assert "formaction" not in page
    assert "Ben&#x27;s task" in admin.get("/tasks/list").content.decode()


def test_looking_opens_no_door_to_what_is_behind_the_lists(
    admin: Client, colleague: Member, bens: Reminder
) -> None:
    look(admin, colleague)
    for path in (f"/tasks/{bens.pk}/edit", f"/tasks/{bens.pk}/timeline", "/emails/1", "/emails/1/html"):
        assert admin.get(path).status_code == 404
    for path in (f"/tasks/{bens.pk}/complete", f"/tasks/{bens.pk}/delete", "/emails/1/archive"):
        assert admin.post(path).status_code == 404
    admin.post("/tasks/many", {"do": "complete", "task": [bens.pk]})
    bens.refresh_from_db()
    assert bens.rev == 1


def test_the_log_of_changes_says_once_who_looked_at_whose(
    admin: Client, member: Member, colleague: Member, bens: Reminder
) -> None:
    look(admin, colleague)
    for path in ("/", "/tasks/list", "/emails"):
        admin.get(path)
    said = Change.objects.get(section="view-as")
    assert (said.by, said.member, said.at) == (member, colleague, MONDAY)
    page = admin.get("/settings/audit").content.decode()
    assert "View as" in page
    assert "tasks and emails" in page


def test_it_ends_when_the_admin_says_so_and_when_they_are_one_no_more(
    admin: Client, member: Member, colleague: Member, bens: Reminder
) -> None:
    look(admin, colleague)
    assert admin.post("/view-as/end", {"page": "emails"})["Location"] == "/emails"
    assert "Ben" not in admin.get("/").content.decode().split("<main")[1].split("<details")[0]
    look(admin, colleague)
    accounts.set_role(member, colleague, "admin")
    accounts.set_role(member, member, "user")
    assert "Ben&#x27;s task" not in admin.get("/").content.decode()
    assert "Ben&#x27;s offer" not in admin.get("/emails").content.decode()


def test_a_user_may_not_and_is_not_offered_it(member: Member, colleague: Member) -> None:
    services.create(member.pk, checked(name="Anna's task", due="2026-11-23"))
    ben = Client()
    ben.force_login(colleague)
    assert "View as" not in ben.get("/").content.decode()
    assert look(ben, member) == 403
    session = ben.session
    session["looks_at"] = member.pk  # as if it had been possible
    session.save()
    assert "Anna" not in ben.get("/").content.decode()
    assert not Change.objects.filter(section="view-as").exists()


@pytest.mark.parametrize("named", ["", "x", "0", "9" * 30])
def test_there_must_be_such_a_colleague(admin: Client, named: str) -> None:
    assert admin.post("/view-as", {"member": named}).status_code == 404
    assert not Change.objects.exists()


def test_an_admin_cannot_look_at_themselves(admin: Client, member: Member) -> None:
    assert look(admin, member) == 404

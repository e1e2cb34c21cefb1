"""Sync health: what is counted, when, and for whom; and that no page asks more of a large database than of a small one."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.accounts.models import Member
from tandem.diagnostics.chart import HEIGHT, drawn
from tandem.diagnostics.health import Bar, health_of
from tandem.emails.models import Email
from tandem.reminders.models import Reminder
from tandem.sync.models import Activity, ActivityLink, Day, Link, OrgSync
from tandem.sync.store import KEPT_FOR, DjangoStore
from tandem.sync.tally import Counts, Tally
from tests.activities.office import Office, open_office
from tests.sync.desk import Desk, day

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
        Day.objects.all().delete()
        yield office


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


def health(desk: Desk, name: str = "anna") -> Any:
    return health_of(Member.objects.get(pk=desk.member(name).pk))


def read(desk: Desk, path: str = "/health", name: str = "anna") -> str:
    client = Client()
    client.force_login(desk.member(name))
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


# --- what is counted --------------------------------------------------------------------------------------------------


def test_what_goes_either_way_is_counted_once_on_its_day_for_its_member(office: Office, desk: Desk) -> None:
    desk.create("Call Ann")
    desk.insert("From there", owner="ben")
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    desk.settle()
    desk.settle()
    (today,) = [bar for bar in health(desk).bars if bar.done]
    assert (today.day, today.done, today.refused) == (day(), 3, 0)
    assert [bar.done for bar in health(desk, "ben").bars if bar.done] == [1]
    assert health(desk).in_step == 100


def test_what_is_refused_is_counted_and_lowers_the_share_in_step(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        desk.create(name)
    desk.settle()
    desk.fault(RULE, at="row", path="Task", times=None)
    desk.create("four")
    desk.round()
    desk.round()
    found = health(desk)
    assert (found.in_step, found.needs, len(found.causes)) == (75, 1, 1)


def test_what_waits_is_counted_with_the_age_of_the_oldest_and_what_needs_you_is_not(
    office: Office, desk: Desk
) -> None:
    assert (health(desk).waiting, health(desk).oldest) == (0, None)
    desk.create("Call Ann")
    desk.wait(seconds=12)
    desk.create("Ben's", owner="ben")
    assert (health(desk).waiting, health(desk).oldest) == (2, desk.clock.now() - timedelta(seconds=12))
    assert health(desk, "ben").waiting == 1
    assert "oldest 12 s" in read(desk)
    desk.fault(RULE, at="row", path="Task", times=None)
    desk.round()
    assert (health(desk).waiting, health(desk).needs) == (0, 2)


def test_how_long_it_took_is_kept(desk: Desk) -> None:
    desk.create("Call Ann")
    desk.wait(seconds=4)
    desk.round()
    found = health(desk)
    assert (found.half, found.most) == (5, 5)
    assert "half of them within 5 s, 95 % within 5 s" in read(desk)


def test_the_calls_of_the_day_are_told_with_a_forecast(desk: Desk) -> None:
    before = desk.calls
    desk.create("Call Ann")
    desk.round()
    ours = desk.calls - before
    (cost,) = health(desk).costs
    assert cost.ours == ours > 0
    gone = (desk.clock.now() - desk.clock.now().replace(hour=0, minute=0, second=0)) / timedelta(days=1)
    assert cost.forecast == round(ours / gone)
    assert cost.allowed
    assert cost.used == desk.calls


def test_a_round_that_lost_its_lease_counts_nothing(desk: Desk) -> None:
    org = desk.connections["anna"].org_id
    OrgSync.objects.filter(org_id=org).update(lease="another")
    DjangoStore().count(org, "mine", Counts({desk.member().pk: Tally(done=1)}, calls=1))
    assert not Day.objects.exists()


def test_days_older_than_a_year_are_forgotten(desk: Desk) -> None:
    org = desk.connections["anna"].org
    for age in (KEPT_FOR.days + 1, KEPT_FOR.days - 1):
        Day.objects.create(org=org, day=day(-age), done=1)
    desk.round()
    assert sorted(Day.objects.filter(done=1).values_list("day", flat=True)) == [day(1 - KEPT_FOR.days)]


# --- the picture ------------------------------------------------------------------------------------------------------


def test_the_picture_has_a_bar_for_each_day_and_stays_within_its_frame() -> None:
    for most in (0, 1, 7, 99, 1_234, 50_000):
        picture = drawn([Bar(day(n), done=most * n // 29, refused=n % 3) for n in range(30)])
        assert len(picture.bars) == 30
        assert 2 <= len(picture.lines) <= 6
        for bar in picture.bars:
            assert 0 <= bar.refused_y <= bar.y <= picture.base < HEIGHT
            assert bool(bar.high) is bool(bar.bar.done), (
                "a day with one item is seen beside one with thousands"
            )


def test_the_table_says_what_the_picture_says(desk: Desk) -> None:
    org, anna = desk.connections["anna"].org, desk.member()
    Day.objects.create(org=org, day=day(-3), done=227, refused=5)
    Day.objects.create(org=org, member=anna, day=day(-3), done=227, refused=5)
    page = read(desk)
    assert "20 Nov 2026: 227 in step, 5 needed you" in page
    assert '<th scope="row">20 Nov 2026</th><td>227</td><td>5</td>' in page


# --- a large database -------------------------------------------------------------------------------------------------


def test_no_page_asks_more_with_50000_emails_and_10000_tasks_than_with_ten(
    office: Office, desk: Desk
) -> None:
    fill(desk, emails=10, tasks=10, trouble=2)
    few = {path: asked(desk, path) for path in PATHS}
    fill(desk, emails=50_000, tasks=10_000, trouble=500, first=100)
    assert (Email.objects.count(), Reminder.objects.count()) == (50_010, 10_010)
    many = {path: asked(desk, path) for path in PATHS}
    assert all(many[path] <= few[path] for path in PATHS), (few, many)
    assert max(many.values()) <= 32, many


PATHS = (
    "/health",
    "/settings/diagnostics",
    "/settings/diagnostics?category=access-or-validation&state=needs-you",
    f"/settings/diagnostics/cause?code={RULE}",
    f"/settings/diagnostics/cause?code={RULE}&page=2",
    "/settings/diagnostics/file",
)


def asked(desk: Desk, path: str) -> int:
    client = Client()
    client.force_login(desk.member())
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
        if answer.streaming:
            list(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return len(queries)


def fill(desk: Desk, *, emails: int, tasks: int, trouble: int, first: int = 0) -> None:
    """Anna's, all logged and linked but for `trouble` of each."""
    org, anna, now = desk.connections["anna"].org, desk.member(), desk.clock.now()
    refused = {
        "parked": True,
        "error_code": RULE,
        "error_text": "No.",
        "error_first_at": now,
        "error_last_at": now,
    }
    sent = Email.objects.bulk_create(
        Email(
            member=anna,
            message_id=f"v{first + n}@tandem.example",
            state=Email.State.DELIVERED,
            came_by=Email.Way.RELAY,
            sender=anna.email,
            subject=f"Email {n}",
            at=now,
            created_at=now,
        )
        for n in range(emails)
    )
    activities = Activity.objects.bulk_create(
        Activity(org=org, member=anna, email=email, verdict="logged") for email in sent
    )
    ActivityLink.objects.bulk_create(
        ActivityLink(
            activity=activity,
            org=org,
            member=anna,
            key=f"log-{first}-{n}",
            record="00Q000000000001AAA",
            body={"Subject": "Email"},
            **(
                refused
                if n < trouble
                else {"closed": "logged", "sf_id": f"00T{first + n:012d}AAA", "logged_at": now}
            ),
        )
        for n, activity in enumerate(activities)
    )
    reminders = Reminder.objects.bulk_create(
        Reminder(owner=anna, name=f"Task {n}", created_at=now, updated_at=now) for n in range(tasks)
    )
    Link.objects.bulk_create(
        Link(
            org=org,
            member=anna,
            reminder=reminder,
            key=f"k-{first}-{n}",
            rev_done=1,
            **({**refused, "error_rev": 1} if n < trouble else {"sf_id": f"00T{first + n:012d}BBB"}),
        )
        for n, reminder in enumerate(reminders)
    )

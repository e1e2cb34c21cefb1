"""A member's browser: real Chromium on the real pages, and nothing bad in its console."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tandem import clock
from tandem.accounts import services as accounts
from tandem.accounts.models import Member
from tandem.reminders import services
from tandem.reminders.days import days
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked

#: A zone in which midnight is hours away while the tests run.
ZONE = "UTC" if 3 <= clock.now().hour < 21 else "Asia/Tokyo"


@pytest.fixture
def anna(transactional_db: None) -> Member:
    """The member whose browser it is."""
    return accounts.create_member(email="anna@acme.example", name="Anna Bos", time_zone=ZONE)


@pytest.fixture
def today() -> date:
    """The day it is for Anna."""
    return days(ZONE, clock.now()).today


@pytest.fixture
def task(anna: Member, today: date) -> Callable[..., Reminder]:
    """task("Ring Ben", in_days=1): a task of Anna's."""

    def write(name: str, *, in_days: int = 0, about: str = "", **values: Any) -> Reminder:
        return services.create(
            anna.pk, checked(name=name, due=today + timedelta(days=in_days), **values), about
        )

    return write


@pytest.fixture
def console(page: Page) -> Iterator[list[str]]:
    """What the browser complains of; a test that leaves a complaint behind fails."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda m: complaints.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda r: complaints.append(f"404: {r.url}") if r.status == 404 else None)
    yield complaints
    assert complaints == []


@pytest.fixture
def enter(page: Page, console: list[str], live_server: LiveServer, anna: Member) -> Callable[[], Page]:
    """enter(): Anna follows her sign-in link and sees the Command Center."""

    def follow() -> Page:
        page.goto(f"{live_server.url}/sign-in/{accounts.sign_in_token(anna)}")
        return page

    return follow

"""How long does each page take with 10,000 tasks and 50,000 emails?   usage: python -m benchmarks.pages [TASKS=10000] [EMAILS=50000]

Each page is asked for again and again by one member to whom all of it belongs, an admin besides; the time is from the request to the
last byte of the answer, in one process, without a network and without a browser. Queries are counted, not timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from benchmarks import stage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.emails.models import Email, Recipient
from tandem.reminders.models import Reminder
from tandem.sync.models import Activity, ActivityLink, Conflict, Day, Event, Link
from tests.sync.desk import START, Desk, day, open_desk

ASKED, WARMED = 15, 3
#: One in so many items is refused, by one of these causes.
REFUSED = 50
CODES = (
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "REQUIRED_FIELD_MISSING",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "ENTITY_IS_LOCKED",
)


def pages(first_task: int, first_email: int, older: int) -> dict[str, str]:
    """What is asked for, by the name that people know it by."""
    refused = f"?code={CODES[0]}"
    return {
        "Command Center": "/",
        "Command Center, overdue": "/?show=overdue",
        "Command Center, all": "/?show=all",
        "Command Center, all, the last page": "/?show=all&page=100",
        "Command Center, searched": "/?q=Task+0999",
        "a task's timeline of 200 lines": f"/tasks/{first_task}/timeline",
        "Emails, delivered": "/emails",
        "Emails, delivered, far back": f"/emails?before={older}",
        "Emails, failed": "/emails?folder=failed",
        "Emails, searched": "/emails?q=Offer+4",
        "Emails, not answered yet": "/emails?replied=no",
        "an email": f"/emails/{first_email}",
        "Diagnostics": "/settings/diagnostics",
        "Diagnostics, one cause": f"/settings/diagnostics/cause{refused}",
        "Diagnostics as a file": f"/settings/diagnostics/file{refused}",
        "Sync health": "/health",
        "Sync Settings": "/settings/salesforce/sync",
    }


def fill(desk: Desk, tasks: int, emails: int) -> tuple[int, int]:
    """A year of one member's work, linked and logged; the ids of the first task, whose life was long, and the first email."""
    first_task = _tasks(desk, tasks)
    first_email = _emails(desk, emails)
    org, anna = desk.connections["anna"].org, desk.member()
    Day.objects.all().delete()  # of the round that switched sync on
    Day.objects.bulk_create(
        Day(org=org, member=member, day=day(-back), done=200, refused=3, calls=1_500, lags=[90, 60, 40, 10])
        for back in range(30)
        for member in (None, anna)
    )
    return first_task, first_email


def _tasks(desk: Desk, count: int) -> int:
    now, anna, org = START, desk.member(), desk.connections["anna"].org

    def one(number: int) -> Reminder:
        done = number % 5 == 0
        return Reminder(
            owner=anna,
            name=f"Task {number:05}",
            about="Jan de Vries · Veldkamp BV",
            status="done" if done else "open",
            completed_at=now - timedelta(hours=number % 2_000) if done else None,
            due=day(number % 200 - 60),
            created_at=now,
            updated_at=now,
        )

    _store(Reminder, map(one, range(count)))
    ids = list(Reminder.objects.order_by("pk").values_list("pk", flat=True))
    values = {"name": "x", "status": "open", "priority": "normal", "due": "", "details": ""}

    def tie(number: int) -> Link:
        refused = number % REFUSED == 1
        why = {
            "error_code": CODES[number // REFUSED % len(CODES)],
            "error_text": "No.",
            "error_first_at": now,
            "error_last_at": now,
        }
        return Link(
            org=org,
            member=anna,
            reminder_id=ids[number],
            key=f"key-{number}",
            sf_id=f"00T{number:015}",
            base_app=values,
            base_sf=values,
            rev_done=1,
            parked=refused,
            **(why | {"error_rev": 1} if refused else {}),
        )

    _store(Link, map(tie, range(count)))
    links = list(Link.objects.order_by("pk").values_list("pk", flat=True))
    one_change = {"name": ["before", "after"]}
    _store(
        Event,
        (
            Event(link_id=link, at=now, what=what, op="create")
            for link in links
            for what in ("sent", "landed")
        ),
    )
    _store(Event, (Event(link_id=links[0], at=now, what="changed", values=one_change) for _ in range(1_000)))
    _store(
        Conflict,
        (
            Conflict(link_id=link, at=now, field="due", side="tandem", value="", won="2026-12-24", rule="x")
            for link in links[:200]
        ),
    )
    return ids[0]


def _emails(desk: Desk, count: int) -> int:
    now, anna, org = START, desk.member(), desk.connections["anna"].org
    states = ["delivered"] * 17 + ["draft", "failed", "bounced"]

    def one(number: int) -> Email:
        return Email(
            member=anna,
            message_id=f"{number}@acme.example",
            subject=f"Offer {number:05}",
            text="Dear you,\n\nhere it is.\n" * 20,
            state=states[number % 20],
            trouble="The mail server refuses the email." if number % 20 == 18 else "",
            archived_at=now if number % 100 == 0 else None,
            sender="anna@tandem.example",
            came_by="composed",
            created_at=now,
            at=now - timedelta(minutes=number),
        )

    _store(Email, map(one, range(count)))
    rows = list(Email.objects.order_by("pk").values_list("pk", "state"))
    _store(
        Recipient,
        (
            Recipient(email_id=pk, role="to", address=f"{pk % 5_000}@veldkamp.example", name="Jan de Vries")
            for pk, _ in rows
        ),
    )
    sent = [pk for pk, state in rows if state in ("delivered", "bounced")]
    _store(
        Activity,
        (Activity(org=org, member=anna, email_id=pk, verdict="logged", decided_at=now) for pk in sent),
    )

    def tie(number: int, activity: int) -> ActivityLink:
        refused = number % REFUSED == 1
        why = {
            "error_code": CODES[number // REFUSED % len(CODES)],
            "error_text": "No.",
            "error_first_at": now,
            "error_last_at": now,
        }
        return ActivityLink(
            activity_id=activity,
            org=org,
            member=anna,
            key=f"log-{number}",
            record=f"00Q{number % 5_000:015}",
            record_name="Jan de Vries",
            body={"Subject": "Offer"},
            **({"parked": True, **why} if refused else {"closed": "logged", "sf_id": f"00T9{number:014}"}),
        )

    activities = Activity.objects.order_by("pk").values_list("pk", flat=True)
    _store(ActivityLink, (tie(number, pk) for number, pk in enumerate(activities)))
    return rows[0][0]


def _store(table: Any, rows: Iterator[Any]) -> None:
    """A few thousand at a time."""
    while part := list(islice(rows, 5_000)):
        table.objects.bulk_create(part)


def measured(browser: Client, address: str) -> dict[str, Any]:
    """Queries, and milliseconds: the middle of all times, and the longest."""
    with CaptureQueriesContext(connection) as asked:
        size = _ask(browser, address)
    queries = len(asked)  # before the next request forgets them
    times = []
    for number in range(WARMED + ASKED):
        began = time.perf_counter()
        _ask(browser, address)
        if number >= WARMED:
            times.append((time.perf_counter() - began) * 1_000)
    return {"queries": queries, "bytes": size, "ms": statistics.median(times), "most_ms": max(times)}


def _ask(browser: Client, address: str) -> int:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return sum(map(len, answer)) if answer.streaming else len(answer.content)


def main() -> None:
    given = stage.asked(TASKS=10_000, EMAILS=50_000)
    machine = stage.machine()
    stage.make_tables()
    monkeypatch = pytest.MonkeyPatch()
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin", time_zone="Europe/Amsterdam")
        desk.switch_on()
        desk.round()
        first_task, first_email = fill(desk, int(given["TASKS"]), int(given["EMAILS"]))
        if connection.vendor == "postgresql":  # which does so by itself, some minutes later
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        browser = Client(SERVER_NAME="127.0.0.1")
        browser.force_login(desk.member())
        found = {}
        middle = first_email + int(given["EMAILS"]) // 2
        for name, address in pages(first_task, first_email, middle).items():
            found[name] = measured(browser, address)
            print(f"{name}: {found[name]['queries']} queries, {found[name]['ms']:.0f} ms", flush=True)
    monkeypatch.undo()
    words = {"machine": machine, "busy": stage.busy(machine), "given": given, "database": connection.vendor}
    stage.keep("pages", {**words, "pages": found})


if __name__ == "__main__":
    main()

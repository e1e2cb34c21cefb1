"""The disk is full under PostgreSQL, really: what is refused is refused whole and said, nothing is lost, nothing is sent twice.

A cluster of its own lies on a file system of its own (small_disk). First only the tables have no room, and PostgreSQL
refuses (53100); then its log has none either, and it goes down. Pages and worker are processes that go on through both.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tandem.config import wiring
from tandem.config.migrating import migrate
from tandem.connections.models import Connection
from tandem.reminders.models import Reminder
from tandem.reminders.values import DETAILS_LENGTH
from tandem.sync.models import OrgSync
from tests.postgresql import Cluster, free_port
from tests.scale.processes import ServedOrg, Worker, eventually, served_org
from tests.scale.small_disk import small_disk
from tests.scale.test_workers_killed import everybody, leases_end, waits_end

#: So many tasks are tried on a full disk; the first with long details must be refused already.
TRIES = 12
#: A MiB each: more than the disk is large.
WRITES = 300
ENOSPC = "No space left on device"
TOLD = (
    "Something went wrong on our side",
    "was not saved; everything saved before is safe",
    "tell your admin",
)
ROUND_TOLD = "Nothing is lost: what waits is kept, and Tandem tries again by itself."


@pytest.fixture(autouse=True)
def _only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL part of the tests: python -m tests.postgresql pytest tests/scale")


@contextmanager
def pointed_at(cluster: Cluster) -> Iterator[None]:
    """This process, and what it starts, has its tables there."""
    at = connection.settings_dict
    before = dict(at)
    connection.close()
    at.update(HOST="127.0.0.1", PORT=cluster.port, NAME="postgres", USER="postgres")
    try:
        migrate()
        yield
    finally:
        connection.close()
        at.update(before)


class Browser:
    """A member signed in at the pages of another process.

    saved: the tasks that the page called saved, with their details. refused: the names of those that it did not.
    """

    def __init__(self, port: int, seat: Connection) -> None:
        signed_in, token = Client(), "c" * 32
        signed_in.force_login(seat.member)
        self._http = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            cookies={"sessionid": signed_in.cookies["sessionid"].value, "csrftoken": token},
            headers={"X-CSRFToken": token},
            timeout=30,
        )
        self.saved: dict[str, str] = {}
        self.refused: list[str] = []

    def serves(self) -> bool:
        try:
            return self._http.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def reads(self, page: str) -> str:
        """A whole page."""
        answer = self._http.get(page)
        assert answer.status_code == 200, answer.text
        return answer.text

    def looks_in_vain(self) -> None:
        """No page can be shown: that is said in our own words."""
        _is_told(self._http.get(reverse("command-center")))

    def types(self, name: str, details: str = "", *, javascript: bool = False) -> bool:
        """A new task; whether it was saved, as the page says. javascript: what is said comes as a toast."""
        typed = {"name": name, "details": details, "priority": "normal", "status": "open", "due": ""}
        headers = {"HX-Request": "true"} if javascript else {}
        answer = self._http.post(reverse("new-task"), data=typed, headers=headers)
        if answer.status_code == (200 if javascript else 302):
            self.saved[name] = details
            return True
        _is_told(answer)
        assert answer.headers.get("HX-Retarget") == ("#toast" if javascript else None)
        self.refused.append(name)
        return False


def _is_told(answer: httpx2.Response) -> None:
    """What happened, what it means for the data, what to do; never a bare error of the server."""
    assert answer.status_code == 500
    assert all(words in answer.text for words in TOLD), answer.text


def long_details(chance: random.Random) -> str:
    """As long as details may be, and like nothing that PostgreSQL could make smaller."""
    return chance.randbytes(DETAILS_LENGTH // 2).hex()


def there(org: ServedOrg) -> Counter[tuple[str, str]]:
    """Every Task with its details."""
    return Counter(
        (task["Subject"], task["Description"] or "") for task in org.tasks() if not task["IsDeleted"]
    )


def here() -> Counter[tuple[str, str]]:
    """Every reminder of these with its details."""
    return Counter(Reminder.objects.filter(name__startswith="task ").values_list("name", "details"))


def the_log_has_room() -> None:
    """A fresh file of 16 MiB, so that the tables are the first to have none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("SELECT pg_logical_emit_message(true, 'begins the file', '')")


def until_the_log_is_full() -> None:
    """Somebody else writes to the same PostgreSQL, until it cannot go on."""
    with pytest.raises(OperationalError), connection.cursor() as cursor:  # noqa: PT012
        for _ in range(WRITES):
            cursor.execute("SELECT pg_logical_emit_message(false, 'somebody else', repeat('x', 1 << 20))")
    connection.close()


def _met(log: Path, *words: str) -> bool:
    written = log.read_text()
    return all(word in written for word in words)


def in_step(org: ServedOrg, processes: list[Worker], expected: dict[str, str]) -> None:
    """Each side has every one of these once, and nothing else; processes that ended are started again, as systemd does."""

    def arrived() -> bool:
        for process in processes:
            process.start_again()
        try:
            leases_end()
            waits_end()
            OrgSync.objects.update(next_round_at=timezone.now())
            return set(here()) == set(there(org)) == set(expected.items())
        except OperationalError:  # this process had its connection from before
            connection.close()
            return False

    eventually(arrived, "both sides in step")
    assert here() == there(org) == Counter(expected.items())


def test_the_disk_full_under_postgresql_costs_nothing_that_was_saved_and_says_what_was_not(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    wiring.register_wakes()
    chance = random.Random(8)
    log, server_log = tmp_path / "processes.log", tmp_path / "postgresql.log"
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = Cluster(disk.place, stack.enter_context(server_log.open("ab")))
        stack.callback(cluster.stop)
        cluster.start()
        stack.enter_context(pointed_at(cluster))
        org = stack.enter_context(served_org(folder, 0, 1, unique_key=True))
        ((anna, _),) = everybody([org])
        port, complaining = free_port(), stack.enter_context(log.open("ab"))
        processes = [Worker(name, complaining, name) for name in (f"web --port {port}", "worker")]
        for process in processes:
            stack.callback(process.end)
            process.start()
        browser = Browser(port, anna)
        eventually(browser.serves, "the start of the pages")
        theirs: dict[str, str] = {}

        def insert_there(name: str) -> None:
            theirs[name] = long_details(chance)
            fields = {"Subject": name, "OwnerId": anna.user, "Description": theirs[name]}
            assert org.people("POST", "sobjects/Task", json=fields).status_code == 201

        # --- the tables have no room -------------------------------------------------------------------------------
        assert browser.types("task before")
        in_step(org, processes, browser.saved)
        the_log_has_room()
        disk.fill()
        insert_there("task made there")
        for number in range(TRIES):
            javascript = number % 2 == 1
            browser.types(f"task with long details {number}", long_details(chance), javascript=javascript)
            browser.types(f"task without details {number}", javascript=javascript)
        assert {"task with long details 0", "task with long details 1"} <= set(browser.refused)
        assert "task before" in browser.reads(reverse("command-center") + "?show=all")
        settings = reverse("sync-settings")
        eventually(lambda: ROUND_TOLD in browser.reads(settings), "word of the round that had no room")
        assert _met(log, "run_round", ENOSPC)
        disk.make_room()
        in_step(org, processes, browser.saved | theirs)

        # --- its log has no room either ----------------------------------------------------------------------------
        disk.fill()
        insert_there("task made there before it went down")
        until_the_log_is_full()
        assert _met(server_log, "PANIC", "pg_wal", ENOSPC)
        browser.types("task in the panic")
        cluster.stop()
        browser.looks_in_vain()
        assert not browser.types("task while it is down")
        disk.make_room()
        cluster.start()
        in_step(org, processes, browser.saved | theirs)
        assert browser.types("task with room again", long_details(chance))
        in_step(org, processes, browser.saved | theirs)
        assert ROUND_TOLD not in browser.reads(settings)
        print(f"{len(browser.saved)} tasks were saved and {len(browser.refused)} refused")

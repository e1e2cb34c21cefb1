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
from dataclasses import dataclass, field
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
from tests.scale.small_disk import SmallDisk, small_disk
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


@dataclass
class Office:
    """A member at the pages, a worker, and an org beside them; the tables lie on a small disk. theirs: Tasks made there."""

    disk: SmallDisk
    cluster: Cluster
    org: ServedOrg
    seat: Connection
    processes: list[Worker]
    browser: Browser
    log: Path
    chance: random.Random = field(default_factory=lambda: random.Random(8))
    theirs: dict[str, str] = field(default_factory=dict)

    def long_details(self) -> str:
        """As long as details may be, and like nothing that PostgreSQL could make smaller."""
        return self.chance.randbytes(DETAILS_LENGTH // 2).hex()

    def make_there(self, name: str) -> None:
        self.theirs[name] = self.long_details()
        fields = {"Subject": name, "OwnerId": self.seat.user, "Description": self.theirs[name]}
        assert self.org.people("POST", "sobjects/Task", json=fields).status_code == 201

    def in_step(self) -> None:
        """Each side has everything that was saved, whole and once, and nothing that was refused.

        Processes that ended are started again, as systemd does.
        """
        expected = Counter((self.browser.saved | self.theirs).items())

        def arrived() -> bool:
            for process in self.processes:
                process.start_again()
            try:
                leases_end()
                waits_end()
                OrgSync.objects.update(next_round_at=timezone.now())
                return set(self.here()) == set(self.there()) == set(expected)
            except OperationalError:  # this process had its connection from before
                connection.close()
                return False

        eventually(arrived, "both sides in step")
        assert self.here() == self.there() == expected

    def here(self) -> Counter[tuple[str, str]]:
        return Counter(Reminder.objects.filter(name__startswith="task ").values_list("name", "details"))

    def there(self) -> Counter[tuple[str, str]]:
        tasks = [task for task in self.org.tasks() if not task["IsDeleted"]]
        return Counter((task["Subject"], task["Description"] or "") for task in tasks)


@pytest.fixture
def office(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgresql_log: Path
) -> Iterator[Office]:
    """Anna is connected and switched on; pages and worker run."""
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    wiring.register_wakes()
    log = tmp_path / "processes.log"
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk())
        cluster = Cluster(disk.place, stack.enter_context(postgresql_log.open("ab")))
        stack.callback(cluster.stop)
        cluster.start()
        stack.enter_context(pointed_at(cluster))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        org = stack.enter_context(served_org(folder, 0, 1, unique_key=True))
        ((anna, _),) = everybody([org])
        port, complaining = free_port(), stack.enter_context(log.open("ab"))
        processes = [Worker(command, complaining, command) for command in (f"web --port {port}", "worker")]
        for process in processes:
            stack.callback(process.end)
            process.start()
        browser = Browser(port, anna)
        eventually(browser.serves, "the start of the pages")
        yield Office(disk, cluster, org, anna, processes, browser, log)


@pytest.fixture
def postgresql_log(tmp_path: Path) -> Path:
    """Where PostgreSQL says what became of it; on another disk."""
    return tmp_path / "postgresql.log"


def the_log_begins_a_file() -> None:
    """16 MiB of room for PostgreSQL's own log, so that the tables are the first to have none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("SELECT pg_logical_emit_message(true, 'begins the file', '')")


def somebody_writes_until_the_log_is_full() -> None:
    """Another database of the same PostgreSQL, say, until nothing goes on."""
    with pytest.raises(OperationalError), connection.cursor() as cursor:  # noqa: PT012
        for _ in range(WRITES):
            cursor.execute("SELECT pg_logical_emit_message(false, 'somebody else', repeat('x', 1 << 20))")
    connection.close()


def _met(log: Path, *words: str) -> bool:
    written = log.read_text()
    return all(word in written for word in words)


def test_the_disk_full_under_postgresql_costs_nothing_that_was_saved_and_says_what_was_not(
    office: Office, postgresql_log: Path
) -> None:
    browser, settings = office.browser, reverse("sync-settings")
    assert browser.types("task before")
    office.in_step()

    # The tables have no room.
    the_log_begins_a_file()
    office.disk.fill()
    office.make_there("task made there")
    for number in range(TRIES):
        javascript = number % 2 == 1
        browser.types(f"task with long details {number}", office.long_details(), javascript=javascript)
        browser.types(f"task without details {number}", javascript=javascript)
    assert {"task with long details 0", "task with long details 1"} <= set(browser.refused)
    assert "task before" in browser.reads(reverse("command-center") + "?show=all")
    eventually(lambda: ROUND_TOLD in browser.reads(settings), "word of the round that had no room")
    assert _met(office.log, "run_round", ENOSPC)
    office.disk.make_room()
    office.in_step()

    # PostgreSQL's log has none either: it goes down, and comes back when somebody has made room and started it.
    office.disk.fill()
    office.make_there("task made there before it went down")
    somebody_writes_until_the_log_is_full()
    assert _met(postgresql_log, "PANIC", "pg_wal", ENOSPC)
    browser.types("task in the panic")
    office.cluster.stop()
    browser.looks_in_vain()
    assert not browser.types("task while it is down")
    office.disk.make_room()
    office.cluster.start()
    office.in_step()
    assert browser.types("task with room again", office.long_details())
    office.in_step()
    eventually(lambda: ROUND_TOLD not in browser.reads(settings), "the end of that word")
    print(f"{len(browser.saved)} tasks were saved and {len(browser.refused)} refused")

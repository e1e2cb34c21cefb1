"""Two workers on PostgreSQL, killed and stopped at random while both sides are edited: nothing lost, nothing twice.

Two orgs over HTTP, one of which keeps our key unique and one does not; four members; calls that break. The workers are
`tandem sync`, which find what is due, and `tandem worker`, which are woken by the queue. The chances come from a seed
that is printed; SEED=… draws them again (real processes never interleave twice alike, so it may take a few runs).
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tandem import jobs
from tandem.accounts.services import create_member
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.models import Conflict, Link, OrgSync
from tandem.sync.round import LEASE
from tests import chance
from tests.scale.judge import complaints
from tests.scale.people import People
from tests.scale.processes import PATIENCE, ServedOrg, Worker, eventually, served_org

ORGS = 2
MEMBERS = 2  # in each
ACTS = 320
KILLS = 8
STOPS = 3
OLD = "was here before"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the workers complain."""
    return tmp_path / "workers.log"


def everybody(orgs: Sequence[ServedOrg]) -> list[tuple[Connection, ServedOrg]]:
    """Members, connected to their org and switched on."""
    seats = []
    for number, org in enumerate(orgs):
        for place, token in enumerate(org.tokens.values()):
            member = create_member(email=f"m{number}{place}@tandem.example", name=f"Member {number}.{place}")
            for n in range(2):
                reminders.create(member.pk, checked(name=f"{OLD} {number}.{place}.{n}"))
            connected = connections.connect(member, org.url, org.app.client_id, org.app.client_secret, token)
            services.switch_on(connected)
            seats.append((connected, org))
    return seats


@contextmanager
def working(log: Path, command: str) -> Iterator[list[Worker]]:
    """Two workers, until the block ends."""
    with log.open("ab") as complaining:
        workers = [Worker(name, complaining, command) for name in ("worker 1", "worker 2")]
        try:
            for worker in workers:
                worker.start()
            yield workers
        finally:
            for worker in workers:
                worker.end()


def leases_end() -> None:
    """Twenty seconds pass at once: whoever lives renews, whoever was faster has taken over."""
    OrgSync.objects.exclude(lease="").update(lease_until=timezone.now())


def waits_end() -> None:
    """Minutes pass at once: nothing is under way any more, so doubts and back-offs have run out."""
    now = timezone.now()

    def ended() -> bool:
        try:
            Link.objects.filter(not_before__gt=now).update(not_before=None)
            Link.objects.filter(intent_doubt_until__gt=now).update(intent_doubt_until=now)
            OrgSync.objects.update(paused_until=None)
        except OperationalError:  # a worker holds one of the rows and waits for another: it goes first
            return False
        return True

    eventually(ended, "a moment in which nobody else writes these rows")


def moment() -> str:
    """What the orgs' workers were at, as the database tells."""
    if Link.objects.filter(intent_in_flight=True).exists():
        return "with a call out"
    if Link.objects.exclude(intent_op=None).exists():
        return "with writes in doubt"
    return "in a round" if OrgSync.objects.exclude(lease="").exists() else "at rest"


def chaos(
    draw: random.Random, people: People, workers: list[Worker], orgs: Sequence[ServedOrg]
) -> Counter[str]:
    """Everybody acts; now and then a worker dies, or stands still beyond its lease."""
    met: Counter[str] = Counter()
    people.create_here()
    people.create_there()
    deaths = {draw.randrange(20, ACTS) for _ in range(KILLS)}
    stops = {draw.randrange(20, ACTS) for _ in range(STOPS)} - deaths
    for number in range(ACTS):
        people.act()
        if number % 5 == 0:
            for state in OrgSync.objects.all():
                jobs.wake("org-changed", state.org_id)
        if number in deaths:
            worker = draw.choice(workers)
            met[f"killed {moment()}"] += 1
            worker.kill()
            leases_end()
            worker.start()
        elif number in stops:
            worker = draw.choice(workers)
            met[f"stopped {moment()}"] += 1
            worker.stand_still()
            # It may stand in a transaction: then everybody waits for it, we too.
            threading.Timer(2.0, worker.go_on).start()
            leases_end()
        time.sleep(draw.uniform(0, 0.12))
    return met


def calm(people: People, orgs: Sequence[ServedOrg]) -> list[str]:
    """Nobody acts any more; what is still wrong when nothing changes any more."""
    for org in orgs:
        org.cure()
    limit = time.monotonic() + PATIENCE
    said = ["nobody has looked yet"]
    while said and time.monotonic() < limit:
        waits_end()
        for state in OrgSync.objects.all():
            if state.deletions == "held":
                services.approve_deletions(state.org_id)
            jobs.wake("org-changed", state.org_id)
        time.sleep(0.5)
        said = complaints(people.items, orgs)
    return said


def test_whoever_stands_still_in_a_transaction_is_put_out_of_it_when_its_lease_ends(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == (f"{LEASE.seconds}s",)


@pytest.mark.parametrize("command", ["sync", "worker"])
def test_two_workers_killed_at_random_lose_nothing_and_double_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, log: Path, command: str
) -> None:
    seed = chance.seed()
    draw = random.Random(seed)
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    wiring.register_wakes()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        orgs = [
            stack.enter_context(served_org(folder, number, MEMBERS, unique_key=number == 0))
            for number in range(ORGS)
        ]
        people = People(draw, everybody(orgs))
        for org in orgs:
            org.fault("reset_after_commit", path="composite", rate=0.06)
            org.fault("reset_before_commit", path="composite", rate=0.04)
            org.fault("500_after_commit", path="composite", rate=0.04)
            org.fault("UNABLE_TO_LOCK_ROW", path="composite", rate=0.03)
            # Every other answer takes a moment, so that a kill meets a call that is out as often as one between calls.
            org.fault("delay", seconds=0.05)
        workers = stack.enter_context(working(log, command))
        met = chaos(draw, people, workers, orgs)
        said = calm(people, orgs)
        told = f"SEED={seed}: {dict(people.acts)}; {dict(met)}; {Conflict.objects.count()} conflicts"
        print(told)
        assert said == [], f"{told}\n" + "\n".join(said) + "\n" + log.read_text()[-4_000:]
        old = Reminder.objects.filter(name__startswith=OLD)
        assert old.count() == ORGS * MEMBERS * 2
        assert not Link.objects.filter(reminder__in=old).exists(), "FS-2"

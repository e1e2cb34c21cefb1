"""`kill -9` of the worker at random moments of a push of 300 tasks: after a restart each is in Salesforce exactly once.

Real processes, a real database file (or PostgreSQL), real HTTP. The random moments come from a seed that is printed;
SEED=… draws them again.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.accounts.services import create_member
from tandem.connections import services as connections
from tandem.reminders import services as reminders
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.models import Link, OrgSync
from tests import chance
from tests.processes import environment
from tests.sync.desk import KEY_FIELD

TASKS = 300
KILLS = 20


def worker() -> subprocess.Popen[bytes]:
    """A worker that runs one round of every org."""
    return subprocess.Popen(
        [sys.executable, "-m", "tandem", "sync", "--once"],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def push_ended(first: int) -> bool:
    """Whether every task of this push has its Task and nothing is open."""
    links = Link.objects.filter(reminder_id__gte=first)
    return links.count() == TASKS and not links.exclude(sf_id__isnull=False, intent_op=None).exists()


def test_a_worker_killed_at_twenty_random_moments_of_a_push_of_300_tasks_loses_and_doubles_none(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push of 300 is two calls, so each of the twenty moments gets a push of its own."""
    seed = chance.seed()
    moments = random.Random(seed)
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    org = Org(RealClock(), seed=1, task_fields=[KEY_FIELD])
    met: Counter[str] = Counter()
    with RunningOrg(org) as running:
        user = running.call(
            lambda: org.insert(
                "User", {"LastName": "Anna", "Username": "a@b.example", "Email": "a@b.example"}
            )
        )
        oauth = running.app.state.oauth
        token = running.call(lambda: oauth.authorise(user))
        anna = create_member(email="anna@tandem.example", name="Anna")
        connected = connections.connect(
            anna, running.url, oauth.app.client_id, oauth.app.client_secret, token
        )
        services.switch_on(connected)
        # Every answer takes a moment, so that a kill meets a call that is out as often as one between calls.
        running.call(lambda: running.app.state.faults.add("delay", seconds=0.05, times=None))
        for push in range(KILLS):
            first = min(reminders.create(anna.pk, checked(name=f"Task {push}.{n}")).pk for n in range(TASKS))
            process = worker()
            while not Link.objects.filter(reminder_id__gte=first).exists() and process.poll() is None:
                time.sleep(0.005)  # the push begins with the first link
            time.sleep(moments.uniform(0, 0.9))
            process.send_signal(signal.SIGKILL)
            process.wait()
            met[moment(first)] += 1
            for _ in range(20):
                # A dead worker's lease runs out in 20 seconds, its back-offs in minutes; here they may go at once.
                OrgSync.objects.update(lease="", lease_until=None)
                Link.objects.update(not_before=None)
                assert worker().wait() == 0
                if push_ended(first):
                    break
        tasks = running.call(
            lambda: Counter(str(task["Subject"]) for task in org.scan("Task", all_rows=True))
        )
    told = f"SEED={seed}; killed {dict(met)}"
    print(told)
    assert tasks == Counter({f"Task {push}.{n}": 1 for push in range(KILLS) for n in range(TASKS)}), told
    assert Link.objects.count() == KILLS * TASKS, told


def moment(first: int) -> str:
    """Where in its push the worker was when it died, as the database it left behind tells."""
    links = Link.objects.filter(reminder_id__gte=first)
    if not links.exists():
        return "before it began"
    if links.exclude(intent_op=None).exists():
        return "with writes out"
    return (
        "after it had settled" if links.filter(sf_id__isnull=False).count() == TASKS else "between two steps"
    )

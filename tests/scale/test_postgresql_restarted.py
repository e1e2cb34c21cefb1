"""PostgreSQL goes down under two workers and the pages, and comes back: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from tandem.config import wiring
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tests.scale.processes import Worker, eventually, served_org
from tests.scale.test_workers_killed import everybody, leases_end, waits_end, working

TASKS = 60


def restart() -> None:
    """Kill one of its backends: PostgreSQL ends all others, recovers from its log, and takes connections again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
        )
        found = cursor.fetchone()
    if found is None:
        return
    os.kill(found[0], signal.SIGKILL)
    eventually(_is_back, "PostgreSQL's return")


def _is_back() -> bool:
    connection.close()
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


def go_on(workers: list[Worker]) -> int:
    """Start again who has ended; how many that were."""
    return sum(worker.start_again() for worker in workers)


def test_postgresql_restarted_under_the_workers_loses_nothing_and_doubles_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    wiring.register_wakes()
    ended = refused = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        org = stack.enter_context(served_org(folder, 0, 2, unique_key=True))
        ((anna, _), _) = everybody([org])
        workers = stack.enter_context(working(tmp_path / "workers.log", "worker"))
        saved = []
        for number in range(TASKS):
            name = f"task {number}"
            try:
                reminders.create(anna.member_id, checked(name=name))
            except OperationalError:  # what a person sees as: was not saved
                refused += 1
                connection.close()
            else:
                saved.append(name)
            if number in (TASKS // 3, 2 * TASKS // 3):
                org.fault("delay", seconds=0.1)
                restart()
                ended += go_on(workers)

        def all_there() -> bool:
            nonlocal ended
            ended += go_on(workers)
            leases_end()
            waits_end()
            there = Counter(task["Subject"] for task in org.tasks() if not task["IsDeleted"])
            return set(saved) <= set(there)

        eventually(all_there, "the arrival of everything that was saved")
        there = Counter(task["Subject"] for task in org.tasks() if not task["IsDeleted"])
        print(f"{ended} workers ended by themselves and were started again; {refused} tasks were not saved")
        assert there == Counter(saved)
        assert Reminder.objects.filter(name__startswith="task ").count() == len(saved)

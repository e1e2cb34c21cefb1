"""The one file that knows the job engine: a wake is a name and an id, and only ever a hint (docs/decisions/0004).

What is owed is derived from links, and the org's lease decides who works, so a lost, late or doubled wake does no
harm. Here wakes run in this very process, on worker threads; `config/wiring.py` registers what a name means.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[int], None]

_jobs: dict[str, Job] = {}


def register(name: str, job: Job) -> None:
    """Say what a wake of this name does in this process; without it a wake is dropped, and the sweep finds the work."""
    _jobs[name] = job


def wake(name: str, id: int) -> None:
    """Hint that something may be owed. Never raises, never blocks, never does the work itself."""
    job = _jobs.get(name)
    if job is not None:
        job(id)


class Rounds:
    """Worker threads that run one org's round at a time each, woken in process, and swept every second.

    due: which orgs have a round to run now. run: one round of one org; may be called for any org at any time.
    An org is a number here and no more, so emails to send and mailboxes to look into go the same way (config/mail.py).
    """

    def __init__(self, due: Callable[[], list[int]], run: Callable[[int], object], threads: int = 2) -> None:
        self._due = due
        self._run = run
        self._threads = threads
        self._queued: list[int] = []
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; returns at once."""
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self._threads)]
        self._workers.append(threading.Thread(target=self._sweep, daemon=True))
        for worker in self._workers:
            worker.start()

    def wake(self, org: int) -> None:
        """Run this org's round soon. A wake that comes while its round runs is kept, for the round after."""
        with self._news:
            if org not in self._queued:
                self._queued.append(org)
                self._news.notify()

    def stop(self) -> None:
        """Let running rounds end, start no more."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()
        for worker in self._workers:
            worker.join()

    def join(self) -> None:
        """Wait until somebody stops it; a Ctrl-C comes through."""
        while not self._stopping.wait(0.5):
            pass

    def _sweep(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                for org in self._due():
                    self.wake(org)
            except Exception:
                log.exception("Looking for due work failed. Nothing is lost; it is tried again in a second.")

    def _work(self) -> None:
        while True:
            with self._news:
                while not self._queued and not self._stopping.is_set():
                    self._news.wait()
                if self._stopping.is_set():
                    return
                org = self._queued.pop(0)
            try:
                self._run(org)
            except Exception:
                log.exception(
                    "A round of %s ended in an error. Nothing is lost; the next round goes on from the database.",
                    org,
                )

"""What a slice knows of background work: a wake is a name and an id, and only ever a hint (docs/decisions/0004).

What is owed is derived from links, and the org's lease decides who works, so a lost, late or doubled wake does no
harm. `config/wiring.py` registers what a name means. Two engines carry wakes: the threads of this very process (Rounds,
below), and rows of PostgreSQL that any number of workers share (queue.py, docs/decisions/0028).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

log = logging.getLogger(__name__)

Job = Callable[[int], None]

_jobs: dict[str, tuple[Job, bool]] = {}


def register(name: str, job: Job, *, joins: bool = False) -> None:
    """Say what a wake of this name does in this process; without it a wake is dropped, and the sweep finds the work.

    joins: it belongs into the caller's own transaction, and is rolled back with it; else it waits for the commit.
    """
    _jobs[name] = (job, joins)


def wake(name: str, id: int) -> None:
    """Hint that something may be owed. Never raises, never blocks, never does the work itself."""
    if name not in _jobs:
        return
    job, joins = _jobs[name]
    if joins:
        job(id)
    else:
        # robust: a hint that fails must not fail what was saved.
        transaction.on_commit(lambda: job(id), robust=True)


class Places:
    """Lets so many short jobs run at once; one that lasts gives its place away, and so holds up nobody.

    An org that imports for minutes would else keep the others waiting for as long (fair between orgs).
    """

    #: A job that runs for so many seconds is a long one; so many of them may run beside the short ones.
    LONG = 5.0
    LONG_ONES = 4

    def __init__(self, short_ones: int) -> None:
        self._free = threading.Semaphore(short_ones)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place, and hold it until the block ends or has lasted too long."""
        self._free.acquire()
        held = threading.Lock()

        def give_away() -> None:
            if held.acquire(blocking=False):  # once, by whoever is first
                self._free.release()

        late = threading.Timer(self.LONG, give_away)
        late.daemon = True
        late.start()
        try:
            yield
        finally:
            late.cancel()
            give_away()


class Rounds:
    """Worker threads that run one org's round at a time each, woken in process, and swept every second.

    due: which orgs have a round to run now. run: one round of one org; may be called for any org at any time.
    threads: how many short rounds at once (Places). Who was woken first goes first, and waits in line once. An org is a number here and no more, so emails to send and mailboxes to look into go the same way (config/mail.py).
    """

    def __init__(self, due: Callable[[], list[int]], run: Callable[[int], object], threads: int = 2) -> None:
        self._due = due
        self._run = run
        self._threads = threads + Places.LONG_ONES
        self._places = Places(threads)
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
            with self._places.place():
                org = self._next()
                if org is not None:
                    self._one(org)
            if self._stopping.is_set():
                return

    def _next(self) -> int | None:
        """Whose turn it is, taken out of the line only when there is a place to run it."""
        with self._news:
            return self._queued.pop(0) if self._queued and not self._stopping.is_set() else None

    def _one(self, org: int) -> None:
        try:
            self._run(org)
        except Exception:
            log.exception(
                "A round of %s ended in an error. Nothing is lost; the next round goes on from the database.",
                org,
            )

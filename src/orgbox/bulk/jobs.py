"""Which jobs are there, and how far are they? A job's work is done at a moment of the org's clock, not before.

A job waits for its upload (Open), then in line (UploadComplete), then it is worked on (InProgress) and is done
(JobComplete, or Failed as a whole). How long that takes is the org's `delay`; its work becomes visible at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orgbox.bulk.chunks import Chunking
from orgbox.bulk.reading import Answered
from orgbox.bulk.table import UnreadableTable, Uploaded
from orgbox.bulk.writing import RowResult
from orgbox.clock import Clock
from orgbox.errors import OrgError
from orgbox.ids import IdMint

_KEPT = timedelta(days=7)
OPEN, QUEUED, IN_PROGRESS, DONE, FAILED, ABORTED = (
    "Open",
    "UploadComplete",
    "InProgress",
    "JobComplete",
    "Failed",
    "Aborted",
)


@dataclass(eq=False)
class Work:
    """Something to be done at `due`: `run` does it. `error` says why it failed as a whole."""

    submitted: datetime
    due: datetime
    run: Callable[[], None]
    error: str | None = None
    finished: bool = False

    def state(self, now: datetime) -> str:
        """How far it is."""
        if self.finished:
            return FAILED if self.error is not None else DONE
        return QUEUED if now - self.submitted < self.due - now else IN_PROGRESS


@dataclass(eq=False)
class Batch:
    """A part of a Bulk 1 job: what was sent, what became of it; whether it is a chunk of another, or was split into such."""

    id: str
    created: datetime
    content: bytes
    work: Work
    results: list[RowResult] = field(default_factory=list)
    answered: Answered | None = None
    result_id: str = ""
    is_chunk: bool = False
    was_split: bool = False


@dataclass(eq=False)
class Job:
    """One job of either API. `words` is what the client said of it when it made it."""

    id: str
    kind: str
    user_id: str
    sobject: str
    operation: str
    created: datetime
    version: str
    words: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    work: Work | None = None
    aborted: bool = False
    closed: bool = False
    uploaded: Uploaded | None = None
    results: list[RowResult] = field(default_factory=list)
    answered: Answered | None = None
    batches: dict[str, Batch] = field(default_factory=dict)
    chunking: Chunking | None = None

    def state(self, now: datetime) -> str:
        """How far it is, in the words of Bulk 2."""
        if self.aborted:
            return ABORTED
        return OPEN if self.work is None else self.work.state(now)


class Jobs:
    """The jobs of an org, oldest first, and the work that is still to be done."""

    def __init__(self, clock: Clock, mint: IdMint, delay: float = 0.0) -> None:
        self._clock = clock
        self._mint = mint
        self._jobs: dict[str, Job] = {}
        self._waiting: list[Work] = []
        self.delay = delay

    def now(self) -> datetime:
        """The org's time."""
        return self._clock.now()

    def new_id(self, prefix: str) -> str:
        """The next id for a job (750), a batch (751) or a result (752)."""
        return self._mint.new(prefix)

    def add(
        self, kind: str, user_id: str, sobject: str, operation: str, version: str, words: dict[str, Any]
    ) -> Job:
        """A new job, open."""
        job = Job(self.new_id("750"), kind, user_id, sobject, operation, self.now(), version, words)
        self._jobs[job.id] = job
        return job

    def find(self, kind: str, identifier: str) -> Job:
        """The job of that id. Raises OrgError NOT_FOUND, also for one of more than seven days ago."""
        job = self._jobs.get(identifier) or self._jobs.get(self._full(identifier))
        if job is None or job.kind != kind or self.now() - job.created > _KEPT:
            raise OrgError("NOT_FOUND", "The requested resource does not exist")
        return job

    def listed(self, *kinds: str) -> Iterator[Job]:
        """The jobs of these kinds, newest first."""
        return (job for job in reversed(self._jobs.values()) if job.kind in kinds)

    def forget(self, job: Job) -> None:
        """Delete a job and all that it holds."""
        del self._jobs[job.id]

    def submit(self, run: Callable[[], None]) -> Work:
        """Have something done after the org's delay; without one it is done at once."""
        now = self.now()
        work = Work(now, now + timedelta(seconds=self.delay), run)
        self._waiting.append(work)
        self.work()
        return work

    def drop(self, work: Work) -> None:
        """Never do this."""
        self._waiting = [each for each in self._waiting if each is not work]

    def work(self) -> None:
        """Do what is due."""
        if not self._waiting:
            return
        now = self.now()
        due = [each for each in self._waiting if each.due <= now]
        self._waiting = [each for each in self._waiting if each.due > now]
        for each in due:
            try:
                each.run()
            except OrgError as error:
                each.error = f"{error.code} : {error.message}"
            except UnreadableTable as error:
                each.error = str(error)
            each.finished = True

    def _full(self, identifier: str) -> str:
        return next((known for known in self._jobs if known[:15] == identifier), "")

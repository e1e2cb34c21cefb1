"""Wakes as rows of PostgreSQL, for any number of workers on any number of machines (docs/decisions/0028).

Procrastinate stores, hands out and notifies; nothing else of ours knows it. A wake is put in the caller's own
transaction: rolled back with the edit, and seen by a worker a few milliseconds after the edit is. No lock is taken on
the org's row by it, so an edit never waits for a round. Which round may work is decided by the org's lease alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, close_old_connections, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from tandem.jobs import Places

log = logging.getLogger(__name__)

QUEUE = "rounds"
# A worker that says nothing for this long is dead; its org's lease is free by then (sync.round.LEASE).
_SILENT = 20.0
_POLL = 0.5
# What is asked every second or minute has places of its own.
_TICKS = 3

_run: Callable[[int], object]
_calendar: Callable[[], object]
_places: Places
_due: Callable[[], list[int]]


def put(org: int) -> None:
    """Ask for a round of this org soon. One that waits already is enough; one that runs is followed by another.

    Raises OperationalError when the caller's transaction is lost: nothing of it will be saved, and Django would roll it
    back in silence.
    """
    try:
        with transaction.atomic():  # a refused row must not end the caller's transaction
            _round.configure(queueing_lock=f"org-{org}").defer(org=org)
    except AlreadyEnqueued:
        pass
    except Exception as error:
        caller = transaction.get_connection()
        if caller.in_atomic_block and caller.needs_rollback:
            raise OperationalError("The connection was lost while a wake was stored.") from error
        # A wake is only a hint (docs/decisions/0004): what was saved stays saved, and the tick finds the work.
        log.exception("A wake could not be stored. Nothing is lost; the org's round is due by itself.")


def work(
    run: Callable[[int], object],
    due: Callable[[], list[int]],
    calendar: Callable[[], object],
    threads: int = 2,
) -> None:
    """Work until SIGTERM or SIGINT; running rounds end first.

    run: one round of one org; may be called for any org at any time. due: which orgs have a round to run now. calendar:
    does what is due by the calendar, once however many ask.
    """
    global _run, _due, _calendar, _places  # Procrastinate calls tasks by name, with values only
    _run, _due, _calendar, _places = run, due, calendar, Places(threads)
    asyncio.run(_work(threads + Places.LONG_ONES + _TICKS))


async def _work(at_once: int) -> None:
    # Procrastinate runs what is not async in the loop's threads, of which there are else as many as cores and four.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once))
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=at_once,
                fetch_job_polling_interval=_POLL,
                stalled_worker_timeout=_SILENT,
                update_heartbeat_interval=_SILENT / 4,
                delete_jobs="always",
            )


@app.task(name="round", queue=QUEUE)
def _round(org: int) -> None:
    with _places.place():
        close_old_connections()
        _run(org)


@app.periodic(cron="* * * * * *")
@app.task(name="tick", queue=QUEUE, queueing_lock="tick")
def _tick(timestamp: int) -> None:
    """Every second, in one worker: wake each org whose round is due, whatever became of its wakes."""
    close_old_connections()
    for org in _due():
        put(org)


@app.periodic(cron="* * * * *")
@app.task(name="calendar", queue=QUEUE, queueing_lock="calendar")
def _ask_the_calendar(timestamp: int) -> None:
    """Every minute, in one worker. A run that dies does not come back: what it had begun is due again tomorrow."""
    close_old_connections()
    _calendar()


@app.periodic(cron="*/20 * * * * *")
@app.task(name="forget-the-dead", queue=QUEUE, queueing_lock="forget-the-dead")
async def _forget_the_dead(timestamp: int) -> None:
    """Take away the jobs of workers that died; their orgs come back by the tick, once their lease has run out."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT):
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

"""One round of one org: read for all its connections, then write for all of them in shared calls.

A round may be started at any time, any number of times, by anyone: the lease lets one work, and what is owed is derived
from the links, so a lost, late or doubled wake does no harm (docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from tandem.sync.activity_log import log_activities
from tandem.sync.activity_ports import Journal
from tandem.sync.audit import audit
from tandem.sync.fields import FieldMap
from tandem.sync.inbound import poll
from tandem.sync.opt_outs import Book, bring
from tandem.sync.outbound import flush, link_new
from tandem.sync.pace import POLL_EVERY, TOLD, poll_after
from tandem.sync.ports import Clock, NoAnswer, OrgState, Route, Salesforce, Store, Why
from tandem.sync.resolve import resolve
from tandem.sync.round import LEASE, LeaseLost, Report, Round

AFTER_LIMIT = timedelta(minutes=15)
AFTER_TROUBLE = timedelta(seconds=30)
_OUR_OWN = "OUR_OWN"

Connect = Callable[[Route], Salesforce]


def run_round(
    org: int,
    store: Store,
    connect: Connect,
    clock: Clock,
    journal: Journal | None = None,
    book: Book | None = None,
) -> Report | None:
    """Run one round; None when another worker has the org or it is paused. Without a journal only tasks are synced,
    without a book no unsubscribes.

    1. Take the org's lease.
    2. For each route: poll; resolve what is in doubt; link what may go out; send what is owed; log what happened.
    3. Bring unsubscribes, through one connection of the org.
    4. Give the lease back with the time of the next round.
    """
    lease = clock.new_key()
    if not store.claim(org, lease, clock.now() + LEASE, clock.now()):
        return None
    report = Report()
    broken: Exception | None = None
    began = clock.now()
    next_round = began + POLL_EVERY
    try:
        state = store.org(org)
        if state.paused_until is not None and state.paused_until > clock.now():
            next_round = state.paused_until
            return None
        quiet = began - state.news_at if state.news_at is not None else None
        next_round = began + poll_after(state.pace, quiet)
        report.trouble_code = TOLD.get(state.pace, "")
        for route, work in _works(org, state, journal, book):
            try:
                trouble = _route(route, store.org(org), store, connect, clock, work, lease, report)
            except LeaseLost:
                raise
            except Exception as error:
                # I10: what breaks one route stops that route only; it is raised when the others are done.
                broken, trouble = broken or error, Why.BUSY
                report.trouble_code, report.trouble = _OUR_OWN, ""
            if trouble is not None:
                next_round = min(next_round, clock.now() + AFTER_TROUBLE)
            if trouble is Why.LIMIT:
                next_round = clock.now() + AFTER_LIMIT
                break
        if state.pace == "reads":  # an edit's wake must not cost a poll each: nothing could be sent
            store.pause(org, next_round, TOLD["reads"], "")
        if report.wrote and state.pace == "everything":
            next_round = min(next_round, began + POLL_EVERY)
    except LeaseLost:
        return report
    finally:
        if report.calls or report.tallies:
            store.count(org, lease, report.counts)
        # A crash leaves the lease to run out; an orderly end gives it back with the next wait.
        store.release(org, lease, _earliest(next_round, report), report.trouble_code, report.trouble)
    if broken is not None:
        raise broken
    return report


def _route(
    route: Route,
    state: OrgState,
    store: Store,
    connect: Connect,
    clock: Clock,
    work: Callable[[Round], None],
    lease: str,
    report: Report,
) -> Why | None:
    """One route's part of the round; what stopped it, if anything did."""
    fields = FieldMap(state.template, state.statuses, state.status_words)
    try:
        _metered(Round(store, connect(route), clock, state, route, lease, fields, report), work)
    except NoAnswer as stop:
        report.trouble_code, report.trouble = stop.code, stop.text
        if stop.why is Why.LIMIT:
            store.pause(state.id, clock.now() + AFTER_LIMIT, stop.code, stop.text)
        if stop.why is Why.SIGN_IN:
            store.ask_to_reconnect(route, stop.code, stop.text)
        return stop.why
    return None


def _works(
    org: int, state: OrgState, journal: Journal | None, book: Book | None
) -> Iterator[tuple[Route, Callable[[Round], None]]]:
    for route in state.routes:
        yield route, partial(_work, journal=journal)
    carrier = book.carrier(org) if book is not None and state.pace != "reads" else None
    if book is not None and carrier is not None:
        yield carrier, partial(bring, book=book)


def _metered(round_: Round, work: Callable[[Round], None]) -> None:
    calls = round_.salesforce.calls
    try:
        work(round_)
    finally:
        round_.report.calls += round_.salesforce.calls - calls


def _work(round_: Round, journal: Journal | None) -> None:
    pace = round_.org.pace
    if round_.route.seats:
        poll(round_)
        if round_.org.audit_due and pace == "everything":
            audit(round_)
        if pace != "reads":
            resolve(round_)
            link_new(round_)
            flush(round_)
    if journal is not None and pace == "everything":
        log_activities(round_, journal)


def _earliest(next_round: datetime, report: Report) -> datetime:
    return min(next_round, report.next_due) if report.next_due else next_round

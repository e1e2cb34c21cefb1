"""The one place where ports meet adapters: whose clock, which database, which Salesforce, which job does what."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.db import close_old_connections
from django.db import connections as databases

from tandem import clock, jobs
from tandem.bcc import confirming
from tandem.bcc.questions import answer_addresses
from tandem.config.due import due_orgs
from tandem.config.heartbeat import BeatingStore
from tandem.config.logging_rules import loggers, logging_of
from tandem.config.salesforce_port import SalesforcePort
from tandem.connections.models import Connection
from tandem.connections.services import client_for, note_allowance
from tandem.diagnostics.notices import tell
from tandem.emails import second_sending
from tandem.encryption import KeyTrouble
from tandem.people.matching import Candidate
from tandem.reminders import questions as of_reminders
from tandem.salesforce import LimitInfo, budget
from tandem.schedules.services import do_what_is_due
from tandem.sync.activity_store import DjangoJournal
from tandem.sync.allowance import allowance, spend
from tandem.sync.beginning import begin_to_log
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync.opt_out_store import DjangoBook
from tandem.sync.orgs import note_look, note_round
from tandem.sync.pace import POLL_EVERY, Pace
from tandem.sync.ports import NoAnswer, Route, Why
from tandem.sync.preview import Preview, preview, together
from tandem.sync.questions import answer_previews, answer_searches
from tandem.sync.round import Report
from tandem.sync.routes import seat_of
from tandem.sync.store import DjangoStore
from tandem.sync.ties import came_in, is_there
from tandem.sync.worker import run_round
from tandem.sync_settings.services import disconnected as bcc_is_off
from tandem.sync_settings.services import follow_team

log = logging.getLogger(__name__)

#: How many connections are asked at the same time for a preview: as many as Salesforce answers without a queue.
LOOKS_AT_ONCE = 8

# One client per connection and process: making one loads the certificates, and its sockets stay open.
_ports: dict[tuple[int, int, str], SalesforcePort] = {}


def run(org: int) -> Report | None:
    """One round of one org; None when another worker has it, or it is paused."""

    def connect(route: Route) -> SalesforcePort:
        return _usable(Connection.objects.select_related("org").get(pk=route.connection))

    report = run_round(
        org, BeatingStore(loggers, pace_of), connect, clock, DjangoJournal(logging_of), DjangoBook()
    )
    if report is not None:
        note_round(org, report)
    tell()
    return report


def salesforce_for(connection: Connection) -> SalesforcePort:
    """Salesforce as this connection may use it."""
    key = (connection.pk, connection.sign_in, connection.org.key_field)
    if key not in _ports:
        _ports[key] = SalesforcePort(
            client_for(connection), connection.org.key_field, partial(_note_allowance, connection.org_id)
        )
    return _ports[key]


def preview_for(connections: Sequence[Connection]) -> Preview:
    """What switching task sync on would do for these connections (P4). NoAnswer when Salesforce cannot be asked.

    Whoever travels through their team's connection is asked for in shared calls; the others each through their own, a
    few at a time.
    """
    shared: dict[Connection, list[Connection]] = defaultdict(list)
    for connection in connections:
        carrier = connection.carrier
        alone = carrier.state != Connection.State.CONNECTED
        shared[connection if alone else carrier].append(connection)
    if len(shared) == 1:
        return together([_look(through, members) for through, members in shared.items()])
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        return together(list(pool.map(_look_apart, shared.keys(), shared.values())))


def _look_apart(through: Connection, members: Sequence[Connection]) -> Preview:
    """In a thread of its own, with a database connection of its own."""
    try:
        return _look(through, members)
    finally:
        databases.close_all()


def _look(through: Connection, members: Sequence[Connection]) -> Preview:
    held = {sync.connection_id: sync for sync in TaskSync.objects.filter(connection__in=members)}
    seats = []
    for connection in members:
        sync = held.get(connection.pk) or TaskSync(
            connection=connection
        )  # never saved: a look writes nothing
        sync.connection = connection  # at hand; read anew it would bring its secrets
        seats.append(seat_of(sync, rejoin=sync.enabled_at is not None))
    return preview(through.org_id, seats, DjangoStore(), _usable(through))


def _usable(connection: Connection) -> SalesforcePort:
    """Salesforce as this connection may use it; NoAnswer when its secrets cannot be read."""
    try:
        return salesforce_for(connection)
    except KeyTrouble as trouble:  # its own route waits, until somebody has mended the keys
        log.warning("A sign-in to Salesforce cannot be used. %s", trouble)
        raise NoAnswer(Why.BUSY, trouble.code, "") from trouble


def search_for(connection: Connection, text: str) -> Sequence[Candidate]:
    """Leads and Contacts that a person may choose from. NoAnswer when Salesforce cannot be asked."""
    return _usable(connection).activities.search(text)


def look_for_copies(org: int) -> None:
    """One look for the copies of this org that are due."""
    confirming.look(org, lambda connection: _usable(connection).filed_mail)


def send_copy(email: int) -> None:
    """The copy of this email goes to Salesforce, and whom it needs is told: where there is no API, no round tells anybody."""
    second_sending.send(email)
    tell()


def rounds(threads: int = 2) -> jobs.Rounds:
    """Worker threads for this process; wakes reach them at once."""

    def one_round(org: int) -> None:
        close_old_connections()
        run(org)

    def due() -> list[int]:
        close_old_connections()
        return due_orgs()

    runner = jobs.Rounds(due, one_round, threads)
    register_wakes(runner)
    return runner


def work(threads: int = 2) -> None:
    """Be one of the workers that share the rounds of a PostgreSQL, until asked to stop."""
    from tandem import queue

    def one_round(org: int) -> None:
        if run(org) is None:
            # Somebody works on it now: this wake may be newer than what that round has read.
            OrgSync.objects.filter(org_id=org, lease_until__gt=clock.now()).update(next_round_at=clock.now())

    queue.work(one_round, due_orgs, do_what_is_due, threads)


def register_wakes(runner: jobs.Rounds | None = None) -> None:
    """Say what a wake does: mark the org due, so that any process finds it, and tell the threads of this one.

    Where workers share a PostgreSQL, a wake is a row of theirs instead, and part of the caller's transaction.
    """
    queued = settings.QUEUED and runner is None

    def org_changed(org: int) -> None:
        if queued:
            from tandem import queue  # it needs PostgreSQL

            queue.put(org)
            return
        OrgSync.objects.filter(org_id=org).update(next_round_at=clock.now())
        if runner is not None:
            runner.wake(org)

    def reminder_changed(member: int) -> None:
        on = TaskSync.objects.filter(connection__member_id=member, enabled=True)
        for org in on.values_list("connection__org_id", flat=True):
            org_changed(org)

    def member_looks(member: int) -> None:
        in_force = Connection.objects.filter(member_id=member).exclude(state=Connection.State.DISCONNECTED)
        for org in in_force.values_list("org_id", flat=True):
            if note_look(org, POLL_EVERY):
                org_changed(org)

    def activity_finished(member: int) -> None:
        in_force = Connection.objects.filter(member_id=member).exclude(state=Connection.State.DISCONNECTED)
        for org in in_force.values_list("org_id", flat=True):
            org_changed(org)

    def connected(connection: int) -> None:
        made = Connection.objects.select_related("member", "org").get(pk=connection)
        if made.sign_in == 1:  # the first time: what happened before is not logged
            begin_to_log(emails=[made.member_id], calls=[made.member_id])
        follow_team(made)

    def unsubscribed(_row: int) -> None:
        connected = Connection.objects.filter(state=Connection.State.CONNECTED)
        for org in set(connected.values_list("org_id", flat=True)):
            org_changed(org)

    jobs.register("unsubscribed", unsubscribed, joins=queued)
    jobs.register("activity-finished", activity_finished, joins=queued)
    jobs.register("connected", connected)
    jobs.register("disconnected", bcc_is_off)
    jobs.register("member-looks", member_looks)
    jobs.register("org-changed", org_changed, joins=queued)
    jobs.register("reminder-changed", reminder_changed, joins=queued)


def register_answers() -> None:
    """Say who answers what pages ask of Salesforce, and of whoever keeps tasks in step with it."""
    answer_previews(preview_for)
    answer_searches(search_for)
    of_reminders.answer(of_reminders.Answers(came_in=came_in, is_there=is_there))
    answer_addresses(lambda asked: _usable(asked).filed_mail.service_of(asked.user))


def pace_of(org: int) -> Pace:
    """What this org's API allowance permits now."""
    known = allowance(org)
    limit = (
        LimitInfo(known.by_all, known.allowed, clock.now())
        if known.by_all is not None and known.allowed
        else None
    )
    return _PACES[budget.pace(limit, known.ours, known.share)]


_PACES: dict[budget.Pace, Pace] = {
    budget.Pace.EVERYTHING: "everything",
    budget.Pace.WHAT_A_PERSON_WAITS_FOR: "edits",
    budget.Pace.READS_ONLY: "reads",
}


def _note_allowance(org: int, limit: LimitInfo, calls: int) -> None:
    note_allowance(org, limit.used, limit.max)
    if calls:
        spend(org, calls)

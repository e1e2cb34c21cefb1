"""The one place where ports meet adapters: whose clock, which database, which Salesforce, which job does what."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import close_old_connections
from django.db.models import Q

from tandem import clock, jobs
from tandem.config.heartbeat import BeatingStore
from tandem.config.logging_rules import loggers, logging_of
from tandem.config.salesforce_port import SalesforcePort
from tandem.connections.models import SECRETS, Connection
from tandem.connections.services import client_for, note_allowance
from tandem.people.matching import Candidate
from tandem.salesforce import LimitInfo
from tandem.sync.activity_store import DjangoJournal
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync.ports import Route
from tandem.sync.preview import Preview, preview
from tandem.sync.questions import answer_previews, answer_searches
from tandem.sync.round import LEASE, Report
from tandem.sync.services import begin_to_log
from tandem.sync.store import DjangoStore, seat_of
from tandem.sync.worker import AFTER_LIMIT, run_round
from tandem.sync_settings.services import follow_team

# One client per connection and process: making one loads the certificates, and its sockets stay open.
_ports: dict[tuple[int, int, str], SalesforcePort] = {}


def run(org: int) -> Report | None:
    """One round of one org; None when another worker has it, or it is paused."""

    def connect(route: Route) -> SalesforcePort:
        return salesforce_for(Connection.objects.select_related("org").get(pk=route.connection))

    return run_round(org, BeatingStore(loggers), connect, clock, DjangoJournal(logging_of))


def salesforce_for(connection: Connection) -> SalesforcePort:
    """Salesforce as this connection may use it."""
    key = (connection.pk, connection.sign_in, connection.org.key_field)
    if key not in _ports:
        _ports[key] = SalesforcePort(
            client_for(connection), connection.org.key_field, partial(_note_allowance, connection.org_id)
        )
    return _ports[key]


def preview_for(connection: Connection) -> Preview:
    """What switching task sync on would do for this connection (P4). NoAnswer when Salesforce cannot be asked."""
    sync, _ = TaskSync.objects.get_or_create(connection=connection)
    seat = seat_of(sync, rejoin=sync.enabled_at is not None)
    return preview(connection.org_id, seat, DjangoStore(), salesforce_for(connection))


def search_for(connection: Connection, text: str) -> Sequence[Candidate]:
    """Leads and Contacts that a person may choose from. NoAnswer when Salesforce cannot be asked."""
    return salesforce_for(connection).activities.search(text)


def connected_orgs() -> list[tuple[int, str]]:
    """Every org somebody is connected to: id and name."""
    connected = (
        Connection.objects.filter(state=Connection.State.CONNECTED).select_related("org").defer(*SECRETS)
    )
    return sorted({(connection.org_id, str(connection.org)) for connection in connected})


def due_orgs() -> list[int]:
    """Orgs whose next round is due and that nobody works on now."""
    now = clock.now()
    alive = Connection.State.CONNECTED
    own = Q(connection__org__team_connection__isnull=True, connection__state=alive)
    team = Q(connection__org__team_connection__state=alive)
    on = TaskSync.objects.filter(own | team, enabled=True, paused=False)
    orgs = set(on.values_list("connection__org_id", flat=True)) | _orgs_that_log()
    free = Q(lease="") | Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE)
    later = OrgSync.objects.filter(org_id__in=orgs).exclude(
        free
        & (Q(next_round_at__isnull=True) | Q(next_round_at__lte=now) | Q(next_round_at__gt=now + AFTER_LIMIT))
    )
    return sorted(orgs - set(later.values_list("org_id", flat=True)))


def _orgs_that_log() -> set[int]:
    """Orgs in which somebody's emails or calls are logged, and through which a call can be made."""
    alive = Connection.State.CONNECTED
    own = Q(org__team_connection__isnull=True, state=alive)
    team = Q(org__team_connection__state=alive) & ~Q(state=Connection.State.DISCONNECTED)
    members = dict(Connection.objects.filter(own | team).values_list("member_id", "org_id"))
    return {members[member] for member in loggers(list(members))}


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


def register_wakes(runner: jobs.Rounds | None = None) -> None:
    """Say what a wake does: mark the org due, so that any process finds it, and tell the threads of this one."""

    def org_changed(org: int) -> None:
        OrgSync.objects.filter(org_id=org).update(next_round_at=clock.now())
        if runner is not None:
            runner.wake(org)

    def reminder_changed(member: int) -> None:
        on = TaskSync.objects.filter(connection__member_id=member, enabled=True)
        for org in on.values_list("connection__org_id", flat=True):
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

    jobs.register("activity-finished", activity_finished)
    jobs.register("connected", connected)
    jobs.register("org-changed", org_changed)
    jobs.register("reminder-changed", reminder_changed)


def register_answers() -> None:
    """Say who answers what pages ask of Salesforce."""
    answer_previews(preview_for)
    answer_searches(search_for)


def _note_allowance(org: int, limit: LimitInfo) -> None:
    note_allowance(org, limit.used, limit.max)

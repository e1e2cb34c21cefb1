"""Which orgs have somebody connected, and which of them are due for a round?"""

from __future__ import annotations

from django.db.models import Q

from tandem import clock
from tandem.config.logging_rules import loggers
from tandem.connections.models import Connection
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync.opt_out_store import DjangoBook
from tandem.sync.round import LEASE
from tandem.sync.worker import AFTER_LIMIT


def connected_orgs() -> list[tuple[int, str]]:
    """Every org somebody is connected to: id and name."""
    connected = Connection.objects.filter(state=Connection.State.CONNECTED).select_related("org")
    return sorted({(connection.org_id, str(connection.org)) for connection in connected})


def due_orgs() -> list[int]:
    """Orgs whose next round is due and that nobody works on now."""
    now = clock.now()
    alive = Connection.State.CONNECTED
    own = Q(connection__org__team_connection__isnull=True, connection__state=alive)
    team = Q(
        connection__org__team_connection__state=alive,
        connection__org__team_connection__member__is_active=True,
    )
    on = TaskSync.objects.filter(own | team, connection__member__is_active=True, enabled=True, paused=False)
    orgs = set(on.values_list("connection__org_id", flat=True)) | _orgs_that_log() | _orgs_that_unsubscribe()
    orgs -= set(OrgSync.objects.filter(org_id__in=orgs, stopped=True).values_list("org_id", flat=True))
    free = Q(lease="") | Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    later = OrgSync.objects.filter(org_id__in=orgs).exclude(
        free
        & (Q(next_round_at__isnull=True) | Q(next_round_at__lte=now) | Q(next_round_at__gt=now + AFTER_LIMIT))
    )
    return sorted(orgs - set(later.values_list("org_id", flat=True)))


def _orgs_that_log() -> set[int]:
    """Orgs in which somebody's emails or calls are logged, and through which a call can be made."""
    alive = Connection.State.CONNECTED
    own = Q(org__team_connection__isnull=True, state=alive)
    team = Q(org__team_connection__state=alive, org__team_connection__member__is_active=True) & ~Q(
        state=Connection.State.DISCONNECTED
    )
    able = Connection.objects.filter(own | team, member__is_active=True)
    members = dict(able.values_list("member_id", "org_id"))
    return {members[member] for member in loggers(list(members))}


def _orgs_that_unsubscribe() -> set[int]:
    """Orgs that are to be told of an unsubscribe, or compared tonight, and through which a call can be made."""
    if not DjangoBook().wanted():
        return set()
    connected = Connection.objects.filter(state=Connection.State.CONNECTED, member__is_active=True)
    return set(connected.values_list("org_id", flat=True))

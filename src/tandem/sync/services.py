"""What people may tell the engine: switch task sync on or off, pause it, name the subject, let deletions through.

The only writers of sync.models beside the engine's own store.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from tandem import clock, jobs
from tandem.connections.models import Connection
from tandem.reminders.models import Reminder
from tandem.sync.models import Link, OrgSync, TaskSync
from tandem.sync.store import DjangoStore, seat_of


@transaction.atomic
def switch_on(connection: Connection) -> TaskSync:
    """Begin with what Salesforce changed in the last 24 hours; nothing that exists here goes out (FS-1 … FS-4).

    On again after a pause it also takes over the deletions of the last 15 days (FS-6). On while on changes nothing.
    """
    _end_round(connection.org_id)
    sync, _ = TaskSync.objects.select_for_update().get_or_create(connection=connection)
    if sync.enabled:
        return sync
    newest = Reminder.objects.aggregate(newest=Max("pk"))["newest"]
    sync.rejoin = sync.enabled_at is not None
    sync.enabled, sync.paused, sync.enabled_at = True, False, clock.now()
    sync.outgoing_after = newest or 0
    sync.import_from = sync.polled_to = sync.import_total = None
    sync.import_done = 0
    sync.save()
    jobs.wake("org-changed", connection.org_id)
    return sync


@transaction.atomic
def switch_off(connection: Connection) -> None:
    """Stop both ways. Nothing is deleted anywhere; links stay, so that switching on again takes up where it was.

    What was made while sync was on and has not gone out yet gets its link now, and goes out when sync is on again.
    """
    _end_round(connection.org_id)
    sync = TaskSync.objects.select_for_update().filter(connection=connection, enabled=True).first()
    if sync is None:
        return
    sync.connection = connection  # at hand; read anew it would bring its secrets
    store, seat = DjangoStore(), seat_of(sync)
    for reminder in store.unlinked(connection.org_id, seat, limit=1_000_000):
        store.link_reminder(connection.org_id, reminder)
    sync.enabled = sync.paused = False
    sync.save()


@transaction.atomic
def pause(connection: Connection) -> bool:
    """Rest, both ways, from the next round on; nothing is forgotten. False when it rested already, or is off.

    A first import may be long, so its round is ended before its next call: it loses the org's lease, and a new round
    goes on for the org's other members.
    """
    on = TaskSync.objects.filter(connection=connection, enabled=True, paused=False)
    importing = on.filter(polled_to__isnull=True).exists()
    paused = on.update(paused=True) > 0
    if paused and importing:
        OrgSync.objects.filter(org_id=connection.org_id).update(lease="", lease_until=None)
        jobs.wake("org-changed", connection.org_id)
    return paused


@transaction.atomic
def resume(connection: Connection) -> bool:
    """Go on from where it was paused. False when it was not."""
    resting = TaskSync.objects.filter(connection=connection, enabled=True, paused=True)
    resumed = resting.update(paused=False) > 0
    if resumed:
        jobs.wake("org-changed", connection.org_id)
    return resumed


@transaction.atomic
def set_subject_template(org: int, template: str) -> None:
    """From now on new Tasks and renames get their Subject from `template` (P3).

    A link's base holds what each side said, not how it was made, so no Task is written because of this alone.
    """
    OrgSync.objects.update_or_create(org_id=org, defaults={"subject_template": template})


def approve_deletions(org: int) -> None:
    """Let the deletions through that the mass-delete guard holds."""
    OrgSync.objects.filter(org_id=org, deletions="held").update(deletions="approved")
    jobs.wake("org-changed", org)


def retry(link: Link) -> None:
    """Try what was refused once more, now."""
    Link.objects.filter(pk=link.pk).update(
        parked=False, not_before=None, failures=0, rev_done=None, error_code="", error_text="", error_rev=None
    )
    jobs.wake("org-changed", link.org_id)


def approve_all_deletions() -> list[tuple[str, int]]:
    """As approve_deletions, for every org that holds some: (org, how many)."""
    held = list(OrgSync.objects.filter(deletions="held").select_related("org"))
    for state in held:
        approve_deletions(state.org_id)
    return [(str(state.org), state.deletions_count) for state in held]


def retry_all(email: str) -> int:
    """As retry, for everything that is parked for this member; how many that is."""
    parked = list(Link.objects.filter(member__email=email, parked=True, closed=None))
    for link in parked:
        retry(link)
    return len(parked)


def _end_round(org: int) -> None:
    """Take the lease away from a round that runs: it began before the switch and must not write after it (FS-2)."""
    OrgSync.objects.filter(org_id=org).update(lease="", lease_until=None, next_round_at=clock.now())

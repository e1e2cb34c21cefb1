"""What people may tell the engine: switch task sync on or off, pause it, name the subject, let deletions through, decide
what is held for review. What they may do about a refusal is sync.cures, about an org's rounds sync.orgs.

The only writers of sync.models beside those and the engine's own stores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.connections.models import Connection
from tandem.people import services as people
from tandem.people.matching import excludes
from tandem.people.models import Ignored
from tandem.reminders.models import Reminder
from tandem.sync.models import Activity, Held, Link, NewRecord, OrgSync, TaskSync
from tandem.sync.routes import seat_of
from tandem.sync.store import DjangoStore

#: What is tried again goes out as it is: what a code had asked for (follow the lead, try only once) is over with it.
FRESH: Mapping[str, Any] = {
    "parked": False,
    "failures": 0,
    "not_before": None,
    "error_code": "",
    "error_text": "",
}
_RECORD = re.compile(r"(?:00Q|003)[0-9A-Za-z]{15}")


class NoRecord(Exception):
    """This is not the 18-character id of a lead or contact. Nothing was changed."""


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
    """Try what was refused once more, now. Since when it was refused stays known, in case it is refused again."""
    retry_links(Link.objects.filter(pk=link.pk))


def retry_links(links: QuerySet[Link]) -> int:
    """As retry, for all of these that stand still or wait; how many that is."""
    orgs = list(links.order_by().values_list("org", flat=True).distinct())
    count = links.update(
        parked=False,
        not_before=None,
        failures=0,
        rev_done=None,
        error_code="",
        error_text="",
        error_rev=None,
        skipped_rev=None,
    )
    for org in orgs:
        jobs.wake("org-changed", org)
    return count


def approve_all_deletions() -> list[tuple[str, int]]:
    """As approve_deletions, for every org that holds some: (org, how many)."""
    held = list(OrgSync.objects.filter(deletions="held").select_related("org"))
    for state in held:
        approve_deletions(state.org_id)
    return [(str(state.org), state.deletions_count) for state in held]


def retry_all(email: str) -> int:
    """As retry, for everything that is parked for this member; how many that is."""
    return retry_links(Link.objects.filter(member__email=email, parked=True, closed=None))


# --- emails and calls --------------------------------------------------------------------------------------------------


def held(member: Member | None = None) -> QuerySet[Held]:
    """Addresses that wait for a person and that nobody has answered yet, the longest first; None: everybody's."""
    waiting = Held.objects.filter(record="").exclude(activity__verdict=Activity.Verdict.OPEN)
    mine = waiting if member is None else waiting.filter(activity__member=member)
    return mine.select_related("activity__email", "activity__call", "activity__member").order_by(
        "since", "pk"
    )


@transaction.atomic
def choose(activity: Activity, address: str, record: str) -> None:
    """Log it on this Lead or Contact (its 18-character id), whatever is switched off. Raises NoRecord."""
    if not _RECORD.fullmatch(record):
        raise NoRecord
    Held.objects.filter(activity=activity, address=address).update(record=record)
    _decide_anew([activity.pk])
    jobs.wake("org-changed", activity.org_id)


def make_lead(activity: Activity, address: str, values: Mapping[str, str]) -> None:
    """Make a Lead for this address, by Salesforce's field names, and log on it everything that is held for the address."""
    _make(activity, address, "Lead", values)


def make_contact(activity: Activity, address: str, values: Mapping[str, str]) -> None:
    """As make_lead, with a Contact."""
    _make(activity, address, "Contact", values)


@transaction.atomic
def _make(activity: Activity, address: str, sobject: str, values: Mapping[str, str]) -> None:
    owner = Connection.objects.filter(org=activity.org_id, member=activity.member_id).values_list(
        "user", flat=True
    )
    body = {"OwnerId": owner[0], **values, "Email": address}
    # One that is on its way already stays the one that is made: twice would be two people.
    over = Q(parked=True) | Q(closed__isnull=False)
    NewRecord.objects.filter(over, org=activity.org_id, address=address).delete()
    NewRecord.objects.get_or_create(
        org=activity.org,
        address=address,
        defaults={"member_id": activity.member_id, "sobject": sobject, "body": body},
    )
    jobs.wake("org-changed", activity.org_id)


@transaction.atomic
def leave_out(by: Member, activity: Activity, address: str) -> None:
    """Do not log it for this address."""
    Held.objects.filter(activity=activity, address=address).delete()
    Activity.objects.filter(pk=activity.pk).update(
        why=[*_without(activity, address), {"address": address, "said": "left-out", "rule": f"by {by.name}"}]
    )
    _decide_anew([activity.pk])
    jobs.wake("org-changed", activity.org_id)


@transaction.atomic
def ignore(by: Member, pattern: str) -> Ignored:
    """Log nothing for this address or domain from now on, nor what is held for it. Raises people.services.InvalidPattern."""
    ignored = people.ignore(by, pattern)
    waiting = Held.objects.values_list("activity", "activity__org", "address")
    patterns = people.ignored_patterns()
    found = [(pk, org) for pk, org, address in waiting if excludes(patterns, address)]
    _decide_anew([pk for pk, _ in found])
    for org in {org for _, org in found}:
        jobs.wake("org-changed", org)
    return ignored


@transaction.atomic
def log_again(activity: Activity) -> None:
    """Ask Salesforce anew for all that was not logged, and try what it refused once more, now."""
    kept = [entry for entry in activity.why if entry.get("said") == "log"]
    Activity.objects.filter(pk=activity.pk).update(why=kept)
    addresses = list(activity.held.values_list("address", flat=True))
    people.forget_matches(activity.org.sf_id, addresses)
    NewRecord.objects.filter(org=activity.org_id, address__in=addresses, parked=True).update(**FRESH)
    activity.links.filter(closed__isnull=True).update(**FRESH)
    _decide_anew([activity.pk])
    jobs.wake("org-changed", activity.org_id)


def log_all_again(email: str) -> int:
    """As log_again, for everything that is parked for this member; how many that is."""
    parked = Activity.objects.filter(member__email=email, links__parked=True, links__closed=None)
    found = list(parked.select_related("org").distinct())
    for activity in found:
        log_again(activity)
    return len(found)


def _decide_anew(activities: Sequence[int]) -> None:
    Activity.objects.filter(pk__in=activities).update(verdict=Activity.Verdict.OPEN)


def _without(activity: Activity, address: str) -> list[dict[str, Any]]:
    return [entry for entry in activity.why if entry.get("address") != address]


def _end_round(org: int) -> None:
    """Take the lease away from a round that runs: it began before the switch and must not write after it (FS-2)."""
    OrgSync.objects.filter(org_id=org).update(lease="", lease_until=None, next_round_at=clock.now())

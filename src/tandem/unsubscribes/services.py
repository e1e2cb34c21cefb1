"""Who may say that somebody wants no emails, and how an org is told? Writes through people.services and the org's row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tandem import jobs
from tandem.accounts.models import Member
from tandem.audit.services import note
from tandem.connections.models import Connection, Org
from tandem.people import services as people
from tandem.people.models import Unsubscribed
from tandem.sync.models import OptOut, OrgSync

SECTION = "unsubscribes"


@dataclass(frozen=True)
class Integration:
    """How one org is told (UN-3, UN-6)."""

    org: Org
    field: str
    nightly: bool
    hour: int
    compared_at: datetime | None


def found(text: str) -> QuerySet[Unsubscribed]:
    """Unsubscribed addresses that contain `text`, the newest first."""
    rows = Unsubscribed.objects.select_related("by").order_by("-at", "-pk")
    return rows.filter(address__icontains=text.strip()) if text.strip() else rows


def told(addresses: list[str]) -> dict[str, list[OptOut]]:
    """Of each address, what each org was told."""
    rows: dict[str, list[OptOut]] = {}
    for row in OptOut.objects.filter(address__in=addresses).select_related("org").order_by("pk"):
        rows.setdefault(row.address, []).append(row)
    return rows


@transaction.atomic
def unsubscribe(by: Member, address: str) -> Unsubscribed:
    """Send nothing to it any more, and have Salesforce told at once (UN-1). Raises people.services.InvalidPattern."""
    row = people.unsubscribe(by, address)
    note(SECTION, by=by, of=None, before=None, after={"unsubscribed": row.address})
    return row


@transaction.atomic
def subscribe_again(by: Member, address: str) -> bool:
    """Let emails through again, here alone (UN-4). False when nobody held them up."""
    if not people.subscribe_again(address):
        return False
    note(SECTION, by=by, of=None, before={"unsubscribed": address}, after=None)
    return True


def integrations() -> list[Integration]:
    """Every org that somebody is connected to."""
    connected = Connection.objects.exclude(state=Connection.State.DISCONNECTED).values("org")
    return [
        _of(org, getattr(org, "sync", None))
        for org in Org.objects.filter(pk__in=connected).select_related("sync").order_by("pk")
    ]


@transaction.atomic
def save_integration(by: Member, org: Org, *, field: str, nightly: bool, hour: int) -> None:
    """From now on the org is told like this; into another field, everybody is owed again."""
    sync, _ = OrgSync.objects.select_for_update().get_or_create(org=org)
    before = _plain(_of(org, sync))
    after = {"field": field, "nightly": nightly, "hour": hour}
    OrgSync.objects.filter(org=org).update(opt_out_field=field, opt_out_nightly=nightly, opt_out_hour=hour)
    if field != sync.opt_out_field:
        OptOut.objects.filter(org=org).update(done_at=None, parked=False, not_before=None, failures=0)
        jobs.wake("org-changed", org.pk)
    note(SECTION, by=by, of=None, before=before, after=after)


def _of(org: Org, sync: OrgSync | None) -> Integration:
    row = sync or OrgSync()
    return Integration(
        org, row.opt_out_field, row.opt_out_nightly, row.opt_out_hour, row.opt_outs_compared_at
    )


def _plain(held: Integration) -> dict[str, object]:
    return {"field": held.field, "nightly": held.nightly, "hour": held.hour}

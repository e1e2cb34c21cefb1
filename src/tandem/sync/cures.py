"""What may people do about what Salesforce refused: have it tried again, skip it, or name a word that the org has?

Each is one conditional UPDATE and a wake; what is owed afterwards, the next round derives itself.
"""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.audit.services import note
from tandem.connections.models import Org
from tandem.sync.fields import STATUS_WORDS
from tandem.sync.models import Activity, ActivityLink, Held, Link, NewRecord, OptOut, OrgSync, OrgWarning
from tandem.sync.services import FRESH, retry_links

__all__ = [
    "choose_status", "forget_warning", "log_links_again", "make_again", "opt_out_again", "retry_links", "skip", "skip_log",
    "try_org_now", "unskip", "unskip_logs",
]  # fmt: skip


@transaction.atomic
def log_links_again(links: QuerySet[ActivityLink]) -> int:
    """Try these log entries once more, now, each as it is; how many that is."""
    return _try_again(links)


@transaction.atomic
def make_again(records: QuerySet[NewRecord]) -> int:
    """Try to make these leads and contacts once more, and decide anew about whoever waits for them."""
    waiting = Held.objects.filter(address__in=list(records.values_list("address", flat=True)))
    Activity.objects.filter(pk__in=list(waiting.values_list("activity", flat=True))).update(
        verdict=Activity.Verdict.OPEN
    )
    return _try_again(records)


@transaction.atomic
def opt_out_again(opt_outs: QuerySet[OptOut]) -> int:
    """Write these unsubscribes to Salesforce once more, now."""
    return _try_again(opt_outs)


def _try_again(rows: QuerySet[Any]) -> int:
    orgs = list(rows.order_by().values_list("org", flat=True).distinct())
    count = rows.update(**FRESH)
    for org in orgs:
        jobs.wake("org-changed", org)
    return count


def skip(link: Link) -> bool:
    """Leave a refused task as it is here and there; it is shown no more until it is edited. False: nothing to skip."""
    refused = Link.objects.filter(pk=link.pk, parked=True, closed=None, error_rev__isnull=False)
    return refused.update(skipped_rev=F("error_rev")) == 1


def unskip(links: QuerySet[Link]) -> int:
    """Show them again."""
    return links.filter(skipped_rev__isnull=False).update(skipped_rev=None)


def skip_log(link: ActivityLink) -> bool:
    """Do not log it on this record. False when it may have been made already, or is tried again by itself."""
    refused = ActivityLink.objects.filter(
        pk=link.pk, parked=True, closed=None, in_flight=False, doubt_until__isnull=True
    )
    return refused.update(closed=ActivityLink.Closed.LEFT_OUT) == 1


def unskip_logs(links: QuerySet[ActivityLink]) -> int:
    """Take that back: they stand where they stood, refused."""
    return links.filter(closed=ActivityLink.Closed.LEFT_OUT, parked=True).update(closed=None)


@transaction.atomic
def try_org_now(org: int) -> None:
    """Wait no longer for API calls, or for the next round."""
    OrgSync.objects.filter(org_id=org).update(paused_until=None, next_round_at=clock.now())
    jobs.wake("org-changed", org)


@transaction.atomic
def forget_warning(warning: OrgWarning) -> None:
    """The org lets us again: ask for that kind of record, and fill that field, as before."""
    left_out = ActivityLink.objects.filter(org=warning.org_id, refused_fields__icontains=f'"{warning.about}"')
    for link in left_out.iterator():
        link.refused_fields = [name for name in link.refused_fields if name != warning.about]
        link.extra_owed = link.extra_owed or warning.about in link.wanted
        link.save(update_fields=["refused_fields", "extra_owed"])
    warning.delete()
    jobs.wake("org-changed", warning.org_id)


@transaction.atomic
def choose_status(by: Member, org: Org, word: Literal["open", "done"], status: str) -> bool:
    """Write one of our two words as this status of the org, and try again what was refused for it; "" : Salesforce's own.

    False when the org has no such status.
    """
    if status and status not in org.statuses:
        return False
    sync, _ = OrgSync.objects.select_for_update().get_or_create(org=org)
    before = dict(sync.status_words)
    after = {name: value for name, value in {**before, word: status}.items() if value}
    OrgSync.objects.filter(org=org).update(status_words=after)
    note("statuses", by=by, of=None, before=before, after=after)
    missing = before.get(word) or STATUS_WORDS[word]
    for codes in (Q(error_code="STATUS_NOT_IN_ORG", error_text=missing), _refused_status()):
        retry_links(Link.objects.filter(codes, org=org, closed=None))
    return True


def _refused_status() -> Q:
    return Q(error_code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", error_text__icontains="status")

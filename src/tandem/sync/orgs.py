"""What is written down about the rounds of an org: that one ended, that somebody looks, that whoever runs Tandem stopped it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tandem import clock, jobs
from tandem.sync.models import OrgSync
from tandem.sync.round import Report

#: A nightly check that could not be done is tried again after so long.
AUDIT_AGAIN = timedelta(hours=1)


def note_round(org: int, report: Report) -> None:
    """Remember when something travelled last: a quiet org is read less often (sync/pace.py)."""
    state = OrgSync.objects.filter(org_id=org)
    if not report.wrote:
        state = state.filter(news_at__isnull=True)
    state.update(news_at=clock.now())
    now = clock.now()
    due = OrgSync.objects.filter(org_id=org, audit_at__lte=now)
    if report.audit and not report.trouble_code:
        due.update(audit_at=None, audited_at=now, audit_found=report.audit)
    else:  # short of calls, or some route could not be asked: again, but not every minute
        due.update(audit_at=now + AUDIT_AGAIN)


def owe_audit(org: int, at: datetime) -> None:
    """The nightly check of this org is owed from `at` on (sync/audit.py)."""
    OrgSync.objects.update_or_create(org_id=org, defaults={"audit_at": at})


def note_look(org: int, fresh_for: timedelta) -> bool:
    """A member looks: the org counts as busy. True when its last round is older than `fresh_for`, so another is due."""
    now = clock.now()
    OrgSync.objects.filter(org_id=org).update(news_at=now)
    return OrgSync.objects.filter(org_id=org, last_round_at__lt=now - fresh_for).exists()


def stop_org(org: int) -> bool:
    """No more rounds of this org, from the next call of a running one on, until `resume_org`. False when it was so."""
    OrgSync.objects.get_or_create(org_id=org)
    stopped = OrgSync.objects.filter(org_id=org, stopped=False)
    return stopped.update(stopped=True, lease="", lease_until=None) > 0


def resume_org(org: int) -> bool:
    """Go on from where it was stopped. False when it was not."""
    resumed = OrgSync.objects.filter(org_id=org, stopped=True).update(stopped=False) > 0
    jobs.wake("org-changed", org)
    return resumed

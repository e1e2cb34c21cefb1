"""How many API calls has Tandem made in an org, how many may it make, and how many will it make? (P13)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum

from tandem import clock, jobs
from tandem.sync.models import CallsSpent, OrgSync

DAY = timedelta(hours=24)
#: The forecast looks at so much of the past.
_LATELY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Allowance:
    """API calls of one org's last 24 hours. by_all and allowed are Salesforce's own words, None before the first answer.

    ours: made by Tandem. share: per cent of `allowed` that Tandem may use. forecast: ours in 24 hours, if the next are
    like the last six.
    """

    by_all: int | None
    allowed: int | None
    ours: int
    share: int
    forecast: int

    @property
    def ours_at_most(self) -> int | None:
        """How many Tandem may make in 24 hours."""
        return None if self.allowed is None else self.allowed * self.share // 100


def allowance(org: int) -> Allowance:
    """What is known of this org's API calls now."""
    state, _ = OrgSync.objects.select_related("org").get_or_create(org_id=org)
    return Allowance(
        state.org.calls_used,
        state.org.calls_allowed,
        _spent(org, DAY),
        state.calls_share,
        _spent(org, _LATELY) * (DAY // _LATELY),
    )


def spend(org: int, calls: int) -> None:
    """Note that Tandem made so many calls just now."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    if not CallsSpent.objects.filter(org_id=org, hour=hour).update(calls=F("calls") + calls):
        with transaction.atomic():
            row, made = CallsSpent.objects.get_or_create(org_id=org, hour=hour, defaults={"calls": calls})
        if not made:  # another thread was faster
            CallsSpent.objects.filter(pk=row.pk).update(calls=F("calls") + calls)


def set_share(org: int, share: int) -> None:
    """From now on Tandem may use so many per cent of the org's allowance. Raises ValueError beyond 1 to 100."""
    if not 1 <= share <= 100:
        raise ValueError(f"a share of {share} %")
    OrgSync.objects.update_or_create(org_id=org, defaults={"calls_share": share})
    jobs.wake("org-changed", org)


def forget_spent() -> int:
    """Take away what no count looks at any more; how many rows that were."""
    deleted, _ = CallsSpent.objects.filter(hour__lt=clock.now() - 2 * DAY).delete()
    return deleted


def _spent(org: int, lately: timedelta) -> int:
    # An hour counts as long as a part of it does: rather too many than too few.
    since = clock.now() - lately - timedelta(hours=1)
    rows = CallsSpent.objects.filter(org_id=org, hour__gt=since)
    return rows.aggregate(calls=Sum("calls"))["calls"] or 0

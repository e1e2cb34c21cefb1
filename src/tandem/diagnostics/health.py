"""How does the sync do? In step, waiting, who is needed, what it costs, and how long things take: a bounded number of
queries, whatever lies in the database.

Everybody sees their own, an admin the team's (P11, P13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet

from tandem import clock
from tandem.accounts.models import Member
from tandem.connections.models import Connection, Org
from tandem.diagnostics.copies import Copies, counted
from tandem.diagnostics.problems import Cause, causes
from tandem.diagnostics.rows import Filter
from tandem.diagnostics.undelivered import undelivered
from tandem.reminders.models import Reminder
from tandem.sync.allowance import Allowance, allowance
from tandem.sync.models import Activity, ActivityLink, Day, Link, TaskSync
from tandem.sync.tally import percentile, summed

DAYS = 30


@dataclass(frozen=True)
class Bar:
    """One day of the chart (UTC)."""

    day: date
    done: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Cost:
    """What an org's API calls have come to."""

    org: Org
    calls: Allowance


@dataclass(frozen=True)
class Health:
    """All that the page shows. in_step: percent, None while nothing happened; half, most: seconds (p50, p95)."""

    in_step: float | None
    waiting: int
    oldest: datetime | None
    needs: int
    causes: Sequence[Cause]
    costs: Sequence[Cost]
    bars: Sequence[Bar]
    half: float | None
    most: float | None
    #: Emails whose copy Email to Salesforce did not take.
    copies: Copies
    #: Emails that did not go out at all.
    undelivered: int

    @property
    def reasons(self) -> int:
        """What needs somebody, by cause; lost copies are one, and emails that did not go out another."""
        return len(self.causes) + bool(self.copies.count) + bool(self.undelivered)

    @property
    def total(self) -> int:
        """Items in all bars."""
        return sum(bar.done + bar.refused for bar in self.bars)


def health_of(viewer: Member) -> Health:
    """How it does for this member, or for an admin's team."""
    team = viewer.role == Member.Role.ADMIN
    now = clock.now()
    days = _days(viewer, team, now)
    bars = _bars(days, now.astimezone(UTC).date())
    done, refused = sum(bar.done for bar in bars), sum(bar.refused for bar in bars)
    waiting, oldest = waiting_of(None if team else viewer)
    found = [cause for cause in causes(Filter(viewer)) if cause.needs_you]
    copies = counted(viewer)
    stayed_here = sum(each.count for each in undelivered(viewer))
    lags = summed(day.lags for day in days)
    return Health(
        in_step=done * 100 / (done + refused) if done + refused else None,
        waiting=waiting,
        oldest=oldest,
        needs=sum(cause.needs + len(cause.connections) for cause in found) + copies.count + stayed_here,
        causes=found,
        costs=[Cost(org, allowance(org.pk)) for org in _orgs(viewer, team)],
        bars=bars,
        half=percentile(lags, 0.5),
        most=percentile(lags, 0.95),
        copies=copies,
        undelivered=stayed_here,
    )


def waiting_of(member: Member | None) -> tuple[int, datetime | None]:
    """How many items are on their way to Salesforce and need nobody, and since when the oldest; None: everybody's."""
    mine = Q() if member is None else Q(member=member)
    parts = [
        _owed_links(mine).aggregate(n=Count("pk"), first=Min("reminder__updated_at")),
        _unlinked(member).aggregate(n=Count("pk"), first=Min("created_at")),
        ActivityLink.objects.filter(mine, closed__isnull=True, parked=False).aggregate(
            n=Count("pk"), first=Min("activity__email__at"), called=Min("activity__call__at")
        ),
        Activity.objects.filter(mine, verdict=Activity.Verdict.OPEN).aggregate(
            n=Count("pk"), first=Min("email__at"), called=Min("call__at")
        ),
    ]
    times = [part[name] for part in parts for name in ("first", "called") if part.get(name) is not None]
    return sum(part["n"] for part in parts), min(times, default=None)


def _owed_links(mine: Q) -> QuerySet[Link]:
    news = Q(rev_done__isnull=True) | ~Q(rev_done=F("reminder__rev")) | Q(intent_op__isnull=False)
    return Link.objects.filter(mine, news, closed__isnull=True, parked=False, reminder__isnull=False)


def _unlinked(member: Member | None) -> QuerySet[Reminder]:
    """Tasks that were made since sync was switched on, and that no round has seen yet."""
    on = TaskSync.objects.filter(enabled=True)
    on = on if member is None else on.filter(connection__member=member)
    first = on.aggregate(first=Min("outgoing_after"))["first"]
    if first is None:
        return Reminder.objects.none()
    owners = on.values("connection__member")
    return Reminder.objects.filter(owner__in=owners, pk__gt=first, link__isnull=True, deleted_at__isnull=True)


def _orgs(viewer: Member, team: bool) -> QuerySet[Org]:
    connected = Connection.objects.exclude(state=Connection.State.DISCONNECTED)
    mine = connected if team else connected.filter(member=viewer)
    return Org.objects.filter(pk__in=mine.values("org")).order_by("pk")


def _days(viewer: Member, team: bool, now: datetime) -> list[Day]:
    first = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    return list(Day.objects.filter(day__gte=first, member=None if team else viewer).order_by("day"))


def _bars(days: Sequence[Day], today: date) -> list[Bar]:
    """One for each of the last 30 days, the empty ones too."""
    by_day: dict[date, tuple[int, int]] = {}
    for day in days:
        done, refused = by_day.get(day.day, (0, 0))
        by_day[day.day] = done + day.done, refused + day.refused
    dates = (today - timedelta(days=back) for back in reversed(range(DAYS)))
    return [Bar(day, *by_day.get(day, (0, 0))) for day in dates]

"""What Prometheus may know: read from the database when it is asked for, so that every process tells the same.

Orgs by their Salesforce id, members not at all. Numbers of the day begin anew at midnight UTC, as counters may.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from tandem import clock
from tandem.accounts.models import Member
from tandem.connections.models import Connection, Org
from tandem.diagnostics.copies import LOST, counted
from tandem.diagnostics.health import waiting_of
from tandem.diagnostics.problems import causes
from tandem.diagnostics.rows import Filter
from tandem.emails import outbox
from tandem.emails.models import Email
from tandem.probes.readiness import late_orgs
from tandem.sync.models import Day, OrgSync
from tandem.sync.tally import BOUNDS, summed


def exposition() -> bytes:
    """The whole page."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Database())
    return generate_latest(registry)


class _Database(Collector):
    """Asked once for each page."""

    def collect(self) -> Iterator[Metric]:
        yield from _waiting()
        yield from _today()
        yield from _orgs()
        yield from _mail()

    def describe(self) -> Iterator[Metric]:
        return iter(())


def _waiting() -> Iterator[Metric]:
    now = clock.now()
    count, oldest = waiting_of(None)
    yield _gauge("tandem_waiting", "Items on their way to Salesforce that need nobody.", count)
    yield _gauge(
        "tandem_waiting_oldest_seconds",
        "Age of the oldest of them.",
        (now - oldest).total_seconds() if oldest else 0,
    )
    needs = GaugeMetricFamily("tandem_needs_you", "Items that wait for a person, by code.", labels=["code"])
    everybodys = Member(role=Member.Role.ADMIN)
    by_code: dict[str, int] = {}
    for cause in causes(Filter(everybodys)):
        by_code[cause.code] = by_code.get(cause.code, 0) + cause.needs
    if lost := counted(everybodys).count:
        by_code[LOST] = lost
    for code, number in sorted(by_code.items()):
        needs.add_metric([code], number)
    yield needs


def _today() -> Iterator[Metric]:
    """What went either way today, and how long it took."""
    rows = list(Day.objects.filter(day=clock.now().date(), member=None).select_related("org"))
    items = CounterMetricFamily(
        "tandem_items", "Items today (UTC), by what became of them.", labels=["result"]
    )
    items.add_metric(["done"], sum(row.done for row in rows))
    items.add_metric(["refused"], sum(row.refused for row in rows))
    yield items
    calls = CounterMetricFamily(
        "tandem_api_calls", "Tandem's own Salesforce API calls today (UTC).", labels=["org"]
    )
    for row in rows:
        calls.add_metric([row.org.sf_id], row.calls)
    yield calls
    lags = summed(row.lags for row in rows)
    buckets: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip([*(str(float(bound)) for bound in BOUNDS), "+Inf"], lags, strict=True):
        total += count
        buckets.append((bound, total))
    lag = HistogramMetricFamily("tandem_lag_seconds", "From a change to its arrival, today (UTC).")
    lag.add_metric([], buckets, sum_value=None)
    yield lag


def _orgs() -> Iterator[Metric]:
    now = clock.now()
    used = GaugeMetricFamily(
        "tandem_org_api_calls_used", "Calls of the org in 24 hours, by all programs.", labels=["org"]
    )
    allowed = GaugeMetricFamily(
        "tandem_org_api_calls_allowed", "Calls that the org may make.", labels=["org"]
    )
    for org in Org.objects.exclude(calls_allowed=None).order_by("pk"):
        used.add_metric([org.sf_id], org.calls_used or 0)
        allowed.add_metric([org.sf_id], org.calls_allowed or 0)
    yield used
    yield allowed
    since = GaugeMetricFamily("tandem_round_age_seconds", "Since the org's last round began.", labels=["org"])
    for state in OrgSync.objects.exclude(last_round_at=None).select_related("org").order_by("pk"):
        if state.last_round_at is not None:
            since.add_metric([state.org.sf_id], (now - state.last_round_at).total_seconds())
    yield since
    yield _gauge("tandem_rounds_late", "Orgs whose round is due for more than five minutes.", late_orgs())
    states = GaugeMetricFamily("tandem_connections", "Connections, by state.", labels=["state"])
    found = dict(Connection.objects.values_list("state").annotate(n=Count("pk")).order_by())
    for state_name in Connection.State.values:
        states.add_metric([state_name], found.get(state_name, 0))
    yield states


def _mail() -> Iterator[Metric]:
    now = clock.now()
    due = Email.objects.filter(pk__in=outbox.due(now))
    told = due.aggregate(n=Count("pk"), first=Min("not_before"))
    yield _gauge("tandem_emails_due", "Emails whose time to go out has come.", told["n"])
    yield _gauge(
        "tandem_emails_due_oldest_seconds",
        "Since when the oldest of them is due.",
        (now - told["first"]).total_seconds() if told["first"] else 0,
    )


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)

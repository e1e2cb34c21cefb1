"""The book of unsubscribes over Django's ORM. Nothing here decides; addresses themselves are written by people.services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from tandem.connections.models import Connection, Org
from tandem.emails.models import MailAccount
from tandem.people import services as people
from tandem.people.models import Unsubscribed
from tandem.sync import models
from tandem.sync.opt_outs import FIELDS, Owed, Rules
from tandem.sync.ports import Route

_COLUMNS = (
    "address", "done_at", "records", "not_before", "failures", "parked", "error_code", "error_text",
    "error_first_at", "error_last_at",
)  # fmt: skip


class DjangoBook:
    """Unsubscribes, as one round sees them."""

    def carrier(self, org: int) -> Route | None:
        if not self.wanted():
            return None
        connected = Connection.objects.filter(
            org=org, state=Connection.State.CONNECTED, member__is_active=True
        ).order_by("pk")
        team = Org.objects.values_list("team_connection", flat=True).get(pk=org)
        first = connected.filter(pk=team).first() if team is not None else connected.first()
        return None if first is None else Route(first.pk, (), first.sign_in)

    def rules(self, org: int) -> Rules:
        row = models.OrgSync.objects.get(org=org)
        return Rules(
            FIELDS[row.opt_out_field],
            row.opt_out_nightly,
            row.opt_out_hour,
            row.opt_outs_compared_at,
            row.opt_outs_read_to,
        )

    def wanted(self) -> bool:
        """Whether anybody here sends emails, or has been unsubscribed: else there is nothing to bring or compare."""
        return MailAccount.objects.exists() or Unsubscribed.objects.exists()

    def take(self, org: int) -> None:
        subscribed = ~Exists(Unsubscribed.objects.filter(address=OuterRef("address")))
        models.OptOut.objects.filter(subscribed, org=org).delete()
        new = list(not_told(org).values_list("address", flat=True))
        models.OptOut.objects.bulk_create(
            (models.OptOut(org_id=org, address=address) for address in new), ignore_conflicts=True
        )

    def owed(self, org: int, now: datetime, limit: int) -> list[Owed]:
        rows = owed_rows(org).filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        return [
            Owed(row.pk, **{name: getattr(row, name) for name in _COLUMNS})
            for row in rows.order_by("pk")[:limit]
        ]

    def save(self, settled: Sequence[Owed]) -> None:
        for each in settled:
            columns = {name: value for name, value in asdict(each).items() if name not in ("id", "address")}
            # One that a member has subscribed again meanwhile is gone, and stays gone.
            models.OptOut.objects.filter(pk=each.id).update(**columns)

    def owe_all(self, org: int) -> None:
        models.OptOut.objects.filter(org=org, done_at__isnull=False).update(done_at=None, records=0)

    def heard(self, addresses: Sequence[str], now: datetime) -> None:
        people.unsubscribe_many(addresses, how=Unsubscribed.How.SALESFORCE, at=now)

    def compared(self, org: int, now: datetime, read_to: datetime | None) -> None:
        models.OrgSync.objects.filter(org=org).update(opt_outs_compared_at=now, opt_outs_read_to=read_to)

    def next_due(self, org: int) -> datetime | None:
        first: datetime | None = owed_rows(org).aggregate(first=Min("not_before"))["first"]
        return first


def owed_rows(org: int) -> QuerySet[models.OptOut]:
    """What is owed to this org, and not left to a person."""
    return models.OptOut.objects.filter(org=org, done_at__isnull=True, parked=False)


def not_told(org: int) -> QuerySet[Unsubscribed]:
    """Unsubscribed addresses that this org has no row of yet."""
    known = models.OptOut.objects.filter(org=org, address=OuterRef("address"))
    return Unsubscribed.objects.filter(~Exists(known))

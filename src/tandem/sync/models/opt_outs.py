"""Which unsubscribes are on their way into which org (UN-1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tandem.connections.models import Org
from tandem.sync.models.attempts import Refusable


class OptOut(Refusable):
    """An address that wants no emails, on its way into one org (UN-1): the row is there before the call, and setting the
    field twice does no harm, so that a crash anywhere owes it still.

    The row stays when it is done: whoever is unsubscribed is compared once a night (UN-3).
    """

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    #: Canonical: trimmed, in lower case.
    address = models.EmailField(max_length=254)
    #: When Salesforce last had it on each of its records, and on how many; 0: nobody there has the address.
    done_at = models.DateTimeField(null=True)
    records = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="opt_out_once_per_org", fields=["org", "address"])]
        indexes = [
            models.Index(name="opt_out_owed", fields=["org", "id"], condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.address} in {self.org}"

"""What is kept of what is sent, whatever it is: how far its attempt came, and what Salesforce said against it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

#: Of every table of attempts: what is in flight, somebody opened.
IN_FLIGHT_HAS_OPENER = Q(in_flight=False) | (~Q(opener="") & Q(attempts__gte=1))


class Refusable(models.Model):
    """When it may be tried again, how often it failed so far, whether it waits for a person, and the refusal itself."""

    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=80, default="")
    error_text = models.TextField(default="")
    error_first_at = models.DateTimeField(null=True)
    error_last_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Attempted(Refusable):
    """The attempt that is open, if one is: whose, how many so far, and until when an unanswered one may still land."""

    opener = models.CharField(max_length=36, default="")
    attempts = models.PositiveIntegerField(default=0)
    in_flight = models.BooleanField(default=False)
    doubt_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

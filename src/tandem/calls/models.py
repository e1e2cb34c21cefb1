"""What is a call, and which rules does the database itself keep about it?"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Calls(models.QuerySet["Call"]):
    """Questions that pages ask."""

    def of(self, member_id: int) -> Calls:
        """What this member may see: their own. Every page starts here."""
        return self.filter(member_id=member_id)


class Call(models.Model):
    """One call that a member made or took. Written by calls.services only; never changed once it is saved (CL-1)."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Whom: by email address, or straight by the 18-character id of a Lead or Contact; at least one of them.
    address = models.EmailField(max_length=254, default="")
    record = models.CharField(max_length=18, default="")
    name = models.CharField(max_length=255, default="")
    subject = models.CharField(max_length=255)
    notes = models.TextField(default="")
    outcome = models.CharField(max_length=50, default="")
    reason = models.CharField(max_length=50, default="")
    #: When it began, and how long it took, in seconds.
    at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    #: False: keep it out of Salesforce.
    log = models.BooleanField(default=True)
    #: The caller's own name for it, so that telling us twice makes one call.
    told_as = models.CharField(max_length=255, null=True, unique=True)
    #: Whoever logs has not looked at it yet.
    news = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Call]] = Calls.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="call_is_with_somebody", condition=~Q(address="") | ~Q(record="")),
        ]
        indexes = [
            models.Index(name="call_of_member", fields=["member", "-at"]),
            models.Index(name="call_news", fields=["member", "id"], condition=Q(news=True)),
        ]

    def __str__(self) -> str:
        return self.subject


class WordList(models.Model):
    """The team's outcomes, or its reasons; no row while they are the ones it began with. Written by calls.services only."""

    class Kind(models.TextChoices):
        OUTCOMES = "outcomes"
        REASONS = "reasons"

    kind = models.CharField(max_length=8, choices=Kind, primary_key=True)
    #: In the order in which they are offered.
    words = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="word_list_kind_known", condition=Q(kind__in=["outcomes", "reasons"])
            ),
        ]

    def __str__(self) -> str:
        return self.kind

"""Of what has a member been told by mail? One row for each thing that needs them, for as long as it does."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """Something needs this member. The row goes when it no longer does, so that the next time is news again.

    Written by diagnostics.notices only. It is there before the mail is sent: a worker that dies in between leaves it owed.
    """

    class Kind(models.TextChoices):
        CAUSE = "cause"  # items of theirs are refused, all by this code
        CONNECTION = "connection"  # their connection to Salesforce is lost
        TEAM = "team"  # for admins: something that is nobody's own

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    #: The error code; of a connection, its id and sign-in, so that one that is lost again is news.
    about = models.CharField(max_length=120)
    first_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    #: Which process is mailing it, until when; later tries wait until then too.
    trying_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="notice_once", fields=["member", "kind", "about"])]

    def __str__(self) -> str:
        return f"{self.about} for {self.member}"

"""What is known of a token that lets another tool speak for a member?"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Tokens(models.QuerySet["Token"]):
    """Questions that pages ask."""

    def in_force(self) -> Tokens:
        """Those that nobody has revoked."""
        return self.filter(revoked_at__isnull=True)


class Token(models.Model):
    """One token. What it reads is shown once and kept nowhere; here lies its SHA-256. Written by api.services only."""

    id = models.BigAutoField(primary_key=True)
    #: For whom it speaks. None: a team's token, which names the member at every request.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: What it is for, in the words of whoever made it.
    name = models.CharField(max_length=100)
    #: Its first characters, so that people can tell which one a tool uses.
    begins = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    #: The minute that is being counted, and how many requests it has seen.
    window_at = models.DateTimeField(null=True)
    window_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager[Token]] = Tokens.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="token_has_name", condition=~Q(name="")),
            # Whoever revokes a member's own token is that member; a team's token belongs to its admins.
            models.CheckConstraint(
                name="token_own_or_team", condition=Q(member__isnull=True) | Q(member=models.F("made_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.begins}…)"

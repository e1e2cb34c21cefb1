"""The log of changes: it only grows, and no secret is ever in it. Written by audit.services only."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q


class AppendOnly(Exception):
    """The log of changes only grows: an entry is never changed or deleted. Nothing was done."""


class Changes(models.QuerySet["Change"]):
    """Entries can be read and added."""

    def update(self, **columns: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Change(models.Model):
    """One change: who, when, of what, before and after."""

    at = models.DateTimeField()
    #: None: somebody at the command line of the server.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    #: What was changed: a section of the Sync Settings, "app" or "connection".
    section = models.CharField(max_length=20)
    #: Whose it is; None: the team's.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: Field by field, in JSON; before is None when there was nothing yet, after when it was forgotten.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects: ClassVar[models.Manager[Change]] = Changes.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="change_names_its_section", condition=~Q(section="")),
            models.CheckConstraint(
                name="change_has_a_side", condition=Q(before__isnull=False) | Q(after__isnull=False)
            ),
        ]
        indexes = [models.Index(name="change_newest_of", fields=["section", "member", "-id"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

"""What do pages remember of how a member likes them? Written by habits.services only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

NAME_LENGTH = 60
QUERY_LENGTH = 1_000


class Habit(models.Model):
    """One choice of a member: "keys", or "columns:delivered". What was never chosen has no row."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(name="habit_once", fields=["member", "name"])]

    def __str__(self) -> str:
        return self.name


class SavedSearch(models.Model):
    """A search that a member kept under a name: what it asks for, never what it found, so it is always of today (CC-8)."""

    class Place(models.TextChoices):
        TASKS = "tasks"
        EMAILS = "emails"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=6, choices=Place)
    name = models.CharField(max_length=NAME_LENGTH)
    #: The end of the address of its page, without the question mark.
    query = models.CharField(max_length=QUERY_LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="saved_search_name_once", fields=["member", "place", "name"]),
            models.CheckConstraint(name="saved_search_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="saved_search_place_known", condition=Q(place__in=["tasks", "emails"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

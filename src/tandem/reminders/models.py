"""What is a reminder, and which rules does the database itself keep about it?"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from tandem.reminders.values import ABOUT_LENGTH, DETAILS_LENGTH, NAME_LENGTH, ReminderValues


class Reminders(models.QuerySet["Reminder"]):
    """Questions that pages ask."""

    def of(self, owner_id: int) -> Reminders:
        """What this member may see and change: their own, not deleted. Every page starts here."""
        return self.filter(owner_id=owner_id, deleted_at__isnull=True)


class Reminder(models.Model):
    """A task in Tandem; "Task" is Salesforce's word (ARCHITECTURE.md, Words). Written by reminders.services only."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Complete")

    class Priority(models.TextChoices):
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")

    id = models.BigAutoField(primary_key=True)
    #: None: it belongs to somebody who is not in Tandem, and is shown to nobody.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    details = models.TextField(default="")
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    #: A day in the owner's own calendar, never a moment (SF-2).
    due = models.DateField(null=True)
    #: Whom and what it concerns, for people to read: "Jan de Vries · Veldkamp BV".
    about = models.CharField(max_length=ABOUT_LENGTH, default="")
    deleted_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    #: Grows by 1 with every change a person makes, in that transaction; sync leaves it alone (docs/engine.md §2.1).
    rev = models.PositiveIntegerField(default=1)
    #: What undo puts back, as reminders.undo writes it; None when there is nothing to undo.
    undo = models.JSONField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Reminder]] = Reminders.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reminder_status_known", condition=Q(status__in=["open", "done"])),
            models.CheckConstraint(
                name="reminder_priority_known", condition=Q(priority__in=["normal", "high"])
            ),
            models.CheckConstraint(name="reminder_has_name", condition=~Q(name="")),
            # SQLite does not keep the length of a varchar by itself.
            models.CheckConstraint(
                name="reminder_name_fits", condition=LessThanOrEqual(Length("name"), NAME_LENGTH)
            ),
            models.CheckConstraint(
                name="reminder_details_fit", condition=LessThanOrEqual(Length("details"), DETAILS_LENGTH)
            ),
            models.CheckConstraint(
                name="reminder_about_fits", condition=LessThanOrEqual(Length("about"), ABOUT_LENGTH)
            ),
            models.CheckConstraint(name="reminder_rev_from_one", condition=Q(rev__gte=1)),
            models.CheckConstraint(
                name="reminder_done_means_completed_at",
                condition=Q(status="done", completed_at__isnull=False)
                | Q(status="open", completed_at__isnull=True),
            ),
        ]
        indexes = [
            # A member's live Reminders in the order in which they were made: which of them are new (FS-2)?
            models.Index(
                name="reminder_of_owner", fields=["owner", "id"], condition=Q(deleted_at__isnull=True)
            ),
            # The Command Center's two lists: what is due, and what was completed today.
            models.Index(
                name="reminder_due",
                fields=["owner", "due"],
                condition=Q(status="open", deleted_at__isnull=True),
            ),
            models.Index(
                name="reminder_completed",
                fields=["owner", "completed_at"],
                condition=Q(status="done", deleted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def values(self) -> ReminderValues:
        """The five values that travel."""
        return ReminderValues(
            name=self.name, details=self.details, status=self.status, priority=self.priority, due=self.due
        )

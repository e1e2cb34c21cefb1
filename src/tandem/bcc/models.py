"""What is known of the copies that went to Salesforce. Written by bcc.confirming only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tandem.emails.models import SecondEnvelope


class Filing(models.Model):
    """What Salesforce made of one second envelope, as far as looks have found; no row: nobody has looked yet."""

    class Outcome(models.TextChoices):
        UNKNOWN = "", "not seen yet"
        LOGGED = "logged"
        UNRESOLVED = "unresolved"
        NOT_SEEN = "not-seen"

    envelope = models.OneToOneField(
        SecondEnvelope, on_delete=models.CASCADE, primary_key=True, related_name="filing"
    )
    #: The sending that it is about: a copy that is sent again has another.
    sent_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNKNOWN)
    #: The Tasks it became: [{task, id, name, sure}], id and name of the record that each is about, "" for none. Not
    #: sure: they look like it (bcc.filed). Rows without the word are of a time when all were taken for sure.
    records = models.JSONField(default=list)
    #: When to look again, or until when somebody looks now; None when no more.
    next_look_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="filing_outcome_known", condition=Q(outcome__in=["", "logged", "unresolved", "not-seen"])
            ),
            models.CheckConstraint(
                name="filing_seen_has_time",
                condition=~Q(outcome__in=["logged", "unresolved"]) | Q(seen_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="filing_to_look_for", fields=["next_look_at"], condition=Q(next_look_at__isnull=False)
            )
        ]

    @property
    def sure(self) -> bool:
        """Whether what was found is this email for certain."""
        return all(record.get("sure", True) for record in self.records)

    def __str__(self) -> str:
        return f"what became of {self.envelope}"

"""Whom do we know by email, and what did Salesforce last say of them?"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """Someone we sell to, known by one email address. Written by people.services only."""

    #: Canonical: trimmed, in lower case (EM-3 matches exactly; Salesforce compares without case).
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=255, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="person_has_email", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Match(models.Model):
    """What one org said of one person, to whom, and when: a cache, asked again once it is old. Losing it loses nothing."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="matches")
    #: The org's 18-character Salesforce id.
    org = models.CharField(max_length=18)
    #: The Salesforce user who asked, by the 18-character id: what they may not see, was not shown to them.
    seen_by = models.CharField(max_length=18, default="")
    #: Leads and Contacts with this address, as people.matching spells them; [] when there is none.
    records = models.JSONField(default=list)
    #: A user of that org has this address: a colleague, not a prospect.
    colleague = models.BooleanField(default=False)
    #: Which questions this answers (people.matching.Asked): deals and tasks are not always asked.
    asked = models.JSONField(default=list)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="match_once_per_user", fields=["person", "org", "seen_by"])
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.org}"


class Unsubscribed(models.Model):
    """An address that wants no emails: nothing is sent to it (UN-7). Written by people.services only.

    The row is all there is to it: deleting it lets emails through again, here alone (UN-4).
    """

    class How(models.TextChoices):
        MEMBER = "member", _("By a member")
        SALESFORCE = "salesforce", _("In Salesforce")

    #: Canonical: trimmed, in lower case.
    address = models.EmailField(max_length=254, unique=True)
    at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=How)
    #: Who said so; None when Salesforce did.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="unsubscribed_address_lower", condition=Q(address=Lower("address"))),
            models.CheckConstraint(
                name="unsubscribed_how_known", condition=Q(how__in=["member", "salesforce"])
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Ignored(models.Model):
    """An address, or a whole domain, that nothing is ever logged for (EM-3, D29)."""

    #: "jan@veldkamp.example" or "veldkamp.example", in lower case.
    pattern = models.CharField(max_length=254, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ignored_pattern_lower", condition=Q(pattern=Lower("pattern"))),
        ]

    def __str__(self) -> str:
        return self.pattern

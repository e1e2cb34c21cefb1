"""What does Tandem know of a member, and of somebody who is invited to become one?"""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

#: How long an invitation can be taken up, from when it was sent last.
INVITED_FOR = timedelta(days=7)


def canonical_email(text: str) -> str:
    """The one spelling of an email address that we store and compare: trimmed, in lower case."""
    return text.strip().lower()


def validate_time_zone(name: str) -> None:
    """Raises ValidationError unless `name` is in the IANA time zone database, as "Europe/Amsterdam" is."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Choose one by its IANA name, such as Europe/Amsterdam."),
            params={"name": name},
        )


class Members(BaseUserManager["Member"]):
    """Every member; found by email however its letters are written."""

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email=canonical_email(username or ""))


class Member(AbstractBaseUser):
    """Someone who signs in to Tandem. Written by accounts.services only."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Admin")
        USER = "user", _("User")

    email = models.EmailField(_("Email"), unique=True)
    name = models.CharField(_("Name"), max_length=255)
    role = models.CharField(_("Role"), max_length=5, choices=Role, default=Role.USER)
    #: IANA name; decides what "today" is (FS-5).
    time_zone = models.CharField(
        _("Time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, default="en")
    #: A member who was deactivated cannot sign in, and nothing is synced for them; all that is theirs stays.
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Members] = Members()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="member_role_known", condition=models.Q(role__in=["admin", "user"])),
            models.CheckConstraint(
                name="member_language_known", condition=models.Q(language__in=["en", "nl"])
            ),
            models.CheckConstraint(name="member_email_lower", condition=models.Q(email=Lower("email"))),
            models.CheckConstraint(name="member_has_email", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name


class Invitation(models.Model):
    """Somebody whom an admin asked to become a member. Written by accounts.invitations only.

    Its link is not stored: it is signed, and names this row and when it was sent, so that only the newest one works.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        EXPIRED = "expired", _("Expired")
        ACCEPTED = "accepted", _("Accepted")
        REVOKED = "revoked", _("Revoked")

    email = models.EmailField(_("Email"))
    role = models.CharField(_("Role"), max_length=5, choices=Member.Role, default=Member.Role.USER)
    #: The language of the mail and of the page behind its link.
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, default="en")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_invitation_per_email",
                fields=["email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="invitation_role_known", condition=models.Q(role__in=["admin", "user"])
            ),
            models.CheckConstraint(name="invitation_email_lower", condition=models.Q(email=Lower("email"))),
            models.CheckConstraint(
                name="invitation_ends_once",
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def until(self) -> datetime:
        """When the link stops working."""
        return self.sent_at + INVITED_FOR

    def state_at(self, now: datetime) -> State:
        """What has become of it."""
        if self.accepted_at is not None:
            return self.State.ACCEPTED
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.OPEN if now < self.until else self.State.EXPIRED

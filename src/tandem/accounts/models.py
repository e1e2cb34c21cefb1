"""What does Tandem know of a member?"""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


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
    role = models.CharField(max_length=5, choices=Role, default=Role.USER)
    #: IANA name; decides what "today" is (FS-5).
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, default="en")

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

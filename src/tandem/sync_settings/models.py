"""What was set, for the team and by each member. Written by sync_settings.services only; its log is tandem.audit."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tandem.sync_settings.values import Section

_SECTIONS = [section.value for section in Section]
_SECTION_LENGTH = 9


class Setting(models.Model):
    """The value last saved for one section: the team's (member is None), or one member's own (P11).

    The subject template is not here: it lies with the org that it is for (OrgSync.subject_template).
    """

    section = models.CharField(max_length=_SECTION_LENGTH)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    #: As sync_settings.values writes it.
    value = models.JSONField()
    #: Members see the team's value and cannot change theirs.
    locked = models.BooleanField(default=False)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="setting_once_per_member", fields=["section", "member"]),
            models.UniqueConstraint(
                name="setting_once_for_team", fields=["section"], condition=Q(member__isnull=True)
            ),
            models.CheckConstraint(name="setting_section_known", condition=Q(section__in=_SECTIONS)),
            models.CheckConstraint(
                name="setting_only_team_locks", condition=Q(member__isnull=True) | Q(locked=False)
            ),
        ]

"""Which Reminders are tied to a Task? What the Command Center asks of whoever syncs (reminders.questions)."""

from __future__ import annotations

from tandem.reminders.models import Reminders
from tandem.sync.models import Link


def came_in(reminders: Reminders) -> Reminders:
    """Of these, the ones that came from Salesforce: of a pair whose Task we did not make."""
    return reminders.filter(link__sf_id__isnull=False, link__created_app__isnull=True)


def is_there(reminder_id: int) -> bool:
    """Does a pair tie this Reminder to a Task, which says whose it is (TS-8)?"""
    return Link.objects.filter(reminder_id=reminder_id).exists()

"""Which sentence confirms what a member just did, and may it be undone?"""

from typing import TypedDict

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from tandem.accounts.models import Member
from tandem.reminders.days import Days
from tandem.reminders.models import Reminder


class Toast(TypedDict):
    """words: the sentence. undo: where to post to take it back; "" when there is nothing to take back."""

    words: str
    undo: str


def toast(words: str, reminder: Reminder) -> Toast:
    """`words`, with an undo when the reminder's last change can be undone."""
    left = reminder.undo is not None
    return {"words": words, "undo": reverse("undo-task", args=[reminder.pk, reminder.rev]) if left else ""}


def added(reminder: Reminder, days: Days) -> Toast:
    """Says when a new task will be seen, if that is not now: the Command Center shows today and tomorrow (FS-5)."""
    if reminder.due is None:
        words = _("Added “%(name)s”. It has no due date, so it is not in this list.")
    elif reminder.due > days.tomorrow:
        words = _("Added “%(name)s”. It is due on %(day)s and shows here from the day before.")
    else:
        words = _("Added “%(name)s”.")
    day = formats.date_format(reminder.due, "l j F") if reminder.due else ""
    return {"words": words % {"name": reminder.name, "day": day}, "undo": ""}


def given(reminder: Reminder, colleague: Member) -> Toast:
    """Says whose it is now: it has left the list of whoever gave it."""
    words = _("“%(name)s” is a task of %(colleague)s now.")
    return {"words": words % {"name": reminder.name, "colleague": colleague.name}, "undo": ""}

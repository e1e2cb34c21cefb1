"""How do several tasks change at once, and how is all of it taken back by one undo?

Each task changes by itself, in a transaction of its own: a round of sync that holds one of them keeps nobody waiting for
the others. One that is gone meanwhile is left out; what was done is named by (task, rev), so that an old undo never undoes
a newer change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from tandem.reminders import services
from tandem.reminders.errors import NothingToUndo, ReminderNotFound
from tandem.reminders.models import Reminder, Reminders
from tandem.reminders.values import OPEN, checked_fields

#: A change that can be taken back: the task, and the rev that the change made.
Made = tuple[int, int]


def complete(owner_id: int, reminders: Iterable[int]) -> list[Made]:
    """Marks those of them done that are open."""
    open_ = _own(owner_id, reminders).filter(status=OPEN)
    return _each(open_, lambda reminder: services.complete(owner_id, reminder))


def reschedule(owner_id: int, reminders: Iterable[int], due: date | str | None) -> list[Made]:
    """Gives them all this due date, as typed; none when it is empty. Raises InvalidReminder."""
    day = checked_fields({"due": due})["due"]
    others = [each for each in _own(owner_id, reminders) if each.due != day]
    return _each(others, lambda reminder: services.edit(owner_id, reminder, {"due": day}))


def undo(owner_id: int, changes: Iterable[Made]) -> int:
    """Puts back what these changes replaced; how many that were. One that was changed again since stays as it is."""
    undone = 0
    for reminder, rev in changes:
        try:
            services.undo(owner_id, reminder, rev)
        except (NothingToUndo, ReminderNotFound):
            continue
        undone += 1
    return undone


def _own(owner_id: int, reminders: Iterable[int]) -> Reminders:
    return Reminder.objects.of(owner_id).filter(pk__in=list(reminders)).order_by("pk")


def _each(reminders: Iterable[Reminder], change: Callable[[int], Reminder]) -> list[Made]:
    made: list[Made] = []
    for reminder in reminders:
        try:
            made.append((reminder.pk, change(reminder.pk).rev))
        except ReminderNotFound:
            continue  # gone in this very moment
    return made

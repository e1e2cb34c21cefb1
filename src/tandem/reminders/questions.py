"""What do pages of tasks ask that only whoever keeps tasks in step with elsewhere can answer?

Reminders know nobody who syncs: config/wiring.py says who answers, as it says what a wake does. While nobody does, no
task came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tandem.reminders.models import Reminders


@dataclass(frozen=True)
class Answers:
    """came_in: of these, the ones that came from Salesforce. is_there: is its owner said in Salesforce (TS-8)?"""

    came_in: Callable[[Reminders], Reminders]
    is_there: Callable[[int], bool]


_NOBODY = Answers(came_in=lambda reminders: reminders.none(), is_there=lambda reminder_id: False)
_answers = [_NOBODY]


def answer(answers: Answers) -> None:
    """Say who answers in this process."""
    _answers[:] = [answers]


def came_in(reminders: Reminders) -> Reminders:
    """Of these, the ones that came from Salesforce."""
    return _answers[0].came_in(reminders)


def is_there(reminder_id: int) -> bool:
    """Is the owner of this task said in Salesforce?"""
    return _answers[0].is_there(reminder_id)

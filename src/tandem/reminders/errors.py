"""What can go wrong with a reminder?

ReminderError
├── InvalidReminder      what was typed cannot be a task; a sentence per field
├── ReminderNotFound     no such task, or it is not this member's
├── ChangedMeanwhile     a field was changed by somebody else since it was shown
├── NobodyToGiveTo       there is no such colleague, or they have left
├── OwnerSaidElsewhere   Salesforce has it, and says whose it is
└── NothingToUndo        undo has nothing it may put back
"""

from collections.abc import Mapping
from typing import Any


class ReminderError(Exception):
    """Nothing was saved."""


class InvalidReminder(ReminderError):
    """What was typed cannot be a task. Nothing was saved. `sentences`: field -> what to do, translated lazily."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__(*(f"{field}: {sentence}" for field, sentence in sentences.items()))
        self.sentences = dict(sentences)


class ReminderNotFound(ReminderError):
    """There is no such task, or it belongs to somebody else: the two look alike on purpose."""


class ChangedMeanwhile(ReminderError):
    """Somebody else changed these fields since they were shown. Nothing was saved. `current`: field -> value now."""

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__(*current)
        self.current = dict(current)


class NobodyToGiveTo(ReminderError):
    """There is no such colleague, or their account is closed."""


class OwnerSaidElsewhere(ReminderError):
    """The task is in Salesforce, which says whose it is: change its owner there, and Tandem follows."""


class NothingToUndo(ReminderError):
    """There is no change to undo: it is too long ago, was undone already, or the task was changed again since."""

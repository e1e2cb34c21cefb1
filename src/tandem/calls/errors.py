"""What can go wrong with a call?

CallError
├── InvalidCall      what was told cannot be a call; a sentence per field
├── KeyTaken         the caller's own key already names another call
├── InvalidWords     a list of outcomes or reasons that cannot stay as it is
└── AdminsOnly       the lists are the team's
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tandem.calls.models import Call


class CallError(Exception):
    """Nothing was saved."""


class InvalidCall(CallError):
    """What was told cannot be a call. Nothing was saved. `sentences`: field -> what to do, translated lazily."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__(*(f"{field}: {sentence}" for field, sentence in sentences.items()))
        self.sentences = dict(sentences)


class KeyTaken(CallError):
    """This key already names another call of this member. Nothing was saved; the other call is as it was."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.pk)
        self.call = call


class InvalidWords(CallError):
    """The list cannot stay as it is. Nothing was saved. `sentence` says what to mend."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AdminsOnly(CallError):
    """Only an admin may change the team's lists. Nothing was saved."""

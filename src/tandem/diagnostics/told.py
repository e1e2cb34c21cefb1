"""What can be told of one email or call on its way to Salesforce: values, without words of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.utils.functional import Promise

Verdict = Literal["not-looked-at", "open", "logged", "held", "left-out"]
PlaceState = Literal["waiting", "logged", "needs-you", "left-out"]
Text = str | Promise


@dataclass(frozen=True)
class Place:
    """One record that it is logged on, and how far that has come. url, task_url: "" when there is none."""

    record: str
    name: str
    url: str
    state: PlaceState
    words: Text
    task: str = ""
    task_url: str = ""
    at: datetime | None = None
    trouble: str = ""
    code: str = ""


@dataclass(frozen=True)
class Told:
    """What can be told of one email or call. words, tone: for a badge; never colour alone. calls: API calls, shared
    ones in parts."""

    verdict: Verdict
    words: Text
    tone: str
    why: Sequence[Text] = ()
    places: Sequence[Place] = ()
    calls: float = 0
    #: Addresses that wait for a person.
    held: Sequence[str] = field(default_factory=tuple)
    #: A copy for Salesforce that a person may send again.
    may_copy_again: bool = False

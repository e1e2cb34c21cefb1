"""What is one line of the set-up check made of?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.utils.text import format_lazy

from tandem.connections.troubles import Words


class Grade(Enum):
    """How a line came out."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Line:
    """One line: what was looked at, how it came out, what was found, and what to do about it (nothing if it passed)."""

    name: str
    title: Words
    grade: Grade
    found: Words
    fix: tuple[Words, ...] = ()
    #: Salesforce's own words, quoted.
    said: str = ""


def listed(words: Iterable[Words], by: str = ", ") -> Words:
    """The words in a row, translated only when they are shown."""
    given = list(words)
    places = by.join(f"{{w{place}}}" for place in range(len(given)))
    return format_lazy(places, **{f"w{place}": word for place, word in enumerate(given)})

"""Which of their emails does a member ask to see? Pure: the words of an address, and the address of those words (CC-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

LONGEST_TEXT = 200
Replied = Literal["", "yes", "no"]


class NoSuchFolder(Exception):
    """The address names a folder that nobody offered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One folder; the emails with these words in the subject or the address, of these days, answered or not.

    first, last: days in the member's calendar; since, until: the moments between which they lie (until is not in it).
    before: goes on behind this email's number, 0 from the newest.
    """

    folder: str
    text: str = ""
    first: date | None = None
    last: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    replied: Replied = ""
    before: int = 0

    @property
    def narrowed(self) -> bool:
        """Is it less than the whole folder?"""
        return bool(self.text or self.first or self.last or self.replied)

    @property
    def query(self) -> str:
        """As the end of an address, of the first page."""
        said = {
            "folder": self.folder,
            "q": self.text,
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
            "replied": self.replied,
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def behind(self, email: int) -> str:
        """The address of the page behind this email."""
        return f"{self.query}&before={email}"


def asked(words: Mapping[str, str], folders: Mapping[str, object], time_zone: str) -> Asked:
    """What an address asks for. What it says of days and words that makes no sense is as good as left out.

    Raises NoSuchFolder, also for a number of an email that there cannot be.
    """
    folder, before = words.get("folder", "delivered"), words.get("before", "")
    if folder not in folders or (
        before and not (before.isascii() and before.isdecimal() and len(before) < 19)
    ):
        raise NoSuchFolder
    zone = ZoneInfo(time_zone)
    first, last = _day(words.get("first", "")), _day(words.get("last", ""))
    replied = words.get("replied", "")
    return Asked(
        folder=folder,
        text=" ".join(words.get("q", "").replace("\0", "").split())[:LONGEST_TEXT],
        first=first,
        last=last,
        since=datetime.combine(first, time.min, zone) if first else None,
        until=datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
        replied="yes" if replied == "yes" else "no" if replied == "no" else "",
        before=int(before or 0),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 3000 else None

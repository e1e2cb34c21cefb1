"""Which records changed since then? Ids in the order of a moment, cheap to append and to cut."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from datetime import datetime

_AFTER_ANY_ID = "\x7f"


class Timeline:
    """(moment, id) pairs in order.

    A record that moves is appended again and its old entry stays behind until a sweep: readers ask `holds` which
    entry is still true. Nearly every entry is the newest, so an append is the common case.
    """

    __slots__ = ("_entries", "_holds", "_stale")

    def __init__(self, holds: Callable[[str, datetime], bool]) -> None:
        self._entries: list[tuple[datetime, str]] = []
        self._holds = holds
        self._stale = 0

    def add(self, moment: datetime, identifier: str) -> None:
        """Put an id at a moment."""
        entry = (moment, identifier)
        entries = self._entries
        if not entries or entries[-1] < entry:
            entries.append(entry)
        else:
            insort(entries, entry)

    def outdate(self) -> None:
        """One entry has become untrue; sweep when half of them are."""
        self._stale += 1
        if self._stale > 64 and self._stale * 2 > len(self._entries):
            self._entries = [
                (moment, i) for moment, i in dict.fromkeys(self._entries) if self._holds(i, moment)
            ]
            self._stale = 0

    def between(
        self, start: datetime | None = None, end: datetime | None = None, *, closed: bool = False
    ) -> Iterator[tuple[datetime, str]]:
        """The true entries with start <= moment < end (<= end when `closed`), in order, each once."""
        low, high = self._bounds(start, end, closed)
        last: tuple[datetime, str] | None = None
        for entry in self._entries[low:high]:
            if entry != last and self._holds(entry[1], entry[0]):
                yield entry
            last = entry

    def backwards(self) -> Iterator[str]:
        """The ids, the latest first."""
        last: tuple[datetime, str] | None = None
        for entry in reversed(self._entries):
            if entry != last and self._holds(entry[1], entry[0]):
                yield entry[1]
            last = entry

    def count(
        self, start: datetime | None = None, end: datetime | None = None, *, closed: bool = False
    ) -> int:
        """How many entries lie between, untrue ones counted too: an upper bound."""
        low, high = self._bounds(start, end, closed)
        return max(high - low, 0)

    def _bounds(self, start: datetime | None, end: datetime | None, closed: bool) -> tuple[int, int]:
        low = 0 if start is None else bisect_left(self._entries, (start, ""))
        if end is None:
            return low, len(self._entries)
        cut = bisect_right if closed else bisect_left
        return low, cut(self._entries, (end, _AFTER_ANY_ID if closed else ""))

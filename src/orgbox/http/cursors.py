"""Where does a long query go on? Result sets kept for queryMore (docs/salesforce.md §2.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orgbox.clock import Clock
from orgbox.errors import OrgError
from orgbox.ids import IdMint

_KEPT = timedelta(days=2)
_MOST = 100
_LOCATOR = re.compile(r"([0-9A-Za-z]{18})-(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A result set as it was when it was asked for, and who asked."""

    identifier: str
    user_id: str
    records: list[dict[str, Any]]
    made_at: datetime


class Cursors:
    """The open result sets, newest last; the oldest go first when there are too many."""

    def __init__(self, clock: Clock, mint: IdMint) -> None:
        self._clock = clock
        self._mint = mint
        self._cursors: dict[str, Cursor] = {}

    def keep(self, user_id: str, records: list[dict[str, Any]]) -> Cursor:
        """Keep a result set for its next pages."""
        while len(self._cursors) >= _MOST:
            del self._cursors[next(iter(self._cursors))]
        cursor = Cursor(self._mint.new("01g"), user_id, records, self._clock.now())
        self._cursors[cursor.identifier] = cursor
        return cursor

    def find(self, locator: str, user_id: str) -> tuple[Cursor, int]:
        """(result set, offset) of a locator. Raises OrgError INVALID_QUERY_LOCATOR for a lost or foreign one."""
        shape = _LOCATOR.fullmatch(locator)
        cursor = self._cursors.get(shape[1]) if shape else None
        if shape is None or cursor is None or cursor.user_id != user_id:
            raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if self._clock.now() - cursor.made_at > _KEPT:
            del self._cursors[cursor.identifier]
            raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor, int(shape[2])

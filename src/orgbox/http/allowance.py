"""How many API calls has the org used in the last 24 hours, and may it make another? (docs/salesforce.md §6)"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from orgbox.clock import Clock
from orgbox.errors import OrgError

_WINDOW = timedelta(hours=24)


class Allowance:
    """The rolling count behind Sforce-Limit-Info and DailyApiRequests."""

    def __init__(self, clock: Clock, daily: int) -> None:
        self._clock = clock
        self._calls: deque[datetime] = deque()
        self.daily = daily

    @property
    def used(self) -> int:
        """Metered calls of the last 24 hours."""
        limit = self._clock.now() - _WINDOW
        while self._calls and self._calls[0] <= limit:
            self._calls.popleft()
        return len(self._calls)

    def take(self) -> None:
        """Count one call. Raises OrgError REQUEST_LIMIT_EXCEEDED, and counts nothing, when none is left."""
        if self.used >= self.daily:
            raise used_up()
        self._calls.append(self._clock.now())

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.daily}"


def used_up() -> OrgError:
    """The refusal of a call when the day's are used up."""
    return OrgError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

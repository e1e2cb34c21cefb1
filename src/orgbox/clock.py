"""What time is it in the org? A real clock for people, a virtual one for simulations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the org's own time; nothing in orgbox asks the machine for it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class RealClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's time, and so many seconds more: for people who do not want to wait for tomorrow."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def advance(self, seconds: float) -> None:
        """Move time on by so many seconds."""
        self.ahead += seconds


class VirtualClock:
    """A time that stands still until it is told to move, so that a history can be replayed exactly."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A virtual clock starts at an aware datetime, so that no time zone is guessed.")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time on by so many seconds."""
        self._now += timedelta(seconds=seconds)

"""Which requests reached the org? A test counts them; a person watches them."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered request; `status` is None when the reply was lost on purpose, `metered` whether it cost a call."""

    method: str
    path: str
    status: int | None
    metered: bool
    fault: str | None = None


class Journal:
    """The latest requests, oldest first, and totals over all of them."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_KEPT)
        self.requests = 0
        self.metered = 0

    def note(self, entry: Entry) -> None:
        """Write one down."""
        self.entries.append(entry)
        self.requests += 1
        self.metered += entry.metered

    def clear(self) -> None:
        """Start anew."""
        self.entries.clear()
        self.requests = self.metered = 0

    def as_json(self) -> dict[str, Any]:
        """{requests, metered, entries: [{method, path, status, metered, fault}]}."""
        return {
            "requests": self.requests,
            "metered": self.metered,
            "entries": [asdict(entry) for entry in self.entries],
        }

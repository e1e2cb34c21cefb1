"""What does a cause hold up, one by one? Counted and cut in the database, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.accounts.models import Member
from tandem.connections.explanations import Explanation, explained
from tandem.diagnostics.payload import without_secrets
from tandem.diagnostics.rows import Filter, Kind, kinds_of, rows_of, told


@dataclass(frozen=True)
class Item:
    """One thing that is held up, as the row that remembers it."""

    kind: Kind
    row: Any
    own: bool

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.row.pk}"

    @property
    def explanation(self) -> Explanation:
        """What stands against it."""
        return explained(self.row.error_code, without_secrets(self.row.error_text))

    @property
    def can_be_skipped(self) -> bool:
        """Only what stands still, and was certainly not made: what waits goes on by itself."""
        if self.kind == "log":
            return bool(self.row.parked and not self.row.in_flight and self.row.doubt_until is None)
        return self.kind == "task" and bool(self.row.parked)

    @property
    def title(self) -> str:
        """What it is called; "" for a colleague's, whose texts are nobody else's."""
        if self.kind in ("record", "unsubscribe"):
            return str(self.row.address)
        if not self.own:
            return ""
        if self.kind == "task":
            return str(self.row.reminder.name) if self.row.reminder else ""
        return str((self.row.activity.email or self.row.activity.call).subject)

    @property
    def what(self) -> str:
        """task, email, reply, call, lead, contact or unsubscribe."""
        if self.kind == "log":
            email = self.row.activity.email
            return "call" if email is None else "reply" if email.kind == "reply" else "email"
        return self.row.sobject.lower() if self.kind == "record" else self.kind


class Items(Sequence[Item]):
    """A list that is counted and cut in the database: one question for the size of each kind, one for each slice."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._parts = {kind: rows_of(kind, wanted) for kind in kinds_of(wanted)}
        self._sizes = {kind: part.count() for kind, part in self._parts.items()}

    def __len__(self) -> int:
        return sum(self._sizes.values())

    def __getitem__(self, place: Any) -> Any:
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        start, stop, _ = place.indices(len(self))
        found: list[Item] = []
        for kind, part in self._parts.items():
            size = self._sizes[kind]
            if start < size and stop > 0:
                rows = told(kind, part).order_by("error_code", "pk")[max(start, 0) : max(min(stop, size), 0)]
                found += [self._item(kind, row) for row in rows]
            start, stop = start - size, stop - size
        return found

    def all(self) -> Iterator[Item]:
        """Every one, a few at a time."""
        for kind, part in self._parts.items():
            for row in told(kind, part).order_by("error_code", "pk").iterator(chunk_size=500):
                yield self._item(kind, row)

    def _item(self, kind: Kind, row: Any) -> Item:
        return Item(kind, row, getattr(row, "member_id", None) == self._wanted.viewer.pk)


def item_of(viewer: Member, kind: Kind, pk: int) -> Item | None:
    """One item, if it is held up and this member may see it."""
    row = told(kind, rows_of(kind, Filter(viewer))).filter(pk=pk).first()
    return None if row is None else Item(kind, row, getattr(row, "member_id", None) == viewer.pk)

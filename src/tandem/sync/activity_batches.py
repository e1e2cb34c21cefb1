"""Which rows travel together? As many as one call takes; fewer where one of them was in the others' way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tandem.sync.activity_ports import COLLECTIONS, ROWS
from tandem.sync.activity_settle import Making

# Rows that are in memory and in one request at once, whatever is written in them.
_MOST_BYTES = 8_000_000


def batches(ready: Sequence[Making]) -> Iterator[list[Making]]:
    """The rows in calls: as many collections as one takes, and no more text than memory should hold twice."""
    parts = list(collections_of(ready))
    while parts:
        batch: list[Making] = []
        size = 0
        for part in parts[:COLLECTIONS]:
            weight = sum(len(str(each.body.get("Description", ""))) for each in part)
            if batch and size + weight > _MOST_BYTES:
                break
            batch += part
            size += weight
            parts = parts[1:]
        yield batch


def collections_of(rows: Sequence[Making]) -> Iterator[list[Making]]:
    """Rows that were refused with their neighbours because of one lock travel in ever smaller company, down to alone."""
    ordered = sorted(rows, key=lambda each: (_company(each), each.id))
    while ordered:
        size = _company(ordered[0])
        part = list(islice((each for each in ordered if _company(each) == size), size))
        yield part
        ordered = ordered[len(part) :]


def _company(making: Making) -> int:
    """How many rows may share a collection with it: one that is locked takes all of them down (A.11)."""
    if making.error_code != "UNABLE_TO_LOCK_ROW" or not making.failures:
        return ROWS
    return int(max(1, ROWS // 6 ** min(making.failures, 4)))

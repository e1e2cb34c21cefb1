"""In which state of docs/engine.md §2.2 is a pair? For counting which faults met which states."""

from __future__ import annotations

from tandem.sync.pair import Pair

REGIONS = (
    "In-flight",
    "Unknown",
    "Tombstone",
    "Detached",
    "Kept-remote",
    "Parked",
    "Pending-create",
    "Never-sent delete",
    "Stale",
    "Deleted-both",
    "Deleted-remote",
    "Deleted-local",
    "Dirty-both",
    "Dirty-remote",
    "Dirty-local",
    "Linked",
)
_CLOSED = {"deleted": "Tombstone", "detached": "Detached", "kept_remote": "Kept-remote"}


def region(pair: Pair) -> str:
    """The name of the pair's state; the first that holds."""
    link, ours, intent = pair.link, pair.ours, pair.intent
    if intent is not None:
        return "In-flight" if intent.attempts == 1 and intent.in_flight else "Unknown"
    if link.closed is not None or ours is None:
        return _CLOSED.get(link.closed or "deleted", "Tombstone")
    if link.parked:
        return "Parked"
    if link.sf_id is None:
        return "Pending-create" if ours.deleted_at is None else "Never-sent delete"
    if link.stale or link.seen is None or link.base is None:
        return "Stale"
    if link.seen.deleted:
        return "Deleted-both" if ours.deleted_at is not None else "Deleted-remote"
    if ours.deleted_at is not None:
        return "Deleted-local"
    moved_here = dict(ours.values) != dict(link.base.app)
    moved_there = dict(link.seen.version.values) != dict(link.base.sf)
    if moved_here:
        return "Dirty-both" if moved_there else "Dirty-local"
    return "Dirty-remote" if moved_there else "Linked"

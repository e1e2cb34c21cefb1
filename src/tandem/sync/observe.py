"""A Salesforce row becomes what we have seen: pure, and free to repeat in any order (I14).

The order of two versions is (stamp, read_at), both by Salesforce's clock: older news is ignored, and a tie that shows
different values is never guessed but read again (docs/engine.md §2.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from tandem.sync.pair import Base, Link, Lost, Pair, Row, Seen, Values
from tandem.sync.plan import SAME_SECOND

UNDELETED = Lost(
    "task",
    "salesforce",
    "un-deleted",
    "deleted",
    "deleted in Tandem; an un-delete in Salesforce does not bring it back here",
)
DIED_WITH_IT = "it was deleted in Tandem at that moment"


class News(Enum):
    """What a row meant to its pair."""

    NONE = auto()  # known already, or older than what we have
    SEEN = auto()  # the link now shows it: plan again
    REOPENED = auto()  # un-deleted in Salesforce: the Reminder comes back with its values
    LEFT = auto()  # our own create is still open: resolve decides, not the poll
    ORPHAN = auto()  # a second record with our key: the sweep decides


@dataclass(frozen=True, slots=True)
class Observed:
    """The link after the row, what the row meant, and what gave way."""

    link: Link
    news: News
    lost: tuple[Lost, ...] = ()


def observe(pair: Pair, row: Row, read_at: datetime, *, asked: bool = False) -> Observed:
    """What `row`, answered at `read_at` (Salesforce's clock), tells of `pair`.

    asked: the row was read for this pair's sake, so that even an unchanged one counts as freshly read.
    """
    link = pair.link
    if link.sf_id is None:
        if pair.intent is not None:
            return Observed(link, News.LEFT)
        if link.closed is not None or link.created_with is None:
            return Observed(link, News.NONE if row.deleted else News.ORPHAN)
        base = Base(link.created_with.app, link.created_with.sf)
        link = replace(link, sf_id=row.id, base=base)
    elif link.sf_id != row.id:
        return Observed(link, News.NONE if row.deleted else News.ORPHAN)
    seen = Seen(row.version, row.stamp, read_at, row.deleted)
    if link.closed is not None:
        return _closed(pair, link, seen)
    return _open(link, seen, asked=asked)


def _open(link: Link, seen: Seen, *, asked: bool) -> Observed:
    old = link.seen
    if old is not None and (seen.stamp, seen.read_at) < (old.stamp, old.read_at):
        return Observed(link, News.NONE)
    if old is not None and old.version == seen.version and old.deleted == seen.deleted:
        if link.stale and seen.read_at > old.read_at:
            return Observed(replace(link, seen=seen, stale=False, rev_done=None), News.SEEN)
        # The overlap shows each change again for ten minutes; only a read that helps is worth a write.
        young = old.read_at - old.stamp < SAME_SECOND
        helps = seen.stamp != old.stamp or ((asked or young) and seen.read_at > old.read_at)
        return Observed(replace(link, seen=seen) if helps else link, News.NONE)
    if old is not None and (seen.stamp, seen.read_at) == (old.stamp, old.read_at):
        return Observed(replace(link, stale=True, rev_done=None), News.SEEN)
    # News may also cure what was refused: try again (docs/engine.md §2.2, Parked).
    return Observed(replace(link, seen=seen, stale=False, rev_done=None, parked=False), News.SEEN)


def _closed(pair: Pair, link: Link, seen: Seen) -> Observed:
    old = link.seen
    if link.stale and link.closed_by == "tandem" and seen.deleted and link.base is not None:
        # The reading back of our own DELETE was lost (R2): now the bin tells what died with the record.
        died = died_with_it(link.base, seen.version.values)
        return Observed(replace(link, seen=seen, stale=False), News.NONE, died)
    back = (
        not seen.deleted
        and old is not None
        and old.deleted
        and (seen.stamp, seen.read_at) > (old.stamp, old.read_at)
    )
    if not back:
        return Observed(link, News.NONE)
    if link.closed == "deleted" and link.closed_by == "salesforce" and pair.ours is not None:
        # From its old base, like any other news: what has no word here leaves ours alone (TS-4 ... TS-6).
        return Observed(replace(link, seen=seen, closed=None, closed_by=None, rev_done=None), News.REOPENED)
    alive = pair.ours is not None and pair.ours.deleted_at is None
    if link.closed == "detached" and alive:
        return Observed(replace(link, seen=seen, closed=None, closed_by=None, rev_done=None), News.SEEN)
    if link.closed in ("deleted", "detached"):
        return Observed(replace(link, seen=seen), News.NONE, (UNDELETED,))
    return Observed(link, News.NONE)


def died_with_it(base: Base, there: Values) -> tuple[Lost, ...]:
    """The edits that a DELETE of ours destroyed because they came in its last moment (R2)."""
    return tuple(
        Lost(name, "salesforce", value, "deleted", DIED_WITH_IT)
        for name, value in there.items()
        if value != base.sf[name]
    )


def untouched(link: Link, row: Row) -> bool:
    """Whether nobody has changed a record since our INSERT made it: only then may the sweep delete it (M19, R5)."""
    made = link.created_with
    return made is not None and all(row.version.values[name] == value for name, value in made.sf.items())

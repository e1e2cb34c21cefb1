"""What switching task sync on would do, counted with the very code that will do it (P4), without doing it."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.sync.admission import IMPORT_WINDOW, refuse_import, remembered_since
from tandem.sync.inbound import OVERLAP
from tandem.sync.merge import changed_here
from tandem.sync.pair import Pair
from tandem.sync.ports import Salesforce, Seat, Store

# What the first round costs beyond the pages themselves: one count for the progress bar.
_COUNT_CALL = 1
# What a rejoin costs more: the delete log.
_LOG_CALL = 1


@dataclass(frozen=True, slots=True)
class Preview:
    """How many Tasks would come in, Reminders leave, Reminders go out (none: FS-1), and about how many API calls."""

    to_import: int
    to_remove: int
    to_send: int
    calls: int


def preview(org: int, seat: Seat, store: Store, salesforce: Salesforce) -> Preview:
    """Read what the first round would read. NoAnswer when Salesforce cannot be asked."""
    now = salesforce.server_time()
    before = salesforce.calls
    to_import = 0
    deleted: set[str] = set()
    after = None
    while True:
        page = salesforce.changed_since([seat.user], now - IMPORT_WINDOW - OVERLAP, after)
        with store.transaction():
            known = store.pairs(
                org, sf_ids=[row.id for row in page.rows], keys=[row.key for row in page.rows if row.key]
            )
        linked = {pair.link.sf_id for pair in known} | {pair.link.key for pair in known}
        to_import += sum(
            row.id not in linked
            and row.key not in linked
            and row.version.owner == seat.user
            and refuse_import(row, now - IMPORT_WINDOW) is None
            for row in page.rows
        )
        deleted.update(row.id for row in page.rows if row.deleted)
        if not page.more:
            break
        after = (page.rows[-1].poll_stamp, page.rows[-1].id)
    calls = salesforce.calls - before + _COUNT_CALL
    to_remove = 0
    if seat.rejoin:
        # The log counts whole minutes; what was deleted in this one is known from the pages.
        start = remembered_since(salesforce.server_time())
        deleted.update(salesforce.deleted_between(start, now).ids)
        # Some were known to be gone when sync was switched off, and are removed only now.
        known_gone = store.gone_there(org, [seat.member])
        with store.transaction():
            pairs = store.pairs(org, ids=known_gone, sf_ids=deleted)
        to_remove = sum(_leaves(pair, seat) for pair in pairs)
        calls += _LOG_CALL
    return Preview(to_import, to_remove, to_send=0, calls=calls)


def _leaves(pair: Pair, seat: Seat) -> bool:
    """Whether this member's Reminder goes with its Task: not when it is gone already, nor when it was edited here (P5)."""
    link, ours = pair.link, pair.ours
    if link.closed is not None or link.base is None or ours is None or ours.deleted_at is not None:
        return False
    if ours.owner != seat.user:
        return False
    return not changed_here(ours.values, link.base.app)

"""What switching task sync on would do, counted with the very code that will do it (P4), without doing it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from tandem.sync.admission import IMPORT_WINDOW, refuse_import, remembered_since
from tandem.sync.inbound import OVERLAP
from tandem.sync.merge import changed_here
from tandem.sync.pair import Pair, Row
from tandem.sync.ports import READ_IDS, Salesforce, Seat, Store

# What the first round costs beyond the pages themselves: one count for the progress bar.
_COUNT_CALL = 1
# What a rejoin costs more: the delete log.
_LOG_CALL = 1


@dataclass(frozen=True, slots=True)
class Preview:
    """How many Tasks would come in, Reminders leave, Reminders go out (none: FS-1), and about how many API calls.

    asked: the calls that this look itself has cost.
    """

    to_import: int
    to_remove: int
    to_send: int
    calls: int
    asked: int


def preview(org: int, seats: Sequence[Seat], store: Store, salesforce: Salesforce) -> Preview:
    """Read what the first round would read for these seats through one connection, and write nothing.

    Raises NoAnswer when Salesforce cannot be asked.
    """
    now = salesforce.server_time()
    before = salesforce.calls
    users = [seat.user for seat in seats]
    to_import = 0
    deleted: set[str] = set()
    after = None
    while True:
        page = salesforce.changed_since(users, now - IMPORT_WINDOW - OVERLAP, after)
        to_import += len(_coming(org, users, page.rows, now, store))
        deleted.update(row.id for row in page.rows if row.deleted)
        if not page.more:
            break
        after = (page.rows[-1].poll_stamp, page.rows[-1].id)
    calls = salesforce.calls - before + _COUNT_CALL
    to_remove = 0
    back = {seat.user: seat.member for seat in seats if seat.rejoin}
    if back:
        # The log counts whole minutes; what was deleted in this one is known from the pages.
        start = remembered_since(salesforce.server_time())
        deleted.update(salesforce.deleted_between(start, now).ids)
        # Some were known to be gone when sync was switched off, and are removed only now; if nobody has brought them back.
        known_gone = set(store.gone_there(org, list(back.values())))
        with store.transaction():
            pairs = store.pairs(org, ids=known_gone, sf_ids=deleted)
        alive = _alive(salesforce, [pair.link.sf_id for pair in pairs if pair.link.id in known_gone])
        to_remove = sum(_leaves(pair, back) for pair in pairs if pair.link.sf_id not in alive)
        calls += _LOG_CALL
    return Preview(to_import, to_remove, to_send=0, calls=calls, asked=salesforce.calls - before)


def _alive(salesforce: Salesforce, sf_ids: Sequence[str | None]) -> set[str]:
    """Those that live there: a restored parent brings its Tasks back without a new stamp, so no poll shows it (B34)."""
    ids = [sf_id for sf_id in sf_ids if sf_id]
    found: set[str] = set()
    for start in range(0, len(ids), READ_IDS):
        found.update(
            row.id for row in salesforce.by_id(ids[start : start + READ_IDS]).rows if not row.deleted
        )
    return found


def together(previews: Sequence[Preview]) -> Preview:
    """The previews of several connections as one."""
    return Preview(*(sum(column) for column in zip(*map(astuple, previews), strict=True)))


def _coming(org: int, users: Sequence[str], rows: Sequence[Row], now: datetime, store: Store) -> list[Row]:
    """Those of a page that would become Reminders: of these users, not linked yet, and not refused."""
    with store.transaction():
        known = store.pairs(org, sf_ids=[row.id for row in rows], keys=[row.key for row in rows if row.key])
    linked = {pair.link.sf_id for pair in known} | {pair.link.key for pair in known}
    return [
        row
        for row in rows
        if row.id not in linked
        and row.key not in linked
        and row.version.owner in users
        and refuse_import(row, now - IMPORT_WINDOW) is None
    ]


def _leaves(pair: Pair, back: Collection[str]) -> bool:
    """Whether the Reminder of one of these users goes with its Task: not when it is gone already, nor when it was edited here (P5)."""
    link, ours = pair.link, pair.ours
    if link.closed is not None or link.base is None or ours is None or ours.deleted_at is not None:
        return False
    if ours.owner not in back:
        return False
    return not changed_here(ours.values, link.base.app)

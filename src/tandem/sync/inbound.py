"""Read what changed in Salesforce for one route: the poll, the deletions, the cursor.

The poll asks for everything stamped since ten minutes before the last poll *began*: ten minutes is the longest a
transaction may run, so no late-visible stamp slips under the cursor (I13). Seeing a row again costs nothing (I14).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tandem.sync.admission import DELETION_WINDOW, IMPORT_WINDOW, refuse_import, remembered_since
from tandem.sync.here import here, reopen
from tandem.sync.observe import News, observe
from tandem.sync.pair import Base, Link, Pair, Row, Seen, Version
from tandem.sync.plan import SAME_SECOND, Moment
from tandem.sync.ports import READ_IDS, Page, Seat
from tandem.sync.removal import remove_deleted
from tandem.sync.round import CHUNK, Round
from tandem.sync.sweep import sweep

# Ten minutes, and two for the time that our own call may take: its Date is that of the answer, not of the question.
OVERLAP = timedelta(minutes=12)
# The delete log is a second witness beside IsDeleted rows. The update log names what the poll cannot show because it
# belongs to somebody else now.
LOGS_EVERY = timedelta(hours=1)
# The stamp of a version that nobody has read.
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def poll(round_: Round) -> None:
    """Bring this route's side of the org up to date.

    1. On the first round of a seat fix FS-4's window by Salesforce's own clock.
    2. Read page by page; each chunk is observed, admitted or planned in one transaction.
    3. Carry out deletions, unless there are too many at once.
    4. Only then move the cursor, so that a crash reads the same pages again.
    """
    seats = _begin(round_)
    since = min(_since(seat) for seat in seats)
    _count_first_import(round_, seats, since)
    began = _pages(round_, seats, since)
    if any(seat.rejoin for seat in seats):
        _catch_up(round_, began)
    deleted_to = _read_logs(round_, seats, began)
    remove_deleted(round_, [seat.member for seat in seats if seat.rejoin], asked_for=True)
    remove_deleted(round_, [seat.member for seat in seats if not seat.rejoin], asked_for=False)
    with round_.fenced():
        for seat in seats:
            # Two answers of one second may bear it in the wrong order: the cursor never falls (I13).
            polled_to = max(began, seat.polled_to or began)
            round_.store.save_seat(replace(seat, polled_to=polled_to, deleted_to=deleted_to, rejoin=False))


def reread(round_: Round, pairs: Sequence[Pair]) -> None:
    """Read the Tasks of these pairs again, whatever we think we know of them (state Stale)."""
    by_sf_id = {pair.link.sf_id: pair.link.id for pair in pairs if pair.link.sf_id}
    round_.reread.update(by_sf_id.values())
    ids = list(by_sf_id)
    for start in range(0, len(ids), READ_IDS):
        asked = ids[start : start + READ_IDS]
        round_.before_call()
        page = round_.salesforce.by_id(asked)
        observe_page(round_, page, round_.moment(), asked=True)
        shown = {row.id for row in page.rows}
        _mark_absent(round_, [sf_id for sf_id in asked if sf_id not in shown], page.read_at)
    remove_deleted(round_, round_.members, asked_for=False)


def _begin(round_: Round) -> list[Seat]:
    seats = list(round_.route.seats)
    if all(seat.import_from for seat in seats):
        return seats
    round_.before_call()
    now = round_.salesforce.server_time()
    begun = [
        seat if seat.import_from else replace(seat, import_from=now - IMPORT_WINDOW, deleted_to=now)
        for seat in seats
    ]
    with round_.fenced():
        for seat in begun:
            round_.store.save_seat(seat)
    return begun


def _since(seat: Seat) -> datetime:
    if seat.import_from is None:
        raise RuntimeError("a seat is polled before its window is fixed")
    return (seat.polled_to or seat.import_from) - OVERLAP


def _count_first_import(round_: Round, seats: Sequence[Seat], since: datetime) -> None:
    first = [seat.id for seat in seats if seat.polled_to is None]
    if first:
        round_.before_call()
        total = round_.salesforce.count_changed([seat.user for seat in seats], since)
        round_.store.progress(first, done=0, total=total)


def _pages(round_: Round, seats: Sequence[Seat], since: datetime) -> datetime:
    """Read all pages; returns Salesforce's clock at the first answer, the new cursor (docs/engine.md §1, sentence 5)."""
    owners = [seat.user for seat in seats]
    first = [seat.id for seat in seats if seat.polled_to is None]
    after: tuple[datetime, str] | None = None
    began: datetime | None = None
    done = 0
    while True:
        round_.before_call()
        page = round_.salesforce.changed_since(owners, since, after)
        if began is None:
            began = page.read_at
            round_.server_round = began
        for start in range(0, len(page.rows), CHUNK):
            part = page.rows[start : start + CHUNK]
            observe_page(round_, replace(page, rows=part), round_.moment(), seats=seats)
            done += len(part)
            if first:
                round_.store.progress(first, done=done)
        if not page.more:
            return began
        after = (page.rows[-1].poll_stamp, page.rows[-1].id)


def observe_page(
    round_: Round, page: Page, moment: Moment, *, seats: Sequence[Seat] = (), asked: bool = False
) -> None:
    """Observe each row; admit the unknown ones of these seats; set second records with our key aside and sweep them."""
    twins: list[tuple[Link, Row]] = []
    with round_.fenced():
        known = round_.store.pairs(
            round_.org.id,
            sf_ids=[row.id for row in page.rows],
            keys=[row.key for row in page.rows if row.key],
        )
        by_sf_id = {pair.link.sf_id: pair for pair in known if pair.link.sf_id}
        by_key = {pair.link.key: pair for pair in known}
        by_user = {seat.user: seat for seat in seats}
        for row in page.rows:
            pair = by_sf_id.get(row.id) or by_key.get(row.key)
            if pair is not None:
                _observe_row(round_, pair, row, page.read_at, moment, twins, asked=asked)
            elif row.version.owner in by_user:
                _admit(round_, row, page.read_at, by_user[row.version.owner])
    if twins:
        sweep(round_, twins)


def _observe_row(
    round_: Round,
    pair: Pair,
    row: Row,
    read_at: datetime,
    moment: Moment,
    twins: list[tuple[Link, Row]],
    *,
    asked: bool,
) -> None:
    observed = observe(pair, row, read_at, asked=asked)
    if observed.news is News.ORPHAN:
        twins.append((pair.link, row))
        return
    if observed.news is News.REOPENED:
        back = reopen(round_, pair, observed.link)
        if back is not None:
            here(round_, back, moment)
        return
    if observed.link is not pair.link:
        round_.store.save(observed.link)
        round_.store.log_lost(observed.link, observed.lost)
    if observed.news is News.SEEN:
        here(round_, replace(pair, link=observed.link), moment)


def _admit(round_: Round, row: Row, read_at: datetime, seat: Seat) -> None:
    if seat.import_from is None or refuse_import(row, seat.import_from):
        return
    values = round_.fields.to_import(row.version)
    link = Link(
        id=0,
        key=round_.clock.new_key(),
        reminder_id=None,
        sf_id=row.id,
        base=Base(values, row.version.values, row.stamp),
        seen=Seen(row.version, row.stamp, read_at),
        rev_done=1,
    )
    round_.store.import_row(round_.org.id, seat.member, values, row.version.about, link)
    round_.report.imported += 1
    round_.report.done(seat.member, None)


def _mark_absent(round_: Round, sf_ids: Sequence[str], read_at: datetime) -> None:
    """What a read by id does not show is *not* thereby deleted (I11): the write that follows asks by that very id."""
    if not sf_ids:
        return
    with round_.fenced():
        for pair in round_.store.pairs(round_.org.id, sf_ids=sf_ids):
            link, seen = pair.link, pair.link.seen
            if link.base is None:
                raise RuntimeError("a record that was never agreed on is asked for by id")
            if seen is None:
                # We made it, and nobody has ever seen it: what we sent is all we know, and whatever is there is newer.
                owner = pair.ours.owner if pair.ours is not None else ""
                seen = Seen(Version(link.base.sf, owner=owner), _BEFORE_ALL, read_at)
            # Of a link in doubt the base is newer than what was seen (I6, I9).
            believed = link.base.sf if link.stale else seen.version.values
            version = replace(seen.version, values=believed)
            # Known from its own second only: the write asks for the second before, so that whatever is there
            # answers 412 and shows itself (R1).
            young = seen.read_at - seen.stamp < SAME_SECOND
            stamp = seen.stamp - timedelta(seconds=1) if young else seen.stamp
            seen = replace(seen, version=version, stamp=stamp, read_at=read_at)
            round_.store.save(replace(link, seen=seen, stale=False))


def _read_logs(round_: Round, seats: Sequence[Seat], now: datetime) -> datetime:
    """Read both logs once an hour for the whole route; returns until when they have been read."""
    read_to = min(seat.deleted_to or now for seat in seats)
    if now - read_to < LOGS_EVERY:
        return read_to
    start = read_to - OVERLAP
    if now - start > DELETION_WINDOW - timedelta(days=1):
        return _audit(round_, now)
    round_.before_call()
    deleted = round_.salesforce.deleted_between(start, now)
    _mark_deleted(round_, deleted.ids, now)
    round_.before_call()
    updated = round_.salesforce.updated_between(start, now)
    _read_by_id(round_, set(updated.ids), lambda row: True)
    return min(deleted.covered_to, updated.covered_to, now)


def _audit(round_: Round, now: datetime) -> datetime:
    """Nobody was here for two weeks: the logs do not reach back so far, so every open link is read (docs/engine.md §2.5)."""
    start = _remembered_since(round_)
    round_.before_call()
    deleted = round_.salesforce.deleted_between(start, now)
    _mark_deleted(round_, deleted.ids, now)
    _read_by_id(round_, None, lambda row: True)
    return min(deleted.covered_to, now)


def _remembered_since(round_: Round) -> datetime:
    """How far back the delete log can be asked for now, however long this round's pages have taken."""
    round_.before_call()
    return remembered_since(round_.salesforce.server_time())


def _read_by_id(round_: Round, wanted: set[str] | None, believed: Callable[[Row], bool]) -> None:
    """Read open links of this route by id: those `wanted`, or all; observe the rows that are `believed`."""
    ours = [sf_id for _, sf_id in round_.store.open_links(round_.org.id, round_.members)]
    ids = [sf_id for sf_id in ours if wanted is None or sf_id in wanted]
    for start in range(0, len(ids), READ_IDS):
        round_.before_call()
        page = round_.salesforce.by_id(ids[start : start + READ_IDS])
        rows = [row for row in page.rows if believed(row)]
        for first in range(0, len(rows), CHUNK):
            observe_page(round_, replace(page, rows=rows[first : first + CHUNK]), round_.moment(), asked=True)


def _mark_deleted(round_: Round, sf_ids: Sequence[str], read_at: datetime) -> None:
    for start in range(0, len(sf_ids), CHUNK):
        with round_.fenced():
            for pair in round_.store.pairs(round_.org.id, sf_ids=sf_ids[start : start + CHUNK]):
                seen = pair.link.seen
                if pair.link.closed is None and seen is not None and not seen.deleted:
                    gone = replace(seen, deleted=True, read_at=max(read_at, seen.read_at))
                    round_.store.save(replace(pair.link, seen=gone, rev_done=None))


def _look_into_the_bin(round_: Round, deleted: Sequence[str]) -> None:
    """Read those that we deleted when the reading back was lost: the polls that would have shown what died with them (R2)
    were made by nobody (B33)."""
    lost: list[str] = []
    with round_.fenced():
        for start in range(0, len(deleted), CHUNK):
            pairs = round_.store.pairs(round_.org.id, sf_ids=deleted[start : start + CHUNK])
            lost += [pair.link.sf_id or "" for pair in pairs if pair.link.closed and pair.link.stale]
    for start in range(0, len(lost), CHUNK):
        round_.before_call()
        observe_page(round_, round_.salesforce.by_id(lost[start : start + CHUNK]), round_.moment())


def _catch_up(round_: Round, now: datetime) -> None:
    """Sync was on before (FS-6): deletions of the last 15 days, then every open link from its old base.

    Older deletions change nothing here: rows that are gone, or that lie in the bin, are passed over.
    """
    start = _remembered_since(round_)
    round_.before_call()
    deleted = set(round_.salesforce.deleted_between(start, now).ids)
    _mark_deleted(round_, sorted(deleted), now)
    _look_into_the_bin(round_, sorted(deleted))
    _read_by_id(round_, None, lambda row: not row.deleted and row.id not in deleted)

"""What if the engine read, admitted or remembered with one guard less?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from tandem.sync import inbound, observe, removal, round
from tests.simulation.mutants.mutant import constant, mutant

mutant("M1", "late-visible stamp", "the poll overlaps the one before by ten minutes", 400)(
    constant(inbound, "OVERLAP", timedelta(0))
)


@mutant("M2", "change during the run", "the cursor is the time the poll began", 400)
def _cursor_at_end() -> Any:
    pages = inbound._pages

    def late(round_: Any, seats: Any, since: Any) -> datetime:
        pages(round_, seats, since)
        return round_.salesforce.server_time()

    return patch.object(inbound, "_pages", late)


@mutant("M10", "duplicated, reordered, stale pages", "the order (stamp, read_at)", 4_000)
def _order_ignored() -> Any:
    def newest_is_last(link: Any, seen: Any, *, asked: bool) -> Any:
        if link.seen is not None and link.seen.version == seen.version and link.seen.deleted == seen.deleted:
            return observe.Observed(replace(link, seen=seen, stale=False), observe.News.NONE)
        return observe.Observed(replace(link, seen=seen, stale=False, rev_done=None), observe.News.SEEN)

    return patch.object(observe, "_open", newest_is_last)


@mutant("M12", "lost sharing", "absence is never deletion", 4_000)
def _absence_is_deletion() -> Any:
    def gone(round_: Any, sf_ids: Any, read_at: Any) -> None:
        inbound._mark_deleted(round_, sf_ids, read_at)

    return patch.object(inbound, "_mark_absent", gone)


@mutant("M15", "create, delete, late rows", "a closed link is a tombstone", 1_000)
def _forgotten_tombstone() -> Any:
    seen = observe._closed

    def forget(pair: Any, link: Any, row: Any) -> Any:
        if link.closed == "deleted" and not row.deleted:
            return observe.Observed(
                replace(link, seen=row, closed=None, closed_by=None, rev_done=None), observe.News.REOPENED
            )
        return seen(pair, link, row)

    return patch.object(observe, "_closed", forget)


@mutant("M21", "the poll sees our record while its create is open", "observe leaves it to resolve", 12_000)
def _poll_adopts() -> Any:
    whole = observe.observe

    def adopt(pair: Any, row: Any, read_at: Any, *, asked: bool = False) -> Any:
        if pair.link.sf_id is None and pair.intent is not None:
            return whole(replace(pair, intent=None), row, read_at, asked=asked)
        return whole(pair, row, read_at, asked=asked)

    def save(round_: Any, pair: Any, row: Any, read_at: Any, moment: Any, twins: Any, *, asked: bool) -> None:
        adopted = pair.link.sf_id is None and pair.intent is not None and not row.deleted
        if adopted:
            round_.store.save_with_intent(pair.link, None)
            pair = replace(pair, intent=None)
        row_seen(round_, pair, row, read_at, moment, twins, asked=asked)

    row_seen = inbound._observe_row
    stack = ExitStack()
    stack.enter_context(patch.object(inbound, "observe", adopt))
    stack.enter_context(patch.object(inbound, "_observe_row", save))
    return stack


@mutant("key ignored", "5xx after", "a record with our key is never imported", 1_000)
def _import_twice() -> Any:
    def strangers(store: Any, org: Any, **wanted: Any) -> Any:
        wanted.pop("keys", None)
        return store(org, **wanted)

    page = inbound.observe_page

    def keyless(round_: Any, answered: Any, moment: Any, **more: Any) -> None:
        rows = [replace(row, key="") for row in answered.rows]
        page(round_, replace(answered, rows=rows), moment, **more)

    assert strangers
    return patch.object(inbound, "observe_page", keyless)


@mutant("old reminders sent", "first sync", "FS-2: only what is made after switching on goes out", 400)
def _send_everything() -> Any:
    from tests.simulation.store_memory import MemoryStore

    def all_of_them(self: Any, seat: Any) -> list[int]:
        return [
            row.id
            for row in self.reminders.values()
            if row.owner == seat.member and row.id not in self.by_reminder and row.deleted_at is None
        ]

    return patch.object(MemoryStore, "without_link", all_of_them)


@mutant("un-delete ignored", "un-delete", "a task un-deleted there comes back here", 2_000)
def _undelete_ignored() -> Any:
    return patch.object(
        observe, "_closed", lambda pair, link, seen: observe.Observed(link, observe.News.NONE)
    )


@mutant("every round writes", "duplicated pages", "an unchanged row is no news", 100)
def _every_round_writes() -> Any:
    opened = observe._open

    def restless(link: Any, seen: Any, *, asked: bool) -> Any:
        observed = opened(link, seen, asked=asked)
        if observed.news is observe.News.NONE:
            return observe.Observed(replace(link, seen=seen, rev_done=None), observe.News.SEEN)
        return observed

    return patch.object(observe, "_open", restless)


@mutant("delete log unread", "reassigned, then deleted", "getDeleted is a second witness", 8_000)
def _delete_log_unread() -> Any:
    return patch.object(inbound, "_mark_deleted", lambda round_, sf_ids, read_at: None)


@mutant("cursor unfenced", "two workers", "only the lease's holder moves the cursor", 400)
def _cursor_unfenced() -> Any:
    @contextmanager
    def anybody(self: Any) -> Iterator[None]:
        with self.store.transaction():
            yield

    return patch.object(round.Round, "fenced", anybody)


@mutant("mass deletion unguarded", "mass deletion", "many deletions at once wait for a person", 2_000)
def _guard_open() -> Any:
    return patch.object(removal, "too_many_deletions", lambda deletions, live: False)

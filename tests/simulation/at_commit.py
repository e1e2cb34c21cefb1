"""Did this transaction of the engine keep the promises? What is checked after each commit on our side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tandem.sync.admission import refuse_import, too_many_deletions
from tandem.sync.audit import APART
from tandem.sync.pair import FIELDS, Base, Intent, Link, Lost
from tandem.sync.ports import Seat
from tests.simulation.tables import ORG, Change, Reminder

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle

# What Salesforce's words mean here (TS-5, TS-6), told apart from the engine's own map.
_WORDS = {
    "status": {"Not Started": "open", "Completed": "done"},
    "priority": {"Normal": "normal", "High": "high"},
}
_OVERLAP = timedelta(minutes=10)


def committed(oracle: Oracle, journal: list[Change]) -> None:
    """The engine committed a transaction: `journal` has what each row was before."""
    store = oracle.store
    if all(table is store.orgs for table, _, _ in journal):
        return  # the lease was renewed: more than half of all commits
    first: dict[int, dict[int, object]] = {}
    for table, key, before in journal:
        first.setdefault(id(table), {}).setdefault(key, before)
    lost = [store.conflicts[key][1] for key in first.get(id(store.conflicts), ())]
    if any(one.rule == APART for one in lost):
        oracle.fail("I3", f"the nightly check finds both sides different, and nothing owed: {lost}")
    links: dict[int, Link | None] = first.get(id(store.links), {})  # type: ignore[assignment]
    for key, old_link in links.items():
        _link_changed(oracle, old_link, store.links[key])
    _off_is_off(oracle, first)
    for key, old_intent in first.get(id(store.intents), {}).items():
        _intent_changed(oracle, store.links[key], old_intent, store.intents.get(key))  # type: ignore[arg-type]
    _guard_held(oracle, first.get(id(store.reminders), {}))
    oracle.world.once.committed(first)
    oracle.world.unsubscribes.committed(first.get(id(store.opt_outs.owed), ()))  # type: ignore[arg-type]
    settled: dict[int, Intent | None] = first.get(id(store.intents), {})  # type: ignore[assignment]
    for key, old_reminder in first.get(id(store.reminders), {}).items():
        if old_reminder is not None:
            _reminder_changed(oracle, old_reminder, store.reminders[key], links, settled, lost)  # type: ignore[arg-type]
    for key, old_seat in first.get(id(store.seats), {}).items():
        _seat_changed(oracle, old_seat, store.seats[key])  # type: ignore[arg-type]


def _guard_held(oracle: Oracle, reminders: Mapping[int, object]) -> None:
    """Not many reminders may be deleted at once unless a person has said so (I11)."""
    store = oracle.store
    gone = [
        key
        for key, old in reminders.items()
        if isinstance(old, Reminder)
        and old.deleted_at is None
        and store.reminders[key].deleted_at is not None
    ]
    if not gone:
        return
    # Whoever switches on again was shown the number first (FS-6, P4).
    rejoining = {seat.member for seat in store.seats.values() if seat.rejoin}
    gone = [key for key in gone if store.carrier[store.by_reminder[key]] not in rejoining]
    if not gone or store.orgs[ORG].deletions == "approved":
        return
    live = sum(link.closed is None and link.sf_id is not None for link in store.links.values()) + len(gone)
    if too_many_deletions(len(gone), live):
        oracle.fail("I11", f"{len(gone)} of {live} reminders were deleted at once, and nobody was asked")


def _off_is_off(oracle: Oracle, first: Mapping[int, Mapping[int, object]]) -> None:
    """Nothing is decided, sent or written here for a member whose sync is off (TS-1)."""
    store = oracle.store
    if oracle.world.current is None or len(store.team.enabled) == len(store.team.users):
        return
    carriers = first.get(id(store.carrier), {})
    links = [key for key, old in first.get(id(store.intents), {}).items() if old is None]
    links += [
        store.by_reminder[key] for key in first.get(id(store.reminders), {}) if key in store.by_reminder
    ]
    for key in links:
        if not {carriers.get(key, store.carrier[key]), store.carrier[key]} & {None, *store.team.enabled}:
            oracle.fail("TS-1", f"link {key} works, and its member has switched sync off")


def _link_changed(oracle: Oracle, old: Link | None, new: Link) -> None:
    if old is None:
        _link_made(oracle, new)
        return
    if old.sf_id is not None and new.sf_id != old.sf_id:
        oracle.fail("I2", f"link {new.id} leaves its record {old.sf_id} for {new.sf_id}")
    if old.key != new.key:
        oracle.fail("I2", f"link {new.id} changes its key")
    if new.base is not None and new.base is not old.base:
        _base_moved(oracle, old.base, new.base, new)


def _link_made(oracle: Oracle, link: Link) -> None:
    if link.sf_id is not None:
        record = oracle.world.there.tables().get(link.sf_id)
        key = record[oracle.world.there.key_field] if record is not None else None
        if record is not None and oracle.world.once.ours(record):
            oracle.fail("I15", f"what we have logged as {key} was imported as a task")
        if key in oracle.store.by_key:
            oracle.fail("I2", f"a record with our key {key} was imported as a new reminder")
    elif link.reminder_id is not None:
        seat = oracle.store.seats[oracle.store.carrier[link.id] or 0]
        if link.reminder_id <= seat.outgoing_after and link.reminder_id not in oracle.linked_once:
            oracle.fail("FS-2", f"reminder {link.reminder_id} is older than its sync")
    if link.reminder_id is not None:
        oracle.linked_once.add(link.reminder_id)


def _base_moved(oracle: Oracle, old: Base | None, new: Base, link: Link) -> None:
    fields = oracle.fields
    for name in FIELDS if len(oracle.world.settings.templates) == 1 else FIELDS[1:]:
        moved = old is None or (old.app[name], old.sf[name]) != (new.app[name], new.sf[name])
        if moved and not fields.agree(name, new.app[name], new.sf[name], closed=_closed(new.sf["status"])):
            oracle.fail("I6", f"base of link {link.id}: {name} {new.app[name]!r} beside {new.sf[name]!r}")
        if old is not None:
            for before, after in ((old.app, new.app), (old.sf, new.sf)):
                if before[name] != after[name] and oracle.graph.is_ancestor(after[name], before[name]):
                    oracle.fail("I6", f"base of link {link.id} goes back: {before[name]} -> {after[name]}")
    if old is not None and old.stamp and new.stamp and new.stamp < old.stamp:
        oracle.fail("I6", f"base of link {link.id} goes back from {old.stamp} to {new.stamp}")


def _intent_changed(oracle: Oracle, link: Link, old: Intent | None, new: Intent | None) -> None:
    if old is None and new is not None and new.op == "update" and link.base is not None:
        for name, value in new.carried.app.items():
            if link.base.app[name] == value:
                oracle.fail("I8", f"link {link.id} sends {name}, which nobody changed here")
    if (
        old is None
        and new is not None
        and new.op == "delete"
        and link.base is not None
        and link.seen is not None
    ):
        if link.seen.version.values != link.base.sf:
            oracle.fail("I1", f"link {link.id}: a DELETE is decided over an edit that was seen")
        if link.seen.read_at < oracle.world.round_began():
            oracle.fail("I1", f"link {link.id}: a DELETE is decided on a version read before this round")
    fiber = oracle.world.current
    lease = oracle.world.leases.get(fiber.name if fiber is not None else "calm")
    settled = old is not None and (new is None or new.attempts == old.attempts)
    if settled and old is not None and old.opener != lease:
        oracle.fail("I12", f"the intent of link {link.id} is settled by another round than its holder")


def _reminder_changed(
    oracle: Oracle,
    old: Reminder,
    new: Reminder,
    links: Mapping[int, Link | None],
    settled: Mapping[int, Intent | None],
    lost: Sequence[Lost],
) -> None:
    key = oracle.store.by_reminder.get(new.id)
    link = None if key is None else oracle.store.links[key]
    before = None if link is None else links.get(link.id) or link
    base = before.base if before is not None else None
    intent = settled.get(link.id) if link is not None else None
    sent = intent.carried.app if intent is not None else {}
    for name in FIELDS:
        was, now = old.values[name], new.values[name]
        if was == now:
            continue
        theirs = link.seen.version.values[name] if link is not None and link.seen is not None else None
        if name in _WORDS and theirs is not None and _WORDS[name].get(theirs) != now:
            oracle.fail("I8", f"reminder {new.id} {name} becomes {now!r}, which Salesforce does not say")
        hidden = link is not None and link.sf_id in oracle.world.there.once_hidden  # R6
        if oracle.graph.is_ancestor(now, was) and not hidden:
            oracle.fail("I9", f"flip-flop here: reminder {new.id} {name} {was} -> {now}")
        unsent = base is not None and was not in (base.app[name], sent.get(name))
        if (
            unsent
            and old.deleted_at is None
            and not any(one.field == name and one.value == was and one.side == "tandem" for one in lost)
        ):
            oracle.fail("I16", f"reminder {new.id} {name}: {was!r} gave way to {now!r} and nobody is told")
    if new.deleted_at is not None and old.deleted_at is None:
        if link is None or link.sf_id not in oracle.deleted_once:
            oracle.fail("I11", f"reminder {new.id} was deleted without a witness")
        now_base = link.base if link is not None else None
        if all(known is None or old.values != known.app for known in (base, now_base)):
            oracle.fail("I1", f"a deletion destroyed an edit of reminder {new.id}")


def _seat_changed(oracle: Oracle, old: Seat, new: Seat) -> None:
    if new.polled_to is None:
        return
    if old.polled_to is not None and new.polled_to < old.polled_to:
        oracle.fail("I13", f"the cursor falls from {old.polled_to} to {new.polled_to}")
    safe = new.polled_to - _OVERLAP
    for record in oracle.world.there.tasks():
        if record["SystemModstamp"] > safe or record["OwnerId"] != new.user:
            continue
        row = oracle.world.there.row(record)
        if row.id in oracle.world.there.once_hidden:
            continue
        link = oracle.store.links.get(oracle.store.by_sf_id.get(row.id, 0))
        if link is None:
            if (
                row.key not in oracle.store.by_key
                and new.import_from
                and not refuse_import(row, new.import_from)
            ):
                oracle.fail("I13", f"{row.id} lies below the cursor and was never seen")
        elif link.closed is None and not link.stale and link.seen is not None and link.seen.stamp < row.stamp:
            if row.deleted and link.seen.deleted:
                continue  # the delete log told, and has no stamp
            if (
                new.import_from
                and row.stamp < new.import_from
                and oracle.store.carrier[link.id] != new.member
            ):
                continue  # R7: given to this member before their first round; the logs of its carrier tell
            oracle.fail(
                "I13", f"the version of {row.id} of {row.stamp} lies below the cursor and was never seen"
            )


def _closed(status: str) -> bool:
    return status == "Completed"

"""Everything has come to rest: is everything there that should be, and nothing else?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from orgbox.records import Record
from tandem.sync.admission import refuse_import
from tandem.sync.observe import News, observe
from tandem.sync.pair import Link, Row
from tests.simulation.faults import RENDERED, SUBJECT_TOKEN
from tests.simulation.graph import TOKENS
from tests.simulation.tables import Reminder

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle


def still_owed(oracle: Oracle) -> list[str]:
    """What is left to do, in words; empty when both sides agree (I3)."""
    store, world = oracle.store, oracle.world
    found: list[str] = []
    for seat in store.seats.values():
        found += [f"member {seat.member} is not taken back yet"] if seat.rejoin else []
        found += [f"reminder {i} was never linked" for i in store.without_link(seat)]
    found += world.once.still_owed()
    found += world.unsubscribes.still_owed()
    tables = world.there.tables()
    for link in store.links.values():
        found += _owed_by(oracle, link, tables)
    users = {seat.user: seat for seat in store.seats.values()}
    for record in tables.values():
        seat_of = users.get(record["OwnerId"])
        row = world.there.row(record)
        if seat_of is None or row.id in store.by_sf_id or row.key in store.by_key:
            continue
        if row.id not in world.there.once_hidden and not refuse_import(row, seat_of.import_from or row.stamp):
            found.append(f"{row.id} was never imported")
    return found


def _owed_by(oracle: Oracle, link: Link, tables: Mapping[str, Record]) -> list[str]:
    name = f"link {link.id}"
    if link.id in oracle.store.intents:
        return [f"{name} has an open intent"]
    if link.reminder_id is None:
        return []
    ours = oracle.store.reminders[link.reminder_id]
    alive = ours.deleted_at is None
    record = tables.get(link.sf_id) if link.sf_id is not None else None
    if link.closed is not None:
        unseen = link.sf_id in oracle.world.there.once_hidden or (
            record is not None and record["OwnerId"] == oracle.world.there.stranger
        )
        there = record is not None and not record["IsDeleted"] and not unseen
        if alive and link.closed == "deleted":
            return [f"{name} is closed as deleted, its reminder lives"]
        unwatched = link.closed == "detached" and link.id in oracle.unwatched  # R11
        return [f"{name} is closed, and both sides live"] if alive and there and not unwatched else []
    if link.parked and ours.values["details"] in oracle.world.there.refused_for_ever:
        return []  # a person must act; it must not hold up the others (I10)
    if link.error_code == "STATUS_NOT_IN_ORG" and link.parked and ours.values["status"] == "open":
        return []  # an admin must: this org has no status for it
    if link.parked:
        return [f"{name} is parked: {link.error_code}"]
    if link.sf_id is None:
        return [f"{name} was never sent"]
    if record is None:
        return []  # no witness is left (R3)
    if link.sf_id in oracle.world.there.once_hidden and "nightly check" not in oracle.world.swarm:
        return []  # nothing tells us of it before the nightly check (R6)
    if record["IsDeleted"] or not alive:
        return [f"{name} is open, one side is deleted"]
    if record["OwnerId"] == oracle.world.there.stranger and ours.owner is not None:
        return [f"{name} still shows a stranger's task to a member"]
    if link.seen is None or link.stale:
        return [f"{name} has to be read"]
    row, fields = oracle.world.there.row(record), oracle.fields
    return [
        f"{name}: {field} is {ours.values[field]!r} here and {value!r} there"
        for field, value in row.version.values.items()
        if not (field == "name" and len(oracle.world.settings.templates) > 1)  # what was said stays said (P3)
        and not fields.agree(field, ours.values[field], value, closed=row.version.closed)
    ]


def at_rest(oracle: Oracle) -> None:
    """Everything has come to rest: is everything there that should be, and nothing else?"""
    tables = oracle.world.there.tables()
    live = [row for record in tables.values() if not (row := oracle.world.there.row(record)).deleted]
    reminders = [row for row in oracle.store.reminders.values() if row.deleted_at is None]
    _nothing_lost(oracle, live, reminders)
    _nothing_doubled(oracle, live)
    _nothing_risen(oracle, live, reminders)
    _replays_are_free(oracle)
    oracle.world.once.at_rest()
    if oracle.world.swarm.unsubscribes:
        oracle.world.unsubscribes.at_rest()


def _nothing_lost(oracle: Oracle, live: Sequence[Row], reminders: Sequence[Reminder]) -> None:
    shown = {value for row in live for value in row.version.values.values()}
    shown |= {value for row in reminders for value in row.values.values()}
    if not oracle.world.settings.two_way:  # what a template has made of a name shows that name
        shown |= {row.version.values["name"].removeprefix(RENDERED[0]) for row in live}
    named = {lost.value for _, lost in oracle.store.conflicts.values()}
    # R2 beside R3 or R7: a record that we deleted at that moment, and that nobody shows us any more. And a second
    # record that was swept by a late DELETE: it is named itself, and lies in the bin with what was written meanwhile.
    # R8: what somebody brought back, and a late DELETE of ours took once more.
    swept = _named_twins(oracle) | oracle.struck_late
    unseen = {
        value
        for record in oracle.world.there.tasks()
        if record["IsDeleted"] and (record["OwnerId"] == oracle.world.there.stranger or record["Id"] in swept)
        for value in oracle.world.there.row(record).version.values.values()
    }
    # A one-way Subject that somebody changed comes in once the template is two-way: then it replaced the name.
    retold = oracle.retold if len(oracle.world.settings.templates) > 1 else set()
    # R9: a rename that no template lets travel does not hold up a deletion in Salesforce.
    if oracle.world.settings.silent:
        retold = retold | {row.values["name"] for row in oracle.store.reminders.values() if row.deleted_at}
    # And whoever gave a Subject of their own where the template is one way, and then deleted the task, meant the name too.
    gone = {row.values["name"] for row in oracle.store.reminders.values() if row.deleted_at}
    retold = retold | (oracle.retold & gone)
    # R6: a create that was made again because its record was hidden may carry what that record never had.
    made = [oracle.store.links[link].created_with for link in oracle.made_unseen]
    retold = retold | {value for one in made if one is not None for value in one.app.values()}
    for head in oracle.graph.heads():
        if head in retold:
            continue
        if head not in shown and head not in named and head not in unseen and head not in oracle.purged:
            oracle.fail("I1", f"{head!r} is nowhere, and nobody replaced it knowingly")
    rows = {row.id: row for row in live}
    veiled = {row.key for row in live if row.key and row.id in oracle.world.there.once_hidden}  # R6
    for link in oracle.store.links.values():
        if link.closed is not None or link.reminder_id is None or link.sf_id not in rows:
            continue
        if (
            link.sf_id in oracle.world.there.once_hidden
            or rows[link.sf_id].version.owner == oracle.world.there.stranger
        ):
            continue
        if link.reminder_id in oracle.taken_back or link.parked:
            continue
        if link.key in veiled or link.id in oracle.made_unseen:  # its first record may lie in the bin by now
            continue
        ours = oracle.store.reminders[link.reminder_id]
        if not oracle.world.settings.two_way:
            _renamed(oracle, ours, rows[link.sf_id])
        for name in TOKENS if oracle.world.settings.two_way else TOKENS[1:]:
            for side, value in (
                ("here", ours.values[name]),
                ("there", rows[link.sf_id].version.values[name]),
            ):
                if value in oracle.graph.replaced - oracle.graph.chosen_anew and not _purged_since(
                    oracle, value
                ):
                    oracle.fail(
                        "I1", f"link {link.id} ends {side} on {name} {value!r}, which somebody replaced"
                    )


def _renamed(oracle: Oracle, ours: Reminder, row: Row) -> None:
    """Under one template all the time, the Subject is what it makes of the name, or what somebody wrote there (P3)."""
    written, *others = oracle.world.settings.templates
    if others or SUBJECT_TOKEN not in written:
        return
    name = row.version.values["name"]
    made = (written.replace(SUBJECT_TOKEN, ours.values["name"]), ours.values["name"])
    if name not in made and name not in oracle.graph.parent:
        oracle.fail("P3", f"reminder {ours.id} is {ours.values['name']!r} and its Subject {name!r}")


def _purged_since(oracle: Oracle, value: str) -> bool:
    """Whether what replaced this value has vanished without a witness (R3)."""
    return any(oracle.graph.is_ancestor(value, gone) for gone in oracle.purged)


def _named_twins(oracle: Oracle) -> set[str]:
    """Records that the sweep has named. What the nightly check names is no second record."""
    lost = (one for _, one in oracle.store.conflicts.values())
    return {one.value for one in lost if one.field == "task" and one.won in ("deleted", "kept")}


def _nothing_doubled(oracle: Oracle, live: Sequence[Row]) -> None:
    kept = _named_twins(oracle)
    kept |= oracle.world.there.once_hidden | oracle.copies  # R6
    count = Counter(row.key for row in live if row.key in oracle.store.by_key and row.id not in kept)
    for key, times in count.items():
        if times > 1:
            oracle.fail("I2", f"{times} live records carry the key {key}")


def _nothing_risen(oracle: Oracle, live: Sequence[Row], reminders: Sequence[Reminder]) -> None:
    # R5: a detached or kept side lives on by rule, with its conflict.
    links = oracle.store.links.values()
    spared = [link for link in links if link.closed in ("detached", "kept_remote")]
    explained = {link for link, _ in oracle.store.conflicts.values()}
    ours = {link.reminder_id for link in spared if link.id in explained} | oracle.taken_back
    theirs = {link.sf_id for link in spared if link.id in explained}
    theirs |= {link.sf_id for link in links if link.reminder_id in oracle.taken_back}
    strangers = {row.id for row in live if row.version.owner == oracle.world.there.stranger}
    passed = theirs | strangers | oracle.world.there.once_hidden
    named = {link for link, lost in oracle.store.conflicts.values() if lost.value == "un-deleted"}
    passed |= {link.sf_id for link in links if link.id in named}
    passed |= _named_twins(oracle)
    killed = oracle.graph.killed - oracle.purged - oracle.graph.chosen_anew
    for row in live:
        if row.version.values["name"] in killed and row.id not in passed:
            oracle.fail("I4", f"{row.id} lives, and a person deleted {row.version.values['name']!r}")
    unwitnessed = {
        link.reminder_id
        for link in links
        if link.sf_id is not None and (link.sf_id in passed or link.sf_id not in oracle.world.there.tables())
    }
    for reminder in reminders:
        name = reminder.values["name"]
        if name in killed and reminder.id not in ours and reminder.id not in unwitnessed:
            oracle.fail("I4", f"reminder {reminder.id} lives, and a person deleted {name!r}")


def _replays_are_free(oracle: Oracle) -> None:
    for rows, read_at in oracle.pages:
        for row in rows:
            link = oracle.store.links.get(oracle.store.by_sf_id.get(row.id, 0))
            if (
                link is None
                or link.seen is None
                or (row.stamp, read_at) >= (link.seen.stamp, link.seen.read_at)
            ):
                continue  # never observed, for its round died first; or a tie, which is read again
            observed = observe(oracle.store.pair(link), row, read_at)
            same = replace(observed.link, seen=link.seen, stale=link.stale) == link
            if observed.news is not News.NONE or not same or (observed.lost and not link.stale):
                oracle.fail("I14", f"an old page changes link {link.id}: {row} as of {read_at}")

"""Did the engine keep its promises? A value graph of what people knowingly replaced, and the checks I1 to I16 on it.

Every text and date that a person writes is a token nobody wrote before. Writing one over what the person saw puts an
edge into the graph: that value was *knowingly* replaced. Deleting kills the values seen, un-deleting revives them. What
nobody knowingly replaced or killed is a *head*: it must be somebody's final value, or be named among the conflicts.
Status and priority have few words, so they are checked step by step instead: against the base, and by their log.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from orgbox.records import Record
from tandem.sync.admission import refuse_import, too_many_deletions
from tandem.sync.fields import FieldMap
from tandem.sync.observe import News, observe
from tandem.sync.pair import FIELDS, Base, Intent, Link, Lost, Row, Values
from tandem.sync.ports import Seat
from tests.simulation.tables import ORG, Change, Reminder

if TYPE_CHECKING:
    from tests.simulation.salesforce_port import Write
    from tests.simulation.world import World

INVARIANTS: dict[str, str] = {
    "I1": "No lost write",
    "I2": "No duplicates",
    "I3": "Convergence",
    "I4": "No resurrection",
    "I5": "Silence",
    "I6": "Base is honest and forward",
    "I7": "Cost bound",
    "I8": "Richer word survives",
    "I9": "No flip-flop",
    "I10": "Isolation",
    "I11": "Absence is not deletion",
    "I12": "At-most-one intent, fenced",
    "I13": "Cursor safety",
    "I14": "Replays are free",
    "I16": "Explained",
    "FS-2": "What was here before sync was switched on stays here",
}
_TOKENS = ("name", "due", "details")
# What Salesforce's words mean here (TS-5, TS-6), told apart from the engine's own map.
_WORDS = {
    "status": {"Not Started": "open", "Completed": "done"},
    "priority": {"Normal": "normal", "High": "high"},
}
_PAGES = 40
_OVERLAP = timedelta(minutes=10)


class Violation(AssertionError):
    """An invariant did not hold."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant} {INVARIANTS.get(invariant, '')}: {what}")
        self.invariant = invariant
        self.what = what


class Graph:
    """Who knowingly replaced whose value."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self.replaced: set[str] = set()
        self.chosen_anew: set[str] = (
            set()
        )  # replaced, and brought back with the pair's life: may stand, need not
        self.killed_here: set[str] = set()
        self.killed_there: set[str] = set()

    def wrote(self, seen: str, new: str) -> None:
        """Somebody saw one value and wrote another."""
        if new and new not in self.parent:
            self.parent[new] = seen
            if seen:
                self.replaced.add(seen)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was written by people who had (in steps) replaced `old`."""
        while new in self.parent:
            new = self.parent[new]
            if new == old:
                return old in self.replaced and old not in self.chosen_anew
        return False

    @property
    def killed(self) -> set[str]:
        """The values that somebody saw and deleted, on either side, and nobody brought back."""
        return self.killed_here | self.killed_there

    def heads(self) -> list[str]:
        """The values that nobody knowingly replaced or deleted."""
        killed = self.killed
        return [token for token in self.parent if token not in self.replaced and token not in killed]


class Oracle:
    """Looks after every transaction, every commit in Salesforce, and at the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.graph = Graph()
        self.deleted_once: set[str] = set()
        self.deleted_by_us: set[str] = set()
        self.purged: set[str] = set()  # values whose deletion has no witness any more (R3)
        self.taken_back: set[int] = set()  # deletes taken back while their call was out (R8)
        self.pages: deque[tuple[Sequence[Row], datetime]] = deque(maxlen=_PAGES)

    def fail(self, invariant: str, what: str) -> NoReturn:
        """Stop the history."""
        violation = Violation(invariant, what)
        if self.world.failed is None:
            self.world.failed = violation
            self.world.note(lambda: f"VIOLATION {violation}")
        raise self.world.failed

    @property
    def fields(self) -> FieldMap:
        """The field map of this org."""
        return FieldMap(self.store.team.template, self.store.team.statuses)

    # --- what people do ------------------------------------------------------------------------------------------

    def person_wrote(self, seen: Values, new: Values) -> None:
        """Somebody changed values that they saw."""
        for name in _TOKENS:
            if seen[name] != new[name]:
                self.graph.wrote(seen[name], new[name])

    def member_deleted(self, seen: Values) -> None:
        """A member deleted what they saw."""
        self.graph.killed_here.update(_tokens(seen))

    def member_restored(self, row: Reminder) -> None:
        """A member took back a deletion: their own, and Salesforce's too once that was carried out here."""
        self.graph.killed_here.difference_update(_tokens(row.values))
        link = self.store.links.get(self.store.by_reminder.get(row.id, 0))
        if link is not None and link.closed == "deleted":
            self.graph.chosen_anew.update(_tokens(row.values))
        intent = self.store.intents.get(link.id) if link is not None else None
        if intent is not None and intent.op == "delete":
            self.taken_back.add(row.id)

    def user_restored(self, identifier: str, seen: Values) -> None:
        """A user in Salesforce un-deleted a record: their own deletion, and ours once that was carried out there."""
        self.graph.killed_there.difference_update(_tokens(seen))
        link = self.store.links.get(self.store.by_sf_id.get(identifier, 0))
        if identifier in self.deleted_by_us or (link is not None and link.closed is not None):
            self.graph.chosen_anew.update(_tokens(seen))

    def no_witness(self, record: Record) -> None:
        """Whatever becomes of this record, nothing will tell us in time (R3, R6)."""
        self.purged.update(_tokens(self.world.row(record).version.values))

    def read(self, rows: Sequence[Row], read_at: datetime) -> None:
        """The engine was shown a page; the last ones are replayed at the end (I14)."""
        self.pages.append((rows, read_at))

    def automation_wrote(self, incoming: str, token: str) -> None:
        """Automation in the org replaced our text by one of its own."""
        self.graph.wrote(incoming, token)

    def people_changed_org(self, before: Mapping[str, Record]) -> None:
        """Somebody changed Salesforce, with everything that follows from it."""
        now = self.world.tables()
        for identifier in before.keys() - now.keys():
            self.purged.update(_tokens(self.world.row(before[identifier]).version.values))
        for identifier, record in now.items():
            old = before.get(identifier)
            if old is record:
                continue
            new = self.world.row(record).version.values
            if old is None:
                self.person_wrote(dict.fromkeys(FIELDS, ""), new)
                continue
            seen = self.world.row(old).version.values
            if record["IsDeleted"] and not old["IsDeleted"]:
                self.graph.killed_there.update(_tokens(seen))
                self.deleted_once.add(identifier)
            elif old["IsDeleted"] and not record["IsDeleted"]:
                self.user_restored(identifier, new)
            else:
                self.person_wrote(seen, new)

    # --- what the engine does in Salesforce ----------------------------------------------------------------------

    def calling(self, writes: Sequence[Write]) -> None:
        """The engine calls Salesforce: every write of a pair must be an intent on disk (I12)."""
        for write in writes:
            by = self.store.by_key if write.op == "create" else self.store.by_sf_id
            link = self.store.links.get(by.get(write.about, 0))
            if link is None:
                if write.op != "delete":
                    self.fail("I12", f"{write.op} of {write.about} belongs to no link")
                continue  # the sweep of a second record: judged by what is lost (I1)
            intent = self.store.intents.get(link.id)
            if intent is None or intent.op != write.op or intent.carried.sf != write.values:
                self.fail("I12", f"{write.op} of link {link.id} is not on disk before the call: {intent}")
            if not intent.in_flight:
                self.fail("I12", f"{write.op} of link {link.id} is sent without a note on disk: {intent}")
            write.expected = link.base.sf if link.base is not None else None

    def we_wrote(self, write: Write, before: Record | None, after: Record | None) -> None:
        """A write of ours was carried out, now or late."""
        if write.op == "delete" and before is not None:
            self.deleted_once.add(write.about)
            self.deleted_by_us.add(write.about)
        if write.op == "delete" or before is None or after is None:
            return
        old = self.world.row(before).version.values
        for name, new in write.values.items():
            if old[name] == new:
                continue
            if self.graph.is_ancestor(new, old[name]):
                self.fail("I9", f"flip-flop in Salesforce: {name} {old[name]} -> {new}")
            # A create that meets a record must not change it at all (M14).
            unread = write.expected is None or old[name] != write.expected[name]
            if unread and write.about not in self.world.once_hidden:  # R6
                self.fail("I1", f"{name} {old[name]!r} was overwritten unread in Salesforce by {new!r}")

    # --- what the engine does here -------------------------------------------------------------------------------

    def committed(self, journal: list[Change]) -> None:
        """The engine committed a transaction: `journal` has what each row was before."""
        store = self.store
        first: dict[int, dict[int, object]] = {}
        for table, key, before in journal:
            first.setdefault(id(table), {}).setdefault(key, before)
        lost = [store.conflicts[key][1] for key in first.get(id(store.conflicts), ())]
        links: dict[int, Link | None] = first.get(id(store.links), {})  # type: ignore[assignment]
        for key, old_link in links.items():
            self._link_changed(old_link, store.links[key])
        for key, old_intent in first.get(id(store.intents), {}).items():
            self._intent_changed(store.links[key], old_intent, store.intents.get(key))  # type: ignore[arg-type]
        self._guard_held(first.get(id(store.reminders), {}))
        settled: dict[int, Intent | None] = first.get(id(store.intents), {})  # type: ignore[assignment]
        for key, old_reminder in first.get(id(store.reminders), {}).items():
            if old_reminder is not None:
                self._reminder_changed(old_reminder, store.reminders[key], links, settled, lost)  # type: ignore[arg-type]
        for key, old_seat in first.get(id(store.seats), {}).items():
            self._seat_changed(old_seat, store.seats[key])  # type: ignore[arg-type]

    def _guard_held(self, reminders: Mapping[int, object]) -> None:
        """Not many reminders may be deleted at once unless a person has said so (I11)."""
        store = self.store
        gone = [
            key
            for key, old in reminders.items()
            if isinstance(old, Reminder)
            and old.deleted_at is None
            and store.reminders[key].deleted_at is not None
        ]
        if not gone or store.orgs[ORG].deletions == "approved" or self.world.rejoining:
            return
        live = sum(link.closed is None and link.sf_id is not None for link in store.links.values()) + len(
            gone
        )
        if too_many_deletions(len(gone), live):
            self.fail("I11", f"{len(gone)} of {live} reminders were deleted at once, and nobody was asked")

    def _link_changed(self, old: Link | None, new: Link) -> None:
        if old is None:
            self._link_made(new)
            return
        if old.sf_id is not None and new.sf_id != old.sf_id:
            self.fail("I2", f"link {new.id} leaves its record {old.sf_id} for {new.sf_id}")
        if old.key != new.key:
            self.fail("I2", f"link {new.id} changes its key")
        if new.base is not None and new.base is not old.base:
            self._base_moved(old.base, new.base, new)

    def _link_made(self, link: Link) -> None:
        if link.sf_id is not None:
            record = self.world.tables().get(link.sf_id)
            key = record[self.world.key_field] if record is not None else None
            if key in self.store.by_key:
                self.fail("I2", f"a record with our key {key} was imported as a new reminder")
        elif link.reminder_id is not None:
            seats = [seat for seat in self.store.seats.values() if seat.id in self.store.team.enabled]
            if all(link.reminder_id <= seat.outgoing_after for seat in seats):
                self.fail("FS-2", f"reminder {link.reminder_id} is older than its sync")

    def _base_moved(self, old: Base | None, new: Base, link: Link) -> None:
        fields = self.fields
        for name in FIELDS:
            if not fields.agree(name, new.app[name], new.sf[name], closed=_closed(new.sf["status"])):
                self.fail("I6", f"base of link {link.id}: {name} {new.app[name]!r} beside {new.sf[name]!r}")
            if old is not None:
                for before, after in ((old.app, new.app), (old.sf, new.sf)):
                    if before[name] != after[name] and self.graph.is_ancestor(after[name], before[name]):
                        self.fail("I6", f"base of link {link.id} goes back: {before[name]} -> {after[name]}")
        if old is not None and old.stamp and new.stamp and new.stamp < old.stamp:
            self.fail("I6", f"base of link {link.id} goes back from {old.stamp} to {new.stamp}")

    def _intent_changed(self, link: Link, old: Intent | None, new: Intent | None) -> None:
        if old is None and new is not None and new.op == "update" and link.base is not None:
            for name, value in new.carried.app.items():
                if link.base.app[name] == value:
                    self.fail("I8", f"link {link.id} sends {name}, which nobody changed here")
        if (
            old is None
            and new is not None
            and new.op == "delete"
            and link.base is not None
            and link.seen is not None
        ):
            if link.seen.version.values != link.base.sf:
                self.fail("I1", f"link {link.id}: a DELETE is decided over an edit that was seen")
            if link.seen.read_at < self.world.round_began():
                self.fail("I1", f"link {link.id}: a DELETE is decided on a version read before this round")
        fiber = self.world.current
        lease = self.world.leases.get(fiber.name if fiber is not None else "calm")
        settled = old is not None and (new is None or new.attempts == old.attempts)
        if settled and old is not None and old.opener != lease:
            self.fail("I12", f"the intent of link {link.id} is settled by another round than its holder")

    def _reminder_changed(
        self,
        old: Reminder,
        new: Reminder,
        links: Mapping[int, Link | None],
        settled: Mapping[int, Intent | None],
        lost: Sequence[Lost],
    ) -> None:
        key = self.store.by_reminder.get(new.id)
        link = None if key is None else self.store.links[key]
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
                self.fail("I8", f"reminder {new.id} {name} becomes {now!r}, which Salesforce does not say")
            hidden = link is not None and link.sf_id in self.world.once_hidden  # R6
            if self.graph.is_ancestor(now, was) and not hidden:
                self.fail("I9", f"flip-flop here: reminder {new.id} {name} {was} -> {now}")
            unsent = base is not None and was not in (base.app[name], sent.get(name))
            if (
                unsent
                and old.deleted_at is None
                and not any(one.field == name and one.value == was and one.side == "tandem" for one in lost)
            ):
                self.fail("I16", f"reminder {new.id} {name}: {was!r} gave way to {now!r} and nobody is told")
        if new.deleted_at is not None and old.deleted_at is None:
            if link is None or link.sf_id not in self.deleted_once:
                self.fail("I11", f"reminder {new.id} was deleted without a witness")
            now_base = link.base if link is not None else None
            if all(known is None or old.values != known.app for known in (base, now_base)):
                self.fail("I1", f"a deletion destroyed an edit of reminder {new.id}")

    def _seat_changed(self, old: Seat, new: Seat) -> None:
        if new.polled_to is None:
            return
        if old.polled_to is not None and new.polled_to < old.polled_to:
            self.fail("I13", f"the cursor falls from {old.polled_to} to {new.polled_to}")
        safe = new.polled_to - _OVERLAP
        for record in self.world.tasks():
            if record["SystemModstamp"] > safe or record["OwnerId"] != new.user:
                continue
            row = self.world.row(record)
            if row.id in self.world.once_hidden:
                continue
            link = self.store.links.get(self.store.by_sf_id.get(row.id, 0))
            if link is None:
                if (
                    row.key not in self.store.by_key
                    and new.import_from
                    and not refuse_import(row, new.import_from)
                ):
                    self.fail("I13", f"{row.id} lies below the cursor and was never seen")
            elif (
                link.closed is None
                and not link.stale
                and link.seen is not None
                and link.seen.stamp < row.stamp
            ):
                self.fail(
                    "I13", f"the version of {row.id} of {row.stamp} lies below the cursor and was never seen"
                )

    # --- at the end ----------------------------------------------------------------------------------------------

    def still_owed(self) -> list[str]:
        """What is left to do, in words; empty when both sides agree (I3)."""
        store, world = self.store, self.world
        found: list[str] = []
        for seat in store.seats.values():
            found += [f"reminder {i} was never linked" for i in store.without_link(seat)]
        tables = world.tables()
        for link in store.links.values():
            found += self._owed_by(link, tables)
        users = {seat.user: seat for seat in store.seats.values()}
        for record in tables.values():
            seat_of = users.get(record["OwnerId"])
            row = world.row(record)
            if seat_of is None or row.id in store.by_sf_id or row.key in store.by_key:
                continue
            if row.id not in world.once_hidden and not refuse_import(row, seat_of.import_from or row.stamp):
                found.append(f"{row.id} was never imported")
        return found

    def _owed_by(self, link: Link, tables: Mapping[str, Record]) -> list[str]:
        name = f"link {link.id}"
        if link.id in self.store.intents:
            return [f"{name} has an open intent"]
        if link.reminder_id is None:
            return []
        ours = self.store.reminders[link.reminder_id]
        alive = ours.deleted_at is None
        record = tables.get(link.sf_id) if link.sf_id is not None else None
        if link.closed is not None:
            unseen = link.sf_id in self.world.once_hidden or (
                record is not None and record["OwnerId"] == self.world.stranger
            )
            there = record is not None and not record["IsDeleted"] and not unseen
            if alive and link.closed == "deleted":
                return [f"{name} is closed as deleted, its reminder lives"]
            return [f"{name} is closed, and both sides live"] if alive and there else []
        if link.parked and ours.values["details"] in self.world.refused_for_ever:
            return []  # a person must act; it must not hold up the others (I10)
        if link.parked:
            return [f"{name} is parked: {link.error_code}"]
        if link.sf_id is None:
            return [f"{name} was never sent"]
        if record is None or link.sf_id in self.world.once_hidden:
            return []  # no witness is left, or nothing tells us of it before the nightly audit (R3, R6)
        if record["IsDeleted"] or not alive:
            return [f"{name} is open, one side is deleted"]
        if record["OwnerId"] == self.world.stranger and ours.owner is not None:
            return [f"{name} still shows a stranger's task to a member"]
        if link.seen is None or link.stale:
            return [f"{name} has to be read"]
        row, fields = self.world.row(record), self.fields
        return [
            f"{name}: {field} is {ours.values[field]!r} here and {value!r} there"
            for field, value in row.version.values.items()
            if not fields.agree(field, ours.values[field], value, closed=row.version.closed)
        ]

    def at_rest(self) -> None:
        """Everything has come to rest: is everything there that should be, and nothing else?"""
        tables = self.world.tables()
        live = [row for record in tables.values() if not (row := self.world.row(record)).deleted]
        reminders = [row for row in self.store.reminders.values() if row.deleted_at is None]
        self._nothing_lost(live, reminders)
        self._nothing_doubled(live)
        self._nothing_risen(live, reminders)
        self._replays_are_free()

    def _nothing_lost(self, live: Sequence[Row], reminders: Sequence[Reminder]) -> None:
        shown = {value for row in live for value in row.version.values.values()}
        shown |= {value for row in reminders for value in row.values.values()}
        named = {lost.value for _, lost in self.store.conflicts.values()}
        # R2 beside R3 or R7: a record that we deleted at that moment, and that nobody shows us any more.
        unseen = {
            value
            for record in self.world.tasks()
            if record["IsDeleted"] and record["OwnerId"] == self.world.stranger
            for value in self.world.row(record).version.values.values()
        }
        for head in self.graph.heads():
            if head not in shown and head not in named and head not in unseen and head not in self.purged:
                self.fail("I1", f"{head!r} is nowhere, and nobody replaced it knowingly")
        rows = {row.id: row for row in live}
        veiled = {row.key for row in live if row.key and row.id in self.world.once_hidden}  # R6
        for link in self.store.links.values():
            if link.closed is not None or link.reminder_id is None or link.sf_id not in rows:
                continue
            if link.sf_id in self.world.once_hidden or rows[link.sf_id].version.owner == self.world.stranger:
                continue
            if link.reminder_id in self.taken_back or link.parked or link.key in veiled:
                continue
            ours = self.store.reminders[link.reminder_id]
            for name in _TOKENS:
                for side, value in (
                    ("here", ours.values[name]),
                    ("there", rows[link.sf_id].version.values[name]),
                ):
                    if value in self.graph.replaced - self.graph.chosen_anew and not self._purged_since(
                        value
                    ):
                        self.fail(
                            "I1", f"link {link.id} ends {side} on {name} {value!r}, which somebody replaced"
                        )

    def _purged_since(self, value: str) -> bool:
        """Whether what replaced this value has vanished without a witness (R3)."""
        return any(self.graph.is_ancestor(value, gone) for gone in self.purged)

    def _nothing_doubled(self, live: Sequence[Row]) -> None:
        kept = {lost.value for _, lost in self.store.conflicts.values() if lost.field == "task"}
        kept |= self.world.once_hidden  # R6
        count = Counter(row.key for row in live if row.key and row.id not in kept)
        for key, times in count.items():
            if times > 1:
                self.fail("I2", f"{times} live records carry the key {key}")

    def _nothing_risen(self, live: Sequence[Row], reminders: Sequence[Reminder]) -> None:
        # R5: a detached or kept side lives on by rule, with its conflict.
        links = self.store.links.values()
        spared = [link for link in links if link.closed in ("detached", "kept_remote")]
        explained = {link for link, _ in self.store.conflicts.values()}
        ours = {link.reminder_id for link in spared if link.id in explained} | self.taken_back
        theirs = {link.sf_id for link in spared if link.id in explained}
        theirs |= {link.sf_id for link in links if link.reminder_id in self.taken_back}
        strangers = {row.id for row in live if row.version.owner == self.world.stranger}
        passed = theirs | strangers | self.world.once_hidden
        named = {link for link, lost in self.store.conflicts.values() if lost.value == "un-deleted"}
        passed |= {link.sf_id for link in links if link.id in named}
        passed |= {lost.value for _, lost in self.store.conflicts.values() if lost.field == "task"}
        killed = self.graph.killed - self.purged - self.graph.chosen_anew
        for row in live:
            if row.version.values["name"] in killed and row.id not in passed:
                self.fail("I4", f"{row.id} lives, and a person deleted {row.version.values['name']!r}")
        unwitnessed = {
            link.reminder_id
            for link in links
            if link.sf_id is not None and (link.sf_id in passed or link.sf_id not in self.world.tables())
        }
        for reminder in reminders:
            name = reminder.values["name"]
            if name in killed and reminder.id not in ours and reminder.id not in unwitnessed:
                self.fail("I4", f"reminder {reminder.id} lives, and a person deleted {name!r}")

    def _replays_are_free(self) -> None:
        for rows, read_at in self.pages:
            for row in rows:
                link = self.store.links.get(self.store.by_sf_id.get(row.id, 0))
                if (
                    link is None
                    or link.seen is None
                    or (row.stamp, read_at) >= (link.seen.stamp, link.seen.read_at)
                ):
                    continue  # never observed, for its round died first; or a tie, which is read again
                observed = observe(self.store.pair(link), row, read_at)
                same = replace(observed.link, seen=link.seen, stale=link.stale) == link
                if observed.news is not News.NONE or not same or (observed.lost and not link.stale):
                    self.fail("I14", f"an old page changes link {link.id}: {row} as of {read_at}")


def _tokens(values: Values) -> list[str]:
    return [values[name] for name in _TOKENS if values[name]]


def _closed(status: str) -> bool:
    return status == "Completed"

"""Is every email and call logged once (I15)? What is checked of them at each commit, at each call, and at rest.

A key that a person deleted or hid in the very moments in which nobody can tell is spared (`excused`): R3, R6 and R10 of
docs/invariants.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orgbox.records import Record
from tandem.sync.activity import KEY_PREFIX
from tandem.sync.activity_settle import Making
from tests.simulation.activities_port import CUSTOM
from tests.simulation.calls import Write
from tests.simulation.correspondence import KNOWN

if TYPE_CHECKING:
    from tests.simulation.world import World

# What stays refused in calm too: the contact that an email is about lies in the bin.
_FOR_A_PERSON = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"}


class Once:
    """Looks after every commit here and in Salesforce, and at the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = world.store.log
        self.excused: set[str] = set()
        self._sent: dict[str, int] = {}  # whose each key is that was ever sent
        self._seen: dict[int, set[str]] = {}  # the Tasks that were ever made of each log entry
        self._people: dict[str, set[str]] = {}  # every Lead that we made, by its address
        self._missed: set[str] = (
            set()
        )  # keys of which the last look has shown nothing, and nothing was sent since
        self.blinded = (
            False  # Salesforce has refused to show a kind of record: known people may be nobody then
        )

    def ours(self, record: Record) -> bool:
        """Whether a Task logs something."""
        return str(record[self.world.there.key_field] or "").startswith(KEY_PREFIX)

    # --- what the engine does ------------------------------------------------------------------------------------

    def calling(self, writes: Sequence[Write]) -> None:
        """The engine calls Salesforce: every row must be on disk, as it is sent, with an attempt that is out (I12)."""
        self.world.oracle.paced(writes)
        fiber = self.world.current
        lease = self.world.leases.get(fiber.name if fiber is not None else "calm")
        for write in writes:
            if write.opts_out:
                self.world.unsubscribes.calling(write)
                continue
            if write.op == "update":
                entry = next((each for each in self.log.entries.values() if each.sf_id == write.about), None)
                if entry is None or not write.fields.keys() <= set(CUSTOM):
                    self._fail("I15", f"{write.about} is changed after it was logged: {dict(write.fields)}")
                continue
            made = self._making(write)
            key_field = self.world.there.key_field
            sent = {name: value for name, value in write.fields.items() if name != key_field}
            if made is None or not made.in_flight or made.opener != lease or dict(made.body) != sent:
                self._fail("I12", f"{write.about} is sent without a note on disk: {made}")
            elif write.sobject == "Task":
                self._sent[write.about] = made.id

    def _making(self, write: Write) -> Making | None:
        if write.sobject == "Task":
            return self.log.by_key(write.about)
        return next((each for each in self.log.newcomers.values() if each.key == write.about), None)

    def looked(self, asked: Collection[str], found: Collection[str]) -> None:
        """The engine looked for keys."""
        self._missed.difference_update(asked)
        self._missed.update(set(asked).difference(found))

    def arrived(self, key: str) -> None:
        """An attempt has reached Salesforce: whatever comes of it, the next one looks first."""
        self._missed.discard(key)

    def wrote(self, write: Write, after: Record | None) -> None:
        """A row of ours was carried out, now or late."""
        if after is None or write.op != "create":
            return
        for name, value in write.fields.items():
            if name != "ActivityDate" and after[name] != value:
                self._fail("I15", f"{write.about} says {name} {after[name]!r}, and {value!r} was sent")
        if write.sobject == "Task":
            self._seen.setdefault(self._sent[write.about], set()).add(after["Id"])
        else:
            self._people.setdefault(write.about, set()).add(after["Id"])
        self.look()

    def look(self) -> None:
        """At every commit in Salesforce: never two with one key, in the bin neither."""
        for number, ids in self._seen.items():
            if len(ids) > 1 and self.log.entries[number].key not in self.excused:
                self._fail("I15", f"entry {number} is logged {len(ids)} times: {sorted(ids)}")
        for address, ids in self._people.items():
            if len(ids) > 1:
                self._fail("I15", f"{len(ids)} leads were made for {address}")

    def committed(self, first: Mapping[int, Mapping[Any, Any]]) -> None:
        """The engine committed: `first` has what the rows of each table were before."""
        fiber = self.world.current
        lease = self.world.leases.get(fiber.name if fiber is not None else "calm")
        for table in (self.log.entries, self.log.newcomers):
            before: Mapping[int, Making | None] = first.get(id(table), {})
            for number, old in before.items():
                new = table[number]
                if old is None:
                    continue
                if old.sf_id is not None and new.sf_id != old.sf_id:
                    self._fail("I15", f"{new.key} leaves its record {old.sf_id} for {new.sf_id}")
                moved = (old.in_flight, old.attempts, old.doubt_until) != (
                    new.in_flight,
                    new.attempts,
                    new.doubt_until,
                )
                if moved and new.opener != lease:
                    self._fail("I12", f"the attempt of {new.key} is settled by another round than its holder")
        for number in first.get(id(self.log.activities), ()) if not self.blinded else ():
            for entry in self.log.activities[number].why:
                if entry.get("address") in KNOWN and str(entry.get("rule")).startswith("nobody"):
                    self._fail("I15", f"{entry['address']} is taken for nobody, and has a record: {entry}")

    # --- what people do ------------------------------------------------------------------------------------------

    def person_deleted(self, record: Record) -> None:
        """Somebody deleted a Task that logs something; in some moments nobody can tell whether it was ever there."""
        key = record[self.world.there.key_field]
        coming = any(write.about == key for landing in self.world.there.later for write in landing.writes)
        entry = self.log.by_key(key)
        if coming or (entry is not None and entry.closed is None and key in self._missed):
            self.excused.add(key)  # R10

    def hidden(self, record: Record) -> None:
        """It is out of our sight before we knew that it was made (R6)."""
        entry = self.log.by_key(record[self.world.there.key_field])
        if entry is not None and entry.closed is None:
            self.excused.add(entry.key)

    def vanished(self) -> None:
        """What was emptied from the bin, or has lain in it for 15 days, before we knew that it was made (R3)."""
        there = self.world.there.tables().keys()
        for number, ids in self._seen.items():
            entry = self.log.entries[number]
            if entry.closed is None and not ids <= there:
                self.excused.add(entry.key)

    # --- at rest -------------------------------------------------------------------------------------------------

    def waits(self, now: datetime) -> bool:
        """Whether something still waits for its next try."""
        made = [*self.log.entries.values(), *self.log.newcomers.values()]
        return any(
            each.not_before is not None and each.not_before > now and not each.parked
            for each in made
            if each.closed is None or self.log.owed.get(each.id)
        )

    def still_owed(self) -> list[str]:
        """What is left to log, in words."""
        log = self.log
        news = [each for each in log.messages.values() if each.news and each.member in log.loggers]
        found = [f"message {each.id} is not looked at" for each in news]
        for row in log.activities.values():
            found += [f"activity {row.id} is not decided"] if row.verdict == "open" else []
        for made in (*log.entries.values(), *log.newcomers.values()):
            wanted = made.of or any(made.key in row.held for row in log.activities.values())
            if made.parked and wanted and made.error_code not in _FOR_A_PERSON:
                found.append(f"{made.key} is parked: {made.error_code}")
            elif made.closed is None and not made.parked:
                found.append(f"{made.key} is not logged")
        # What was left out has no Task in which they could be written.
        owed = [log.entries[number] for number, owes in log.owed.items() if owes]
        found += [f"entry {each.id} owes custom fields" for each in owed if each.closed != "left_out"]
        return found

    def at_rest(self) -> None:
        """Each message is one activity; each of its entries is one Task, on a record that no other entry of it names."""
        log = self.log
        rows = [row.message for row in log.activities.values()]
        told = [each.id for each in log.messages.values() if each.member in log.loggers]
        if sorted(rows) != sorted(told):
            self._fail("I15", f"messages {sorted(told)} became the activities of {sorted(rows)}")
        for row in log.activities.values():
            entries = [each for each in log.entries_of(row.id) if each.closed != "left_out"]
            if (row.verdict == "logged") != bool(entries) and not log.entries_of(row.id):
                self._fail("I15", f"activity {row.id} is {row.verdict}, and has {len(entries)} log entries")
            whom = [each.body["WhoId"] for each in entries if "WhoId" in each.body]
            if len(whom) != len(set(whom)):
                self._fail("I15", f"activity {row.id} is logged twice on one person: {whom}")
            for entry in entries:
                known = self._seen.get(entry.id, set()) | self.world.oracle.copies
                if entry.closed == "logged" and entry.sf_id not in known:
                    self._fail("I15", f"{entry.key} is logged as {entry.sf_id}, which never carried it")

    def _fail(self, invariant: str, what: str) -> None:
        self.world.oracle.fail(invariant, what)

"""What do people do in a history? Members in Tandem, users in Salesforce, and an admin on either side.

Each text or date that a person writes is a fresh token, so that the oracle knows whose value any field holds. A person
sees what is there at that moment and replaces it knowingly; nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from orgbox.errors import OrgError
from orgbox.records import Record
from tandem.sync.fields import SALESFORCE_NAMES
from tandem.sync.pair import FIELDS
from tests.simulation.tables import Reminder

if TYPE_CHECKING:
    from tests.simulation.calls import Write
    from tests.simulation.world import World

STATUSES = ("Completed", "Not Started", "In Progress", "Waiting on someone else", "Deferred")
PRIORITIES = ("High", "Normal", "Low")
MOST_REMINDERS = 5
MOST_TASKS = 6
_FIRST_DAY = date(2027, 1, 1)
# A task that repeats: its master is nobody's task (FS-4), and has no due date of its own. No Sunday falls into its days,
# so that it has no occurrences: those are tasks like any other.
_SERIES: dict[str, Any] = {
    "ActivityDate": None,
    "IsRecurrence": True,
    "RecurrenceStartDateOnly": _FIRST_DAY,
    "RecurrenceEndDateOnly": _FIRST_DAY + timedelta(days=1),
    "RecurrenceType": "RecursWeekly",
    "RecurrenceInterval": 1,
    "RecurrenceDayOfWeekMask": 1,
}
_OLD_DAY = date(2001, 1, 1)  # due so long ago that a closed task is archived


class People:
    """Everybody outside the engine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tape = world.tape
        self.store = world.store
        self.tandem = world.tandem
        self.org = world.there.org
        self.tokens = 0
        self.acts = 0
        self.lead: str | None = None
        self.contact: str | None = None

    def _token(self, letter: str) -> str:
        self.tokens += 1
        return f"{letter}{self.tokens}"

    def _day(self) -> str:
        self.tokens += 1
        return (_FIRST_DAY + timedelta(days=self.tokens)).isoformat()

    def _old_day(self) -> str:
        self.tokens += 1
        return (_OLD_DAY + timedelta(days=self.tokens)).isoformat()

    # --- members -------------------------------------------------------------------------------------------------

    def member_acts(self) -> None:
        """One member does one thing in Tandem."""
        member = 1 + self.tape.below(self.world.swarm.members)
        mine = [row for row in self.store.reminders.values() if row.owner == member]
        alive = [row for row in mine if row.deleted_at is None]
        act = self.tape.below(16)
        if act < 3 or not mine:
            if len(self.store.reminders) < MOST_REMINDERS:
                self.create(member)
            return
        if act == 15:
            self._undo_delete(mine)
        elif alive:
            row = self.tape.one_of(alive)
            if act < 8:
                self._edit(row)
            elif act < 11:
                self._change(row, {"status": "open" if row.values["status"] == "done" else "done"})
            elif act < 12:
                self._change(row, {"priority": "normal" if row.values["priority"] == "high" else "high"})
            else:
                self._delete(row)

    def create(self, member: int) -> Reminder:
        """A member writes a new reminder."""
        values = {
            "name": self._token("a"),
            "status": "open",
            "priority": self.tape.one_of(("normal", "high")),
            "due": self._day() if self.tape.below(2) else "",
            "details": self._token("a") if self.tape.below(2) else "",
        }
        row = self.tandem.create(member, values)
        self.acts += 1
        self.world.oracle.person_wrote(dict.fromkeys(FIELDS, ""), values)
        self.world.note(lambda: f"member {member} creates reminder {row.id} {values}")
        return row

    def _edit(self, row: Reminder) -> None:
        what = self.tape.below(4)
        changes = {}
        if what in (0, 3):
            changes["details"] = self._token("a")
        if what in (1, 3):
            changes["name"] = self._token("a")
        if what == 2:
            changes["due"] = self._day()
        self._change(row, changes)

    def _change(self, row: Reminder, changes: dict[str, str]) -> None:
        new = self.tandem.edit(row, changes)
        self.acts += 1
        self.world.oracle.person_wrote(row.values, new.values)
        self.world.note(lambda: f"member edits reminder {row.id}: {changes}")

    def _delete(self, row: Reminder) -> None:
        self.tandem.delete(row)
        self.acts += 1
        self.world.oracle.member_deleted(row)
        self.world.note(lambda: f"member deletes reminder {row.id}")

    def _undo_delete(self, mine: list[Reminder]) -> None:
        undoable = [row for row in mine if row.deleted_at is not None and row.can_undo_delete]
        if undoable:
            row = self.tape.one_of(undoable)
            self.world.oracle.member_restored(row)
            self.tandem.take_back(row)
            self.acts += 1
            self.world.note(lambda: f"member takes back the deletion of reminder {row.id}")

    def undo(self) -> None:
        """A member takes back a deletion that was carried out in Salesforce."""
        links = self.store.links.values()
        done = {link.reminder_id for link in links if link.closed == "deleted" and link.closed_by == "tandem"}
        self._undo_delete([row for row in self.store.reminders.values() if row.id in done])

    def meanwhile(self, writes: Sequence[Write]) -> None:
        """What everybody does in the very moment in which our call is on its way to Salesforce."""
        world, tape = self.world, self.tape
        if world.calm or world.quiet or tape.edition < 3:
            return
        for write in writes:
            pair = write.op == "update" and not write.logs
            if pair and write.about in world.there.hidden and tape.below(2):
                world.there.show_all()
            if pair and "second thoughts" in world.swarm and tape.below(3) == 2:
                self._changes_again(write)
            if write.op == "create" and "hasty user" in world.swarm:
                self._comes_first(write)

    def _changes_again(self, write: Write) -> None:
        link = self.store.links[self.store.by_sf_id[write.about]]
        row = self.store.reminders.get(link.reminder_id or 0)
        if row is None or row.deleted_at is not None:
            return
        self.world.count("second thoughts")
        again = {
            "status": "open" if row.values["status"] == "done" else "done",
            "priority": "normal" if row.values["priority"] == "high" else "high",
        }
        changes = {name: again.get(name) for name in write.values}
        self._change(
            row,
            {
                name: word or (self._day() if name == "due" else self._token("a"))
                for name, word in changes.items()
            },
        )

    def is_faster(self, reminder: int) -> None:
        """A member changes a reminder between our reading it and our conditional UPDATE, within one transaction."""
        world, row = self.world, self.store.reminders[reminder]
        if world.calm or world.quiet or "second thoughts" not in world.swarm or row.owner is None:
            return
        if row.deleted_at is None and self.tape.below(12) == 11:
            world.count("second thoughts")
            self._edit(row)

    def _comes_first(self, write: Write) -> None:
        """An earlier attempt of the same create lands just before this one."""
        there = self.world.there
        for landing in [each for each in there.later if any(one.about == write.about for one in each.writes)]:
            if self.tape.below(2):
                there.later.remove(landing)
                there.land(landing)

    # --- Salesforce users ----------------------------------------------------------------------------------------

    def user_acts(self) -> None:
        """One user does one thing in Salesforce; what the org refuses (a locked row, say) does not happen."""
        try:
            self._user_acts()
        except OrgError as refusal:
            why = str(refusal)
            self.world.note(lambda: f"a user in Salesforce is refused: {why}")

    def _user_acts(self) -> None:
        tape, swarm = self.tape, self.world.swarm
        act = tape.below(20)
        alive = [record for record in self.world.there.tasks() if not record["IsDeleted"]]
        if act < 3 or not alive:
            if sum(not self.world.once.ours(task) for task in self.world.there.tasks()) < MOST_TASKS:
                self.create_task()
            return
        task = tape.one_of(alive)
        if act < 9:
            self._update(task, self._new_texts())
        elif act < 12:
            self._update(task, {"Status": tape.one_of(STATUSES)})
        elif act < 13:
            self._update(task, {"Priority": tape.one_of(PRIORITIES)})
        elif act < 16:
            self._in_org(lambda tx: tx.delete("Task", task["Id"]), f"deletes {_short(task)}")
        elif act < 17 and "un-delete" in swarm:
            self._undelete()
        elif act < 18 and "reassigned" in swarm:
            owner = tape.one_of((self.world.there.stranger, *self.store.team.users.values()))
            self.world.count("reassigned")
            self._update(task, {"OwnerId": owner})
        else:
            self._update(task, {**self._new_texts(), "Status": tape.one_of(STATUSES)})

    def create_task(self) -> str | None:
        """A user creates a task, mostly for a member."""
        tape, team = self.tape, self.store.team
        owner = (
            tape.one_of((*team.users.values(), self.world.there.stranger)) if tape.below(3) else team.users[1]
        )
        fields: dict[str, Any] = {
            "Subject": self._token("r"),
            "OwnerId": owner,
            "Status": tape.one_of(("Not Started", "Not Started", "In Progress", "Completed")),
            "Priority": tape.one_of(("Normal", "Low", "High")),
        }
        if tape.below(2):
            fields["Description"] = self._token("r")
        if tape.below(2):
            fields["ActivityDate"] = self._day()
        if "archived" in self.world.swarm and tape.below(2):
            fields["ActivityDate"] = self._old_day()
        if self.contact is not None and tape.below(2):
            fields["WhoId"] = self.contact
        elif self.lead is not None and tape.below(2):
            fields["WhoId"] = self.lead
        subtype = tape.below(12)
        if subtype == 11:
            fields["TaskSubtype"] = "Email"
        if tape.below(12, since=3) == 11:
            fields |= _SERIES
        made: list[str] = []
        self._in_org(lambda tx: made.append(tx.insert("Task", fields)), f"creates a task {fields}")
        return made[0] if made else None

    def deletes(self, task: Record) -> None:
        """A user deletes this task."""
        self._in_org(lambda tx: tx.delete("Task", task["Id"]), f"deletes {_short(task)}")

    def renames(self, task: Record) -> None:
        """A user gives it another Subject."""
        self._update(task, {"Subject": self._token("r")})

    def _new_texts(self) -> dict[str, str]:
        what = self.tape.below(4)
        changes = {}
        if what in (0, 3):
            changes["Description"] = self._token("r")
        if what in (1, 3):
            changes["Subject"] = self._token("r")
        if what == 2:
            changes["ActivityDate"] = self._day()
        return changes

    def _update(self, task: Record, fields: dict[str, str]) -> None:
        slow = "slow transaction" in self.world.swarm and self.tape.below(3) == 2
        # R1: two versions stamped in one second, the second committed later, are a residual window (docs/invariants).
        slow = slow and task["LastModifiedDate"] < self.org.state.stamp()
        what = f"writes {_short(task)} {fields}"
        if slow and not self.world.calm:
            self.world.there.user_writes_slowly(task["Id"], fields, what)
        else:
            self._in_org(lambda tx: tx.update("Task", task["Id"], fields), what)

    def _undelete(self) -> None:
        binned = [record for record in self.world.there.tasks() if record["IsDeleted"]]
        if binned:
            task = self.tape.one_of(binned)
            self.world.count("un-delete")
            self._in_org(lambda tx: tx.undelete("Task", task["Id"]), f"un-deletes {_short(task)}")

    def _in_org(self, act: Callable[[Any], object], what: str) -> None:
        world = self.world
        before = world.there.tables()
        with self.org.transaction(self.org.admin_id) as tx:
            act(tx)
        self.acts += 1
        world.note(lambda: f"a user in Salesforce {what}")
        world.oracle.people_changed_org(before)

    # --- admins --------------------------------------------------------------------------------------------------

    def admin_acts(self) -> None:
        """One rare thing that this history has."""
        swarm, tape = self.world.swarm, self.tape
        rare = [name for name in _RARE if name in swarm]
        if not rare:
            return
        name = tape.one_of(rare)
        self.world.count(name)
        try:
            _RARE[name](self)
        except OrgError as refusal:
            why = str(refusal)
            self.world.note(lambda: f"an admin in Salesforce is refused: {why}")

    def _empty_bin(self) -> None:
        before = self.world.there.tables()
        self.org.empty_bin()
        self.world.note(lambda: "an admin empties the recycle bin")
        self.world.oracle.people_changed_org(before)

    def _delete_parent(self) -> None:
        if self.contact is None:
            return
        contact = self.contact
        record = self.org.get("Contact", contact, deleted=True)
        if record["IsDeleted"]:
            self._in_org(lambda tx: tx.undelete("Contact", contact), "restores the contact")
        else:
            self._in_org(lambda tx: tx.delete("Contact", contact), "deletes the contact")

    def _convert_lead(self) -> None:
        if self.lead is not None and not self.org.get("Lead", self.lead)["IsConverted"]:
            before = self.world.there.tables()
            self.org.convert_lead(self.lead)
            self.world.note(lambda: "a user in Salesforce converts the lead")
            self.world.oracle.people_changed_org(before)

    def _copy(self) -> None:
        """Clone a task that we made, key and all; a unique key cannot be taken along."""
        key = self.world.there.key_field
        ours = [task for task in self.world.there.tasks() if task[key] and not task["IsDeleted"]]
        if not ours or len(self.world.there.tasks()) >= MOST_TASKS:
            return
        task = self.tape.one_of(ours)
        taken = [*SALESFORCE_NAMES.values(), "OwnerId"] + [key] * (self.world.swarm.mode == "B")
        fields = {name: task[name] for name in taken}
        if self.tape.below(2):
            fields |= self._new_texts()
        self.world.oracle.person_copied(task)
        made: list[str] = []
        self._in_org(lambda tx: made.append(tx.insert("Task", fields)), f"copies {_short(task)}")
        self.world.oracle.copies.update(made)

    def meet(self, identifier: str) -> None:
        """A late create of ours has just landed: somebody may edit or delete it at once."""
        act = self.tape.below(4)
        if act in (1, 2):
            self.world.count("hasty user")
            task = self.org.get("Task", identifier, deleted=True)
            if act == 1:
                self._in_org(lambda tx: tx.delete("Task", identifier), f"deletes {_short(task)} at once")
            else:
                fields = self._new_texts()
                self._in_org(
                    lambda tx: tx.update("Task", identifier, fields), f"writes {_short(task)} {fields}"
                )

    def _archive(self) -> None:
        archived = self.org.run_archive_job()
        self.world.note(lambda: f"Salesforce archives {len(archived)} task(s)")

    def _hide(self) -> None:
        world = self.world
        if world.there.hidden:
            world.there.show_all()
        elif tasks := world.there.tasks():
            task = self.tape.one_of(tasks)
            world.there.hidden.add(task["Id"])
            world.there.once_hidden.add(task["Id"])
            world.oracle.no_witness(task)
            world.note(lambda: f"{_short(task)} is hidden from us")
            if self.tape.below(3, since=3) == 2 and not task["IsDeleted"]:
                self._update(task, self._new_texts())

    def _delete_most(self) -> None:
        for task in self.world.there.tasks():
            if not task["IsDeleted"]:
                identifier = task["Id"]
                self._in_org(lambda tx, i=identifier: tx.delete("Task", i), f"deletes {_short(task)}")

    def prepare(self) -> None:
        """What was there before sync was switched on."""
        swarm, tape = self.world.swarm, self.tape
        if "parent deleted" in swarm:
            self.contact = self.org.plant("Contact", {"LastName": "Bos"})
        if "lead converted" in swarm:
            self.lead = self.org.plant(
                "Lead", {"LastName": "Vos", "Company": "Vos BV", "Status": "Open - Not Contacted"}
            )
        for _ in range(tape.below(3)):
            self.create_task()
        for _ in range(tape.below(2)):
            self.create(1)


def _short(record: Record) -> str:
    return str(record["Id"])[-6:-3]


_RARE: dict[str, Callable[[People], None]] = {
    "bin emptied": People._empty_bin,
    "parent deleted": People._delete_parent,
    "lead converted": People._convert_lead,
    "archived": People._archive,
    "lost sharing": People._hide,
    "mass deletion": People._delete_most,
    "copied": People._copy,
}

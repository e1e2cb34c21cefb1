"""What happens on Salesforce's side of a history: at once, slowly, or long after we have given up?

The org itself is orgbox's. This file lets writes land in it, ours and other people's, tells the oracle of each, and lets
the org's own automation answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.records import Record
from orgbox.schema.types import Field
from orgbox.state import Change
from orgbox.writes import Transaction
from tandem.sync.pair import Row
from tests.simulation.calls import Write
from tests.simulation.salesforce_port import row_of

if TYPE_CHECKING:
    from tests.simulation.world import World

UNIQUE_KEY = Field(
    "Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True
)
# Salesforce ends a call after ten minutes; what it has not committed by then never will be.
LONGEST_CALL = 590


@dataclass(slots=True)
class Landing:
    """Something that Salesforce will still commit: at `deadline` at the latest."""

    deadline: datetime
    what: str
    land: Callable[[], None]
    writes: Sequence[Write] = ()


class There:
    """Salesforce's side of one world.

    hidden: the Tasks that we may not see now; once_hidden: those that ever were. refused_for_ever: texts that a
    validation rule refuses, also in calm. later: what will still be committed.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        swarm, self.clock = world.swarm, world.clock
        unique = swarm.mode == "A"
        self.key_field = UNIQUE_KEY.name if unique else "CallObject"
        self.org = Org(self.clock, seed=7, time_zone="UTC", task_fields=[UNIQUE_KEY] if unique else [])
        self.users = {member: self._user(f"member{member}") for member in range(1, swarm.members + 1)}
        self.stranger = self._user("stranger")
        self.later: list[Landing] = []
        self.hidden: set[str] = set()
        self.once_hidden: set[str] = set()
        self.refused_for_ever: set[str] = set()
        self.our_writes = 0
        self._rows: dict[int, tuple[Record, Row]] = {}
        self._writing: Write | None = None
        self._rewritten: str | None = None  # what automation put in the place of our text
        self._rewrites = 0
        if "rewriting trigger" in swarm or "refusing rule" in swarm:
            self.org.triggers.append(self._trigger)

    # --- reading it --------------------------------------------------------------------------------------------------

    def tasks(self) -> list[Record]:
        """Every Task, deleted ones too."""
        return list(self.org.scan("Task", all_rows=True))

    def tables(self) -> dict[str, Record]:
        """Every Task by id, to compare with later."""
        return {record["Id"]: record for record in self.org.scan("Task", all_rows=True)}

    def row(self, record: Record) -> Row:
        """A record as the engine sees it; a version never changes, so it is read once."""
        kept = self._rows.get(id(record))
        if kept is None or kept[0] is not record:
            kept = self._rows[id(record)] = (record, row_of(record, self.key_field))
        return kept[1]

    # --- writing to it -----------------------------------------------------------------------------------------------

    def commit_ours(self, write: Write) -> str:
        """One row of ours, committed at once. Raises OrgError."""
        with self.org.transaction(write.user) as tx:
            return self._do(tx, [write])[0]

    def _do(self, tx: Transaction, writes: Sequence[Write]) -> list[str]:
        ids = []
        for write in writes:
            tables = self.tables()
            self._writing, self._rewritten = write, None
            try:
                identifier = write(tx, self.hidden)
            finally:
                self._writing = None
            after = tx.look(write.sobject, identifier)
            self.our_writes += 1
            if write.logs:
                self.world.once.wrote(write, after)
                ids.append(identifier)
                continue
            if self._rewritten is not None:
                self.world.oracle.automation_wrote(write.values["details"], self._rewritten)
            self.world.oracle.we_wrote(write, tables.get(identifier), after)
            ids.append(identifier)
            self.world.note(
                lambda w=write, i=identifier: f"Salesforce takes our {w.op} of {i[-6:-3]}: {dict(w.values)}"
            )
        return ids

    def land_later(self, writes: Sequence[Write]) -> None:
        """Carried out at some moment of the next 590 s, row by row."""

        def land() -> None:
            for write in writes:
                try:
                    identifier = self.commit_ours(write)
                    made = write.op == "create" and write.sobject == "Task"
                    if made and "hasty user" in self.world.swarm and not self.world.calm:
                        self.world.people.meet(identifier)
                except OrgError as refusal:
                    self.world.note(lambda r=refusal: f"refused: {r}")

        self._put_off(land, f"our late {writes[0].op}", writes)

    def start_slowly(self, writes: Sequence[Write]) -> None:
        """Stamped now, its rows locked, committed at some moment of the next 590 s."""
        tx = self.org.begin(writes[0].user)
        for write in writes:
            try:
                self._do(tx, [write])
            except OrgError as refusal:
                self.world.note(lambda r=refusal: f"refused: {r}")
        self._put_off(tx.commit, f"our slow {writes[0].op}", writes)

    def user_writes_slowly(self, identifier: str, fields: dict[str, str], what: str) -> None:
        """A user's change that is stamped now and shows later. Raises OrgError."""
        self.changes_slowly("Task", identifier, fields, what)

    def changes_slowly(self, sobject: str, identifier: str, fields: Mapping[str, Any], what: str) -> None:
        """As user_writes_slowly, of any record. Raises OrgError."""
        tx = self.org.begin(self.org.admin_id)
        try:
            tx.update(sobject, identifier, fields)
        except OrgError:
            tx.rollback()
            raise
        self.world.count("slow transaction")
        self.world.note(lambda: f"a user in Salesforce slowly {what}")

        def land() -> None:
            before = self.tables()
            tx.commit()
            self.world.oracle.people_changed_org(before)

        self._put_off(land, f"the user's slow change of {identifier[-6:-3]}")

    def _put_off(self, land: Callable[[], None], what: str, writes: Sequence[Write] = ()) -> None:
        seconds = (LONGEST_CALL, 3, 30, 200)[self.world.tape.below(4)]
        self.later.append(Landing(self.clock.now() + timedelta(seconds=seconds), what, land, writes))

    def _trigger(self, change: Change) -> None:
        """The org's own automation: it answers our writes."""
        write = self._writing
        if write is None or write.logs or change.sobject != "Task":
            return
        text = change.values.get("Description")
        if text is not None and text in self.refused_for_ever:
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a validation rule of this org")
        if self.world.calm:
            return
        refused = change.operation == "delete" and "refusing rule" in self.world.swarm
        if refused and self.world.tape.below(6, since=3) == 5:
            self.world.count("refusing rule")
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Nobody may delete this")
        if "refusing rule" in self.world.swarm and text and self.world.tape.chance(5):
            self.world.count("refusing rule")
            if self.world.tape.below(2):
                self.refused_for_ever.add(text)
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a validation rule of this org")
        if (
            "rewriting trigger" in self.world.swarm
            and text
            and self._rewrites < 4
            and self.world.tape.chance(3)
        ):
            self._rewrites += 1
            self.world.count("rewriting trigger")
            change.values["Description"] = self._rewritten = f"t{self._rewrites}"

    def show_all(self) -> None:
        """Nothing is hidden any more."""
        if self.hidden:
            self.hidden.clear()
            self.world.note(lambda: "everything can be seen again")

    def _user(self, name: str) -> str:
        return self.org.plant(
            "User",
            {
                "LastName": name,
                "Username": f"{name}@org.example",
                "Email": f"{name}@org.example",
                "Alias": name,
                "TimeZoneSidKey": "UTC",
                "IsActive": True,
            },
        )

    # --- what lands later --------------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Time passes; what has to land by then lands."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while self.later:
            first = min(self.later, key=lambda landing: landing.deadline)
            if first.deadline > until:
                break
            self.later.remove(first)
            left = (first.deadline - self.clock.now()).total_seconds()
            if left > 0:
                self.clock.advance(left)
            self.land(first)
        left = (until - self.clock.now()).total_seconds()
        if left > 0:
            self.clock.advance(left)

    def land(self, landing: Landing) -> None:
        """It is committed, or refused, now."""
        self.world.note(lambda: f"lands now: {landing.what}")
        landing.land()
        self.world.once.look()

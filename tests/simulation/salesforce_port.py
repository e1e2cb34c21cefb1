"""How does the engine speak to the simulated org? Its Salesforce port over orgbox's Org, without HTTP.

The shapes and sizes are those of config/salesforce_port.py: one method is one API call, with a pause before it reaches
Salesforce, one between the writes and their read-back, and one before the answer reaches us. What may go wrong with a
call is drawn when it is made (faults.py); a request that lands late is left with the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from orgbox.errors import OrgError
from orgbox.records import Record
from tandem.sync.fields import SALESFORCE_NAMES, canonical
from tandem.sync.pair import Row, Values, Version
from tandem.sync.ports import (
    DELETES,
    INSERTS,
    PATCHES,
    READ_IDS,
    Done,
    InDoubt,
    Log,
    New,
    NoAnswer,
    Outcome,
    Page,
    Patch,
    Refused,
    Why,
    Written,
)
from tests.simulation.activities_port import SimulatedActivities
from tests.simulation.calls import AFTER, CODES, LOST, REFUSALS, OwnError, Write

if TYPE_CHECKING:
    from tests.simulation.world import World


class SimulatedSalesforce:
    """One connection to the org of a world."""

    def __init__(self, world: World, user: str) -> None:
        self.world = world
        self.user = user
        self.calls = 0
        self._over = False  # the session has ended: whatever is asked from now on is refused
        self.activities = SimulatedActivities(self)

    def struck(self, fault: str | None) -> str | None:
        """What happens to a call of an email's: once the session is over everything is refused."""
        self._over = self._over or fault == "session ends"
        return "sign-in refused" if self._over else fault

    def server_time(self) -> datetime:
        self.world.halt("server time")
        return self.world.date_header()

    # --- reading -------------------------------------------------------------------------------------------------

    def count_changed(self, owners: Sequence[str], since: datetime) -> int:
        return len(self._read("count", lambda: self._changed(owners, since, None))[0])

    def changed_since(
        self, owners: Sequence[str], since: datetime, after: tuple[datetime, str] | None
    ) -> Page:
        size = self.world.swarm.page
        rows, read_at = self._read("poll", lambda: self._changed(owners, since, after)[: size + 1])
        return Page(rows[:size], read_at, more=len(rows) > size)

    def by_id(self, ids: Sequence[str]) -> Page:
        _fits(ids, READ_IDS)
        return Page(*self._read("read by id", lambda: self._by_id(ids)))

    def by_key(self, keys: Sequence[str]) -> Page:
        _fits(keys, INSERTS)
        return Page(*self._read("read by key", lambda: self._by_key(keys)))

    def deleted_between(self, start: datetime, end: datetime) -> Log:
        def find() -> Log:
            found, _, covered = self.world.there.org.deleted("Task", start, end)
            hidden = self.world.there.hidden
            return Log([i for i, _ in found if i not in hidden], covered)

        return self._read("delete log", find)[0]

    def updated_between(self, start: datetime, end: datetime) -> Log:
        def find() -> Log:
            found, covered = self.world.there.org.updated("Task", start, end)
            return Log([i for i in found if i not in self.world.there.hidden], covered)

        return self._read("update log", find)[0]

    def _read(self, name: str, find: Callable[[], Any]) -> tuple[Any, datetime]:
        world = self.world
        self.calls += 1
        world.calls += 1
        fault = world.fault_of_read()
        world.halt(f"{name} →")
        world.take(0.2)
        fault = self.struck(fault)
        if fault == "error of our own":
            raise OwnError
        if fault in REFUSALS:
            refusal = REFUSALS[fault]
            raise NoAnswer(refusal.why, refusal.code, refusal.text)
        if fault is not None and fault not in AFTER:
            raise NoAnswer(Why.BUSY, fault, "no answer")
        try:
            found, read_at = find(), world.date_header()
        except OrgError as refusal:
            # A question that came too late is asked anew; one that is always refused never comes to rest (I3).
            raise NoAnswer(Why.RULE, refusal.code, refusal.message) from refusal
        world.halt(f"{name} ←")
        world.take(0.1)
        if fault in AFTER:
            raise NoAnswer(Why.BUSY, fault, "no answer")
        if isinstance(found, list):
            world.oracle.read(found, read_at)
        if not world.calm:
            world.note(lambda: f"{name} answers {_told(found)} as of {read_at:%H:%M:%S}")
        return found, read_at

    def _changed(
        self, owners: Sequence[str], since: datetime, after: tuple[datetime, str] | None
    ) -> list[Row]:
        wanted = set(owners)
        rows = [row for row in self._rows() if row.version.owner in wanted and row.poll_stamp >= since]
        rows.sort(key=_keyset)
        return rows if after is None else [row for row in rows if _keyset(row) > after]

    def _by_id(self, ids: Iterable[str]) -> list[Row]:
        wanted = set(ids)
        return [row for row in self._rows() if row.id in wanted]

    def _by_key(self, keys: Iterable[str]) -> list[Row]:
        wanted = set(keys)
        return sorted((r for r in self._rows() if r.key in wanted), key=lambda r: (r.created, r.id))

    def _rows(self) -> list[Row]:
        """Every Task this user may see, deleted and archived ones too, as queryAll does."""
        hidden = self.world.there.hidden
        return [
            self.world.there.row(record) for record in self.world.there.tasks() if record["Id"] not in hidden
        ]

    # --- writing -------------------------------------------------------------------------------------------------

    def insert(self, rows: Sequence[New]) -> Written:
        _fits(rows, INSERTS)
        writes = [self._insertion(row) for row in rows]
        keys = [row.key for row in rows]
        return self._write("insert", writes, lambda: self._by_key(keys))

    def patch(self, rows: Sequence[Patch]) -> Written:
        _fits(rows, PATCHES)
        ids = [row.id for row in rows]
        writes = [
            Write("update", row.id, self.user, row.values, body(row.values), row.unless_modified_since)
            for row in rows
        ]
        return self._write("patch", writes, lambda: self._by_id(ids))

    def delete(self, ids: Sequence[str]) -> Written:
        _fits(ids, DELETES)
        writes = [Write("delete", identifier, self.user, {}, {}) for identifier in ids]
        return self._write("delete", writes, lambda: self._by_id(ids))

    def _write(self, name: str, writes: Sequence[Write], read_back: Callable[[], list[Row]]) -> Written:
        world = self.world
        self.calls += 1
        world.calls += 1
        world.oracle.calling(writes)
        fault = world.fault_of_write()
        world.halt(f"{name} →")
        world.people.meanwhile(writes)
        world.take(0.2)
        if self._over:
            fault = "sign-in refused"
        if fault in REFUSALS:
            return Written([REFUSALS[fault]] * len(writes), [], None)
        if fault == "slow landing":
            world.there.start_slowly(writes)
        elif fault == "late landing":
            world.there.land_later(writes)
        lost: list[Outcome] = [InDoubt(str(fault), "no answer")] * len(writes)
        if fault in LOST and fault not in AFTER:
            world.halt(f"{name} ← nothing")
            return Written(lost, [], None)
        done = len(writes)
        if fault == "session ends":
            self._over, done = True, world.tape.below(len(writes) + 1)
        outcomes = [self._one(write, fault) for write in writes[:done]]
        outcomes += [REFUSALS["sign-in refused"]] * (len(writes) - done)
        if world.swarm.gap:
            world.halt(f"{name}, then read back")
            world.take(0.1)
        rows, read_at = read_back(), world.date_header()
        world.halt(f"{name} ←")
        world.take(0.1)
        if fault in AFTER:
            return Written(lost, [], None)
        world.note(lambda: f"{name} answers {outcomes} and reads back {_told(rows)}")
        if fault == "read-back failed" or self._over:
            return Written(outcomes, [], None)
        return Written(outcomes, rows, read_at)

    def _one(self, write: Write, fault: str | None) -> Outcome:
        """One row, in a transaction of its own; of a partial answer some rows are refused or not spoken of."""
        part = self.world.tape.below(4) if fault == "partial answer" else 0
        if part == 1:
            return REFUSALS["row lock"]
        if part == 2:
            return InDoubt("NO_ANSWER", "this part of the call was left without an answer")
        try:
            identifier = self.world.there.commit_ours(write)
        except OrgError as error:
            outcome: Outcome = Refused(CODES.get(error.code, Why.RULE), error.code, error.message)
        else:
            outcome = Done(identifier)
        return (
            outcome if part == 0 else InDoubt("NO_ANSWER", "this part of the call was left without an answer")
        )

    def _insertion(self, row: New) -> Write:
        fields = {self.world.there.key_field: row.key, "OwnerId": row.owner or None, **body(row.values)}
        return Write("create", row.key, self.user, row.values, fields)


def body(values: Values) -> Mapping[str, Any]:
    """Engine values as Salesforce fields."""
    return {SALESFORCE_NAMES[name]: value or None for name, value in values.items()}


def row_of(record: Record, key_field: str) -> Row:
    """A record as the engine sees it."""
    due: date | None = record["ActivityDate"]
    values = canonical(
        {
            "name": record["Subject"],
            "status": record["Status"],
            "priority": record["Priority"],
            "due": due.isoformat() if due else "",
            "details": record["Description"],
        }
    )
    return Row(
        id=record["Id"],
        version=Version(
            values, record["IsClosed"], record["OwnerId"], record["WhoId"] or "", bool(record["IsRecurrence"])
        ),
        key=record[key_field] or "",
        created=record["CreatedDate"],
        stamp=record["LastModifiedDate"],
        poll_stamp=record["SystemModstamp"],
        deleted=bool(record["IsDeleted"]),
        subtype=record["TaskSubtype"] or "Task",
    )


def _keyset(row: Row) -> tuple[datetime, str]:
    return (row.poll_stamp, row.id)


def _fits(rows: Sequence[object], most: int) -> None:
    if not 0 < len(rows) <= most:
        raise AssertionError(f"{len(rows)} rows in a call that takes 1 to {most}")


def _told(found: Any) -> str:
    if isinstance(found, list):
        return (
            ", ".join(
                f"{row.id[-6:-3]}({', '.join(v for v in row.version.values.values() if v)}"
                f"{', deleted' * row.deleted}, {row.stamp:%H:%M:%S})"
                for row in found
            )
            or "no rows"
        )
    return str(found)

"""What every part of a round shares: the ports, the org, the route, the lease, and what it has done so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tandem.sync.fields import FieldMap
from tandem.sync.pair import Ours
from tandem.sync.plan import Moment
from tandem.sync.ports import Clock, OrgState, Route, Salesforce, Store
from tandem.sync.tally import Counts, Tally

# A dead worker's org is taken over this soon; a live one renews before every call.
LEASE = timedelta(seconds=20)
# Rows per transaction: short enough that no member waits for a round.
CHUNK = 200


class LeaseLost(Exception):
    """Another worker has taken this org over. Nothing is lost: it finds our open intents and resolves them."""


@dataclass
class Report:
    """What a round did, in counts. calls: API calls it cost. next_due: the earliest wait it left, by our clock.

    trouble_code, trouble: what stopped it, as Salesforce named and said it; "" when nothing did. audit: what the nightly
    check found, in counts; empty when it was not due.
    """

    imported: int = 0
    changed_here: int = 0
    removed_here: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    lost: int = 0
    parked: int = 0
    swept: int = 0
    deletions_held: int = 0
    logged: int = 0
    amended: int = 0
    held: int = 0
    calls: int = 0
    trouble_code: str = ""
    trouble: str = ""
    next_due: datetime | None = None
    tallies: dict[int, Tally] = field(default_factory=dict)
    audit: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        """What goes into the statistics of the day."""
        return Counts(self.tallies, self.calls)

    def done(self, member: int | None, took: timedelta | None) -> None:
        """An item of this member was brought into step; took: since it was changed, None when nobody can say."""
        if member is not None:
            tally = self.tallies.setdefault(member, Tally())
            tally.done += 1
            if took is not None:
                tally.take(took.total_seconds())

    def refused(self, member: int | None) -> None:
        """An item of this member was parked: a person must act."""
        self.parked += 1
        if member is not None:
            self.tallies.setdefault(member, Tally()).refused += 1

    @property
    def wrote(self) -> int:
        """Writes on either side; 0 means silence (I5)."""
        return (
            self.imported
            + self.changed_here
            + self.removed_here
            + self.created
            + self.updated
            + self.deleted
            + self.swept
            + self.logged
            + self.amended
        )

    def due(self, at: datetime) -> None:
        """Remember that something waits until `at`."""
        if self.next_due is None or at < self.next_due:
            self.next_due = at


@dataclass
class Round:
    """One route of one org's round: whom it reads and writes for, through which connection."""

    store: Store
    salesforce: Salesforce
    clock: Clock
    org: OrgState
    route: Route
    lease: str
    fields: FieldMap
    report: Report
    server_round: datetime | None = None
    reread: set[int] = field(default_factory=set)

    @property
    def members(self) -> list[int]:
        """The members whose Reminders this route carries."""
        return [seat.member for seat in self.route.seats]

    def moment(self, *, deletions_held: bool = True) -> Moment:
        """The moment a plan is made at. Deletions wait until the guard has counted them: only it lets them through."""
        if self.server_round is None:
            raise RuntimeError("a plan before the poll: server_round is not known yet")
        members = frozenset(self.org.members)
        return Moment(self.clock.now(), self.lease, self.server_round, members, deletions_held)

    def before_call(self) -> None:
        """Renew the lease; LeaseLost when another worker has it (I12)."""
        if not self.store.renew(self.org.id, self.lease, self.clock.now() + LEASE):
            raise LeaseLost

    def member_of(self, ours: Ours | None) -> int | None:
        """Whose Reminder it is; None for somebody who is not in Tandem."""
        return self.org.members.get(ours.owner) if ours is not None else None

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction that only the holder of the org's lease can commit (I12, I13); LeaseLost for anybody else."""
        with self.store.transaction():
            self.before_call()
            yield

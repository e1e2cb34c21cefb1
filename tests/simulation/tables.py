"""What lies in our database in a history, whatever database that is? The tables that the oracle and the people read.

A store fills them: the one in memory writes them itself, the one over Django copies them after each transaction. Both
call the world at the same moments: `halt` before a transaction or a lone read, `edge` before a commit, `committed` after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tandem.sync.fields import DEFAULT_TEMPLATE
from tandem.sync.pace import Pace
from tandem.sync.pair import Intent, Link, Lost, Ours, Pair, Values
from tandem.sync.ports import Clock, Deletions, Seat
from tests.simulation.log_tables import LogTables
from tests.simulation.opt_out_memory import OptOutTables

ORG = 1


class Refused(Exception):
    """A constraint of the database does not hold: the transaction is rolled back, and the engine has a bug."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A row of reminders.models. can_undo_delete: a member's delete was the last change, and may be taken back."""

    id: int
    owner: int | None
    values: Values
    rev: int = 1
    deleted_at: datetime | None = None
    about: str = ""
    can_undo_delete: bool = False


@dataclass(frozen=True, slots=True)
class OrgRow:
    """A row of sync.models.OrgSync."""

    lease: str = ""
    lease_until: datetime | None = None
    next_round_at: datetime | None = None
    paused_until: datetime | None = None
    deletions: Deletions = "free"
    deletions_count: int = 0
    news_at: datetime | None = None
    audit_at: datetime | None = None


@dataclass(slots=True)
class Team:
    """Who is connected, and how: what connections.models would say.

    users: each member's User in Salesforce. sign_ins: which sign-in of a connection is in force. reconnect: the
    connections whose member must sign in again. enabled, paused: the seats whose sync is on, or rests. pace: what the org's
    API calls permit, since when.
    """

    users: dict[int, str]
    unique_key: bool = True
    team_route: bool = False
    template: str = DEFAULT_TEMPLATE
    statuses: frozenset[str] = frozenset()
    sign_ins: dict[int, int] = field(default_factory=dict)
    reconnect: set[int] = field(default_factory=set)
    enabled: set[int] = field(default_factory=set)
    paused: set[int] = field(default_factory=set)
    pace: Pace = "everything"
    pace_since: datetime | None = None


# A row that a transaction has changed: its table, its key, and what it was before (None: it was not there).
Change = tuple[dict[Any, Any], Any, Any]


class Tables:
    """The rows, and what a history does at the edges of their transactions. journal: what the open one has changed."""

    def __init__(self, team: Team, clock: Clock) -> None:
        self.team = team
        self.clock = clock
        self.halt: Callable[[str], None] = _nothing
        self.edge: Callable[[], None] = lambda: None
        self.committed: Callable[[list[Change]], None] = lambda journal: None
        # A member may come between a read and the conditional UPDATE; not where one writer at a time is let in (SQLite).
        self.between: Callable[[int], None] = lambda reminder: None
        self.orgs: dict[int, OrgRow] = {ORG: OrgRow()}
        self.reminders: dict[int, Reminder] = {}
        self.links: dict[int, Link] = {}
        self.intents: dict[int, Intent] = {}
        self.carrier: dict[int, int | None] = {}  # Link.member
        self.seats: dict[int, Seat] = {}
        self.conflicts: dict[int, tuple[int, Lost]] = {}
        self.by_key: dict[str, int] = {}
        self.by_sf_id: dict[str, int] = {}
        self.by_reminder: dict[int, int] = {}
        self.log = LogTables()
        self.opt_outs = OptOutTables()
        self.journal: list[Change] = []
        self.open = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While a history runs."""
        yield

    def begin(self, label: str) -> None:
        """Pause, then begin: nobody comes between from here to the commit."""
        if self.open:
            raise Refused(f"{label}: a transaction inside a transaction")
        self.halt(label)
        self.open = True

    def look(self, label: str) -> None:
        """A read outside a transaction is one by itself."""
        if not self.open:
            self.halt(label)

    def must_be_open(self, what: str) -> None:
        """What reads for a change, or changes more than one row, needs a transaction around it."""
        if not self.open:
            raise Refused(f"{what} outside a transaction")

    def pair(self, link: Link) -> Pair:
        """A link with its reminder and its intent."""
        return Pair(link, self._ours(link.reminder_id), self.intents.get(link.id))

    def _ours(self, reminder: int | None) -> Ours | None:
        if reminder is None:
            return None
        row = self.reminders[reminder]
        owner = self.team.users.get(row.owner, "") if row.owner is not None else ""
        return Ours(row.id, row.values, row.rev, row.deleted_at, owner, row.about)

    def without_link(self, seat: Seat) -> list[int]:
        """The reminders of this seat that may go out and have no link yet."""
        return [
            row.id
            for row in self.reminders.values()
            if row.owner == seat.member
            and row.id > seat.outgoing_after
            and row.id not in self.by_reminder
            and row.deleted_at is None
        ]


def _nothing(label: str) -> None:
    return None

"""What the engine needs of the world, as Protocols: Salesforce, Store, Clock. It sees nothing else.

One method of `Salesforce` is one API call. A write's answer is a value, never an exception, because every row of a
shared call has its own fate: `Done`, `Refused` (certainly not done) or `InDoubt` (may have been done, or may yet be).
When the whole call failed the adapter gives every row that same fate. Reads raise `NoAnswer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol

from tandem.sync.pace import Pace
from tandem.sync.pair import Intent, Link, Lost, Ours, Pair, Row, Values
from tandem.sync.tally import Counts

if TYPE_CHECKING:
    from tandem.sync.activity_ports import Activities


class Why(Enum):
    """The kinds of certain refusal, by what the engine does next."""

    CHANGED = "changed"  # 412: somebody wrote since we read
    GONE = "gone"  # 404, ENTITY_IS_DELETED
    DUPLICATE = "duplicate"  # our unique key is there already
    RULE = "rule"  # a person must act: validation, permission, required field
    BUSY = "busy"  # row lock, maintenance: later
    LIMIT = "limit"  # no API calls left: the whole org waits
    SIGN_IN = "sign-in"  # the connection must be renewed: its member waits
    UNSENT = "unsent"  # never left this machine


@dataclass(frozen=True, slots=True)
class Done:
    """The row was written; `id` is the record's."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The row was certainly not written. `code`, `text` and `fields` (those it blames) are Salesforce's own; pages put
    them into words."""

    why: Why
    code: str
    text: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The row may have been written, or may be within ten minutes."""

    code: str
    text: str


Outcome = Done | Refused | InDoubt


class NoAnswer(Exception):
    """Salesforce cannot be asked now; nothing was changed. `why` tells what to wait for."""

    def __init__(self, why: Why, code: str, text: str) -> None:
        super().__init__(text)
        self.why = why
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as Salesforce answered them at `read_at` (its own clock). more: a further page follows."""

    rows: Sequence[Row]
    read_at: datetime
    more: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The fate of each row sent, in order, and the records read back in the same call.

    read_at is None when the read-back itself brought no answer.
    """

    outcomes: Sequence[Outcome]
    rows: Sequence[Row]
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class New:
    """A Task to INSERT: our key, whose it is, and its Salesforce values."""

    key: str
    owner: str
    values: Values


@dataclass(frozen=True, slots=True)
class Patch:
    """Changed fields of one Task, to be written only if nobody wrote since the stamp."""

    id: str
    values: Values
    unless_modified_since: datetime


@dataclass(frozen=True, slots=True)
class Log:
    """Ids that Salesforce says were deleted, or changed, and until when that is the whole truth."""

    ids: Sequence[str]
    covered_to: datetime


class Salesforce(Protocol):
    """One connection to one org. Sizes per call: reads 2,000 ids, creates 800, patches 24, deletes 200."""

    @property
    def activities(self) -> Activities:
        """What logging emails and calls needs of it."""
        ...

    @property
    def calls(self) -> int:
        """Metered calls made so far."""
        ...

    def server_time(self) -> datetime:
        """Salesforce's clock; not counted against the allowance."""
        ...

    def count_changed(self, owners: Sequence[str], since: datetime) -> int: ...
    def changed_since(
        self, owners: Sequence[str], since: datetime, after: tuple[datetime, str] | None
    ) -> Page: ...
    def by_id(self, ids: Sequence[str]) -> Page: ...
    def by_key(self, keys: Sequence[str]) -> Page: ...
    def deleted_between(self, start: datetime, end: datetime) -> Log: ...
    def updated_between(self, start: datetime, end: datetime) -> Log: ...
    def insert(self, rows: Sequence[New]) -> Written: ...
    def patch(self, rows: Sequence[Patch]) -> Written: ...
    def delete(self, ids: Sequence[str]) -> Written: ...


READ_IDS = 2_000
INSERTS = 800
PATCHES = 24
DELETES = 200


@dataclass(frozen=True, slots=True)
class Seat:
    """How one member's task sync stands: its cursor (docs/engine.md §2.1). Times are Salesforce's clock.

    outgoing_after: Reminder id at which outgoing begins (FS-2). import_from: FS-4's bound, None before the first round.
    polled_to: start of the last complete poll. rejoin: sync was on before, so FS-6 is owed.
    """

    id: int
    connection: int
    member: int
    user: str
    outgoing_after: int
    import_from: datetime | None = None
    polled_to: datetime | None = None
    deleted_to: datetime | None = None
    rejoin: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One connection and the seats it reads and writes for: its own member, or the whole team.

    sign_in: which sign-in of the connection this is; it grows with every new one. loggers: members whose emails or
    calls it logs, whether their tasks are synced or not.
    """

    connection: int
    seats: tuple[Seat, ...]
    sign_in: int = 0
    loggers: tuple[int, ...] = ()


# The mass-delete guard: "held" waits for a person, "approved" was let through by one.
Deletions = Literal["free", "held", "approved"]


@dataclass(frozen=True, slots=True)
class OrgState:
    """What the round must know of its org. unique_key: create mode A (docs/engine.md §2.6). status_words: as FieldMap's.

    pace: what its API allowance permits now. news_at: when anything travelled last, or a member looked, by our clock.
    audit_due: the nightly check is owed.
    """

    id: int
    unique_key: bool
    template: str
    statuses: frozenset[str]
    members: Mapping[str, int]
    routes: tuple[Route, ...]
    paused_until: datetime | None
    deletions: Deletions
    deletions_count: int = 0
    status_words: Mapping[str, str] = field(default_factory=dict)
    pace: Pace = "everything"
    news_at: datetime | None = None
    audit_due: bool = False


class Store(Protocol):
    """Our database. Inside `transaction()` what is read is locked, and all or nothing of what is written stays.

    No call to Salesforce may happen inside a transaction (contract 6).
    """

    def transaction(self) -> AbstractContextManager[None]: ...

    # the org and its lease
    def claim(self, org: int, lease: str, until: datetime, now: datetime) -> bool: ...
    def renew(self, org: int, lease: str, until: datetime) -> bool: ...
    def release(
        self, org: int, lease: str, next_round_at: datetime, trouble_code: str = "", trouble: str = ""
    ) -> None: ...
    def org(self, org: int) -> OrgState: ...
    def pause(self, org: int, until: datetime, code: str, text: str) -> None: ...
    def ask_to_reconnect(self, route: Route, code: str, text: str) -> None: ...
    def set_deletions(self, org: int, word: Deletions, count: int) -> None: ...
    def save_seat(self, seat: Seat) -> None: ...
    def progress(self, seats: Sequence[int], *, done: int, total: int | None = None) -> None: ...
    def count(self, org: int, lease: str, counts: Counts) -> None:
        """Add what a round came to to the statistics of its day, in a transaction that only the lease's holder commits."""
        ...

    # pairs
    def pairs(
        self, org: int, *, ids: Iterable[int] = (), sf_ids: Iterable[str] = (), keys: Iterable[str] = ()
    ) -> list[Pair]: ...
    def owed(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[int]: ...
    def doubtful(self, org: int, members: Sequence[int], now: datetime) -> list[int]: ...
    def gone_there(self, org: int, members: Sequence[int]) -> list[int]: ...
    def open_links(self, org: int, members: Sequence[int]) -> list[tuple[int, str]]: ...
    def count_live(self, org: int, members: Sequence[int]) -> int: ...
    def unlinked(self, org: int, seat: Seat, limit: int) -> list[int]: ...

    # changes
    def save(self, link: Link) -> None:
        """Store the link; its intent stays as it is."""
        ...

    def save_with_intent(self, link: Link, intent: Intent | None) -> None:
        """Store the link and its intent (None: there is none any more)."""
        ...

    def link_reminder(self, org: int, reminder: int) -> None: ...
    def import_row(self, org: int, member: int, values: Values, about: str, link: Link) -> None: ...
    def change_reminder(
        self,
        ours: Ours,
        values: Values,
        *,
        owner: str | None = None,
        about: str | None = None,
        deleted: bool | None = None,
    ) -> bool: ...
    def log_lost(self, link: Link, lost: Sequence[Lost]) -> None: ...
    def log_once(self, link: Link, lost: Lost) -> bool:
        """Log what may be observed again and again (I14); False when it stands there already."""
        ...


class Clock(Protocol):
    """Our own clock and our own randomness."""

    def now(self) -> datetime: ...
    def new_key(self) -> str: ...

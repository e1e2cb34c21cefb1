"""Short ways to write down one pair: a Reminder, the Task it is tied to, and what is known of both.

Without arguments every part is the same calm pair: alive on both sides, agreed, read a minute ago. A test names only
what differs. Salesforce's clock runs seven minutes behind ours on purpose: whoever compares the two will be caught.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tandem.sync.fields import FieldMap
from tandem.sync.pair import Base, Carried, Intent, Link, Op, Ours, Pair, Row, Seen, Values, Version
from tandem.sync.plan import Moment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SERVER_NOW = NOW - timedelta(minutes=7)
ROUND = SERVER_NOW - timedelta(minutes=1)
STAMP = SERVER_NOW - timedelta(hours=1)
LEASE = "our-lease"
KEY = "0b9f2c1e-key"
ID = "00T000000000001AAA"
ANNA = "005000000000001AAA"
BEN = "005000000000002AAA"
MEMBERS = frozenset({ANNA, BEN})

TWO_WAY = FieldMap()
NAMED = FieldMap("[Tandem] {{activity_subject}}")
UNNAMED = FieldMap("Logged by Tandem")

APP: Values = {
    "name": "Call Ann",
    "status": "open",
    "priority": "normal",
    "due": "2026-03-03",
    "details": "",
}
SF: Values = {
    "name": "Call Ann",
    "status": "Not Started",
    "priority": "Normal",
    "due": "2026-03-03",
    "details": "",
}

_IS_CLOSED = frozenset({"Completed"})


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def version(*, closed: bool | None = None, owner: str = ANNA, series: bool = False, **values: str) -> Version:
    """A Task's values; `closed` follows from the status unless the org has a closed status of its own."""
    full = {**SF, **values}
    return Version(full, full["status"] in _IS_CLOSED if closed is None else closed, owner, series=series)


def seen(
    shown: Version | None = None, *, stamp: datetime = STAMP, read_at: datetime = ROUND, deleted: bool = False
) -> Seen:
    return Seen(shown or version(), stamp, read_at, deleted)


def row(shown: Version | None = None, **changes: Any) -> Row:
    stamp = changes.pop("stamp", STAMP)
    told: dict[str, Any] = {"id": ID, "key": "", "created": STAMP - timedelta(days=3), "poll_stamp": stamp}
    return Row(version=shown or version(), stamp=stamp, **{**told, **changes})


def ours(*, rev: int = 7, deleted_at: datetime | None = None, owner: str = ANNA, **values: str) -> Ours:
    return Ours(1, {**APP, **values}, rev, deleted_at, owner)


def base(app: Values | None = None, sf: Values | None = None, *, stamp: datetime | None = STAMP) -> Base:
    return Base({**APP, **(app or {})}, {**SF, **(sf or {})}, stamp)


def link(**changes: Any) -> Link:
    """A link whose Task exists, unless told otherwise."""
    known: dict[str, Any] = {"sf_id": ID, "base": base(), "seen": seen(), "rev_done": 6}
    return Link(id=1, key=KEY, reminder_id=1, **{**known, **changes})


def unsent(**changes: Any) -> Link:
    """A link whose Task is not made yet."""
    return link(**{"sf_id": None, "base": None, "seen": None, "rev_done": None, **changes})


def intent(
    op: Op = "update",
    app: Values | None = None,
    sf: Values | None = None,
    *,
    attempts: int = 1,
    in_flight: bool = True,
    doubt_until: datetime | None = None,
    opener: str = LEASE,
) -> Intent:
    carried = Carried(dict(app or {}), dict(sf or {}))
    return Intent(op, carried, STAMP, NOW - seconds(5), opener, attempts, in_flight, doubt_until)


def creating(**changes: Any) -> Intent:
    """The open INSERT of the calm Reminder."""
    return intent("create", APP, SF, **changes)


def pair(its_link: Link | None = None, mine: Ours | None = None, its_intent: Intent | None = None) -> Pair:
    return Pair(its_link or link(), mine or ours(), its_intent)


def moment(*, now: datetime = NOW, server_round: datetime = ROUND, deletions_held: bool = False) -> Moment:
    return Moment(now, LEASE, server_round, MEMBERS, deletions_held)

"""What is known of one pair: a Reminder here, a Task in Salesforce, and the Link that ties them.

The engine keeps three views of each pair and derives everything owed from them (it stores no list of work):

    ours    the Reminder as it is now
    seen    the Task as it was last observed
    base    the last values both sides agreed on, one per side, because Salesforce has richer words than we do

Every value is text, under *our* field names: ``name status priority due details``; a date is ISO 8601, no value is "".
Times named ``*_stamp`` and ``*_read_at`` are Salesforce's clock; all others are ours. The two are never compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Values = Mapping[str, str]

FIELDS = ("name", "status", "priority", "due", "details")

Closed = Literal["deleted", "detached", "kept_remote", "not_ours"]
Side = Literal["tandem", "salesforce"]
Op = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a Salesforce Task: its five mapped values and what else decides about it.

    closed: Task.IsClosed, the *kind* of a status we have no word for. owner: Task.OwnerId.
    about: whom it concerns, to show. series: a recurrence master, whose due date may not be set (SF-2).
    """

    values: Values
    closed: bool = False
    owner: str = ""
    about: str = ""
    series: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A Task as Salesforce answered it. stamp is LastModifiedDate, poll_stamp is SystemModstamp (whole seconds)."""

    id: str
    version: Version
    key: str
    created: datetime
    stamp: datetime
    poll_stamp: datetime
    deleted: bool = False
    subtype: str = "Task"


@dataclass(frozen=True, slots=True)
class Seen:
    """Salesforce as last observed. read_at: the Date of the answer that showed it, so that older news is known as old."""

    version: Version
    stamp: datetime
    read_at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """The last values both sides agreed on, one per side (docs/engine.md §1, sentence 9), and their stamp there."""

    app: Values
    sf: Values
    stamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """A Reminder as the engine sees it; `owner` is its owner's Salesforce user id, "" when that is nobody here.

    changed_at: when it was last changed, by our clock; it decides nothing, and only tells how long a change took.
    """

    id: int
    values: Values
    rev: int
    deleted_at: datetime | None = None
    owner: str = ""
    about: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What one write carried: the same fields as our words and as Salesforce's."""

    app: Values
    sf: Values


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was decided, stored before the call (I12), and is not settled yet.

    opener: lease token of the round that last sent it. attempts: how often it was sent. in_flight: the last attempt has
    no recorded answer. doubt_until: until when an unanswered attempt may still land (10 minutes); None when none can.
    """

    op: Op
    carried: Carried
    unless_modified_since: datetime | None
    opened_at: datetime
    opener: str
    attempts: int = 1
    in_flight: bool = True
    doubt_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The tie of one pair; never deleted, because a closed link is the tombstone that prevents resurrection (I4).

    key: our UUID, travels in the record. stale: what was seen is in doubt, read it again.
    doubted: its create had no clear answer once, so that a second record may be ours.
    rev_done: the Reminder's rev when the plan last owed nothing; None after news.
    parked: a person must act (edit, or retry); not_before: earliest next try by our clock.
    """

    id: int
    key: str
    reminder_id: int | None
    sf_id: str | None = None
    base: Base | None = None
    seen: Seen | None = None
    stale: bool = False
    created_with: Carried | None = None
    doubted: bool = False
    rev_done: int | None = None
    closed: Closed | None = None
    closed_by: Side | None = None
    not_before: datetime | None = None
    failures: int = 0
    parked: bool = False
    error_code: str = ""
    error_text: str = ""
    error_rev: int | None = None
    error_first_at: datetime | None = None
    error_last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One link with its Reminder (None once a revived Reminder moved to a new link) and its open intent."""

    link: Link
    ours: Ours | None
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A user's value that gave way to an automatic choice (I16): which field, whose value, to what, by which rule."""

    field: str
    side: Side
    value: str
    won: str
    rule: str

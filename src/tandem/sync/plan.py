"""The one step a pair owes now: a pure, total function of what is known of it.

Every state of docs/engine.md §2.2 is one branch below, first match wins; whatever the world, one step brings silence.
Local-only is the one without a branch: a Reminder that has no link is never planned.
Nothing here looks at a wall clock to decide a conflict: `now` only ends waits that our own clock began.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tandem.sync.fields import FieldMap, Problem
from tandem.sync.merge import Merged, changed_here, changed_there, merge
from tandem.sync.pair import Base, Carried, Closed, Link, Lost, Ours, Pair, Seen, Side

# If-Unmodified-Since counts whole seconds: a version read within its own second (and one more, because the Date of an
# answer is later than the snapshot it shows) may still change unseen (docs/engine.md §1, sentence 4; R1).
SAME_SECOND = timedelta(seconds=2)
# A delete cannot be taken back in Salesforce, so it waits as long as the page offers Undo unasked. A later undo works
# too: it makes a new Task (Revive).
UNDO_HOLD = timedelta(seconds=10)
EDIT_BEATS_DELETE = "an edit is never destroyed by a delete"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Both sides agree, or the pair is closed: nothing is owed until there is news."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is owed, later: at `until` by our clock, or (None) when another step or a person has come first."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resolve:
    """A write of unknown outcome comes before everything else; it is never replaced by a newer one."""


@dataclass(frozen=True, slots=True)
class Park:
    """What is owed may not be sent as it is; a person must change it."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Reread:
    """What was seen is too old or too young to write upon: read the Task first, then plan again."""


@dataclass(frozen=True, slots=True)
class Create:
    """The Task does not exist yet: INSERT it with our key."""

    carried: Carried


@dataclass(frozen=True, slots=True)
class Erase:
    """Deleted here, unchanged there: DELETE it there (P5)."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Deleted there, unchanged here: delete it here and close the link."""


@dataclass(frozen=True, slots=True)
class Close:
    """The pair's life ends without a write; `lost` names the edits that a delete would have destroyed."""

    reason: Closed
    by: Side
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Revive:
    """A member brought back a Reminder whose Task is gone: it gets a new link, and so a new Task."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """A member brought back a Reminder whose Task lives: the pair goes on from its old base."""


@dataclass(frozen=True, slots=True)
class Apply:
    """Bring both sides together: our values to write, the base to move, and what to send (maybe nothing)."""

    merged: Merged


Step = Nothing | Wait | Resolve | Park | Reread | Create | Erase | Remove | Close | Revive | Reopen | Apply


@dataclass(frozen=True, slots=True)
class Moment:
    """When a plan is made, and by whom.

    now: our clock. lease: the round's token. server_round: Salesforce's clock when the round began. members: Salesforce
    user ids of people in Tandem. deletions_held: the mass-delete guard is waiting for an answer.
    """

    now: datetime
    lease: str
    server_round: datetime
    members: frozenset[str] = frozenset()
    deletions_held: bool = False


def plan(pair: Pair, fields: FieldMap, moment: Moment) -> Step:
    """The step `pair` owes at `moment`. Total: has an answer for every pair the database can hold."""
    link, ours = pair.link, pair.ours
    if pair.intent is not None:
        ours_now = pair.intent.in_flight and pair.intent.opener == moment.lease
        return Wait() if ours_now else Resolve()  # In-flight; else Unknown
    if ours is None:
        return Nothing()
    if link.closed is not None:
        return _closed(link, ours)
    step = _owed(link, ours, fields, moment)
    blocked = _blocked(link, ours, moment.now)  # Parked
    if blocked is None:
        return step
    if isinstance(step, Apply):
        return _here_only(step.merged) or blocked
    return blocked if isinstance(step, Create | Erase | Reread | Park) else step


def _closed(link: Link, ours: Ours) -> Step:
    """A closed pair is silent, unless a member brought its Reminder back since."""
    if ours.deleted_at is not None or ours.rev == link.rev_done:
        return Nothing()
    alive_there = link.seen is not None and not link.seen.deleted and not link.stale
    if link.closed == "kept_remote":  # Kept-remote
        return Reopen()
    if link.closed == "detached":  # Detached
        return Reopen() if alive_there else Nothing()
    if link.closed == "deleted":  # Tombstone
        return Reopen() if alive_there else Revive()
    return Nothing()


def _owed(link: Link, ours: Ours, fields: FieldMap, moment: Moment) -> Step:
    if link.sf_id is None:
        return _unsent(ours, fields)
    if link.seen is None or link.base is None or link.stale:  # Stale
        return Reread()
    if link.seen.deleted:
        return _deleted_there(link.base, ours, moment)
    if ours.deleted_at is not None:
        return _deleted_here(link.base, link.seen, ours.deleted_at, moment)
    return _both_alive(link.base, link.seen, ours, fields, moment)


def _blocked(link: Link, ours: Ours, now: datetime) -> Wait | None:
    """Why nothing may be sent for this pair yet: a person must act, or a refusal is being waited out (I10)."""
    if link.parked and link.error_rev == ours.rev:
        return Wait()
    if link.not_before is not None and link.not_before > now:
        return Wait(link.not_before)
    return None


def _unsent(ours: Ours, fields: FieldMap) -> Step:
    if ours.deleted_at is not None:  # Never-sent delete
        return Close("deleted", "tandem")
    # Pending-create
    carried = Carried(dict(ours.values), fields.to_create(ours.values))
    problem = fields.problem(carried.sf, None)
    return Park(problem) if problem else Create(carried)


def _deleted_there(base: Base, ours: Ours, moment: Moment) -> Step:
    if ours.deleted_at is not None:  # Deleted-both
        return Close(
            "deleted", "tandem"
        )  # a member wanted it gone too: an un-delete there does not bring it back
    # Deleted-remote
    edited = changed_here(ours.values, base.app)
    if edited:  # P5
        kept = tuple(
            Lost(name, "salesforce", "deleted", value, EDIT_BEATS_DELETE) for name, value in edited.items()
        )
        return Close("detached", "salesforce", kept)
    return Wait() if moment.deletions_held else Remove()


def _deleted_here(base: Base, seen: Seen, deleted_at: datetime, moment: Moment) -> Step:
    # Deleted-local
    if deleted_at + UNDO_HOLD > moment.now:
        return Wait(deleted_at + UNDO_HOLD)
    edited = changed_there(seen.version.values, base.sf)
    if edited:  # P5
        kept = tuple(
            Lost(name, "tandem", "deleted", value, EDIT_BEATS_DELETE) for name, value in edited.items()
        )
        return Close("kept_remote", "tandem", kept)
    # DELETE takes no condition (R2): it only follows a read of this very round.
    return Erase() if seen.read_at >= moment.server_round else Reread()


def _both_alive(base: Base, seen: Seen, ours: Ours, fields: FieldMap, moment: Moment) -> Step:
    merged = merge(fields, ours, seen.version, base, moment.members)  # a Conflict is decided there
    if not merged.there.sf:
        return Apply(merged) if merged.moves_here else Nothing()  # Dirty-remote; else Linked
    # Dirty-local, Dirty-both
    if seen.read_at - seen.stamp < SAME_SECOND:  # Stale: too young to write upon
        return _here_only(merged) or Reread()
    problem = fields.problem(merged.there.sf, seen.version)
    if problem:
        return _here_only(merged) or Park(problem)
    return Apply(merged)


def _here_only(merged: Merged) -> Apply | None:
    """The part of a merge that needs no call; None when there is none. What is left to send is found by the next plan."""
    if not merged.moves_here:
        return None
    return Apply(replace(merged, there=Carried({}, {})))

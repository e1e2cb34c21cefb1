"""What a write's outcome means for its pair: pure.

The three rules that lose and double nothing (docs/engine.md §2.3):
  - settle with what the intent *carried*, never with the Reminder's present values (M5);
  - a refusal is certain only when no earlier attempt may still land; until then the intent stays (M18);
  - what the read-back of the same call shows is believed before what we hoped (M20).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tandem.sync.merge import changed_here
from tandem.sync.observe import UNDELETED, died_with_it
from tandem.sync.pair import Base, Intent, Link, Lost, Ours, Pair, Row, Seen, Values
from tandem.sync.plan import EDIT_BEATS_DELETE
from tandem.sync.ports import Done, InDoubt, Outcome, Refused, Why

# A call may run for ten minutes, so one whose answer was lost may land that much later (docs/engine.md §1, sentence 5).
DOUBT = timedelta(minutes=10)
LONGEST_BACK_OFF = timedelta(minutes=5)
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Settled:
    """The link afterwards; the intent if it stays open; what gave way; records that turned out to be twins."""

    link: Link
    intent: Intent | None = None
    lost: tuple[Lost, ...] = ()
    twins: tuple[Row, ...] = ()


def settle(
    pair: Pair, intent: Intent, outcome: Outcome, rows: Sequence[Row], read_at: datetime | None, now: datetime
) -> Settled:
    """`pair` after `intent` had `outcome`; `rows` are the records of this pair that the same call read back."""
    if intent.op == "create":
        return _create(pair, intent, outcome, rows, read_at, now)
    row = next((row for row in rows if row.id == pair.link.sf_id), None)
    if intent.op == "delete":
        return _delete(pair, intent, outcome, row, read_at, now)
    return _update(pair, intent, outcome, row, read_at, now)


def _create(
    pair: Pair, intent: Intent, outcome: Outcome, rows: Sequence[Row], read_at: datetime | None, now: datetime
) -> Settled:
    link = pair.link
    mine = sorted((row for row in rows if row.key == link.key), key=lambda row: (row.created, row.id))
    base = Base(intent.carried.app, intent.carried.sf)
    if mine and read_at is not None:
        # Whatever the outcome said, our key is there. The older twin is the record; a younger one is swept (M19, M20).
        first = mine[0]
        seen = Seen(first.version, first.stamp, read_at, first.deleted)
        link = replace(link, sf_id=first.id, base=replace(base, stamp=first.stamp), seen=seen, stale=False)
        return Settled(_well(link), twins=tuple(row for row in mine[1:] if not row.deleted))
    if isinstance(outcome, Done):
        return Settled(_well(replace(link, sf_id=outcome.id, base=base, stale=True)))
    # Our key is taken, but by a record that we may not see: after a few looks a person must.
    unseen = isinstance(outcome, Refused) and outcome.why is Why.DUPLICATE and link.failures < _LOOKS
    if isinstance(outcome, InDoubt) or unseen:
        return _in_doubt(link, intent, outcome, now)
    return _refused(pair, link, intent, outcome, now, looked=read_at is not None)


def _update(
    pair: Pair, intent: Intent, outcome: Outcome, row: Row | None, read_at: datetime | None, now: datetime
) -> Settled:
    link = pair.link
    if isinstance(outcome, Done):
        link = replace(link, base=_agreed(link.base, intent, intent.carried.sf, row))
        link = _shown(link, row, read_at)
        return Settled(_well(link))
    if isinstance(outcome, Refused) and outcome.why in (Why.CHANGED, Why.GONE):
        if row is not None and read_at is not None:
            # An earlier attempt may be what changed it: what we carried and find there is agreed (I9).
            link = replace(link, base=_agreed(link.base, intent, row.version.values, row))
            well = _well(_shown(link, row, read_at))
            if row.deleted or row.stamp != intent.unless_modified_since:
                return Settled(well)
            # Nothing there explains the refusal: sent again at once it would be refused for ever (I7, I10).
            return Settled(_failed(replace(well, failures=link.failures), outcome, now))
        if outcome.why is Why.GONE and link.seen is not None:
            seen = replace(link.seen, deleted=True, read_at=read_at or link.seen.read_at)
            link = _well(replace(link, seen=seen, stale=False))
            if outcome.code == "ENTITY_IS_DELETED":  # I11: a witness of its deletion
                return Settled(link)
            # Out of sight is not deleted (I11): the member's edit stays here, and no later plan may remove it.
            return Settled(_out_of_sight(pair, link), lost=_kept_here(intent))
        return _in_doubt(link, intent, outcome, now)
    if isinstance(outcome, InDoubt):
        return _in_doubt(link, intent, outcome, now)
    if row is not None and read_at is not None:
        # Base and seen move together, else our own value would look like news from there (I9).
        link = replace(link, base=_agreed(link.base, intent, row.version.values, row))
        link = _shown(link, row, read_at)
    return _refused(pair, link, intent, outcome, now, looked=row is not None)


def _delete(
    pair: Pair, intent: Intent, outcome: Outcome, row: Row | None, read_at: datetime | None, now: datetime
) -> Settled:
    link = pair.link
    if isinstance(outcome, InDoubt):
        return _in_doubt(link, intent, outcome, now)
    # What the poll has shown since is done, whoever did it and whatever this attempt was answered.
    known = link.seen if link.seen is not None and link.seen.deleted else None
    if isinstance(outcome, Refused) and outcome.why is not Why.GONE and known is None:
        return _refused(pair, link, intent, outcome, now, looked=row is not None)
    last = row.version if row is not None else known.version if known is not None else None
    lost: tuple[Lost, ...] = ()
    if last is not None and link.base is not None:  # R2: as it lies, or lay, in the bin
        lost = died_with_it(link.base, last.values)
    if row is not None and not row.deleted:
        # Deleted and back again within this very call, by somebody else's hand.
        if isinstance(outcome, Refused):
            return Settled(_well(_shown(link, row, read_at)))
        lost = (UNDELETED,)
    if row is not None or known is None:
        link = _shown(link, row, read_at)
    # Brought back while the call was out: then the revived Reminder is still owed a new Task.
    alive = pair.ours is not None and pair.ours.deleted_at is None
    rev_done = None if alive or pair.ours is None else pair.ours.rev
    return Settled(replace(_well(link), closed="deleted", closed_by="tandem", rev_done=rev_done), lost=lost)


def _out_of_sight(pair: Pair, link: Link) -> Link:
    rev_done = pair.ours.rev if pair.ours is not None else None
    return replace(link, closed="detached", closed_by="salesforce", rev_done=rev_done)


def _kept_here(intent: Intent) -> tuple[Lost, ...]:
    return tuple(
        Lost(name, "salesforce", "out of sight", value, EDIT_BEATS_DELETE)
        for name, value in intent.carried.app.items()
    )


def _agreed(base: Base | None, intent: Intent, there: Values, row: Row | None) -> Base | None:
    """The base with every carried field that Salesforce has (`there`) as agreed, both sides together (M16)."""
    if base is None:
        return None
    app, sf = dict(base.app), dict(base.sf)
    for name, carried in intent.carried.sf.items():
        if there[name] == carried:
            app[name], sf[name] = intent.carried.app[name], carried
    return Base(app, sf, row.stamp if row else base.stamp)


def _shown(link: Link, row: Row | None, read_at: datetime | None) -> Link:
    """The link with the record as the same call read it back; without one, in doubt until it is read."""
    if row is None or read_at is None:
        return replace(link, stale=True)
    known = link.seen
    if known is not None and (row.stamp, read_at) < (known.stamp, known.read_at):
        return replace(link, stale=True)  # something newer was seen since, or dated later: read it again
    return replace(link, seen=Seen(row.version, row.stamp, read_at, row.deleted), stale=False)


def _well(link: Link) -> Link:
    """The link after a definite answer: nothing stands against it, and the next plan looks afresh."""
    return replace(
        link,
        rev_done=None,
        not_before=None,
        failures=0,
        parked=False,
        error_code="",
        error_text="",
        error_rev=None,
        error_first_at=None,
        error_last_at=None,
    )


def doubted(link: Link, intent: Intent) -> Link:
    """`link`, whose open write has no clear answer: only a create makes a second record that is ours to sweep (B35)."""
    return replace(link, doubted=link.doubted or intent.op == "create")


def _in_doubt(link: Link, intent: Intent, outcome: InDoubt | Refused, now: datetime) -> Settled:
    kept = replace(intent, in_flight=False, doubt_until=now + DOUBT)
    return Settled(_failed(doubted(link, intent), outcome, now), intent=kept)


def _refused(
    pair: Pair, link: Link, intent: Intent, outcome: Refused, now: datetime, *, looked: bool
) -> Settled:
    """A refusal is certain when no attempt before it can have landed: there was none, or its time is over and this
    call has `looked` at the record (or found none by its key)."""
    certain = intent.doubt_until is None or (looked and now >= intent.doubt_until)
    kept = None if certain else replace(intent, in_flight=False)
    if outcome.why in (Why.LIMIT, Why.SIGN_IN, Why.UNSENT):
        return Settled(replace(link, rev_done=None), intent=kept)  # nothing is wrong with this pair
    link = _failed(link, outcome, now)
    if certain and outcome.why in (Why.RULE, Why.DUPLICATE):
        link = replace(
            link, parked=True, not_before=None, error_rev=_rev_carried(pair.ours, link.base, intent)
        )
    return Settled(link, intent=kept)


def _rev_carried(ours: Ours | None, base: Base | None, intent: Intent) -> int | None:
    """The rev that was refused; None when a member changed it meanwhile, which may be the cure."""
    if ours is None or (intent.op == "delete") == (ours.deleted_at is None):
        return None
    if intent.op == "delete":
        return ours.rev
    owed = ours.values if base is None else changed_here(ours.values, base.app)
    return ours.rev if owed == intent.carried.app else None


def _failed(link: Link, outcome: InDoubt | Refused, now: datetime) -> Link:
    failures = link.failures + 1
    wait = min(timedelta(seconds=2 ** min(failures, 10)), LONGEST_BACK_OFF)
    other = link.error_code not in ("", outcome.code)  # "": a person has it tried again
    return replace(
        link,
        failures=failures,
        not_before=now + wait,
        rev_done=None,
        error_code=outcome.code,
        error_text=outcome.text,
        error_first_at=now if other or link.error_first_at is None else link.error_first_at,
        error_last_at=now,
    )

"""Carry out, on our side, what the plan asks for: inside one transaction, without any call.

Every change that needs no call is made at once, so that what is left is one remote step, a wait, or nothing.
"""

from __future__ import annotations

from dataclasses import replace

from tandem.sync.pair import Link, Ours, Pair
from tandem.sync.plan import Apply, Close, Moment, Nothing, Park, Remove, Reopen, Revive, Step, Wait, plan
from tandem.sync.round import Round

# A merge, then what it leaves: no pair needs more local steps than this in a row.
_MOST_STEPS = 4


def here(round_: Round, pair: Pair, moment: Moment) -> tuple[Pair, Step]:
    """Do all local steps that `pair` owes and store what follows; return the pair and the step that is left.

    The step left is Create, Erase, Reread, Resolve or an Apply with something to send, else Nothing or Wait.
    """
    for _ in range(_MOST_STEPS):
        step = plan(pair, round_.fields, moment)
        if not _is_local(step):
            return _left(round_, pair, step, moment), step
        done = _local(round_, pair, step)
        if done is None:
            break  # a member was faster: nothing may be sent whose base has not moved; the pair is still owed (I16)
        pair = done
    return pair, Wait()


def _is_local(step: Step) -> bool:
    return isinstance(step, Remove | Close | Reopen | Revive) or (
        isinstance(step, Apply) and step.merged.moves_here
    )


def _local(round_: Round, pair: Pair, step: Step) -> Pair | None:
    """The pair after a local step; None when a member was faster."""
    link, ours = pair.link, pair.ours
    if ours is None:
        return None
    match step:
        case Apply():
            return _apply(round_, pair, ours, step)
        case Remove():
            if not round_.store.change_reminder(ours, {}, deleted=True):
                return None
            round_.report.removed_here += 1
            round_.report.done(round_.member_of(ours), None)
            closed = replace(link, closed="deleted", closed_by="salesforce", rev_done=ours.rev)
            round_.store.save(closed)
            return Pair(closed, None)
        case Close(reason, by, lost):
            closed = replace(link, closed=reason, closed_by=by, rev_done=ours.rev)
            round_.store.save(closed)
            round_.store.log_lost(closed, lost)
            round_.report.lost += len(lost)
            return Pair(closed, None)
        case Reopen():
            # Nobody watched the Task while the pair was closed: read it before anything is believed of it.
            opened = replace(link, closed=None, closed_by=None, rev_done=None, stale=True)
            round_.store.save(opened)
            return replace(pair, link=opened)
        case Revive():
            freed = replace(link, reminder_id=None)
            round_.store.save(freed)
            round_.store.link_reminder(round_.org.id, ours.id)
            return Pair(freed, None)
    return None


def _apply(round_: Round, pair: Pair, ours: Ours, step: Apply) -> Pair | None:
    merged = step.merged
    if merged.here or merged.owner is not None or merged.about is not None:
        if not round_.store.change_reminder(ours, merged.here, owner=merged.owner, about=merged.about):
            return None
        if merged.here or merged.owner is not None:
            round_.report.changed_here += 1
            seen = pair.link.seen  # both its times are Salesforce's clock
            round_.report.done(round_.member_of(ours), seen.read_at - seen.stamp if seen else None)
        ours = replace(
            ours,
            values={**ours.values, **merged.here},
            owner=ours.owner if merged.owner is None else merged.owner,
            about=ours.about if merged.about is None else merged.about,
        )
    # A version that may have changed in its own second is known by the second before: the base does not fall (I6).
    stamps = [known.stamp for known in (pair.link.seen, pair.link.base) if known is not None and known.stamp]
    link = replace(pair.link, base=replace(merged.base, stamp=max(stamps, default=None)))
    round_.store.save(link)
    round_.store.log_lost(link, merged.lost)
    round_.report.lost += len(merged.lost)
    return Pair(link, ours, pair.intent)


def _left(round_: Round, pair: Pair, step: Step, moment: Moment) -> Pair:
    """Store what the step that is left means for the queue: done, waiting until, parked, or still owed."""
    link, ours = pair.link, pair.ours
    if ours is None or pair.intent is not None:
        return pair
    match step:
        case Nothing() | Wait(None):
            link = replace(link, rev_done=ours.rev)
        case Wait(until) if until is not None:
            round_.report.due(until)
            link = replace(link, not_before=until)
        case Park(problem):
            round_.report.refused(round_.member_of(ours))
            link = replace(
                link,
                parked=True,
                rev_done=ours.rev,
                error_code=problem.code,
                error_text=problem.about,
                error_rev=ours.rev,
                error_first_at=link.error_first_at or moment.now,
                error_last_at=moment.now,
            )
    if link != pair.link:
        round_.store.save(link)
    return replace(pair, link=link)


def reopen(round_: Round, pair: Pair, link: Link) -> Pair | None:
    """A Task un-deleted there brings its Reminder back (docs/engine.md §2.5); None when a member was faster."""
    if pair.ours is None:
        return None
    if not round_.store.change_reminder(pair.ours, {}, deleted=False):
        return None
    round_.report.changed_here += 1
    round_.store.save(link)
    return Pair(link, replace(pair.ours, deleted_at=None), pair.intent)

"""Which Reminders leave because their Tasks were deleted, and when are there too many of them to go unasked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tandem.sync.admission import too_many_deletions
from tandem.sync.here import here
from tandem.sync.round import CHUNK, Round


def remove_deleted(round_: Round, members: Sequence[int], *, asked_for: bool) -> None:
    """Carry out what was deleted there, all at once, so that the guard can count first (docs/engine.md §2.5).

    asked_for: a person saw the number before switching sync on again (P4), or approved it, so nothing is held.
    """
    org = round_.org
    gone = round_.store.gone_there(org.id, members)
    if not gone:
        if org.deletions != "free" and not round_.store.gone_there(org.id, list(org.members.values())):
            round_.store.set_deletions(org.id, "free", 0)
            round_.org = replace(org, deletions="free")
        return
    # What was approved is a number that a person saw; more than that is asked again.
    approved = org.deletions == "approved" and len(gone) <= org.deletions_count
    many = too_many_deletions(len(gone), round_.store.count_live(org.id, members))
    if not asked_for and not approved:
        if org.deletions == "held":
            return
        if many:
            round_.store.set_deletions(org.id, "held", len(gone))
            round_.org = replace(org, deletions="held")
            round_.report.deletions_held = len(gone)
            return
    for start in range(0, len(gone), CHUNK):
        with round_.fenced():
            for pair in round_.store.pairs(org.id, ids=gone[start : start + CHUNK]):
                here(round_, pair, round_.moment(deletions_held=False))
    if org.deletions == "approved" and many:  # a few of another member's do not use the word up
        round_.store.set_deletions(org.id, "free", 0)
        round_.org = replace(org, deletions="free")

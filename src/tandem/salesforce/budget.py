"""What the org's API allowance still permits, judged from what its answers report. Pure (docs/engine.md §2.7)."""

from __future__ import annotations

from enum import Enum

from tandem.salesforce.wire import LimitInfo

_HURRY_ONLY_ABOVE = 0.80
_READS_ONLY_ABOVE = 0.95


class Pace(Enum):
    """What may be sent now."""

    EVERYTHING = "everything"
    WHAT_A_PERSON_WAITS_FOR = "only what a person waits for"
    READS_ONLY = "only reads"


def share_used(limit: LimitInfo, our_calls: int, share_percent: int) -> float:
    """How much is used up, 1.0 being all of it: of our share or of the whole allowance, whichever is worse.

    `our_calls` are Tandem's own calls of the last 24 hours, `share_percent` (1-100) the part of the org's allowance
    that Tandem may use. Others' calls count through `limit.used`: an org that is empty is empty for us too.
    """
    if not 1 <= share_percent <= 100:
        raise ValueError(f"a share of {share_percent} %")
    if limit.max <= 0:
        return 1.0
    return max(our_calls * 100 / (limit.max * share_percent), limit.used / limit.max)


def pace(limit: LimitInfo | None, our_calls: int, share_percent: int) -> Pace:
    """Everything up to 80 %, then only what a person waits for, above 95 % only reads.

    Before the first answer (`limit` None) nothing is known to be short.
    """
    used = 0.0 if limit is None else share_used(limit, our_calls, share_percent)
    if used > _READS_ONLY_ABOVE:
        return Pace.READS_ONLY
    if used > _HURRY_ONLY_ABOVE:
        return Pace.WHAT_A_PERSON_WAITS_FOR
    return Pace.EVERYTHING

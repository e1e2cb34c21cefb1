"""How often does an org read, and what gives way when its API calls run short? Pure (docs/engine.md §2.7).

Order of giving way: the nightly audit and the logging of emails and calls first, then members' own edits, and the
reading last: without it nobody would learn that the calls are back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

#: What may go out: everything; only members' own edits, which somebody waits for; nothing, reading goes on.
Pace = Literal["everything", "edits", "reads"]

POLL_EVERY = timedelta(seconds=60)
POLL_IDLE = timedelta(minutes=10)
#: An org that was quiet for so many minutes is asked again after one.
_QUIET_PER_WAIT = 3


def poll_after(pace: Pace, quiet: timedelta | None) -> timedelta:
    """How long to wait for the next poll: a third of how long the org has been quiet, from one minute to ten.

    quiet: since anything travelled or a member looked; None when that is not known. Short of calls, ten minutes.
    """
    if pace != "everything":
        return POLL_IDLE
    if quiet is None:
        return POLL_EVERY
    return min(max(quiet / _QUIET_PER_WAIT, POLL_EVERY), POLL_IDLE)


#: Tandem's own codes for what a round that gave way tells people.
TOLD: dict[Pace, str] = {"edits": "CALLS_SHORT", "reads": "CALLS_USED_UP"}

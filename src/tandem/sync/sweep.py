"""Second records that carry one of our keys: delete those nobody touched, keep and name the others (M19, R5).

They arise when a create whose answer was lost lands after its twin was made or deleted.
"""

from __future__ import annotations

from collections.abc import Sequence

from tandem.sync.observe import untouched
from tandem.sync.pair import Link, Lost, Row
from tandem.sync.ports import DELETES, Done
from tandem.sync.round import Round

_KEPT = "a second Task with the same key was changed by somebody, so both are kept"


def sweep(round_: Round, twins: Sequence[tuple[Link, Row]]) -> None:
    """Delete the untouched twins; log the others once as kept."""
    doomed = [row.id for link, row in twins if untouched(link, row)]
    for start in range(0, len(doomed), DELETES):
        round_.before_call()
        # DELETE takes no condition (R2), so read immediately before it.
        page = round_.salesforce.by_id(doomed[start : start + DELETES])
        still = {row.id: row for row in page.rows if not row.deleted}
        ids = [row.id for link, row in twins if row.id in still and untouched(link, still[row.id])]
        if ids:
            round_.before_call()
            answer = round_.salesforce.delete(ids)
            round_.report.swept += sum(isinstance(outcome, Done) for outcome in answer.outcomes)
    with round_.store.transaction():
        for link, row in twins:
            if not untouched(link, row):
                round_.store.log_lost(link, [Lost("task", "salesforce", row.id, "kept", _KEPT)])
                round_.report.lost += 1

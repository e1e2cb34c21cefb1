"""Second records that carry one of our keys: delete those nobody touched, keep and name the others (M19, R5).

They arise when a create whose answer was lost lands after its twin was made or deleted: within ten minutes of it. A
record that looks the same but came later is somebody's copy, and theirs to keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tandem.sync.observe import untouched
from tandem.sync.pair import Link, Lost, Row
from tandem.sync.ports import DELETES, Done
from tandem.sync.round import Round
from tandem.sync.settle import DOUBT

# A late twin lands within DOUBT of an attempt, and attempts go on for DOUBT after the first: twice that, and a margin.
_LATE = 2 * DOUBT + timedelta(minutes=10)
_SWEPT = "a late twin of our own Task, which nobody had changed"
_KEPT = "a second Task with the same key was changed by somebody, so both are kept"


def sweep(round_: Round, twins: Sequence[tuple[Link, Row]]) -> None:
    """Delete the untouched late twins; log the others once as kept."""
    size = DELETES // 2  # each twin is read beside the record that it doubles
    for start in range(0, len(twins), size):
        part = twins[start : start + size]
        round_.before_call()
        # DELETE takes no condition (R2), so read immediately before it.
        page = round_.salesforce.by_id(
            [sf_id for link, row in part for sf_id in (row.id, link.sf_id) if sf_id]
        )
        now = {row.id: row for row in page.rows}
        doomed = [row.id for link, row in part if row.id in now and _late_twin(link, now[row.id], now)]
        if doomed:
            round_.before_call()
            answer = round_.salesforce.delete(doomed)
            round_.report.swept += sum(isinstance(outcome, Done) for outcome in answer.outcomes)
        with round_.fenced():
            for link, row in part:
                if row.id in doomed:  # I16: also what nobody had touched is told
                    round_.store.log_once(link, Lost("task", "salesforce", row.id, "deleted", _SWEPT))
                elif row.id in now and not now[row.id].deleted:
                    lost = Lost("task", "salesforce", row.id, "kept", _KEPT)
                    round_.report.lost += round_.store.log_once(link, lost)


def _late_twin(link: Link, twin: Row, rows: dict[str, Row]) -> bool:
    """Only a create that was once in doubt has late twins; without its first record to compare with, none is believed."""
    if twin.deleted or not link.doubted or not untouched(link, twin):
        return False
    if link.sf_id is None:
        return True
    first = rows.get(link.sf_id)
    return first is not None and abs(twin.created - first.created) <= _LATE

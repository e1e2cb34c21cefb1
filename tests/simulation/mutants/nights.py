"""What if the nightly check, the pace of an org that is short of calls, or the unsubscribes had one guard less?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tandem.sync import audit, opt_outs, worker
from tandem.sync.activity_settle import Retry
from tests.simulation.activities_port import SimulatedActivities
from tests.simulation.mutants.mutant import constant, mutant
from tests.simulation.opt_out_memory import MemoryBook
from tests.simulation.store_memory import MemoryStore

mutant("N1", "lost sharing", "once a night every open link is read", 2_000)(
    constant(worker, "audit", lambda round_: None)
)


@mutant("P13", "calls run short", "short of calls, what nobody waits for gives way", 400)
def _never_short() -> Any:
    whole = MemoryStore.org
    return patch.object(MemoryStore, "org", lambda self, org: replace(whole(self, org), pace="everything"))


@mutant("U1", "5xx before", "an unsubscribe is owed until Salesforce has said yes", 400)
def _done_whatever_was_said() -> Any:
    def done(owed: Any, outcomes: Any, refused: Any, now: Any) -> Any:
        return opt_outs.Owed(owed.id, owed.address, done_at=now)

    return patch.object(opt_outs, "settled", done)


mutant("U2", "slow transaction", "each comparison begins an hour before the one before it", 8_000)(
    constant(opt_outs, "_OVERLAP", timedelta(0))
)


@mutant("U3", "question refused", "what could not be read is read from where it was", 4_000)
def _unread_counts_as_read() -> Any:
    whole = SimulatedActivities.opted_out

    def blind(self: Any, fields: Any, since: Any) -> Any:
        return replace(whole(self, fields, since), refused=None)

    return patch.object(SimulatedActivities, "opted_out", blind)


@mutant("B28", "question refused", "a night is compared once, whatever could be read", 4_000)
def _compared_only_when_all_was_read() -> Any:
    whole = MemoryBook.compared

    def only_then(self: Any, org: Any, now: Any, read_to: Any) -> None:
        if read_to is not None:
            whole(self, org, now, read_to)

    return patch.object(MemoryBook, "compared", only_then)


mutant("B29", "lead converted", "whose lead was converted meanwhile is asked for again", 4_000)(
    constant(opt_outs, "_PASSING", (Retry.BACKOFF, Retry.SLOW, Retry.MAINTENANCE))
)


@mutant("B30", "template changed", "a name agreed under another template is no difference", 2_000)
def _names_are_compared() -> Any:
    whole = audit.apart

    def names_too(pair: Any, row: Any, fields: Any) -> bool:
        if pair.ours is None or pair.ours.deleted_at is not None or row.deleted:
            return False
        here, there = pair.ours.values["name"], row.version.values["name"]
        return whole(pair, row, fields) or not fields.agree("name", here, there, closed=row.version.closed)

    return patch.object(audit, "apart", names_too)


@mutant(
    "B31", "two edits in one second, late Date header", "of two versions of one second none is judged", 4_000
)
def _versions_of_one_second_are_compared() -> Any:
    whole = audit.apart

    def whatever_was_seen(pair: Any, row: Any, fields: Any) -> bool:
        return whole(replace(pair, link=replace(pair.link, seen=None)), row, fields)

    return patch.object(audit, "apart", whatever_was_seen)

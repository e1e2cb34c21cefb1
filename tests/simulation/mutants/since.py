"""What if a guard were gone that was put in because a history asked for it (docs/faults.md, B1 and on)?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tandem.sync import here, inbound, merge, plan, preview, settle, sweep
from tandem.sync.pair import Seen, Version
from tandem.sync.ports import Done
from tests.simulation.mutants.mutant import constant, mutant
from tests.simulation.store_memory import MemoryStore

mutant("touched twin swept", "copied, hasty user", "a twin that somebody has changed is kept", 12_000)(
    constant(sweep, "untouched", lambda link, row: True)
)
mutant("B3", "a delete taken back", "a pair goes on where its task lives", 1_000)(
    lambda: patch.object(plan, "Reopen", plan.Nothing)
)
mutant("B5", "late Date header", "the cursor is the larger of both", 1_000)(
    lambda: patch.object(inbound, "max", lambda *given: given[0], create=True)
)
mutant("B13", "lost sharing", "out of sight is not deleted", 4_000)(
    constant(settle, "_out_of_sight", lambda pair, link: link)
)
mutant("B23", "template changed", "what nobody here has seen is named when it is overwritten", 400)(
    constant(merge, "_never_shown", lambda rule, ours, theirs, seen: False)
)
mutant("B24", "switched off", "the preview counts what the first round removes", 4_000)(
    constant(preview, "_leaves", lambda pair, seat: False)
)
mutant("B25", "lost sharing", "the stamp of a base never falls", 12_000)(
    lambda: patch.object(here, "max", lambda stamps, default: next(iter(stamps), default), create=True)
)


@mutant(
    "M20", "lost create lands and is deleted between look and insert", "the older twin is the record", 12_000
)
def _answer_believed_alone() -> Any:
    created = settle._create

    def hoped(pair: Any, intent: Any, outcome: Any, rows: Any, read_at: Any, now: Any) -> Any:
        if isinstance(outcome, Done):
            rows = [row for row in rows if row.id == outcome.id]
        return created(pair, intent, outcome, rows, read_at, now)

    return patch.object(settle, "_create", hoped)


@mutant("B14", "unsent, sign-in refused", "a refusal is certain only beside a look", 12_000)
def _certain_without_a_look() -> Any:
    refused = settle._refused

    def certain(*given: Any, looked: bool) -> Any:
        return refused(*given, looked=True)

    return patch.object(settle, "_refused", certain)


@mutant("B16", "late Date header", "what cannot be ordered is read again", 12_000)
def _read_back_is_newest() -> Any:
    shown = settle._shown

    def newest(link: Any, row: Any, read_at: Any) -> Any:
        if row is None or read_at is None:
            return shown(link, row, read_at)
        return replace(link, seen=Seen(row.version, row.stamp, read_at, row.deleted), stale=False)

    return patch.object(settle, "_shown", newest)


@mutant("B17", "mass deletion", "each route asks anew whether deletions are held", 12_000)
def _one_look_at_the_org() -> Any:
    whole = MemoryStore.org
    first: dict[str, Any] = {}

    def remembered(self: Any, org: int) -> Any:
        state = whole(self, org)
        known = first.setdefault(self.orgs[org].lease, state)
        return replace(state, deletions=known.deletions, deletions_count=known.deletions_count)

    return patch.object(MemoryStore, "org", remembered)


@mutant("B22", "away, reassigned", "after two weeks every open link is read", 4_000)
def _logs_are_enough() -> Any:
    def logs(round_: Any, now: Any) -> Any:
        return now

    return patch.object(inbound, "_audit", logs)


def _absent(*, base_believed: bool = True, second_before: bool = True, sent_believed: bool = True) -> Any:
    """`inbound._mark_absent` without one of its three guards."""

    def mark(round_: Any, sf_ids: Any, read_at: Any) -> None:
        with round_.fenced():
            for pair in round_.store.pairs(round_.org.id, sf_ids=sf_ids):
                link, seen = pair.link, pair.link.seen
                if seen is None and not sent_believed:
                    again = round_.clock.now() + timedelta(minutes=5)
                    round_.store.save(replace(link, not_before=again))
                    continue
                if seen is None:
                    owner = pair.ours.owner if pair.ours is not None else ""
                    seen = Seen(Version(link.base.sf, owner=owner), inbound._BEFORE_ALL, read_at)
                values = link.base.sf if link.stale and base_believed else seen.version.values
                young = second_before and seen.read_at - seen.stamp < plan.SAME_SECOND
                stamp = seen.stamp - timedelta(seconds=1) if young else seen.stamp
                version = replace(seen.version, values=values)
                seen = replace(seen, version=version, stamp=stamp, read_at=read_at)
                round_.store.save(replace(link, seen=seen, stale=False))

    return patch.object(inbound, "_mark_absent", lambda r, ids, at: mark(r, ids, at) if ids else None)


mutant("B18", "read-back failed, lost sharing", "of a link in doubt the base is believed", 12_000)(
    lambda: _absent(base_believed=False)
)
mutant("B19", "lost sharing", "a version out of sight asks for the second before", 12_000)(
    lambda: _absent(second_before=False)
)
mutant("B20", "read-back failed, bin emptied", "what was sent is believed where nobody will see it", 12_000)(
    lambda: _absent(sent_believed=False)
)

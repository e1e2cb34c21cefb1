"""What if a guard were gone that was put in because a history asked for it (docs/faults.md, B1 and on)?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tandem.sync import here, inbound, merge, plan, preview, resolve, settle, sweep
from tandem.sync.pair import Seen, Version
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
mutant("B23", "template changed", "what nobody here has seen is named when it is overwritten", 400)(
    constant(merge, "_never_shown", lambda rule, ours, theirs, seen: False)
)
mutant(
    "B32", "template changed", "a rename that nobody there has seen is named when it is overwritten", 4_000
)(constant(merge, "_never_said", lambda rule, ours, said: False))
mutant("B24", "switched off", "the preview counts what the first round removes", 4_000)(
    constant(preview, "_leaves", lambda pair, seat: False)
)
mutant(
    "B33", "read-back failed", "whoever comes back looks into the bin for what died with our delete", 4_000
)(constant(inbound, "_look_into_the_bin", lambda round_, deleted: None))
mutant("B25", "lost sharing", "the stamp of a base never falls", 12_000)(
    lambda: patch.object(here, "max", lambda stamps, default: next(iter(stamps), default), create=True)
)


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


def _absent(*, base_believed: bool = True, sent_believed: bool = True) -> Any:
    """`inbound._mark_absent` without one of two of its guards."""

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
                young = seen.read_at - seen.stamp < plan.SAME_SECOND
                stamp = seen.stamp - timedelta(seconds=1) if young else seen.stamp
                version = replace(seen.version, values=values)
                seen = replace(seen, version=version, stamp=stamp, read_at=read_at)
                round_.store.save(replace(link, seen=seen, stale=False))

    return patch.object(inbound, "_mark_absent", lambda r, ids, at: mark(r, ids, at) if ids else None)


mutant("B18", "read-back failed, lost sharing", "of a link in doubt the base is believed", 12_000)(
    lambda: _absent(base_believed=False)
)
mutant("B20", "read-back failed, bin emptied", "what was sent is believed where nobody will see it", 12_000)(
    lambda: _absent(sent_believed=False)
)
mutant(
    "B19",
    "lost sharing, two edits in one second",
    "a version out of sight asks for the second before",
    12_000,
)(constant(inbound, "SAME_SECOND", timedelta(0)))


@mutant("M20", "hasty user", "the older twin is the record", 12_000)
def _younger_twin() -> Any:
    def youngest_first(rows: Any, key: Any) -> Any:
        return sorted(rows, key=key, reverse=True)

    return patch.object(settle, "sorted", youngest_first, create=True)


@mutant("B13", "lost sharing, second thoughts", "out of sight is not deleted", 12_000)
def _unseen_is_deleted() -> Any:
    return patch.object(settle, "_out_of_sight", lambda pair, link: link)


@mutant("B14", "lost after, then unsent", "a refusal is certain only beside a look", 12_000)
def _certain_without_a_look() -> Any:
    refused = settle._refused

    def looked(*given: Any, **named: Any) -> Any:
        return refused(*given, **{**named, "looked": True})

    return patch.object(settle, "_refused", looked)


@mutant("B16", "late Date header", "what cannot be ordered is read again", 12_000)
def _unordered_is_ignored() -> Any:
    shown = settle._shown

    def ignored(link: Any, row: Any, read_at: Any) -> Any:
        after = shown(link, row, read_at)
        return link if row is not None and read_at is not None and after.stale else after

    return patch.object(settle, "_shown", ignored)


mutant("B34", "parent deleted", "the preview asks whether what was gone is back", 4_000)(
    constant(preview, "_alive", lambda salesforce, sf_ids: set())
)
mutant("B35", "copied", "only the doubt of a create makes a second record ours", 4_000)(
    constant(resolve, "doubted", lambda link, intent: replace(link, doubted=True))
)

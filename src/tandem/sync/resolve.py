"""Writes of unknown outcome: look, re-issue the same thing, adopt what is there. Never replace it by something newer.

Mode A (a unique key): look, bin included, then INSERT again at once; uniqueness refuses a twin.
Mode B (a plain key): look, wait until each earlier attempt landed or died, look, INSERT again (docs/engine.md §2.6).
Updates and deletes are re-issued as they were: If-Unmodified-Since and the id make that safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tandem.sync.outbound import send, settle_all
from tandem.sync.pair import Intent, Pair, Seen
from tandem.sync.ports import DELETES, INSERTS, Done, Outcome, Written
from tandem.sync.round import CHUNK, Round
from tandem.sync.settle import DOUBT, doubted


def resolve(round_: Round) -> None:
    """Bring every open intent of this route that is in doubt one step nearer to a definite answer."""
    ids = round_.store.doubtful(round_.org.id, round_.members, round_.clock.now())
    if not ids:
        return
    doubtful = _take_over(round_, ids)
    missing = _look(round_, [pair for pair in doubtful if _op(pair) == "create"])
    updates = [pair for pair in doubtful if _op(pair) == "update"]
    deletes = _unchanged_there(round_, [pair for pair in doubtful if _op(pair) == "delete"])
    send(round_, _reissue(round_, missing + updates + deletes))


def _unchanged_there(round_: Round, deletes: Sequence[Pair]) -> list[Pair]:
    """The deletes that may be sent again. DELETE takes no condition (R2): one that is older than somebody's edit is given
    up, once it can land no more, and planned anew (P5)."""
    again: list[Pair] = []
    for start in range(0, len(deletes), DELETES):
        part = deletes[start : start + DELETES]
        round_.before_call()
        page = round_.salesforce.by_id([pair.link.sf_id for pair in part if pair.link.sf_id])
        alive = {row.id: row for row in page.rows if not row.deleted}
        with round_.fenced():
            now = round_.clock.now()
            for pair in round_.store.pairs(round_.org.id, ids=[pair.link.id for pair in part]):
                intent, row = pair.intent, alive.get(pair.link.sf_id or "")
                if intent is None:
                    continue
                if row is None or row.stamp == intent.unless_modified_since:
                    again.append(pair)
                elif intent.doubt_until is not None and now < intent.doubt_until:
                    round_.report.due(intent.doubt_until)
                    round_.store.save(replace(pair.link, not_before=intent.doubt_until))
                else:
                    seen = Seen(row.version, row.stamp, page.read_at)
                    round_.store.save_with_intent(replace(pair.link, seen=seen, rev_done=None), None)
    return again


def _take_over(round_: Round, ids: Sequence[int]) -> list[Pair]:
    """Make the intents this round's own. One without a recorded answer may have been sent a moment ago (M13, M18)."""
    taken: list[Pair] = []
    for start in range(0, len(ids), CHUNK):
        with round_.fenced():
            now = round_.clock.now()
            for pair in round_.store.pairs(round_.org.id, ids=ids[start : start + CHUNK]):
                intent = pair.intent
                if intent is None:
                    continue
                if intent.in_flight:
                    intent = replace(intent, in_flight=False, doubt_until=now + DOUBT)
                intent = replace(intent, opener=round_.lease, attempts=intent.attempts + 1)
                link = doubted(pair.link, intent)
                round_.store.save_with_intent(link, intent)
                taken.append(replace(pair, link=link, intent=intent))
    return taken


def _look(round_: Round, creates: Sequence[Pair]) -> list[Pair]:
    """Adopt the creates that did land, deleted ones included; return those of which Salesforce knows nothing."""
    missing: list[Pair] = []
    for start in range(0, len(creates), INSERTS):
        part = creates[start : start + INSERTS]
        round_.before_call()
        page = round_.salesforce.by_key([pair.link.key for pair in part])
        first = {
            row.key: row.id for row in sorted(page.rows, key=lambda row: (row.created, row.id), reverse=True)
        }
        found = [pair for pair in part if pair.link.key in first]
        outcomes: list[Outcome] = [Done(first[pair.link.key]) for pair in found]
        settle_all(round_, found, Written(outcomes, page.rows, page.read_at))
        missing += [pair for pair in part if pair.link.key not in first]
    return missing


def _reissue(round_: Round, doubtful: Sequence[Pair]) -> list[Pair]:
    """Say on disk that one more attempt is out, before the call (I12); leave what must wait."""
    sent: list[Pair] = []
    for start in range(0, len(doubtful), CHUNK):
        part = {pair.link.id: pair.intent for pair in doubtful[start : start + CHUNK]}
        with round_.fenced():
            now = round_.clock.now()
            for pair in round_.store.pairs(round_.org.id, ids=part):
                intent = pair.intent
                if intent is None or intent != part[pair.link.id]:
                    continue
                if _must_wait(round_, intent, now):
                    round_.report.due(intent.doubt_until or now)
                    round_.store.save(replace(pair.link, not_before=intent.doubt_until))
                    continue
                intent = replace(intent, in_flight=True)
                round_.store.save_with_intent(pair.link, intent)
                sent.append(replace(pair, intent=intent))
    return sent


def _must_wait(round_: Round, intent: Intent, now: datetime) -> bool:
    """Without a unique key a create waits until no earlier attempt can land any more (mode B, R4)."""
    lasting = intent.doubt_until is not None and now < intent.doubt_until
    return lasting and intent.op == "create" and not round_.org.unique_key


def _op(pair: Pair) -> str:
    return pair.intent.op if pair.intent is not None else ""

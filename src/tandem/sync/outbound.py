"""Write what the pairs of one route owe to Salesforce, in shared calls.

Every write is an intent on disk before the call (I12), and is settled from its answer in one transaction after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tandem.sync.here import here
from tandem.sync.inbound import reread
from tandem.sync.pair import Carried, Intent, Link, Op, Pair, Row
from tandem.sync.plan import SAME_SECOND, Apply, Create, Erase, Moment, Reread
from tandem.sync.ports import (
    DELETES,
    INSERTS,
    PATCHES,
    Done,
    InDoubt,
    New,
    NoAnswer,
    Outcome,
    Patch,
    Refused,
    Salesforce,
    Why,
    Written,
)
from tandem.sync.round import CHUNK, Round
from tandem.sync.settle import settle
from tandem.sync.sweep import sweep

# Outcomes after which nothing more can be sent on this route now.
_ENDS_THE_ROUTE = (Why.LIMIT, Why.SIGN_IN, Why.UNSENT)


def link_new(round_: Round) -> None:
    """Give every Reminder that may go out its link and key, before any call (FS-2)."""
    for seat in round_.route.seats:
        while round_.store.unlinked(round_.org.id, seat, 1):
            with round_.fenced():
                for reminder in round_.store.unlinked(round_.org.id, seat, CHUNK):
                    round_.store.link_reminder(round_.org.id, reminder)


def flush(round_: Round) -> None:
    """Send until nothing is owed that can be sent now."""
    while ids := round_.store.owed(round_.org.id, round_.members, round_.clock.now(), INSERTS):
        opened, unread = _open_all(round_, ids)
        send(round_, opened)  # first: what is opened and not sent would be in doubt
        if unread:
            reread(round_, unread)


def _open_all(round_: Round, ids: Sequence[int]) -> tuple[list[Pair], list[Pair]]:
    """Plan each pair: those whose write is now an intent on disk, and those that must be read first."""
    opened: list[Pair] = []
    unread: list[Pair] = []
    for start in range(0, len(ids), CHUNK):
        with round_.fenced():
            moment = round_.moment()
            for found in round_.store.pairs(round_.org.id, ids=ids[start : start + CHUNK]):
                pair, step = here(round_, found, moment)
                match step:
                    case Create(carried):
                        opened.append(_open(round_, pair, "create", carried, moment))
                    case Apply(merged) if merged.there.sf:
                        opened.append(_open(round_, pair, "update", merged.there, moment))
                        for lost in merged.unseen:
                            round_.report.lost += round_.store.log_once(pair.link, lost)
                    case Erase():
                        opened.append(_open(round_, pair, "delete", Carried({}, {}), moment))
                    case Reread() if pair.link.id in round_.reread:
                        _wait_a_second(round_, pair.link, moment)
                    case Reread():
                        unread.append(pair)
    return opened, unread


def _open(round_: Round, pair: Pair, op: Op, carried: Carried, moment: Moment) -> Pair:
    """Store the intent before the call (I12)."""
    link, seen = pair.link, pair.link.seen
    intent = Intent(op, carried, seen.stamp if seen else None, moment.now, moment.lease)
    if op == "create":
        link = replace(link, created_with=carried)
    round_.store.save_with_intent(link, intent)
    return Pair(link, pair.ours, intent)


def _wait_a_second(round_: Round, link: Link, moment: Moment) -> None:
    """Read once in this round and still too young to write upon: the next round will find it older."""
    until = moment.now + SAME_SECOND
    round_.report.due(until)
    round_.store.save(replace(link, not_before=until))


def send(round_: Round, opened: Sequence[Pair]) -> None:
    """Send opened intents in as few calls as they take. NoAnswer: the route can send no more now, nothing is lost."""
    batches = [
        (op, part)
        for op, size in _SIZES.items()
        for part in _parts(
            [pair for pair in opened if pair.intent is not None and pair.intent.op == op], size
        )
    ]
    for number, (op, batch) in enumerate(batches):
        round_.before_call()
        answer = _CALLS[op](round_.salesforce, batch)
        settle_all(round_, batch, answer)
        stop = _stop(answer)
        if stop is not None:
            unsent = [pair for _, later in batches[number + 1 :] for pair in later]
            settle_all(round_, unsent, _never_sent(unsent, stop))
            raise NoAnswer(stop.why, stop.code, stop.text)


def _stop(answer: Written) -> Refused | None:
    """Why nothing more is sent now: a row says so, or the whole call brought nothing but "later" or no answer at all."""
    said = next((o for o in answer.outcomes if isinstance(o, Refused) and o.why in _ENDS_THE_ROUTE), None)
    if said is not None or answer.read_at is not None:
        return said
    for one in answer.outcomes[:1]:
        if isinstance(one, InDoubt) or (isinstance(one, Refused) and one.why is Why.BUSY):
            return Refused(Why.BUSY, one.code, one.text)
    return None


def _insert(salesforce: Salesforce, batch: Sequence[Pair]) -> Written:
    return salesforce.insert(
        [
            New(pair.link.key, pair.ours.owner if pair.ours else "", pair.intent.carried.sf)
            for pair in batch
            if pair.intent
        ]
    )


def _patch(salesforce: Salesforce, batch: Sequence[Pair]) -> Written:
    return salesforce.patch(
        [
            Patch(pair.link.sf_id, pair.intent.carried.sf, pair.intent.unless_modified_since)
            for pair in batch
            if pair.link.sf_id and pair.intent and pair.intent.unless_modified_since
        ]
    )


def _delete(salesforce: Salesforce, batch: Sequence[Pair]) -> Written:
    return salesforce.delete([pair.link.sf_id or "" for pair in batch])


_SIZES: dict[Op, int] = {"delete": DELETES, "create": INSERTS, "update": PATCHES}
_CALLS: dict[Op, Callable[[Salesforce, Sequence[Pair]], Written]] = {
    "create": _insert,
    "update": _patch,
    "delete": _delete,
}


def settle_all(round_: Round, batch: Sequence[Pair], answer: Written) -> None:
    """Settle each pair from its own outcome, in one transaction; then sweep the twins that came to light."""
    twins: list[tuple[Link, Row]] = []
    by_key, by_id = _by_key(answer.rows), {row.id: row for row in answer.rows}
    for start in range(0, len(batch), CHUNK):
        part = batch[start : start + CHUNK]
        outcomes = answer.outcomes[start : start + CHUNK]
        with round_.fenced():
            now = {p.link.id: p for p in round_.store.pairs(round_.org.id, ids=[p.link.id for p in part])}
            moment = round_.moment()
            for sent, outcome in zip(part, outcomes, strict=True):
                pair = now.get(sent.link.id)
                if pair is None or sent.intent is None or not _still_ours(pair.intent, sent.intent):
                    continue  # I12: another round took the intent over; it alone settles it
                sf_id = pair.link.sf_id
                rows = by_key.get(pair.link.key, []) if sent.intent.op == "create" else []
                if sf_id and sf_id in by_id:
                    rows = [by_id[sf_id]]
                twins += _settle_one(round_, pair, sent.intent, outcome, rows, answer, moment)
    if twins:
        sweep(round_, twins)


def _settle_one(
    round_: Round,
    pair: Pair,
    intent: Intent,
    outcome: Outcome,
    rows: Sequence[Row],
    answer: Written,
    moment: Moment,
) -> list[tuple[Link, Row]]:
    settled = settle(pair, intent, outcome, rows, answer.read_at, moment.now)
    round_.store.save_with_intent(settled.link, settled.intent)
    round_.store.log_lost(settled.link, settled.lost)
    round_.report.lost += len(settled.lost)
    if settled.intent is not None:
        if settled.link.not_before is not None:
            round_.report.due(settled.link.not_before)
        return []
    if isinstance(outcome, Done) or settled.link.closed is not None:
        _count(round_, intent.op)
        changed = pair.ours.changed_at if pair.ours is not None else None
        round_.report.done(round_.member_of(pair.ours), None if changed is None else moment.now - changed)
    elif settled.link.parked:
        round_.report.refused(round_.member_of(pair.ours))
    elif settled.link.not_before is not None:
        round_.report.due(settled.link.not_before)
    here(round_, Pair(settled.link, pair.ours), moment)
    return [(settled.link, twin) for twin in settled.twins]


def _count(round_: Round, op: Op) -> None:
    if op == "create":
        round_.report.created += 1
    elif op == "update":
        round_.report.updated += 1
    else:
        round_.report.deleted += 1


def _still_ours(stored: Intent | None, sent: Intent) -> bool:
    return stored is not None and (stored.opener, stored.attempts) == (sent.opener, sent.attempts)


def _never_sent(batch: Sequence[Pair], why: Refused) -> Written:
    text = "It was not sent yet."
    return Written([Refused(Why.UNSENT, why.code, text) for _ in batch], [], None)


def _by_key(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def _parts(pairs: list[Pair], size: int) -> list[list[Pair]]:
    return [pairs[start : start + size] for start in range(0, len(pairs), size)]

"""Once a night: is everything still as both sides say? The engine's own check of itself (docs/engine.md §2.8).

Every open link is read by id. What is news goes the ordinary way of news, deletions and their guard included; what no
ordinary way can mend is told, once, and left to a person: an audit that repairs by guessing would be the next fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tandem.sync.admission import too_many_deletions
from tandem.sync.fields import FieldMap
from tandem.sync.inbound import observe_page
from tandem.sync.pair import Lost, Pair, Row
from tandem.sync.plan import Nothing, plan
from tandem.sync.ports import INSERTS, READ_IDS
from tandem.sync.removal import remove_deleted
from tandem.sync.round import CHUNK, Round

GONE = "the nightly check did not find it: it was deleted more than 15 days ago, or is hidden from Tandem"
APART = "the nightly check found both sides different, and nothing owed: edit either side to make them equal"


def audit(round_: Round) -> None:
    """Check this route's open links; what was found is counted in the report.

    links: read. mended: changes that the ordinary rules made. missing: not shown any more, which is no deletion (I11).
    apart: different, with nothing owed.
    """
    found: Counter[str] = Counter()
    wrote = round_.report.wrote
    ids = [sf_id for _, sf_id in round_.store.open_links(round_.org.id, round_.members)]
    missing: list[str] = []
    for start in range(0, len(ids), READ_IDS):
        missing += _read(round_, ids[start : start + READ_IDS], found)
    remove_deleted(round_, round_.members, asked_for=False)
    found["missing"] = len(missing)
    # So many at once are a lost permission and not lost Tasks: the number tells it, not a line for each.
    if not too_many_deletions(len(missing), len(ids)):
        _tell_missing(round_, missing)
    found["links"] = len(ids)
    found["mended"] = round_.report.wrote - wrote
    for what in ("links", "mended", "missing", "apart"):
        round_.report.audit[what] = round_.report.audit.get(what, 0) + found[what]


def apart(pair: Pair, row: Row, fields: FieldMap) -> bool:
    """Whether both sides of an open pair that owes nothing differ in a field, by the words that both have.

    Not by the name: it may have been agreed under another subject template (P3), and is what somebody wrote there (B30).
    Not by one of two versions of one second when the other was dated later: the next read orders them (B31).
    """
    ours, seen, version = pair.ours, pair.link.seen, row.version
    if ours is None or ours.deleted_at is not None or row.deleted:
        return False
    if seen is not None and seen.stamp == row.stamp and seen.version != version:
        return False
    return not all(
        fields.agree(name, ours.values[name], value, closed=version.closed)
        for name, value in version.values.items()
        if name != "name"
    )


def _read(round_: Round, ids: Sequence[str], found: Counter[str]) -> list[str]:
    """Read and observe these records; returns the ids that were not shown."""
    round_.before_call()
    page = round_.salesforce.by_id(ids)
    keys: list[str] = []
    for start in range(0, len(page.rows), CHUNK):
        part = page.rows[start : start + CHUNK]
        observe_page(round_, replace(page, rows=part), round_.moment())
        keys += _compare(round_, part, found)
    if not round_.org.unique_key:  # where Salesforce keeps the key unique there are no twins to look for
        _look_for_twins(round_, keys)
    shown = {row.id for row in page.rows}
    return [sf_id for sf_id in ids if sf_id not in shown]


def _compare(round_: Round, rows: Sequence[Row], found: Counter[str]) -> list[str]:
    """Tell what is apart with nothing owed; returns the keys of what we made."""
    by_id = {row.id: row for row in rows}
    keys = []
    with round_.fenced():
        moment = round_.moment()
        for pair in round_.store.pairs(round_.org.id, sf_ids=list(by_id)):
            link, row = pair.link, by_id[pair.link.sf_id or ""]
            if link.created_with is not None:
                keys.append(link.key)
            if link.closed is not None or pair.ours is None or pair.ours.rev != link.rev_done:
                continue
            owes_nothing = isinstance(plan(pair, round_.fields, moment), Nothing)
            if owes_nothing and apart(pair, row, round_.fields):
                found["apart"] += 1
                round_.store.log_once(link, Lost("task", "salesforce", row.id, "different", APART))
    return keys


def _look_for_twins(round_: Round, keys: Sequence[str]) -> None:
    """Second records with our key go to the sweep, as in every page that is read."""
    for start in range(0, len(keys), INSERTS):
        round_.before_call()
        page = round_.salesforce.by_key(keys[start : start + INSERTS])
        for first in range(0, len(page.rows), CHUNK):
            observe_page(round_, replace(page, rows=page.rows[first : first + CHUNK]), round_.moment())


def _tell_missing(round_: Round, sf_ids: Sequence[str]) -> None:
    for start in range(0, len(sf_ids), CHUNK):
        with round_.fenced():
            for pair in round_.store.pairs(round_.org.id, sf_ids=sf_ids[start : start + CHUNK]):
                if pair.link.closed is None:
                    lost = Lost("task", "salesforce", pair.link.sf_id or "", "not found", GONE)
                    round_.store.log_once(pair.link, lost)

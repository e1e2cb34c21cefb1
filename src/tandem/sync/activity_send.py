"""Make in Salesforce what was decided: log entries, a thousand a call, and people for whom there was no record.

As with Reminders every write is on disk before the call (I12) and settled from its own outcome; what is in doubt is
looked for before it is sent again (I15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tandem.people.matching import Asked, Candidate, Found
from tandem.sync.activity import Shape
from tandem.sync.activity_amend import amended, owed_extra
from tandem.sync.activity_batches import batches, collections_of
from tandem.sync.activity_match import contacts_of, people_at
from tandem.sync.activity_ports import (
    AMENDS,
    COLLECTIONS,
    LOOKS,
    ROWS,
    Answered,
    Journal,
    Sobject,
    Table,
)
from tandem.sync.activity_settle import (
    Making,
    Retry,
    followed,
    found,
    missing,
    opened,
    retry_class,
    settle,
    taken_over,
    to_follow,
    to_match_anew,
)
from tandem.sync.activity_task import fitting
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Why
from tandem.sync.round import Round

_ASK_AGAIN = timedelta(minutes=1)
_EVERYTHING: frozenset[Asked] = frozenset({"lead", "contact", "colleague", "deals", "tasks"})


def resolve(round_: Round, journal: Journal, table: Table) -> None:
    """Bring what is in doubt one step nearer to a definite answer: look, adopt, or send the same again."""
    while doubtful := journal.doubtful(round_.org.id, _members(round_), table, round_.clock.now(), LOOKS):
        mine = _take_over(round_, journal, table, doubtful)
        there = _look(round_, journal, table, mine)
        again: list[Making] = []
        with round_.fenced():
            now = round_.clock.now()
            saved: list[Making] = []
            for making in journal.again(table, [each.id for each in mine]):
                sf_id = there.get(making.key)
                waits = missing(making, now, unique=_unique(round_, table)) if sf_id is None else None
                if sf_id is not None:
                    saved.append(found(making, sf_id))
                elif waits is not None:
                    saved.append(waits)
                else:
                    again.append(making)
            _save(round_, journal, table, saved)
        for batch in batches(again):
            _send(round_, journal, table, batch)


def send(round_: Round, journal: Journal, table: Table) -> None:
    """Send what is owed, until nothing is owed that can be sent now."""
    limit = ROWS * COLLECTIONS if table == "tasks" else ROWS
    while owed := journal.owed(round_.org.id, _members(round_), table, round_.clock.now(), limit):
        ready = _follow(round_, journal, owed) if table == "tasks" else owed
        for batch in batches(ready):
            _send(round_, journal, table, batch)


def amend(round_: Round, journal: Journal, shape: Shape) -> None:
    """Bring the custom fields of what is logged up to date; nothing else of it is ever written again."""
    while owed := journal.amendable(round_.org.id, _members(round_), round_.clock.now(), AMENDS):
        fields = {each.id: owed_extra(each, fitting(each.wanted, shape, "updateable")) for each in owed}
        with round_.fenced():
            journal.save_amended([(each, False) for each in owed if not fields[each.id]], round_.clock.now())
        sent = [each for each in owed if fields[each.id]]
        if not sent:
            continue
        round_.before_call()
        calls = round_.salesforce.calls
        answer = round_.salesforce.activities.amend([(each.sf_id or "", fields[each.id]) for each in sent])
        with round_.fenced():
            now = round_.clock.now()
            done = [
                amended(each, fields[each.id], outcome, now)
                for each, outcome in zip(sent, answer.outcomes, strict=True)
            ]
            journal.save_amended(done, now)
            after = [making for making, _ in done]
            _note_rights(round_, journal, "tasks", sent, after, answer.outcomes, fields)
            journal.charge([each.of for each in sent], round_.salesforce.calls - calls)
            round_.report.amended += sum(not still_owed for _, still_owed in done)
        _raise_if_stopped(answer)


def _take_over(round_: Round, journal: Journal, table: Table, doubtful: Sequence[Making]) -> list[Making]:
    with round_.fenced():
        now = round_.clock.now()
        mine = [
            taken_over(each, round_.lease, now)
            for each in journal.again(table, [each.id for each in doubtful])
        ]
        _save(round_, journal, table, mine)
    return mine


def _look(round_: Round, journal: Journal, table: Table, mine: Sequence[Making]) -> Mapping[str, str]:
    """The record of each key that is there. A person's key is the address: whoever has it, is who was to be made."""
    keys = [each.key for each in mine]
    if table == "people":
        return people_at(round_, journal, keys)
    round_.before_call()
    return round_.salesforce.activities.logged(keys)


def _follow(round_: Round, journal: Journal, owed: Sequence[Making]) -> list[Making]:
    """Those that can be sent; a lead that was converted meanwhile gives way to its contact first."""
    converted = [each for each in owed if to_follow(each)]
    if not converted:
        return list(owed)
    become = contacts_of(round_, journal, {each.lead for each in converted})
    with round_.fenced():
        used = journal.used({each.of for each in converted})
        later = round_.clock.now() + _ASK_AGAIN
        moved = [
            replace(each, not_before=later)
            if each.lead not in become
            else replace(each, closed="left_out", not_before=None, error_code="", error_text="")
            if become[each.lead] in used[each.of]  # logged there already: one message, one record, one Task
            else followed(each, become[each.lead])
            for each in converted
        ]
        _save(round_, journal, "tasks", moved)
    gone = {each.id for each in converted}
    ready = [each for each in moved if not each.parked and each.closed is None and each.not_before is None]
    return [each for each in owed if each.id not in gone] + ready


def _send(round_: Round, journal: Journal, table: Table, batch: Sequence[Making]) -> None:
    """One call. NoAnswer when this route can send no more now; nothing is lost."""
    out = _open(round_, journal, table, batch)
    if not out:
        return
    round_.before_call()
    calls = round_.salesforce.calls
    answer, in_order = _call(round_, table, out)
    with round_.fenced():
        now = round_.clock.now()
        outcome_of = {each.id: outcome for each, outcome in zip(in_order, answer.outcomes, strict=True)}
        stored = journal.again(table, [each.id for each in out])
        # I12: one that another round took over is settled by that one alone.
        mine = [each for each in stored if each.in_flight and each.opener == round_.lease]
        settled = [settle(each, outcome_of[each.id], now) for each in mine]
        _save(round_, journal, table, settled)
        outcomes = [outcome_of[each.id] for each in mine]
        _note_rights(round_, journal, table, mine, settled, outcomes)
        journal.charge([each.of for each in out if each.of], round_.salesforce.calls - calls)
    _raise_if_stopped(answer)


def _open(round_: Round, journal: Journal, table: Table, batch: Sequence[Making]) -> list[Making]:
    """Say on disk that an attempt is out, before the call (I12)."""
    with round_.fenced():
        out = [
            opened(each, round_.lease)
            for each in journal.again(table, [each.id for each in batch])
            if not each.in_flight and not each.parked
        ]
        journal.save_makings(table, out, round_.clock.now())
    return out


def _call(round_: Round, table: Table, out: Sequence[Making]) -> tuple[Answered, list[Making]]:
    calls = round_.salesforce.activities
    if table == "people":
        rows: list[tuple[Sobject, Mapping[str, Any]]] = [(_sobject(each), each.body) for each in out]
        return calls.make_people(rows), list(out)
    collections = list(collections_of(out))
    answer = calls.log([[(each.key, each.body) for each in part] for part in collections])
    return answer, [each for part in collections for each in part]


def _sobject(making: Making) -> Sobject:
    return "Contact" if making.record == "Contact" else "Lead"


def _save(round_: Round, journal: Journal, table: Table, makings: Sequence[Making]) -> None:
    """Store what became of them, and remember in the round what was logged, parked, or waits."""
    now = round_.clock.now()
    journal.save_makings(table, makings, now)
    people: dict[str, tuple[str, Found]] = {}
    for each in makings:
        if each.closed == "logged" and table == "tasks":
            round_.report.logged += 1
            round_.report.done(each.member, None if each.since is None else now - each.since)
        elif each.closed == "logged" and each.sf_id is not None:
            people[each.key] = (each.sf_id, Found(_as_found(round_, each), asked=_EVERYTHING))
        elif each.parked:
            round_.report.refused(each.member)
        elif each.not_before is not None:
            round_.report.due(each.not_before)
    gone = [each for each in makings if table == "tasks" and to_match_anew(each)]
    if gone:
        journal.match_anew(round_.org.id, gone)
        round_.report.due(now)
    people |= {each.key: ("", Found()) for each in makings if table == "people" and each.parked}
    if people:
        journal.people_made(round_.route.connection, people, now)


def _as_found(round_: Round, making: Making) -> tuple[Candidate, ...]:
    """The lead that was just made, as if it had been found; a contact is asked for, for its account and deals."""
    if _sobject(making) == "Contact" or (making.sf_id or "").startswith("003"):
        return ()
    name = " ".join(str(making.body[part]) for part in ("FirstName", "LastName") if making.body.get(part))
    return (Candidate("lead", making.sf_id or "", name, round_.clock.now(), tasks=0),)


def _note_rights(
    round_: Round,
    journal: Journal,
    table: Table,
    before: Sequence[Making],
    after: Sequence[Making],
    outcomes: Sequence[Outcome],
    sent: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """Say once which field, or which kind of record, the org keeps from us (CF-3), and no more when it does not.

    sent: the fields of each that were sent, by id; None: all that it has.
    """
    now = round_.clock.now()
    taken = [old for old, outcome in zip(before, outcomes, strict=True) if isinstance(outcome, Done)]
    names = {name for old in taken for name in (old.body if sent is None else sent[old.id])}
    if taken:
        journal.allowed(round_.route.connection, names)
    said: set[tuple[str, str]] = set()
    for old, new, outcome in zip(before, after, outcomes, strict=True):
        if not isinstance(outcome, Refused):
            continue
        about = [name for name in new.refused_fields if name not in old.refused_fields]
        if retry_class(outcome.code, outcome.why) is Retry.DISABLE:
            about = [_sobject(new) if table == "people" else "Task"]
        for name in about:
            if (outcome.code, name) not in said:
                said.add((outcome.code, name))
                journal.warn(round_.route.connection, outcome.code, name, outcome.text, now)


def _raise_if_stopped(answer: Answered) -> None:
    """Why nothing more is sent now: a row says so, or the call as a whole brought nothing."""
    for outcome in answer.outcomes:
        if isinstance(outcome, Refused) and outcome.why in (Why.LIMIT, Why.SIGN_IN, Why.UNSENT):
            raise NoAnswer(outcome.why, outcome.code, outcome.text)
    bad = [outcome for outcome in answer.outcomes if isinstance(outcome, InDoubt | Refused)]
    if bad and not answer.came:
        raise NoAnswer(Why.BUSY, bad[0].code, bad[0].text)


def _unique(round_: Round, table: Table) -> bool:
    return table == "tasks" and round_.org.unique_key


def _members(round_: Round) -> list[int]:
    return list(round_.route.loggers)

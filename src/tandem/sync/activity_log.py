"""Log what happened: emails and calls become completed Tasks on the right records, once each (I15).

    take    news becomes Activities
    match   addresses are asked for, in shared calls
    decide  by the rules that hold for their member; what nobody knows is held, left out, or made a lead
    send    in shared calls, on disk before each; what is in doubt is looked for first
    amend   custom fields that changed since

Each step begins with what is stored, so a crash anywhere leaves rows that say what is owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tandem.people.matching import Asked, Found, Rules, questions
from tandem.sync import activity_send as sending
from tandem.sync.activity import Address, Decision, Happened, Logging, Shape, decide
from tandem.sync.activity_match import SHUT_FOR, ask, count_tasks, with_counts
from tandem.sync.activity_ports import TABLES, Decided, Journal, NewPerson, NewTask
from tandem.sync.activity_task import appeared, body, key_of, lead_for, without
from tandem.sync.round import Round

_CHUNK = 200
# Names that are in memory at once; their answers lie in the database.
_MOST_NAMES = 4_000
# The words and fields of an org's Task are read again this often while there is work, and at least once a day (CF-2).
_SHAPE_FOR = timedelta(hours=1)
_SHAPE_AT_MOST = timedelta(hours=24)


def log_activities(round_: Round, journal: Journal) -> None:
    """Log for the members of this route. NoAnswer when Salesforce cannot be asked now; nothing is lost."""
    members = list(round_.route.loggers)
    if not members:
        return
    _take(round_, journal, members)
    shape = _shape(round_, journal, members)
    if shape is not None:
        shape = without(shape, journal.shut(round_.route.connection, round_.clock.now() - SHUT_FOR))
        for table in TABLES:
            sending.resolve(round_, journal, table)
        _decide_all(round_, journal, members, shape)
        if journal.owed(round_.org.id, members, "people", round_.clock.now(), 1):
            sending.send(round_, journal, "people")
            _decide_all(round_, journal, members, shape)  # those that waited for one of them
        sending.send(round_, journal, "tasks")
        sending.amend(round_, journal, shape)
    due = journal.next_due(round_.org.id, members)
    if due is not None:
        round_.report.due(due)


def _take(round_: Round, journal: Journal, members: Sequence[int]) -> None:
    while True:
        with round_.fenced():
            if not journal.take(round_.org.id, members, _CHUNK):
                return


def _shape(round_: Round, journal: Journal, members: Sequence[int]) -> Shape | None:
    """What Task looks like here, read again where that is due; None when nothing is owed that would need it."""
    org, now = round_.org.id, round_.clock.now()
    stored = journal.shape(org)
    age = now - stored[1] if stored else None
    if stored and age is not None and age < _SHAPE_FOR:
        return stored[0]
    if not _work(round_, journal, members) and (age is None or age < _SHAPE_AT_MOST):
        return None
    round_.before_call()
    shape = round_.salesforce.activities.task_shape()
    with round_.fenced():
        backfill = bool(appeared(stored[0] if stored else None, shape))
        journal.save_shape(org, shape, now, backfill=backfill)
    return shape


def _work(round_: Round, journal: Journal, members: Sequence[int]) -> bool:
    org, now = round_.org.id, round_.clock.now()
    return bool(
        journal.open(org, members, 0, 1)
        or journal.amendable(org, members, now, 1)
        or any(
            journal.owed(org, members, table, now, 1) or journal.doubtful(org, members, table, now, 1)
            for table in TABLES
        )
    )


@dataclass
class _Asking:
    """What one pass over the open activities found to be missing, and which activities it is missing for."""

    names: dict[str, frozenset[Asked]] = field(default_factory=dict)
    counts: dict[str, Found] = field(default_factory=dict)
    activities: list[int] = field(default_factory=list)
    #: A reply waits for the email that it answers; and something was decided, which may be that email.
    waits: bool = False
    decided: bool = False


@dataclass
class _Known:
    """What holds for this pass: rules, and the answers that have no place in the database (of records, by id)."""

    logging: Mapping[int, Logging]
    ignored: frozenset[str]
    own: frozenset[str]
    shut: frozenset[str]
    by_id: dict[str, Found] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)


def _decide_all(round_: Round, journal: Journal, members: Sequence[int], shape: Shape) -> None:
    """Decide every open activity; ask for what is missing, and go over them again, until nothing more can be asked."""
    if not journal.open(round_.org.id, members, 0, 1):
        return
    known = _Known(
        journal.logging(members),
        journal.ignored(),
        journal.own_addresses(),
        journal.shut(round_.route.connection, round_.clock.now() - SHUT_FOR),
    )
    while True:
        asking = _pass(round_, journal, members, shape, known)
        calls = round_.salesforce.calls
        if asking.names:
            _ask(round_, journal, asking, known)
        if asking.counts:
            _count(round_, journal, asking, known)
        if not asking.names and not asking.counts:
            if asking.waits and asking.decided:
                continue
            return
        with round_.fenced():
            journal.charge(asking.activities, round_.salesforce.calls - calls)


def _pass(round_: Round, journal: Journal, members: Sequence[int], shape: Shape, known: _Known) -> _Asking:
    asking = _Asking()
    after = 0
    while len(asking.names) < _MOST_NAMES:
        chunk = journal.open(round_.org.id, members, after, _CHUNK)
        if not chunk:
            break
        after = chunk[-1].id
        with round_.fenced():
            now = round_.clock.now()
            found = journal.matches(round_.route.connection, _addresses(chunk), now)
            refused = journal.not_made(round_.org.id, _addresses(chunk))
            decided = [_decide(round_, each, found, refused, shape, known, asking) for each in chunk]
            journal.decide(round_.org.id, [each for each in decided if each is not None], now)
    return asking


def _decide(
    round_: Round,
    happened: Happened,
    matches: Mapping[str, Found],
    refused: Mapping[str, str],
    shape: Shape,
    known: _Known,
    asking: _Asking,
) -> Decided | None:
    """What is to be written about it; None when something must be asked first, which is noted."""
    logging = _as_far_as_one_can_see(known.logging.get(happened.member, Logging()), known.shut)
    asked = questions(logging.rules)
    found = {name: each for name, each in {**matches, **known.by_id}.items() if asked <= each.asked}
    decision = decide(happened, logging, found, ignored=known.ignored, own=known.own, not_made=refused)
    if decision.unknown or decision.count:
        missing = [name for name in decision.unknown if name not in known.unanswered]
        for name in missing:
            asking.names[name] = asking.names.get(name, frozenset()) | asked
        uncounted = set(decision.count) if not known.unanswered.intersection(decision.count) else set()
        for each in happened.addresses if uncounted else ():
            if each.asked_as in found and any(r.id in uncounted for r in found[each.asked_as].records):
                asking.counts[each.asked_as] = found[each.asked_as]
        if missing or uncounted:
            asking.activities.append(happened.id)
        return None
    asking.waits |= happened.waits
    asking.decided |= decision.verdict != "open"
    if decision.verdict == "held":
        round_.report.held += 1
    return Decided(
        happened,
        decision,
        _tasks(happened, decision, logging, shape, round_.org.template),
        [NewPerson(each.address, happened.member, lead_for(each, happened.owner)) for each in decision.leads],
    )


def _tasks(
    happened: Happened, decision: Decision, logging: Logging, shape: Shape, template: str
) -> list[NewTask]:
    return [
        NewTask(
            key_of(happened.key, target.record),
            target.record,
            target.name,
            body(happened, target, logging, shape, template),
            happened.extra,
        )
        for target in decision.targets
    ]


def _as_far_as_one_can_see(logging: Logging, shut: frozenset[str]) -> Logging:
    """Where Salesforce hides a kind of record, somebody unknown may well be known: a person decides (A.11 INVALID_TYPE)."""
    rules: Rules = logging.rules
    wants_leads = rules.leads or rules.nobody == "lead"
    wants_contacts = rules.contacts or rules.accounts or rules.opportunities
    if ("Lead" in shut and wants_leads) or ("Contact" in shut and wants_contacts):
        return replace(logging, rules=replace(rules, nobody="hold"))
    return logging


def _ask(round_: Round, journal: Journal, asking: _Asking, known: _Known) -> None:
    asked: frozenset[Asked] = frozenset().union(*asking.names.values())
    found = ask(round_, journal, asking.names, asked)
    known.unanswered |= set(asking.names) - set(found)
    known.shut = journal.shut(round_.route.connection, round_.clock.now() - SHUT_FOR)
    _keep(round_, journal, found, known)


def _count(round_: Round, journal: Journal, asking: _Asking, known: _Known) -> None:
    ids = {record.id for found in asking.counts.values() for record in found.records}
    counts = count_tasks(round_, journal, ids)
    known.unanswered |= ids - set(counts)
    _keep(round_, journal, with_counts(asking.counts, counts), known)


def _keep(round_: Round, journal: Journal, found: Mapping[str, Found], known: _Known) -> None:
    known.by_id.update({name: each for name, each in found.items() if "@" not in name})
    addresses = [name for name in found if "@" in name]
    for start in range(0, len(addresses), _CHUNK):
        part = {name: found[name] for name in addresses[start : start + _CHUNK]}
        with round_.fenced():
            journal.save_matches(round_.route.connection, part, round_.clock.now())


def _addresses(chunk: Iterable[Happened]) -> set[str]:
    named: Iterable[Address] = (address for happened in chunk for address in happened.addresses)
    return {each.address for each in named if each.address}

"""Unsubscribes: pushed to Salesforce at once, compared both ways once a night (UN-1 … UN-5). Free of the database.

Only "no" travels. An address that is unsubscribed here or there is so on both sides from then on; that somebody wants
emails again, never travels: it is said on both sides, by a person (UN-4). So every write sets the same value, may be
sent any number of times, and needs no key and no read-back: what is owed is on disk before the call, and stays owed
until Salesforce has said yes for every record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from tandem.sync.activity_ports import OnRecord, Sobject
from tandem.sync.activity_settle import Retry, retry_class
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Route, Why
from tandem.sync.round import Round
from tandem.sync.settle import LONGEST_BACK_OFF

#: Addresses in one question: four queries of that length fit into one call.
CHUNK = 100
#: The hour of UN-3 is one of Pacific time, whoever is awake then.
PACIFIC = ZoneInfo("America/Los_Angeles")
# What was changed while the last comparison ran is read again: seeing it twice costs nothing.
_OVERLAP = timedelta(hours=1)
STANDARD, SALES = "HasOptedOutOfEmail", "Sales_Opt_Out__c"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "standard": (STANDARD,),
    "sales": (SALES,),
    "both": (STANDARD, SALES),
}


@dataclass(frozen=True, slots=True)
class Owed:
    """One address that is to be unsubscribed in this org, and how often Salesforce has refused it in a row."""

    id: int
    address: str
    done_at: datetime | None = None
    records: int = 0
    not_before: datetime | None = None
    failures: int = 0
    parked: bool = False
    error_code: str = ""
    error_text: str = ""
    error_first_at: datetime | None = None
    error_last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """An org's own: into which fields, and whether and when all are compared. read_to: Salesforce's clock."""

    fields: tuple[str, ...]
    nightly: bool
    hour: int
    compared_at: datetime | None
    read_to: datetime | None


class Book(Protocol):
    """Our database's side. Whatever writes is called within the round's fenced transaction."""

    def carrier(self, org: int) -> Route | None:
        """The connection through which the org's unsubscribes travel; None when nobody is connected, or nothing can be
        owed because nobody here sends emails and nobody was unsubscribed."""
        ...

    def rules(self, org: int) -> Rules: ...
    def take(self, org: int) -> None:
        """Owe the org every unsubscribed address that it does not know of yet; forget those that are so no more."""
        ...

    def owed(self, org: int, now: datetime, limit: int) -> list[Owed]: ...
    def save(self, settled: Sequence[Owed]) -> None: ...
    def owe_all(self, org: int) -> None:
        """Ask for every address again: records may have been made since."""
        ...

    def heard(self, addresses: Sequence[str], now: datetime) -> None:
        """Salesforce says that these want no emails: nor do they here (UN-3)."""
        ...

    def compared(self, org: int, now: datetime, read_to: datetime | None) -> None:
        """This night is done; read_to: from where Salesforce is read the next time, None for all of it."""
        ...

    def next_due(self, org: int) -> datetime | None:
        """When the first wait of all this ends."""
        ...


def night_due(rules: Rules, now: datetime) -> bool:
    """Whether the hour has struck since all were compared last; the first time, at once."""
    if not rules.nightly:
        return False
    return rules.compared_at is None or rules.compared_at < last_strike(rules.hour, now) <= now


def last_strike(hour: int, now: datetime) -> datetime:
    """When it was this hour of Pacific time last."""
    here = now.astimezone(PACIFIC)
    struck = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return struck if struck <= here else struck - timedelta(days=1)


def bring(round_: Round, book: Book) -> None:
    """Push what is owed; compare both ways when the hour has struck. NoAnswer when nothing can be asked now."""
    with round_.fenced():
        book.take(round_.org.id)
    rules = book.rules(round_.org.id)
    if night_due(rules, round_.clock.now()):
        _compare(round_, book, rules)
    while owed := book.owed(round_.org.id, round_.clock.now(), CHUNK):
        _push(round_, book, rules.fields, owed)
    due = book.next_due(round_.org.id)
    if due is not None:
        round_.report.due(due)


def _compare(round_: Round, book: Book, rules: Rules) -> None:
    """There to here now, page by page; here to there by owing every address again."""
    round_.before_call()
    began = round_.salesforce.server_time()
    since = rules.read_to - _OVERLAP if rules.read_to is not None else None
    round_.before_call()
    look = round_.salesforce.activities.opted_out(rules.fields, since)
    addresses = sorted({each.address for each in look.found})
    for start in range(0, len(addresses), CHUNK):
        with round_.fenced():
            book.heard(addresses[start : start + CHUNK], round_.clock.now())
    with round_.fenced():
        book.take(round_.org.id)
        book.owe_all(round_.org.id)
        # A field that could not be read is read from where it was, the next night: not in every round (B28).
        book.compared(round_.org.id, round_.clock.now(), began if look.refused is None else rules.read_to)


def _push(round_: Round, book: Book, fields: Sequence[str], owed: Sequence[Owed]) -> None:
    round_.before_call()
    look = round_.salesforce.activities.not_opted_out([each.address for each in owed], fields)
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    stop: Refused | None = look.refused if look.refused and look.refused.why in _STOPS else None
    by_record: dict[tuple[Sobject, str], list[OnRecord]] = defaultdict(list)
    for each in look.found:
        by_record[each.sobject, each.id].append(each)
    kinds: tuple[Sobject, ...] = ("Lead", "Contact")
    for kind in kinds:
        records = [found for (sobject, _), found in by_record.items() if sobject == kind]
        for start in range(0, len(records), 1_000):
            part = records[start : start + 1_000]
            round_.before_call()
            answers = round_.salesforce.activities.set_people(
                kind, [(found[0].id, {each.field: True for each in found}) for found in part]
            )
            for found, outcome in zip(part, answers, strict=True):
                outcomes[found[0].address].append(outcome)
                if isinstance(outcome, Refused) and outcome.why in _STOPS:
                    stop = stop or outcome
    with round_.fenced():
        now = round_.clock.now()
        book.save([settled(each, outcomes.get(each.address, ()), look.refused, now) for each in owed])
    if stop is not None:
        raise NoAnswer(stop.why, stop.code, stop.text)


_STOPS = (Why.LIMIT, Why.SIGN_IN, Why.UNSENT)
# Of a lead that was converted between the question and the write, the next question finds the contact (B29).
_PASSING = (Retry.BACKOFF, Retry.SLOW, Retry.MAINTENANCE, Retry.FOLLOW)


def settled(owed: Owed, outcomes: Sequence[Outcome], refused: Refused | None, now: datetime) -> Owed:
    """`owed` after one attempt; refused: why Salesforce did not tell all of its records. Pure.

    A record that was deleted meanwhile needs nothing any more. Everything else that is not a yes keeps it owed.
    """
    bad: list[Refused | InDoubt] = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, InDoubt) or (isinstance(outcome, Refused) and outcome.why is not Why.GONE)
    ]
    bad += [refused] if refused is not None else []
    if not bad:
        count = sum(isinstance(outcome, Done) for outcome in outcomes)
        return Owed(owed.id, owed.address, done_at=now, records=owed.records + count)
    worst = bad[0]
    if isinstance(worst, Refused) and worst.why in _STOPS:
        return owed  # nothing is wrong with this one
    failures = owed.failures + 1
    retry = retry_class(worst.code, worst.why) if isinstance(worst, Refused) else Retry.BACKOFF
    parked = retry not in _PASSING and not (retry is Retry.ONCE and failures < 2)
    wait = min(timedelta(seconds=2 ** min(failures, 10)), LONGEST_BACK_OFF)
    other = owed.error_code not in ("", worst.code)
    return replace(
        owed,
        failures=failures,
        parked=parked,
        not_before=None if parked else now + wait,
        error_code=worst.code,
        error_text=worst.text,
        error_first_at=now if other or owed.error_first_at is None else owed.error_first_at,
        error_last_at=now,
    )

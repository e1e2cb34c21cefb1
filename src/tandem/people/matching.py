"""Whom does an address stand for in Salesforce, and on which records is a message logged? Pure.

Each record at most once per message (docs/decisions/0022-each-record-once.md). Source: P7, EM-3, BC-5.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

Kind = Literal["lead", "contact"]
#: What can be asked of an org about an address; `tasks` counts the Tasks of its records (most activity).
Asked = Literal["lead", "contact", "colleague", "deals", "tasks"]

#: How long an org's word is believed: somebody found stays findable, somebody missing may be added at any moment.
KNOWN_FOR = timedelta(hours=24)
UNKNOWN_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of a member's rules that decides about records (EM-3): see sync_settings.values.EmailApi."""

    leads: bool = True
    contacts: bool = True
    accounts: bool = False
    opportunities: bool = False
    several: str = "all"
    nobody: str = "hold"


@dataclass(frozen=True, slots=True)
class Deal:
    """An open opportunity on which a contact has a role; `account` is the opportunity's own."""

    id: str
    name: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Lead or Contact with the address. A converted lead is never one: its contact is, in its place.

    account_name: the account's; of a lead, which has none, the company that it names.
    tasks: how many Tasks it has; None while nobody counted them.
    """

    kind: Kind
    id: str
    name: str
    created: datetime
    account: str = ""
    account_name: str = ""
    deals: tuple[Deal, ...] = ()
    tasks: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one org said of one address, or of one record id. asked: which questions this answers."""

    records: tuple[Candidate, ...] = ()
    colleague: bool = False
    asked: frozenset[Asked] = frozenset({"lead", "contact", "colleague"})


Said = Literal["log", "hold", "skip", "lead", "excluded", "colleague", "own", "switched-off", "count"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say of one address. rule: the one that spoke. records: on whom to log, the oldest first.

    chosen: a person named the record, so it is logged on whatever is switched off.
    """

    address: str
    said: Said
    rule: str = ""
    records: tuple[Candidate, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One Task to make. record: whom the Task stands for, and what its key is made of."""

    record: str
    name: str
    who: str = ""
    what: str = ""


def questions(rules: Rules) -> frozenset[Asked]:
    """What has to be asked of every address. Leads and contacts always: known by a kind that is switched off is not
    unknown."""
    asked: set[Asked] = {"lead", "contact", "colleague"}
    if rules.opportunities:
        asked.add("deals")
    return frozenset(asked)


def is_fresh(found: Found, read_at: datetime, now: datetime) -> bool:
    """Whether this may still be believed."""
    known = bool(found.records) or found.colleague
    return read_at <= now < read_at + (KNOWN_FOR if known else UNKNOWN_FOR)


def excludes(patterns: Collection[str], address: str) -> bool:
    """Whether the address, its domain, or a domain above that is on the list (D29). Both in lower case."""
    domain = address.rpartition("@")[2]
    above = domain.split(".")
    return address in patterns or any(".".join(above[at:]) in patterns for at in range(len(above)))


def judge(
    address: str, found: Found, rules: Rules, *, ignored: Collection[str] = (), own: Collection[str] = ()
) -> Answer:
    """What the rules say of an address, first match wins; all in lower case.

    own: the members' own addresses. "count": ask how many Tasks each of the records has, then judge again.
    """
    if address in own:
        return Answer(address, "own", "an address of your own team")
    if excludes(ignored, address):
        return Answer(address, "excluded", "excluded")
    if found.colleague:
        return Answer(address, "colleague", "a user of your Salesforce org")
    records = tuple(sorted(found.records, key=_age))
    switched_on = tuple(record for record in records if _logs_to(record, rules))
    if switched_on:
        return _of_several(address, switched_on, rules.several)
    leads = tuple(record for record in records if record.kind == "lead")
    if leads and rules.nobody == "lead":
        # The lead that this rule would make is there already.
        return _of_several(address, leads, rules.several)
    if records:
        return Answer(address, "switched-off", "logging to this kind of record is off", records)
    return Answer(address, _NOBODY[rules.nobody], f"nobody: {rules.nobody}")


def judge_chosen(address: str, found: Found) -> Answer:
    """As judge, for a record that a person named; one that is gone by now is theirs to choose again."""
    if not found.records:
        return Answer(address, "hold", "the chosen record is gone")
    return Answer(address, "log", "chosen", found.records[:1], chosen=True)


def targets(answers: Iterable[Answer], rules: Rules, used: Collection[str] = ()) -> list[Target]:
    """The Tasks that one message makes. used: ids of records that it is logged on already."""
    whom = [
        (record, answer.chosen) for answer in answers if answer.said == "log" for record in answer.records
    ]
    taken = set(used)
    # An opportunity's activity shows on its account by itself.
    covered = {deal.account for record, _ in whom for deal in record.deals} if rules.opportunities else set()
    found: list[Target] = []
    for record, chosen in whom:
        as_who = record.kind == "lead" or rules.contacts or chosen
        who = record.id if as_who and record.id not in taken else ""
        whats = _whats(record, rules, taken, covered)
        if not whats and who:
            found.append(Target(who, record.name, who))
        for what, name, is_account in whats:
            stands_for = (who, record.name) if is_account and who else (what, name)
            found.append(Target(*stands_for, who, what))
            who = ""  # on its first Task only: else the message would show twice on this one person
        taken.update({record.id} if as_who else (), (what for what, _, _ in whats))
    return found


def _whats(
    record: Candidate, rules: Rules, taken: Collection[str], covered: Collection[str]
) -> list[tuple[str, str, bool]]:
    """The opportunities and the account that a contact's Tasks belong to: (id, name, is it the account)."""
    if record.kind == "lead":  # Salesforce refuses a WhatId beside a lead
        return []
    whats: list[tuple[str, str, bool]] = []
    if rules.opportunities:
        whats += [(deal.id, deal.name, False) for deal in record.deals if deal.id not in taken]
    if rules.accounts and record.account and record.account not in {*taken, *covered}:
        whats.append((record.account, record.account_name, True))
    return whats


def _of_several(address: str, records: tuple[Candidate, ...], rule: str) -> Answer:
    if len(records) == 1:
        return Answer(address, "log", "one record", records)
    if rule == "all":
        return Answer(address, "log", "several: all", records)
    if rule == "oldest":
        return Answer(address, "log", "several: oldest", records[:1])
    if any(record.tasks is None for record in records):
        return Answer(address, "count", "several: most-activity", records)
    # Of equals the oldest: `records` come in that order, and max keeps the first.
    return Answer(
        address, "log", "several: most-activity", (max(records, key=lambda record: record.tasks or 0),)
    )


def _logs_to(record: Candidate, rules: Rules) -> bool:
    if record.kind == "lead":
        return rules.leads
    # Who logs to accounts or opportunities reaches them through their contacts.
    return (
        rules.contacts
        or (rules.accounts and bool(record.account))
        or (rules.opportunities and bool(record.deals))
    )


def _age(record: Candidate) -> tuple[datetime, str]:
    return (record.created, record.id)


_NOBODY: Mapping[str, Said] = {"hold": "hold", "skip": "skip", "lead": "lead"}


# --- as people.models.Match keeps it -----------------------------------------------------------------------------------


def spell(records: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Candidates as JSON."""
    return [
        {
            "kind": record.kind,
            "id": record.id,
            "name": record.name,
            "created": record.created.isoformat(),
            "account": record.account,
            "account_name": record.account_name,
            "deals": [[deal.id, deal.name, deal.account] for deal in record.deals],
            "tasks": record.tasks,
        }
        for record in records
    ]


def read(spelt: Sequence[Mapping[str, Any]]) -> tuple[Candidate, ...]:
    """The inverse of spell."""
    return tuple(
        Candidate(
            **{
                **each,
                "created": datetime.fromisoformat(each["created"]),
                "deals": tuple(Deal(*deal) for deal in each["deals"]),
            }
        )
        for each in spelt
    )


def counted(found: Found, tasks: Mapping[str, int]) -> Found:
    """`found` with the number of Tasks of each record."""
    records = tuple(replace(record, tasks=tasks.get(record.id, 0)) for record in found.records)
    return replace(found, records=records, asked=found.asked | {"tasks"})

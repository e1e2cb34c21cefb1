"""Ask Salesforce whom addresses stand for: as many as fit in a call, and none of whom enough is known.

One call answers for a small office: leads, contacts, colleagues and deals are found by address, side by side. Only the
contacts of converted leads, and the numbers for "most activity", need a second look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from tandem.people.matching import Asked, Candidate, Deal, Found, counted
from tandem.sync.activity_ports import QUESTIONS, Heard, Journal, Person, Question
from tandem.sync.ports import NoAnswer, Refused, Why
from tandem.sync.round import Round

# Salesforce takes 16,384 bytes of address and headers (docs/salesforce.md §2.4); a name costs its quoted bytes and two
# quotes and a comma.
_LONGEST_LIST = 11_000
_MOST_NAMES = 400
_AROUND_A_NAME = 9
#: A kind of record that Salesforce refuses to show is asked for again after this long.
SHUT_FOR = timedelta(hours=1)
SOBJECTS: Mapping[Asked, str] = {
    "lead": "Lead",
    "contact": "Contact",
    "colleague": "User",
    "deals": "OpportunityContactRole",
    "tasks": "Task",
}
_IN_ORDER: tuple[Asked, ...] = ("lead", "contact", "colleague", "deals")


def packed(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The names in parts that one query takes; addresses and ids apart."""
    part: list[str] = []
    size = 0
    for name in sorted(names, key=lambda name: ("@" in name, name)):
        cost = len(quote(name, safe="")) + _AROUND_A_NAME
        mixed = bool(part) and ("@" in part[0]) != ("@" in name)
        if part and (mixed or size + cost > _LONGEST_LIST or len(part) == _MOST_NAMES):
            yield tuple(part)
            part, size = [], 0
        part.append(name)
        size += cost
    if part:
        yield tuple(part)


def ask(round_: Round, journal: Journal, names: Iterable[str], asked: frozenset[Asked]) -> dict[str, Found]:
    """What the org says of these addresses and record ids; without those that it gave no answer for."""
    heard = _Heard()
    shut = journal.shut(round_.route.connection, round_.clock.now() - SHUT_FOR)
    questions = [
        Question(kind, part)
        for part in packed(names)
        for kind in _IN_ORDER
        if kind in asked and SOBJECTS[kind] not in shut and _fits(kind, part)
    ]
    for question, answer in _answers(round_, journal, questions):
        heard.take(question, answer)
    become = heard.contacts_to_read()
    if become:
        later: list[Question] = [
            Question(kind, part)
            for part in packed(become)
            for kind in ("contact", "deals")
            if kind == "contact" or kind in asked
        ]
        for question, answer in _answers(round_, journal, later):
            heard.take(question, answer)
    return {name: heard.found(name, asked) for name in names if name not in heard.unanswered}


def count_tasks(round_: Round, journal: Journal, ids: Iterable[str]) -> dict[str, int]:
    """How many Tasks each of these Leads and Contacts has; without those that nobody answered for."""
    counts: dict[str, int] = {}
    questions = [Question("tasks", part) for part in packed(ids)]
    for question, answer in _answers(round_, journal, questions):
        if answer.refused is None:
            counts.update({name: answer.tasks.get(name, 0) for name in question.names})
        elif answer.refused.why is Why.RULE:  # a person must act there: judged as if nobody had any
            counts.update(dict.fromkeys(question.names, 0))
    return counts


def with_counts(found: Mapping[str, Found], counts: Mapping[str, int]) -> dict[str, Found]:
    """Those of `found` whose records are all counted now."""
    return {
        name: counted(each, counts)
        for name, each in found.items()
        if each.records and all(record.id in counts for record in each.records)
    }


def contacts_of(round_: Round, journal: Journal, leads: Iterable[str]) -> dict[str, str]:
    """The contact that each of these leads has become, "" where it is none; without those nobody answered for."""
    become: dict[str, str] = {}
    for question, answer in _answers(round_, journal, [Question("lead", part) for part in packed(leads)]):
        if answer.refused is None:
            become.update(dict.fromkeys(question.names, ""))
            become.update({person.record.id: person.contact for person in answer.people})
    return become


def people_at(round_: Round, journal: Journal, addresses: Iterable[str]) -> dict[str, str]:
    """The id of a Lead or Contact with each of these addresses, the oldest; NoAnswer when one cannot be told."""
    there: dict[str, Person] = {}
    kinds: tuple[Asked, ...] = ("lead", "contact")
    asking = [Question(kind, part) for part in packed(addresses) for kind in kinds]
    for _, answer in _answers(round_, journal, asking):
        if answer.refused is not None:
            raise NoAnswer(answer.refused.why, answer.refused.code, answer.refused.text)
        for person in answer.people:
            known = there.get(person.email)
            if known is None or person.record.created < known.record.created:
                there[person.email] = person
    return {address: person.contact or person.record.id for address, person in there.items()}


def _answers(
    round_: Round, journal: Journal, questions: Sequence[Question]
) -> Iterator[tuple[Question, Heard]]:
    for start in range(0, len(questions), QUESTIONS):
        part = questions[start : start + QUESTIONS]
        round_.before_call()
        answers = round_.salesforce.activities.find(part)
        with round_.fenced():
            shown = [q.asked for q, answer in zip(part, answers, strict=True) if answer.refused is None]
            journal.allowed(round_.route.connection, {SOBJECTS[asked] for asked in shown})
        for question, answer in zip(part, answers, strict=True):
            if answer.refused is not None and answer.refused.why is Why.RULE:
                _warn(round_, journal, question, answer.refused)
            yield question, answer


def _warn(round_: Round, journal: Journal, question: Question, refused: Refused) -> None:
    with round_.fenced():
        sobject = SOBJECTS[question.asked]
        through = round_.route.connection
        journal.warn(round_.org.id, through, refused.code, sobject, refused.text, round_.clock.now())


def _fits(kind: Asked, names: Sequence[str]) -> bool:
    """Whether these names can be asked for like this: ids of leads are no contacts, and no id is a colleague's."""
    if "@" in names[0]:
        return True
    return kind != "colleague"


class _Heard:
    """Everything that was answered about some names, until it is put together."""

    def __init__(self) -> None:
        self.unanswered: set[str] = set()
        self._named: dict[str, list[str]] = defaultdict(list)  # name asked for -> ids of its records
        self._records: dict[str, Candidate] = {}
        self._become: dict[str, list[str]] = defaultdict(list)  # contact -> names whose lead has become it
        self._colleagues: set[str] = set()
        self._deals: dict[str, list[Deal]] = defaultdict(list)

    def take(self, question: Question, answer: Heard) -> None:
        """One answer. What a person must see to counts as answered with nothing; what passes is asked again later."""
        if answer.refused is not None:
            if answer.refused.why is not Why.RULE:
                self.unanswered.update(question.names)
                for name in question.names:
                    self.unanswered.update(self._become.get(name, ()))
            return
        by_email = "@" in question.names[0]
        for person in answer.people:
            name = person.email if by_email else person.record.id
            if person.converted:
                self._become[person.contact].append(name)
            else:
                self._records[person.record.id] = person.record
                self._named[name].append(person.record.id)
        self._colleagues |= answer.colleagues
        for contact, deal in answer.deals:
            if deal not in self._deals[contact]:
                self._deals[contact].append(deal)

    def contacts_to_read(self) -> list[str]:
        """Contacts that leads have become and that no address has brought along."""
        return [contact for contact in self._become if contact and contact not in self._records]

    def found(self, name: str, asked: frozenset[Asked]) -> Found:
        ids = list(self._named.get(name, ()))
        ids += [contact for contact, names in self._become.items() if name in names]
        records = {id_: self._records[id_] for id_ in ids if id_ in self._records}
        with_deals = tuple(
            replace(record, deals=tuple(sorted(self._deals.get(record.id, ()), key=lambda deal: deal.id)))
            for record in records.values()
        )
        return Found(with_deals, name in self._colleagues, asked)

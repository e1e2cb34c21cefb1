"""What if the logging of emails and calls had one guard less (I15)?"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from tandem.sync import activity_match, activity_send, activity_settle, admission
from tandem.sync.ports import Why
from tests.simulation.activities_port import SimulatedActivities
from tests.simulation.journal_memory import MemoryJournal
from tests.simulation.mutants.mutant import constant, mutant

mutant("A1", "lost after", "what is in doubt is looked for before it is sent again", 2_000)(
    constant(activity_send, "_look", lambda round_, journal, table, mine: {})
)
mutant("A3", "late landing", "without a unique key it waits until no attempt can land", 4_000)(
    constant(activity_send, "_unique", lambda round_, table: True)
)
mutant("A7", "first sync, every poll", "what we have logged is nobody's task (TS-11)", 400)(
    constant(admission, "_LOGGED_BY_US", "no such key")
)


@mutant("A2", "crash", "the attempt is on disk before the call", 400)
def _not_on_disk() -> Any:
    def forgets(round_: Any, journal: Any, table: Any, batch: Any) -> Any:
        return [activity_settle.opened(each, round_.lease) for each in batch]

    return patch.object(activity_send, "_open", forgets)


@mutant("A4", "bin", "what somebody deleted was logged", 4_000)
def _only_the_living() -> Any:
    logged = SimulatedActivities._logged

    def alive(self: Any, keys: Any) -> Any:
        tables = self.world.there.tables()
        return {key: sf_id for key, sf_id in logged(self, keys).items() if not tables[sf_id]["IsDeleted"]}

    return patch.object(SimulatedActivities, "_logged", alive)


@mutant("A5", "lost after", "the key is the same at every attempt", 2_000)
def _another_key() -> Any:
    opened, number = activity_send.opened, count()

    def renamed(making: Any, lease: str) -> Any:
        again = making.attempts and "@" not in making.key
        return opened(replace(making, key=f"log-{next(number):032x}") if again else making, lease)

    return patch.object(activity_send, "opened", renamed)


@mutant("A6", "crash, two workers", "an attempt without an answer may yet land", 12_000)
def _taken_over_as_if_dead() -> Any:
    taken = activity_send.taken_over

    def fresh(making: Any, lease: str, now: Any) -> Any:
        return replace(taken(making, lease, now), doubt_until=now)

    return patch.object(activity_send, "taken_over", fresh)


@mutant("A10", "lost after", "a lead that was made is not made again", 4_000)
def _leads_again() -> Any:
    return patch.object(activity_send, "people_at", lambda round_, journal, addresses: {})


@mutant("A8", "lead converted, row lock", "a contact that has it already does not get it twice", 12_000)
def _twice_on_one_person() -> Any:
    def none(self: Any, activities: Any) -> Any:
        return dict.fromkeys(activities, frozenset())

    return patch.object(MemoryJournal, "used", none)


@mutant("A9", "late landing, then a refusal", "a refusal says nothing of the attempt before it", 12_000)
def _refusal_is_certain() -> Any:
    whole = activity_settle.settle

    def certain(making: Any, outcome: Any, now: Any) -> Any:
        return whole(replace(making, doubt_until=None), outcome, now)

    return patch.object(activity_send, "settle", certain)


@mutant("A11", "question refused", "a question without an answer is asked again", 4_000)
def _no_answer_is_nobody() -> Any:
    take = activity_match._Heard.take

    def as_if_answered(self: Any, question: Any, answer: Any) -> None:
        passing = answer.refused is not None and answer.refused.why is not Why.RULE
        take(self, question, replace(answer, refused=None) if passing else answer)

    return patch.object(activity_match._Heard, "take", as_if_answered)

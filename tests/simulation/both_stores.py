"""Are the store in memory and the store of production one and the same? One tape over both, and the first difference.

Compared are the story, word for word, and the rows of every table after each of the engine's transactions. Whatever
differs is a bug in one of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from tests.simulation.databases import Database, in_django, in_memory
from tests.simulation.story import broken
from tests.simulation.tables import Change
from tests.simulation.tape import Tape, recorded
from tests.simulation.world import World

TABLES = (
    "orgs",
    "seats",
    "reminders",
    "links",
    "intents",
    "carrier",
    "conflicts",
    "by_key",
    "by_sf_id",
    "by_reminder",
)
Rows = dict[str, dict[Any, Any]]


@dataclass
class Played:
    """A history that is over. commits: the rows after each of the engine's transactions; ending: as story.broken."""

    world: World
    told: list[str]
    commits: list[Rows] = field(default_factory=list)
    ending: tuple[str, str] | None = None


def play(tape: Tape, database: Database) -> Played:
    """The whole history of a tape, and what it left at each commit."""
    told: list[str] = []
    played = Played(World(tape, told=told, database=database, plain=True), told)
    store = played.world.store
    judge = store.committed

    def committed(journal: list[Change]) -> None:
        played.commits.append({name: dict(getattr(store, name)) for name in TABLES})
        judge(journal)

    store.committed = committed
    played.ending = broken(played.world)
    return played


def first_difference(one: Played, other: Played) -> str | None:
    """Where two histories of one tape part, in words; None when they never do."""
    for number, (these, those) in enumerate(zip_longest(one.commits, other.commits)):
        if these != those:
            told = [""] if these is None or those is None else _rows_apart(these, those)
            return f"after commit {number}: {'; '.join(told) or 'the order of rows'}"
    for before, (this, that) in enumerate(zip_longest(one.told, other.told)):
        if this != that:
            return f"after {one.told[before - 1] if before else 'nothing'!r}: {this!r} and {that!r}"
    return None if one.ending == other.ending else f"{one.ending} and {other.ending}"


def _rows_apart(these: Rows, those: Rows) -> list[str]:
    return [
        f"{name} {key}: {these[name].get(key)} and {those[name].get(key)}"
        for name in TABLES
        for key in these[name].keys() | those[name].keys()
        if these[name].get(key) != those[name].get(key)
    ]


def breaks_on_either(tape: Sequence[int]) -> str | None:
    """Which invariant breaks on this tape in the production store, or "stores" when the two part; for shrinking."""
    of_django, of_memory = play(recorded(tape), in_django), play(recorded(tape), in_memory)
    if of_django.ending is not None:
        return of_django.ending[0]
    return "stores" if first_difference(of_memory, of_django) else None

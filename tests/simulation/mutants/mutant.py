"""What is a mutant, and on what does it die first?

A mutant removes one guard of the production engine, by patching one function or constant of it; then some promise has to
break within `budget` histories, counted from seed 0. A rare kill has a tape under found/, tried first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard
from unittest.mock import patch

from tests.simulation.promises import INVARIANTS
from tests.simulation.story import FOUND, broken, found_tape
from tests.simulation.tape import seeded
from tests.simulation.world import World

Patch = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One guard removed. guard: what it removes. rule: the row of docs/faults.md that the guard answers."""

    name: str
    rule: str
    guard: str
    budget: int
    patch: Patch

    @property
    def slug(self) -> str:
        """Its name as a file has it."""
        return self.name.replace(" ", "-").replace("'", "")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self.patch():
            yield


# In the order in which they are written down.
MUTANTS: list[Mutant] = []


def mutant(name: str, rule: str, guard: str, budget: int) -> Callable[[Patch], Patch]:
    """Write a mutant down: the decorated function makes a context manager that removes the guard."""

    def write_down(make: Patch) -> Patch:
        MUTANTS.append(Mutant(name, rule, guard, budget, make))
        return make

    return write_down


def constant(module: Any, name: str, value: Any) -> Patch:
    """A patch of one name of a module."""
    return lambda: patch.object(module, name, value)


def first_kill(mutant: Mutant) -> tuple[str, str] | None:
    """On what the mutant breaks a promise first, and which; None when it survives its budget."""
    with mutant():
        for path in sorted(FOUND.glob("*.json")):
            if json.loads(path.read_text()).get("mutant") != mutant.name:
                continue
            if dies(found := broken(World(found_tape(path)))):
                return f"tape {path.stem}", found[0]
        for seed in range(mutant.budget):
            if dies(found := broken(World(seeded(seed)))):
                return f"seed {seed}", found[0]
    return None


def dies(found: tuple[str, str] | None) -> TypeGuard[tuple[str, str]]:
    """Whether a promise broke, or a constraint of the database had to hold it; any other exception proves nothing."""
    return found is not None and (found[0] in INVARIANTS or found[0] == "Refused")

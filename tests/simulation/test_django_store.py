"""The same tape over the store in memory and over the store of production: the same story, the same rows, at each commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pytest_django import DjangoDbBlocker

from tandem.sync import link_rows, store
from tandem.sync.pair import Link
from tests.simulation.both_stores import TABLES, first_difference, play
from tests.simulation.databases import in_django, in_memory
from tests.simulation.story import FOUND, found_tape
from tests.simulation.tape import Tape, seeded

SEEDS = range(48)
# A forgotten column has to show within so many histories.
FORGETFUL = 120
_LINK = Link(0, "", None)


@pytest.fixture(autouse=True)
def _a_database_of_its_own(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Histories bring their own database; pytest's is not touched."""
    with django_db_blocker.unblock():
        yield


def check_both(tape: Tape, again: Tape) -> None:
    """Play a tape on both."""
    of_memory, of_django = play(tape, in_memory), play(again, in_django)
    assert first_difference(of_memory, of_django) is None
    assert of_django.ending is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_the_same_history_in_memory_and_in_the_production_store(seed: int) -> None:
    check_both(seeded(seed), seeded(seed))


@pytest.mark.parametrize("path", sorted(FOUND.glob("*.json")), ids=lambda path: path.stem)
def test_a_tape_once_broken_holds_in_the_production_store_too(path: Path) -> None:
    check_both(found_tape(path), found_tape(path))


def test_histories_in_the_production_store_write_rows_at_all() -> None:
    commits = [rows for seed in range(1, 7) for rows in play(seeded(seed), in_django).commits]
    assert all(any(rows[name] for rows in commits) for name in TABLES)


@pytest.mark.parametrize(
    "column", sorted({*link_rows.columns_of(_LINK), *link_rows.intent_columns_of(None)} - {"key"})
)
def test_a_production_store_that_forgets_a_column_is_found(column: str) -> None:
    """The comparison must be able to fail: each column in turn is never changed again once the link is made."""
    whole, intents = link_rows.columns_of, link_rows.intent_columns_of

    def without(columns: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in columns.items() if name != column}

    with (
        patch.object(store, "columns_of", lambda link: without(whole(link)) if link.id else whole(link)),
        patch.object(store, "intent_columns_of", lambda intent: without(intents(intent))),
    ):
        assert any(
            first_difference(play(seeded(seed), in_memory), play(seeded(seed), in_django))
            for seed in range(1, FORGETFUL)
        )

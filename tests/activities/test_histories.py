"""I15 over seeded histories; and each guard taken out, so that the histories are known to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tandem.sync import activity_send
from tests.activities.histories import Crash, World, failing, play

CLEAN = range(150)
#: A mutant that lives through so many histories would not be known to be dead.
HUNT = range(400)


def test_in_every_history_each_entry_is_logged_exactly_once() -> None:
    for seed in CLEAN:
        play(seed)


def test_the_same_seed_is_the_same_history() -> None:
    first, second = play(7), play(7)
    assert first.met == second.met
    assert first.journal.rows == second.journal.rows


def test_m1_sent_again_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "logged", lambda self, keys: {})
    assert failing(HUNT) is not None


def test_m2_not_on_disk_before_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    log = World.log

    def forgets_when_it_dies(self: World, collections: Any) -> Any:
        try:
            return log(self, collections)
        except Crash:
            for number, row in self.journal.rows.items():
                if row.in_flight:
                    self.journal.rows[number] = replace(row, in_flight=False, opener="", attempts=0)
            raise

    monkeypatch.setattr(World, "log", forgets_when_it_dies)
    assert failing(HUNT) is not None


def test_m3_no_wait_where_the_key_is_not_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_send, "_unique", lambda round_, table: True)
    assert failing(HUNT) is not None


def test_m4_a_deleted_one_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_live(self: World, keys: Sequence[str]) -> dict[str, str]:
        return {
            str(task["Tandem_Key__c"]): str(task["Id"])
            for task in self.records()
            if task["Tandem_Key__c"] in keys and not task["IsDeleted"]
        }

    monkeypatch.setattr(World, "logged", only_live)
    assert failing(HUNT) is not None


def test_m5_a_key_that_is_made_anew_for_every_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    insert = World._insert
    count = iter(range(1_000_000))

    def other_key(self: World, row: tuple[str, Any]) -> Any:
        return insert(self, (f"{row[0][:20]}{next(count)}", row[1]))

    monkeypatch.setattr(World, "_insert", other_key)
    assert failing(HUNT) is not None

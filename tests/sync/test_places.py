"""Orgs take turns, and one whose round is long keeps nobody waiting."""

from __future__ import annotations

import threading

import pytest

from tandem.jobs import Places, Rounds

PATIENCE = 30.0


def test_one_long_round_holds_up_no_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "LONG", 0.05)
    ends, short = threading.Event(), threading.Semaphore(0)

    def run(org: int) -> None:
        if org == 1:
            assert ends.wait(PATIENCE)
        else:
            short.release()

    rounds = Rounds(due=list, run=run, threads=1)
    rounds.start()
    try:
        for org in (1, 2, 3):
            rounds.wake(org)
        assert short.acquire(timeout=PATIENCE), "org 2 waits for the end of org 1"
        assert short.acquire(timeout=PATIENCE), "org 3 waits for the end of org 1"
    finally:
        ends.set()
        rounds.stop()


def test_a_place_that_was_given_away_is_not_given_back_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "LONG", 0.01)
    places = Places(1)
    given_away = threading.Event()
    with places.place():

        def next_one() -> None:
            with places.place():
                given_away.set()

        other = threading.Thread(target=next_one)
        other.start()
        assert given_away.wait(PATIENCE)
        other.join()
    assert places._free.acquire(blocking=False)
    assert not places._free.acquire(blocking=False), "two places where there was one"


def test_an_org_that_is_woken_all_the_time_does_not_go_before_one_that_waits() -> None:
    order: list[int] = []
    both = threading.Event()

    def run(org: int) -> None:
        order.append(org)
        rounds.wake(1)
        if 2 in order:
            both.set()

    rounds = Rounds(due=list, run=run, threads=1)
    rounds.wake(1)
    rounds.wake(2)
    rounds.start()
    try:
        assert both.wait(PATIENCE)
    finally:
        rounds.stop()
    assert order[:2] == [1, 2]

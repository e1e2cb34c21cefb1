"""An approval is for the deletions that were held, whichever member's route is read first."""

from __future__ import annotations

from tandem.sync import services
from tests.sync.desk import Desk
from tests.sync.test_the_guard import alive, delete_all, on, tasks_of


def test_a_single_deletion_of_anna_does_not_use_up_the_approval_of_what_ben_had_held(desk: Desk) -> None:
    desk.join("ben")
    hers, his = tasks_of(desk, 1), tasks_of(desk, 30, "ben")
    on(desk, "anna", "ben")
    delete_all(desk, his)
    assert desk.round().deletions_held == 30
    delete_all(desk, hers)
    desk.wait(minutes=1)
    desk.round()
    assert services.approve_all_deletions() == [("Orgbox", 30)]
    desk.round()
    assert (alive(desk), alive(desk, "ben")) == (0, 0)

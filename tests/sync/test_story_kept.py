"""How long a timeline reaches back: half a year, and of every pair its last lines for good."""

from __future__ import annotations

import pytest
from django.test import Client

from tandem.reminders.models import Reminder
from tandem.sync.models import Event
from tandem.sync.story_kept import ALWAYS_KEPT, KEPT_FOR, forget_old_stories
from tests.sync.desk import Desk


@pytest.fixture
def pair(desk: Desk) -> Reminder:
    """One task in step on both sides; its story has two lines."""
    desk.switch_on()
    desk.round()
    written = desk.create("Call Ann")
    desk.settle()
    return written


def edited_there(desk: Desk, reminder: Reminder, times: int) -> None:
    """As many more lines in its story, all of now."""
    link, now = desk.link(reminder), desk.clock.now()
    Event.objects.bulk_create(
        Event(link=link, at=now, what="changed", values={"name": [f"{n}", f"{n + 1}"]}) for n in range(times)
    )


def test_of_a_long_story_the_old_lines_go_and_its_last_ones_stay(desk: Desk, pair: Reminder) -> None:
    short = desk.create("Ring Ben")
    desk.settle()
    edited_there(desk, pair, 30)
    edited_there(desk, short, 5)
    newest = list(Event.objects.filter(link=desk.link(pair)).order_by("-pk").values_list("pk", flat=True))
    desk.wait(days=KEPT_FOR.days, seconds=1)
    assert forget_old_stories() == 2 + 30 - ALWAYS_KEPT
    kept = Event.objects.filter(link=desk.link(pair)).order_by("-pk").values_list("pk", flat=True)
    assert list(kept) == newest[:ALWAYS_KEPT]
    assert Event.objects.filter(link=desk.link(short)).count() == 2 + 5
    assert forget_old_stories() == 0


def test_what_is_younger_than_half_a_year_stays_however_much_it_is(desk: Desk, pair: Reminder) -> None:
    desk.wait(days=2)
    edited_there(desk, pair, 300)
    desk.wait(days=KEPT_FOR.days, seconds=-1)
    assert forget_old_stories() == 2, "how it was made, two days earlier"
    assert Event.objects.count() == 300


def test_no_round_misses_what_was_forgotten_and_the_page_says_so(desk: Desk, pair: Reminder) -> None:
    edited_there(desk, pair, ALWAYS_KEPT)
    desk.wait(days=KEPT_FOR.days, seconds=1)
    desk.settle()
    browser = Client()
    browser.force_login(desk.member())
    left_out = "Some of what happened since is not shown any more."
    assert left_out not in browser.get(f"/tasks/{pair.pk}/timeline").content.decode()
    assert forget_old_stories() == 2
    assert left_out in browser.get(f"/tasks/{pair.pk}/timeline").content.decode()
    report = desk.round()
    assert (report.wrote, desk.there(pair)["Subject"]) == (0, "Call Ann")

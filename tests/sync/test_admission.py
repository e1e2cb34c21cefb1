"""Who may come in and who may go out: FS-1 to FS-6, TS-9 to TS-11, and the guard against mass deletion."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.sync.admission import (
    DELETION_WINDOW,
    IMPORT_WINDOW,
    may_go_out,
    refuse_import,
    too_many_deletions,
)
from tandem.sync.pair import Row
from tests.sync.build import SERVER_NOW, row, version

IMPORT_FROM = SERVER_NOW - IMPORT_WINDOW
YEARS_AGO = SERVER_NOW - timedelta(days=900)


def _changed(*, hours: int, minutes: int = 0) -> Row:
    """A Task made years ago and last changed so long before sync was switched on."""
    return row(created=YEARS_AGO, stamp=SERVER_NOW - timedelta(hours=hours, minutes=minutes))


def test_a_task_changed_23_hours_59_before_comes_in() -> None:
    assert refuse_import(_changed(hours=23, minutes=59), IMPORT_FROM) is None


def test_a_task_changed_exactly_24_hours_before_comes_in() -> None:
    assert refuse_import(_changed(hours=24), IMPORT_FROM) is None


def test_a_task_changed_24_hours_01_before_stays_out_and_says_why() -> None:
    refusal = refuse_import(_changed(hours=24, minutes=1), IMPORT_FROM)
    assert refusal is not None
    assert "24 hours" in refusal.why


def test_a_task_made_in_the_window_comes_in_though_its_stamp_is_older() -> None:
    """FS-4 says created *or* updated; a data loader may set both stamps by hand."""
    made = row(created=SERVER_NOW - timedelta(hours=1), stamp=YEARS_AGO)
    assert refuse_import(made, IMPORT_FROM) is None


def test_a_task_changed_after_sync_was_switched_on_comes_in() -> None:
    assert refuse_import(row(created=SERVER_NOW, stamp=SERVER_NOW + timedelta(days=3)), IMPORT_FROM) is None


@pytest.mark.parametrize("due", ["", "1999-12-31", "2026-03-02", "2099-01-01"])
def test_every_due_date_comes_in_because_the_command_center_chooses_later(due: str) -> None:
    """FS-5."""
    assert refuse_import(row(version(due=due)), IMPORT_FROM) is None


@pytest.mark.parametrize(
    "status", ["Not Started", "In Progress", "Completed", "Deferred", "a word of the org's own"]
)
def test_every_status_comes_in(status: str) -> None:
    assert refuse_import(row(version(status=status)), IMPORT_FROM) is None


def test_a_deleted_task_does_not_come_in() -> None:
    assert refuse_import(row(deleted=True), IMPORT_FROM) is not None


def test_the_master_of_a_repeating_series_does_not_come_in() -> None:
    refusal = refuse_import(row(version(series=True)), IMPORT_FROM)
    assert refusal is not None
    assert "series" in refusal.why


@pytest.mark.parametrize("subtype", ["Email", "ListEmail"])
def test_an_email_that_salesforce_filed_by_itself_does_not_come_in(subtype: str) -> None:
    """TS-11."""
    assert refuse_import(row(subtype=subtype), IMPORT_FROM) is not None


@pytest.mark.parametrize("subtype", ["Task", "Call", "LinkedIn", ""])
def test_a_task_of_any_other_kind_comes_in(subtype: str) -> None:
    assert refuse_import(row(subtype=subtype), IMPORT_FROM) is None


def test_a_reminder_made_before_sync_never_goes_out() -> None:
    """FS-1, FS-2: told by a sequence; nothing about the Reminder but its number is asked, so no edit changes it."""
    assert not may_go_out(1, outgoing_after=41)
    assert not may_go_out(41, outgoing_after=41)


def test_the_first_reminder_made_after_sync_goes_out() -> None:
    assert may_go_out(42, outgoing_after=41)


@pytest.mark.parametrize(
    ("deletions", "live", "held"),
    [
        (0, 0, False),
        (1, 1, False),
        (20, 20, False),
        (21, 21, True),
        (20, 100, False),
        (21, 100, False),
        (25, 100, False),
        (26, 100, True),
        (21, 83, True),
        (21, 84, False),
        (2_500, 10_000, False),
        (2_501, 10_000, True),
    ],
    ids=lambda value: str(value),
)
def test_deletions_are_held_only_above_twenty_and_above_a_quarter(
    deletions: int, live: int, held: bool
) -> None:
    assert too_many_deletions(deletions, live) is held


def test_the_windows_are_a_day_and_fifteen_days() -> None:
    assert timedelta(hours=24) == IMPORT_WINDOW
    assert timedelta(days=15) == DELETION_WINDOW

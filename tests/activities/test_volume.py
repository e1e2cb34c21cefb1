"""Many emails to many people, some of them unknown: what logging them costs in calls and in memory (volume.py)."""

from __future__ import annotations

import os

from tandem.sync.models import Activity, ActivityLink, Held
from tests.activities.office import Office
from tests.activities.volume import fill, round_apart

EMAILS = int(os.environ.get("VOLUME", "2000"))
PEOPLE, UNKNOWN = EMAILS * 3 // 10, EMAILS // 50
MOST_CALLS = 25
#: What a worker holds before it has anything to do is some 100 MB; all these emails at once would be 100 MB more.
MOST_MEMORY = 180_000_000


def test_ten_thousand_emails_to_three_thousand_people_cost_at_most_25_calls(office: Office) -> None:
    fill(office, EMAILS, PEOPLE, UNKNOWN)
    before = office.desk.calls
    memory = round_apart()
    calls = office.desk.calls - before
    unknown = sum(1 for number in range(EMAILS) if number % PEOPLE < UNKNOWN)
    print(f"{EMAILS:,} emails to {PEOPLE:,} people: {calls} API calls, {memory / 1e6:.0f} MB at most")
    assert ActivityLink.objects.filter(closed="logged").count() == EMAILS - unknown
    assert Held.objects.count() == Activity.objects.filter(verdict="held").count() == unknown
    assert len(office.tasks()) == EMAILS - unknown
    assert calls <= max(MOST_CALLS * EMAILS / 10_000, 7)
    assert memory <= MOST_MEMORY

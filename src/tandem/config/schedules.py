"""Which jobs are done by the calendar, and what does each of them do? New ones are a line in `register_schedules`."""

from __future__ import annotations

from datetime import time, timedelta

from django.core.management import call_command
from django.db import close_old_connections

from tandem import clock, jobs
from tandem.config.due import connected_orgs
from tandem.people.models import Match
from tandem.schedules import services as schedules
from tandem.sync.allowance import forget_spent
from tandem.sync.orgs import owe_audit
from tandem.sync.story_kept import forget_old_stories

#: The nightly checks of all orgs begin within so long.
_NIGHT = timedelta(hours=3)
_MINUTE = timedelta(minutes=1)
#: What Salesforce said of an address is asked again after hours; after this long nobody has needed it.
_FORGET_MATCHES = timedelta(days=30)


def register_schedules() -> None:
    """Say what is done when. Times are UTC."""
    schedules.daily("nightly-audit", time(1, 0), _audit_every_org)
    schedules.daily("clean-up", time(4, 30), _clean_up)


def in_process() -> jobs.Rounds:
    """A thread of this process that does what is due; workers that share a queue ask by the queue instead."""

    looked = [clock.now()]

    def once_a_minute() -> list[int]:
        # Rounds look every second; what is due by the calendar has time until the next minute.
        if abs(clock.now() - looked[0]) < _MINUTE:
            return []
        looked[0] = clock.now()
        return [1]

    def one(_: int) -> None:
        close_old_connections()
        schedules.do_what_is_due()

    runner = jobs.Rounds(once_a_minute, one, threads=1)
    runner.wake(1)  # what was due while nothing ran
    return runner


def _audit_every_org() -> str:
    orgs = [org for org, _ in connected_orgs()]
    began = clock.now()
    for place, org in enumerate(orgs):  # one after another, not all in one minute
        owe_audit(org, began + place * (_NIGHT / len(orgs)))
    return f"{len(orgs)} orgs are checked in their rounds tonight"


def _clean_up() -> str:
    call_command("clearsessions")
    hours = forget_spent()
    matches, _ = Match.objects.filter(read_at__lt=clock.now() - _FORGET_MATCHES).delete()
    lines = forget_old_stories()
    return (
        f"forgot ended sessions, {hours} hours of counted calls, {matches} old answers about addresses, "
        f"{lines} old lines of timelines"
    )

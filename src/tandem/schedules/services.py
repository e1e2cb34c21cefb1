"""Do what is due by the calendar: once, by whichever process sees it first, also after a time in which nothing ran."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tandem import clock
from tandem.schedules.models import Schedule

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Daily:
    """A job that is done once a day. at: in UTC. do: returns what it did, in words for the log."""

    name: str
    at: time
    do: Callable[[], str]

    def after(self, moment: datetime) -> datetime:
        """The first time it is due after `moment`."""
        today = datetime.combine(moment.date(), self.at, moment.tzinfo)
        return today if today > moment else today + _DAY


_daily: dict[str, Daily] = {}


def daily(name: str, at: time, do: Callable[[], str]) -> None:
    """Register a job; config/schedules.py has all of them."""
    _daily[name] = Daily(name, at, do)


def do_what_is_due() -> list[str]:
    """Do every registered job that is due; the names of those that were done here."""
    return [name for name, job in _daily.items() if _claim(job) and _do(job)]


def _claim(job: Daily) -> bool:
    """Claim by conditional update: who finds it moved on already has come second."""
    now = clock.now()
    Schedule.objects.get_or_create(name=job.name, defaults={"next_at": job.after(now)})
    # Further off than a day it was set by a clock that has been put back since.
    due = Schedule.objects.filter(name=job.name).exclude(next_at__gt=now, next_at__lte=now + _DAY)
    return due.update(next_at=job.after(now), began_at=now, ended_at=None) == 1


def _do(job: Daily) -> bool:
    try:
        told = job.do()
    except Exception as error:
        log.exception(
            "The scheduled job %s ended in an error. Nothing is lost; it is due again tomorrow.", job.name
        )
        told = f"{type(error).__name__}: {error}"
    else:
        log.info("The scheduled job %s is done: %s", job.name, told)
    Schedule.objects.filter(name=job.name).update(ended_at=clock.now(), told=told)
    return True

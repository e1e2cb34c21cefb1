"""Which day is it for a member, and under which heading does a due date belong? Pure.

A due date is a day in the member's own calendar: at one moment it is today in Kiritimati and yesterday in Pago Pago
(FS-5, P4).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Days:
    """The days a Command Center speaks of.

    today, tomorrow, and sunday (the last day of today's week) are dates; began and ends are the moments, aware,
    between which it is today.
    """

    today: date
    tomorrow: date
    sunday: date
    began: datetime
    ends: datetime


def days(time_zone: str, now: datetime) -> Days:
    """The days as they are at `now` (aware) in the IANA zone `time_zone`."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    tomorrow = today + timedelta(days=1)
    return Days(
        today=today,
        tomorrow=tomorrow,
        sunday=today + timedelta(days=7 - today.isoweekday()),
        began=datetime.combine(today, time.min, zone),
        ends=datetime.combine(tomorrow, time.min, zone),
    )

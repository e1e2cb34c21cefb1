"""What does a member's Command Center show at this moment?

Two questions to the database, a third when nothing is due. The rules: FS-5, CC-9.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When

from tandem.accounts.models import Member
from tandem.reminders.days import Days, days
from tandem.reminders.models import Reminder
from tandem.reminders.values import DONE, HIGH, OPEN


@dataclass(frozen=True, slots=True)
class CommandCenter:
    """The lists of one member on one day; each in the order in which it is shown."""

    days: Days
    overdue: list[Reminder]
    today: list[Reminder]
    tomorrow: list[Reminder]
    #: Completed today, the last first.
    done: list[Reminder]
    #: How many more are due until Sunday; counted only when nothing is due today or tomorrow.
    later_this_week: int

    @property
    def due(self) -> int:
        """How many are due today and tomorrow."""
        return len(self.today) + len(self.tomorrow)

    @property
    def shown(self) -> list[Reminder]:
        """Every reminder on the page."""
        return [*self.overdue, *self.today, *self.tomorrow, *self.done]


def command_center(member: Member, now: datetime) -> CommandCenter:
    """The Command Center of `member` at `now` (aware), in the member's own time zone."""
    day = days(member.time_zone, now)
    mine = Reminder.objects.of(member.pk).defer("details", "undo")
    high_first = Case(When(priority=HIGH, then=Value(0)), default=Value(1), output_field=IntegerField())
    due = list(mine.filter(status=OPEN, due__lte=day.tomorrow).order_by("due", high_first, "id"))
    done = mine.filter(status=DONE, completed_at__gte=day.began, completed_at__lt=day.ends)
    today = [reminder for reminder in due if reminder.due == day.today]
    tomorrow = [reminder for reminder in due if reminder.due == day.tomorrow]
    later = 0
    if not today and not tomorrow:
        later = mine.filter(status=OPEN, due__gt=day.tomorrow, due__lte=day.sunday).count()
    return CommandCenter(
        days=day,
        overdue=[reminder for reminder in due if reminder.due and reminder.due < day.today],
        today=today,
        tomorrow=tomorrow,
        done=list(done.order_by("-completed_at", "-id")),
        later_this_week=later,
    )

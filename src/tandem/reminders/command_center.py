"""What does a member's Command Center show at this moment?

A bounded number of questions to the database and at most ROWS tasks in each list, however many there are: a page of ten
thousand tasks costs what a page of ten does. The rules: FS-5, CC-1, CC-9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from tandem.accounts.models import Member
from tandem.reminders import questions
from tandem.reminders.asked import UNASKED, Asked
from tandem.reminders.days import Days, days
from tandem.reminders.models import Reminder, Reminders
from tandem.reminders.values import DONE, HIGH, OPEN

#: Tasks on one page; more are on the next.
ROWS = 50
#: Tasks under a line that is closed at first; all of them are one click further.
CLOSED_ROWS = 20


@dataclass(frozen=True, slots=True)
class CommandCenter:
    """What one member asked for, on one day; each list in the order in which it is shown."""

    days: Days
    asked: Asked
    #: The page of tasks that was asked for.
    rows: Sequence[Reminder]
    #: How many there are on all pages together.
    total: int
    #: How many are open: before today, today, tomorrow, until Sunday.
    overdue_count: int
    today_count: int
    tomorrow_count: int
    week_count: int
    #: Under the lines that are closed at first: the first of those overdue, the last of those completed today.
    overdue: Sequence[Reminder] = ()
    done: Sequence[Reminder] = ()
    done_count: int = 0

    @property
    def today(self) -> list[Reminder]:
        """Those of the page that are due today."""
        return [reminder for reminder in self.rows if reminder.due == self.days.today]

    @property
    def tomorrow(self) -> list[Reminder]:
        """Those of the page that are due tomorrow."""
        return [reminder for reminder in self.rows if reminder.due == self.days.tomorrow]

    @property
    def due(self) -> int:
        """How many are due today and tomorrow."""
        return self.today_count + self.tomorrow_count

    @property
    def later_this_week(self) -> int:
        """How many more are due until Sunday."""
        return max(self.week_count - self.due, 0)

    @property
    def shown(self) -> list[Reminder]:
        """Every reminder on the page."""
        return [*self.overdue, *self.rows, *self.done]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // ROWS))

    @property
    def before(self) -> Asked | None:
        """The page before this one."""
        return self.asked.on_page(min(self.asked.page - 1, self.pages)) if self.asked.page > 1 else None

    @property
    def after(self) -> Asked | None:
        """The page after this one."""
        return self.asked.on_page(self.asked.page + 1) if self.asked.page < self.pages else None


def command_center(member: Member, now: datetime, asked: Asked = UNASKED) -> CommandCenter:
    """What `asked` shows `member` at `now` (aware), in the member's own time zone."""
    day = days(member.time_zone, now)
    mine = Reminders(Reminder).of(member.pk).defer("details", "undo")
    number = _counts(mine, day)
    found = _found(mine, day, asked)
    plain = asked.show == "due" and not asked.choose and asked.page == 1
    done_today = mine.filter(status=DONE, completed_at__gte=day.began, completed_at__lt=day.ends)
    done = list(done_today.order_by("-completed_at", "-id")[: CLOSED_ROWS + 1]) if plain else []
    overdue = _in_order(mine.filter(status=OPEN, due__lt=day.today))
    begin = (asked.page - 1) * ROWS
    total = number["today"] + number["tomorrow"] if asked.show == "due" else found.count()
    return CommandCenter(
        days=day,
        asked=asked,
        rows=list(found[begin : begin + ROWS]),
        total=total,
        overdue_count=number["overdue"],
        today_count=number["today"],
        tomorrow_count=number["tomorrow"],
        week_count=number["week"],
        overdue=list(overdue[:CLOSED_ROWS]) if plain and number["overdue"] else (),
        done=done[:CLOSED_ROWS],
        done_count=done_today.count() if len(done) > CLOSED_ROWS else len(done),
    )


def _counts(mine: Reminders, day: Days) -> dict[str, int]:
    """One question for all of them: what is due until Sunday, and whatever is due before."""
    last = max(day.sunday, day.tomorrow)
    return mine.filter(status=OPEN, due__lte=last).aggregate(
        overdue=Count("pk", filter=Q(due__lt=day.today)),
        today=Count("pk", filter=Q(due=day.today)),
        tomorrow=Count("pk", filter=Q(due=day.tomorrow)),
        week=Count("pk", filter=Q(due__gte=day.today, due__lte=day.sunday)),
    )


def _found(mine: Reminders, day: Days, asked: Asked) -> Reminders:
    """All pages of what was asked for."""
    if asked.text:
        words = asked.text
        mine = mine.filter(Q(name__icontains=words) | Q(about__icontains=words) | Q(details__icontains=words))
    if asked.show == "done":
        return mine.filter(status=DONE).order_by("-completed_at", "-id")
    open_ = mine.filter(status=OPEN)
    if asked.show == "due":
        open_ = open_.filter(due__in=[day.today, day.tomorrow])
    elif asked.show == "overdue":
        open_ = open_.filter(due__lt=day.today)
    elif asked.show == "week":
        open_ = open_.filter(due__gte=day.today, due__lte=day.sunday)
    elif asked.show == "salesforce":
        open_ = questions.came_in(open_)
    return _in_order(open_)


def _in_order(mine: Reminders) -> Reminders:
    """The first due first, those without a day last; on one day the important ones first."""
    high_first = Case(When(priority=HIGH, then=Value(0)), default=Value(1), output_field=IntegerField())
    return mine.order_by(F("due").asc(nulls_last=True), high_first, "id")

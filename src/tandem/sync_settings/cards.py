"""What does the page say of each card, open and closed, to this member at this moment?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member
from tandem.audit.models import Change
from tandem.connections.explanations import Explanation, explained, of_the_org
from tandem.connections.models import Connection
from tandem.connections.services import connection_of
from tandem.reminders.days import days
from tandem.reminders.models import Reminder
from tandem.reminders.values import OPEN
from tandem.sync.fields import SUBJECT_LENGTH, render
from tandem.sync.models import Link, OrgSync, TaskSync
from tandem.sync_settings.reading import Rules, rules_of, subject_template
from tandem.sync_settings.subject import DYNAMIC_FIELDS
from tandem.sync_settings.values import Section


@dataclass(frozen=True, slots=True)
class Badge:
    """A card's state in words, never colour alone. tone: green, blue, secondary or orange. percent: of an import."""

    words: Promise
    tone: str
    percent: int | None = None


OFF = Badge(_("Off"), "secondary")
NOT_SAVED = Badge(_("Not saved yet"), "secondary")
WAITING = Badge(_("Waiting"), "orange")
NO_API = Badge(_("Needs the API"), "secondary")
NOT_CONNECTED = Badge(_("Not connected"), "secondary")


@dataclass(frozen=True, slots=True)
class Importing:
    """The first import, in rows; total is None until Salesforce has counted them."""

    done: int
    total: int | None

    @property
    def percent(self) -> int | None:
        """0 … 100, rounded down; None while nobody knows."""
        if self.total is None:
            return None
        return min(100, 100 * self.done // self.total) if self.total else 100


@dataclass(frozen=True, slots=True)
class Result:
    """What the import brought: Tasks read, open ones due today or tomorrow, and pairs that wait for a person."""

    read: int
    due: int
    need_you: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """When the org was looked at last; what stopped that look, None when it went well; until when all of it waits."""

    last: datetime | None = None
    trouble: Explanation | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TasksCard:
    """state: off, importing, paused, on or reconnect. rested: the pause or resume that was last.

    locked: the member only sees it.
    """

    state: str
    badge: Badge
    importing: Importing | None = None
    result: Result | None = None
    rounds: Rounds = Rounds()
    rested: Change | None = None
    locked: bool = False

    @property
    def may_pause(self) -> bool:
        """Whether the page offers to pause it."""
        return self.state in ("importing", "on") and not self.locked

    @property
    def moving(self) -> bool:
        """Whether the page should look again in a moment."""
        return self.state == "importing"


@dataclass(frozen=True)
class Cards:
    """The whole page."""

    member: Member
    connection: Connection | None
    rules: Rules
    tasks: TasksCard
    email_badge: Badge
    calls_badge: Badge
    api: bool
    template: str = ""
    template_change: Change | None = None

    @property
    def is_admin(self) -> bool:
        return self.member.role == Member.Role.ADMIN

    def locked(self, section: Section) -> bool:
        """Whether this member only sees the section."""
        return section in self.rules.locked and not self.is_admin


def cards_of(member: Member, now: datetime) -> Cards:
    """The page of `member` at `now`; a bounded number of questions to the database, however large the team."""
    connection, rules = connection_of(member), rules_of(member)
    template, change = "", None
    if connection is not None and member.role == Member.Role.ADMIN:
        template = subject_template(connection.org_id)
        latest = Change.objects.filter(section=Section.SUBJECT).select_related("by")
        change = latest.order_by("-pk").first()
    return Cards(
        member=member,
        connection=connection,
        rules=rules,
        tasks=_task_state(member, connection, rules, now),
        email_badge=_email_badge(connection, rules),
        calls_badge=_calls_badge(connection, rules),
        api=has_api(connection),
        template=template,
        template_change=change,
    )


def tasks_card_of(member: Member, now: datetime) -> TasksCard:
    """The task card alone, for the page's poll."""
    return _task_state(member, connection_of(member), rules_of(member), now)


def _task_state(member: Member, connection: Connection | None, rules: Rules, now: datetime) -> TasksCard:
    locked = Section.TASKS in rules.locked and member.role != Member.Role.ADMIN
    return replace(_unlocked(member, connection, rules, now), locked=locked)


def _unlocked(member: Member, connection: Connection | None, rules: Rules, now: datetime) -> TasksCard:
    """Read from what the engine stores as it goes: so it survives reload and restart."""
    if connection is None:
        return TasksCard("off", NOT_CONNECTED)
    if not has_api(connection):
        return TasksCard("off", NO_API)
    sync = TaskSync.objects.filter(connection=connection).first()
    if sync is None or not sync.enabled:
        known = Section.TASKS in rules.own or (sync is not None and sync.enabled_at is not None)
        return TasksCard("off", OFF if known else NOT_SAVED)
    if connection.state == Connection.State.RECONNECT:
        return TasksCard("reconnect", Badge(_("Reconnect"), "orange"))
    importing = Importing(sync.import_done, sync.import_total) if sync.polled_to is None else None
    rested = Change.objects.filter(section=Section.TASKS, member=member, after__has_key="paused")
    latest = rested.select_related("by").order_by("-pk").first()
    if sync.paused:
        return TasksCard("paused", Badge(_("Paused"), "secondary"), importing, rested=latest)
    rounds = _rounds(connection, now)
    if importing is not None:
        badge = Badge(_("First import"), "blue", importing.percent)
        return TasksCard("importing", badge, importing, rounds=rounds, rested=latest)
    badge = Badge(_("On"), "green") if rounds.trouble is None else WAITING
    result = _result(member, connection, sync, now)
    return TasksCard("on", badge, result=result, rounds=rounds, rested=latest)


def has_api(connection: Connection | None) -> bool:
    """Whether the org gives this member its API (P10). Connected with a trouble means: signed in, but without it."""
    return connection is None or connection.state != Connection.State.CONNECTED or not connection.trouble_code


@dataclass(frozen=True, slots=True)
class SubjectPreview:
    """What a template makes of one task: the Subject as Salesforce will get it, and how long it is."""

    task: str
    subject: str

    @property
    def length(self) -> int:
        return len(self.subject)

    @property
    def full(self) -> bool:
        return self.length >= SUBJECT_LENGTH


def subject_preview(member: Member, template: str) -> SubjectPreview | None:
    """The preview on the member's newest task, made by the very function that names Tasks; None without a task."""
    newest = Reminder.objects.of(member.pk).order_by("-pk").values_list("name", flat=True).first()
    return SubjectPreview(newest, render(template, newest)) if newest is not None else None


def dynamic_fields() -> list[tuple[str, Any]]:
    """The seven, as they are written, each with what it stands for."""
    return [("{{" + name + "}}", meaning) for name, meaning in DYNAMIC_FIELDS.items()]


def _rounds(connection: Connection, now: datetime) -> Rounds:
    org = OrgSync.objects.filter(org_id=connection.org_id).first()
    if org is None:
        return Rounds()
    if org.paused_until is not None and org.paused_until > now:
        return Rounds(org.last_round_at, explained(org.pause_code, org.pause_text), org.paused_until)
    return Rounds(org.last_round_at, of_the_org(org.trouble_code, org.trouble))


def _result(member: Member, connection: Connection, sync: TaskSync, now: datetime) -> Result:
    day = days(member.time_zone, now)
    links = Link.objects.filter(org_id=connection.org_id, member=member)
    due = Reminder.objects.of(member.pk).filter(status=OPEN, due__in=(day.today, day.tomorrow))
    return Result(
        read=sync.import_done,
        due=due.filter(link__org_id=connection.org_id).count(),
        need_you=links.filter(parked=True, closed__isnull=True).count(),
    )


def _email_badge(connection: Connection | None, rules: Rules) -> Badge:
    if connection is None:
        return NOT_CONNECTED
    match rules.email_api.emails, rules.email_bcc.active:
        case True, True:
            return Badge(_("On · API and BCC"), "green")
        case True, False:
            return Badge(_("On · API"), "green")
        case False, True:
            return Badge(_("On · BCC"), "green")
    saved = Section.EMAIL_API in rules.saved or Section.EMAIL_BCC in rules.saved
    return OFF if saved else NOT_SAVED


def _calls_badge(connection: Connection | None, rules: Rules) -> Badge:
    if connection is None:
        return NOT_CONNECTED
    if not has_api(connection):
        return NO_API
    if rules.calls.log:
        return Badge(_("On"), "green")
    return OFF if Section.CALLS in rules.saved else NOT_SAVED

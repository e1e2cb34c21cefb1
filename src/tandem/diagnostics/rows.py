"""Which rows are held up, and whose may be seen? Everybody's own, and an admin the team's (P11).

Every table remembers its last refusal itself; here they are asked, with indexes that hold only what is held up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Model, Q, QuerySet, TextField, Value, When

from tandem import clock
from tandem.accounts.models import Member
from tandem.connections.explanations import NAMING
from tandem.connections.models import Connection
from tandem.salesforce.retries import Category, category_of
from tandem.sync.models import ActivityLink, Link, NewRecord, OptOut, OrgSync, OrgWarning

Kind = Literal["task", "log", "record", "unsubscribe"]
#: A person must act, or it is tried again by itself.
State = Literal["needs-you", "waits"]
#: In the order in which they are listed.
KINDS: tuple[Kind, ...] = ("task", "log", "record", "unsubscribe")


@dataclass(frozen=True)
class Filter:
    """Which problems are wanted. member None: all whom this member may see. since: the last time it was seen, a day."""

    viewer: Member
    code: str = ""
    about: str | None = None
    category: Category | None = None
    kind: Kind | None = None
    member: int | None = None
    state: State | None = None
    since: date | None = None

    @property
    def team(self) -> bool:
        """Whether colleagues' problems are seen too."""
        return self.viewer.role == Member.Role.ADMIN


_TABLES: Mapping[Kind, type[Model]] = {
    "task": Link,
    "log": ActivityLink,
    "record": NewRecord,
    "unsubscribe": OptOut,
}


def kinds_of(wanted: Filter) -> Iterable[Kind]:
    """The tables to look into, in their order."""
    return KINDS if wanted.kind is None else (wanted.kind,)


def rows_of(kind: Kind, wanted: Filter) -> QuerySet[Any]:
    """What of this kind is held up; each row with `about`."""
    rows: QuerySet[Any] = _TABLES[kind]._default_manager.exclude(error_code="")
    if kind == "unsubscribe":  # an address of the org: nobody's own
        rows = rows.filter(done_at__isnull=True)
        rows = rows if wanted.team else rows.filter(org__in=_orgs_of(wanted.viewer))
    else:
        rows = rows.filter(closed__isnull=True)
        rows = rows if wanted.team else rows.filter(member=wanted.viewer)
        rows = rows if wanted.member is None else rows.filter(member=wanted.member)
    if kind == "task":
        rows = rows.exclude(parked=True, skipped_rev__isnull=False, skipped_rev=F("error_rev"))
    if wanted.code:
        rows = rows.filter(error_code=wanted.code)
    if wanted.category is not None:
        codes = list(rows.order_by().values_list("error_code", flat=True).distinct())
        rows = rows.filter(error_code__in=[code for code in codes if category_of(code) is wanted.category])
    if wanted.state is not None:
        rows = rows.filter(parked=wanted.state == "needs-you")
    if wanted.since is not None:
        begins = datetime.combine(wanted.since, time(), ZoneInfo(wanted.viewer.time_zone))
        rows = rows.filter(error_last_at__gte=begins)
    rows = rows.annotate(about=_ABOUT)
    return rows if wanted.about is None else rows.filter(about=wanted.about)


#: What the code alone does not say: of which value it speaks.
_ABOUT = Case(
    When(error_code__in=sorted(NAMING), then=F("error_text")), default=Value(""), output_field=TextField()
)


def told(kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    """With all that a row of the list shows, in the same question; never the text of an email."""
    if kind == "task":
        return rows.select_related("member", "reminder", "org")
    if kind == "log":
        return rows.select_related("member", "activity__email", "activity__call", "org").defer(
            "activity__email__text", "activity__email__html", "activity__call__notes"
        )
    return rows.select_related("member", "org") if kind == "record" else rows.select_related("org")


def _orgs_of(viewer: Member) -> list[int]:
    mine = Connection.objects.filter(member=viewer).exclude(state=Connection.State.DISCONNECTED)
    return list(mine.values_list("org_id", flat=True))


def waiting_orgs(wanted: Filter) -> list[OrgSync]:
    """Orgs whose last round was stopped, or that wait for API calls. A sign-in's trouble stands at its connection."""
    held = Q(paused_until__gt=clock.now()) & ~Q(pause_code="")
    rows = OrgSync.objects.filter(held | ~Q(trouble_code="")).select_related("org")
    rows = rows if wanted.team else rows.filter(org__in=_orgs_of(wanted.viewer))
    listed = [
        row
        for row in rows
        if category_of(row.pause_code or row.trouble_code) is not Category.AUTHENTICATION
        and row.trouble_code != "INVALID_SESSION_ID"
    ]
    return [row for row in listed if not wanted.code or wanted.code in (row.pause_code, row.trouble_code)]


def broken_connections(wanted: Filter) -> list[Connection]:
    """Connections that ask to be made again."""
    rows = Connection.objects.filter(state=Connection.State.RECONNECT).select_related("member", "org")
    rows = rows if wanted.team else rows.filter(member=wanted.viewer)
    rows = rows if wanted.member is None else rows.filter(member=wanted.member)
    rows = rows.filter(trouble_code=wanted.code) if wanted.code else rows
    return list(rows.order_by("pk")[:50])


def warnings(wanted: Filter) -> list[OrgWarning]:
    """What an org keeps from us, so that things are logged without it."""
    rows = OrgWarning.objects.select_related("org").order_by("pk")
    rows = rows if wanted.team else rows.filter(org__in=_orgs_of(wanted.viewer))
    rows = rows.filter(code=wanted.code) if wanted.code else rows
    return list(rows[:50])

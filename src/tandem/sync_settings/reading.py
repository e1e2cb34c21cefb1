"""What holds for a member now? The team's rules, the member's own, and what an admin has locked (P11).

A shared section (email by API, calls): the team's value when it is locked, else the member's own, else the team's, else
the default. A section of one's own (BCC, tasks): the member's own, else the default; a lock keeps the member from
changing it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet

from tandem.accounts.models import Member
from tandem.sync.models import OrgSync
from tandem.sync_settings.models import Setting
from tandem.sync_settings.values import (
    DEFAULTS,
    Calls,
    EmailApi,
    EmailBcc,
    Section,
    Subject,
    Tasks,
    Value,
    checked,
)

V = TypeVar("V", EmailApi, EmailBcc, Tasks, Calls)

_SHARED = (Section.EMAIL_API, Section.CALLS)


@dataclass(frozen=True)
class Rules:
    """What holds for one member; `locked` and `own` name sections. saved: the row that a section was last saved in."""

    email_api: EmailApi
    team_email_api: EmailApi
    email_bcc: EmailBcc
    team_email_bcc: EmailBcc
    calls: Calls
    tasks: Tasks
    locked: frozenset[Section]
    own: frozenset[Section]
    saved: dict[Section, Setting]


def rules_of(member: Member) -> Rules:
    """The rules that hold for `member`: one question to the database. An admin's shared rules are the team's."""
    return rules_of_each([member])[member.pk]


def rules_of_each(members: Sequence[Member]) -> dict[int, Rules]:
    """As rules_of, by member id: one question to the database for all of them."""
    asked = Q(member__in=members) | Q(member__isnull=True)
    rows = list(Setting.objects.filter(asked).select_related("saved_by"))
    team = [row for row in rows if row.member_id is None]
    own: dict[int | None, list[Setting]] = defaultdict(list)
    for row in rows:
        own[row.member_id].append(row)
    return {member.pk: _rules(member, [*team, *own[member.pk]]) for member in members}


def _rules(member: Member, rows: Sequence[Setting]) -> Rules:
    team: dict[Section, Setting] = {}
    own: dict[Section, Setting] = {}
    for row in rows:
        (own if row.member_id else team)[Section(row.section)] = row
    locked = frozenset(section for section, row in team.items() if row.locked)
    saved: dict[Section, Setting] = {}
    for section in Section:
        follows = section in locked or section not in own or member.role == Member.Role.ADMIN
        held = (team if section in _SHARED and follows else own).get(section)
        if held is not None:
            saved[section] = held
    return Rules(
        email_api=_value(EmailApi, Section.EMAIL_API, saved.get(Section.EMAIL_API)),
        team_email_api=_value(EmailApi, Section.EMAIL_API, team.get(Section.EMAIL_API)),
        email_bcc=_value(EmailBcc, Section.EMAIL_BCC, saved.get(Section.EMAIL_BCC)),
        team_email_bcc=_value(EmailBcc, Section.EMAIL_BCC, team.get(Section.EMAIL_BCC)),
        calls=_value(Calls, Section.CALLS, saved.get(Section.CALLS)),
        tasks=_value(Tasks, Section.TASKS, saved.get(Section.TASKS)),
        locked=locked,
        own=frozenset(section for section, row in saved.items() if row.member_id),
        saved=saved,
    )


def team_values() -> dict[Section, tuple[Value, bool]]:
    """The team's value of each section that the team has, and whether it is locked."""
    rows = {Section(row.section): row for row in Setting.objects.filter(member__isnull=True)}
    return {
        section: (
            checked(section, rows[section].value) if section in rows else DEFAULTS[section],
            section in rows and rows[section].locked,
        )
        for section in Section
        if section is not Section.SUBJECT
    }


def subject_template(org: int) -> str:
    """The Activity Detail template of one org."""
    stored = OrgSync.objects.filter(org_id=org).values_list("subject_template", flat=True).first()
    return stored or Subject().template


def members_with_bcc() -> QuerySet[Setting]:
    """The settings of members whose emails go out by BCC."""
    return Setting.objects.filter(section=Section.EMAIL_BCC, member__isnull=False, value__active=True)


def _value(kind: type[V], section: Section, row: Setting | None) -> V:
    value = checked(section, row.value) if row else DEFAULTS[section]
    if not isinstance(value, kind):
        raise TypeError(value)
    return value

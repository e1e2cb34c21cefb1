"""Which emails did not go out at all? Salesforce has no part in it, and yet nothing is logged of them (P12).

A member sees why, and sends them again from here; an admin sees whose and how many, for what an email is about is its
member's alone (docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from tandem.accounts.models import Member
from tandem.emails import services as emails
from tandem.emails.errors import EmailError
from tandem.emails.lists import FOLDERS
from tandem.emails.models import Email

#: Reasons on the page; emails that one press sends again.
_REASONS, _MOST = 20, 500
#: The mail server may have it: a person looks first, one by one.
_IN_DOUBT = Q(handed_over_at__isnull=False)


@dataclass(frozen=True)
class Undelivered:
    """Emails of one member that failed for one reason. why: "" for a colleague's. last: when the last of them failed."""

    member: Member
    why: str
    count: int
    last: datetime | None
    own: bool
    may_send_again: bool


def undelivered(viewer: Member) -> list[Undelivered]:
    """The viewer's own by reason, then for an admin the team's by member; those with the most first."""
    found = [
        Undelivered(viewer, row["trouble"], row["count"], row["last"], True, row["doubtful"] < row["count"])
        for row in _grouped(_failed().filter(member=viewer), "trouble")
    ]
    if viewer.role == Member.Role.ADMIN:
        others = Member.objects.exclude(pk=viewer.pk).in_bulk()
        rows = _grouped(_failed().filter(member__in=list(others)), "member")
        found += [
            Undelivered(others[row["member"]], "", row["count"], row["last"], False, False) for row in rows
        ]
    return found


def send_again(viewer: Member, why: str) -> int:
    """The viewer's own that failed for this reason, except those in doubt, go out again; how many those are."""
    sent = 0
    for email in _failed().filter(~_IN_DOUBT, member=viewer, trouble=why).only("pk").order_by("pk")[:_MOST]:
        with suppress(EmailError):  # it went on in the meantime
            emails.retry(email)
            sent += 1
    return sent


def _failed() -> QuerySet[Email]:
    """As they lie under Undelivered › Failed."""
    return Email.objects.filter(FOLDERS["failed"].which)


def _grouped(failed: QuerySet[Email], by: str) -> Sequence[dict[str, Any]]:
    return list(
        failed.order_by()
        .values(by)
        .annotate(
            count=Count("pk"),
            last=Max(Coalesce("failed_at", "at")),
            doubtful=Count("pk", filter=_IN_DOUBT),
        )
        .order_by("-count", by)[:_REASONS]
    )

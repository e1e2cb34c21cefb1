"""Who is told by mail that something needs them? Each member once for each cause, an hour apart at least: no flood.

Run after every round, by whichever process ran it. What is owed stands in rows before any mail is sent, and one process
claims a member's mail at a time, so two send it once; only a worker that dies between the server's yes and our commit
makes it come twice (docs/decisions/0034).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tandem import clock
from tandem.accounts import mail
from tandem.accounts.errors import MailNotSent
from tandem.accounts.models import Member
from tandem.connections.explanations import Explanation, explained
from tandem.connections.models import Connection
from tandem.diagnostics.copies import LOST
from tandem.diagnostics.models import Notice
from tandem.diagnostics.payload import without_secrets
from tandem.emails import second_envelope
from tandem.sync.models import ActivityLink, Link, NewRecord, OptOut, OrgWarning

log = logging.getLogger(__name__)

#: What is refused within this time of the first comes in the same mail.
PATIENCE = timedelta(minutes=2)
#: No member gets two mails within this time, but for a lost connection.
APART = timedelta(hours=1)
#: As long as one process may take to send; and until a mail server that refused is tried again.
_CLAIM = timedelta(minutes=15)

Kind = Notice.Kind


@dataclass(frozen=True)
class Need:
    """One thing that needs a member now."""

    member: int
    kind: str
    about: str


@dataclass(frozen=True)
class Line:
    """One thing as the mail tells it. count: items that it holds up, 0 when it is not about items."""

    explanation: Explanation
    count: int


def tell() -> int:
    """Write down who is needed, and send the mails that are due; how many were sent. What breaks is only logged: a round
    that is done must not end in it.
    """
    try:
        _note(_needs())
        return sum(_mail(member) for member in _to_mail(clock.now()))
    except Exception:
        log.exception(
            "Mails about what needs somebody were not sent. Nothing is lost; the next round tries again."
        )
        return 0


def _needs() -> set[Need]:
    """All that needs somebody, whoever that is: a handful of rows, read through indexes that hold nothing else."""
    needs: set[Need] = set()
    for rows in _refused():
        found = rows.values_list("member", "error_code").order_by().distinct()
        needs |= {Need(member, Kind.CAUSE, code) for member, code in found}
    copies = second_envelope.stuck().filter(email__member__is_active=True)
    senders = copies.values_list("email__member", flat=True).order_by().distinct()
    needs |= {Need(member, Kind.CAUSE, LOST) for member in senders}
    lost = Connection.objects.filter(state=Connection.State.RECONNECT, member__is_active=True)
    needs |= {
        Need(member, Kind.CONNECTION, f"{pk}:{sign_in}")
        for pk, member, sign_in in lost.values_list("pk", "member", "sign_in")
    }
    codes = set(OptOut.objects.filter(done_at__isnull=True, parked=True).values_list("error_code", flat=True))
    codes |= set(OrgWarning.objects.values_list("code", flat=True))
    if codes:
        admins = Member.objects.filter(role=Member.Role.ADMIN, is_active=True).values_list("pk", flat=True)
        needs |= {Need(admin, Kind.TEAM, code) for admin in admins for code in codes}
    return needs


def _refused() -> Iterator[QuerySet[Any]]:
    open_ = {"parked": True, "closed__isnull": True, "member__is_active": True}
    skipped = Q(skipped_rev__isnull=False, skipped_rev=F("error_rev"))
    yield Link.objects.filter(**open_).exclude(error_code="").exclude(skipped)
    yield ActivityLink.objects.filter(**open_).exclude(error_code="")
    yield NewRecord.objects.filter(**open_).exclude(error_code="")


def _note(needs: Collection[Need]) -> None:
    """Rows for what is new; what is over is forgotten."""
    rows = Notice.objects.values_list("pk", "member", "kind", "about")
    known = {Need(member, kind, about): pk for pk, member, kind, about in rows}
    over = [pk for need, pk in known.items() if need not in needs]
    if over:
        Notice.objects.filter(pk__in=over).delete()
    now = clock.now()
    Notice.objects.bulk_create(
        (
            Notice(member_id=need.member, kind=need.kind, about=need.about, first_at=now)
            for need in needs
            if need not in known
        ),
        ignore_conflicts=True,
    )


def _to_mail(now: datetime) -> list[Member]:
    """Members with something to be told of, now."""
    free = Q(trying_until__isnull=True) | Q(trying_until__lt=now)
    ripe = Q(kind=Kind.CONNECTION) | Q(first_at__lte=now - PATIENCE)
    owed = Notice.objects.filter(free, ripe, mailed_at__isnull=True)
    lately = Notice.objects.filter(mailed_at__gt=now - APART).values("member")
    due = owed.filter(Q(kind=Kind.CONNECTION) | ~Q(member__in=lately))
    return list(Member.objects.filter(pk__in=due.values("member")).order_by("pk"))


def _mail(member: Member) -> bool:
    """All that is owed to this member, in one mail; False when another process has it, or the mail server refused."""
    now = clock.now()
    free = Q(trying_until__isnull=True) | Q(trying_until__lt=now)
    owed = Notice.objects.filter(free, member=member, mailed_at__isnull=True)
    mine = list(owed.values_list("pk", flat=True))
    claimed = Notice.objects.filter(free, pk__in=mine, mailed_at__isnull=True)
    if claimed.update(trying_until=now + _CLAIM) != len(mine) or not mine:
        return False
    notices = list(Notice.objects.filter(pk__in=mine).order_by("-kind", "about"))
    try:
        mail.send(_message(member, notices))
    except MailNotSent:
        return False  # it is logged there, and tried again when the claim has run out
    Notice.objects.filter(pk__in=mine).update(mailed_at=now, trying_until=None)
    return True


def _message(member: Member, notices: Sequence[Notice]) -> EmailMessage:
    """In the member's language."""
    with translation.override(member.language):
        lines = [_line(member, notice) for notice in notices]
        lost = all(notice.kind == Kind.CONNECTION for notice in notices)
        subject = (
            _("Tandem is no longer connected to Salesforce")
            if lost
            else ngettext("Tandem: %(n)s thing needs you", "Tandem: %(n)s things need you", len(lines))
            % {"n": len(lines)}
        )
        page = "/settings/salesforce" if lost else "/settings/diagnostics"
        words = {
            "member": member,
            "lines": lines,
            "lost": lost,
            "link": f"{settings.ADDRESS}{page}" if settings.ADDRESS else "",
        }
        text = render_to_string("diagnostics/mail/notice.txt", words)
    return EmailMessage(subject, text, None, [member.email])


def _line(member: Member, notice: Notice) -> Line:
    if notice.kind == Kind.CONNECTION:
        held = Connection.objects.filter(pk=notice.about.partition(":")[0]).first()
        code, said = (held.trouble_code, held.trouble_text) if held else ("DISCONNECTED", "")
        return Line(explained(code or "DISCONNECTED", without_secrets(said)), 0)
    if notice.kind == Kind.TEAM:
        return Line(explained(notice.about), 0)
    if notice.about == LOST:
        return Line(explained(LOST), second_envelope.stuck(member).count())
    count = sum(rows.filter(member=member, error_code=notice.about).count() for rows in _refused())
    return Line(explained(notice.about), count)

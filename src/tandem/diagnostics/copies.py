"""Which copies did Email to Salesforce not take, so that a person must act? Everybody sees their own, an admin the team's
(P11, P12; BC-6).

Where the API leaves out what goes by BCC, nothing else would say that such an email is not in Salesforce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.accounts.models import Member
from tandem.diagnostics.rows import Filter
from tandem.emails import second_envelope
from tandem.emails.models import SecondAddress, SecondEnvelope, Source

#: The code of all of them, as mails and numbers name it.
LOST = "COPY_LOST"
#: As many are listed; the others follow once these are through.
LISTED = 50


@dataclass(frozen=True)
class Copy:
    """One of them. own: the viewer's, who alone may read its subject and send it again. kept: its bytes are there for that."""

    row: SecondEnvelope
    own: bool
    kept: bool


@dataclass(frozen=True)
class Copies:
    """The newest of them, and how many there are. gone: those of them that nobody can send again. sendable: the viewer's
    own that go out again when asked for. goes: whether the viewer's copies go out at all.
    """

    listed: Sequence[Copy] = ()
    count: int = 0
    gone: int = 0
    sendable: int = 0
    goes: bool = False


def copies_of(wanted: Filter) -> Copies:
    """What the filter lets through; a copy has neither a code nor a category, and is of an email."""
    of_another_kind = wanted.kind not in (None, "log")
    if of_another_kind or wanted.code or wanted.category or wanted.since or wanted.state == "waits":
        return Copies()
    rows = second_envelope.stuck(None if wanted.team else wanted.viewer)
    if wanted.member is not None:
        rows = rows.filter(email__member=wanted.member)
    told = rows.select_related("email__member").defer("email__text", "email__html").order_by("-email_id")
    shown = list(told[:LISTED])
    if not shown:
        return Copies()
    kept = set(Source.objects.filter(email__in=[row.pk for row in shown]).values_list("email", flat=True))
    listed = [Copy(row, row.email.member_id == wanted.viewer.pk, row.pk in kept) for row in shown]
    sendable = second_envelope.sendable(rows).filter(email__member=wanted.viewer).count()
    goes = SecondAddress.objects.filter(member=wanted.viewer).exists()
    return Copies(listed, rows.count(), second_envelope.gone(rows).count(), sendable, goes)


def counted(viewer: Member) -> Copies:
    """How many there are for this viewer, and how many of them are gone; none is listed."""
    rows = second_envelope.stuck(None if Filter(viewer).team else viewer)
    return Copies(count=rows.count(), gone=second_envelope.gone(rows).count())

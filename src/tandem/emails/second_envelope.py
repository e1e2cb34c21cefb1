"""What is the life of a second envelope, from the first one's acceptance on? The only writers of both its tables.

It is owed in the very transaction that notes the first as accepted, so that no crash loses it; each attempt is on disk
before it is made, and each step is one conditional UPDATE, fenced by the token of the claim, as in emails.outbox. The one
gap that remains is SMTP's own (docs/decisions/0029): what may have been handed over is in doubt, and is not sent again
before somebody has looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation

from tandem import clock
from tandem.accounts.models import Member
from tandem.emails.errors import NotNow
from tandem.emails.models import STUCK, Email, SecondAddress, SecondEnvelope, Source
from tandem.emails.second_rules import (
    BOUNCES_WITHIN,
    KEPT_FOR,
    again_at,
    goes_twice,
    is_salesforce,
    reason_of,
    sentence,
)

State = SecondEnvelope.State
_OURS = (Email.Way.COMPOSED, Email.Way.RELAY)
_DONE = (Email.State.DELIVERED, Email.State.BOUNCED, Email.State.SPAM)


# --- where to -----------------------------------------------------------------------------------------------------------


def send_copies(member: Member, address: str, *, names_records: bool = False) -> None:
    """From now on this member's emails go out a second time, to `address`; what is owed already goes there too.

    names_records: copies of what is written here may name records, see emails.refs.
    """
    SecondAddress.objects.update_or_create(
        member=member, defaults={"address": address, "names_records": names_records}
    )


def let_name_records(*, on: bool) -> None:
    """…for everybody whose emails go out a second time."""
    SecondAddress.objects.update(names_records=on)


def stop_copies(member: Member) -> None:
    """From now on none goes: also not what is owed."""
    SecondAddress.objects.filter(member=member).delete()
    _call_off(SecondEnvelope.objects.filter(email__member=member))


# --- its life -----------------------------------------------------------------------------------------------------------


def owe(email: Email, *, way: str, content: bytes | None = None) -> bool:
    """Notes that this email, just accepted, is to go out a second time; False when it is not, or is already noted.

    In the transaction that notes the acceptance. way: by which it went out. content: its bytes, when no Source has them.
    """
    where = SecondAddress.objects.filter(member=email.member_id).first()
    address = where.address if where is not None else ""
    if not goes_twice(kind=email.kind, log=email.log, address=address, way=way, ways=_OURS):
        return False
    made = {"address": address, "not_before": clock.now()}
    _envelope, new = SecondEnvelope.objects.get_or_create(email=email, defaults=made)
    if new and content is not None:
        Source.objects.get_or_create(email=email, defaults={"content": content})
    return new


def keep_out(email: Email) -> None:
    """None goes of this one: somebody said, after it went out, that it is private."""
    _call_off(SecondEnvelope.objects.filter(pk=email.pk))


def due(now: datetime) -> list[int]:
    """The emails whose second envelope is to go out now and that nobody is sending."""
    return list(_due(now).order_by("not_before", "pk").values_list("pk", flat=True)[:100])


def leave_in_doubt(email_id: int) -> bool:
    """Gives one up whose worker was silent since it handed it over; its token stays, so that a late yes counts."""
    silent = _due(clock.now()).filter(pk=email_id, handed_over_at__isnull=False)
    return bool(silent.update(state=State.DOUBT, not_before=None, until=None, sent_at=clock.now()))


def claim(email_id: int, token: str, until: datetime) -> SecondEnvelope | None:
    """Takes a due one for one worker, with the address that holds now; None when another was faster, or none goes."""
    if not _due(clock.now()).filter(pk=email_id).update(token=token, until=until):
        return None
    envelope = SecondEnvelope.objects.select_related("email__member", "email__source").get(pk=email_id)
    where = SecondAddress.objects.filter(member=envelope.email.member_id).first()
    if where is None:
        return None  # deactivated since: stop_copies has called it off
    envelope.address = where.address
    return envelope


def hand_over(envelope: SecondEnvelope) -> bool:
    """Says that the server may have it from now on; False when it is no longer this worker's, or none goes any more."""
    active = Exists(SecondAddress.objects.filter(member=OuterRef("email__member")))
    envelope.handed_over_at = clock.now()
    mine = _mine(envelope).filter(active, state=State.OWED)
    return bool(mine.update(handed_over_at=envelope.handed_over_at, address=envelope.address))


def sent(envelope: SecondEnvelope) -> None:
    """The provider has taken it. The bytes stay as long as a bounce may come."""
    _mine(envelope).filter(state__in=[State.OWED, State.DOUBT]).update(
        state=State.SENT,
        sent_at=clock.now(),
        trouble="",
        said="",
        attempts=0,
        not_before=None,
        until=None,
        handed_over_at=None,
    )
    forget()


def in_doubt(envelope: SecondEnvelope) -> None:
    """The connection ended after the text: nobody knows."""
    _mine(envelope).filter(state=State.OWED).update(
        state=State.DOUBT, sent_at=clock.now(), not_before=None, until=None
    )


def not_sent(envelope: SecondEnvelope, trouble: str, said: str, *, lasting: bool) -> None:
    """It certainly did not go out. It is tried again by itself, later each time; then somebody must ask for it."""
    _wait(_mine(envelope).filter(state=State.OWED), envelope, trouble, said, lasting=lasting)


def bounced(email: Email, address: str, reason: str) -> bool:
    """Takes a bounce that speaks of the second envelope; False when it speaks of somebody the email was written to."""
    envelope = SecondEnvelope.objects.filter(email=email).first()
    if envelope is None or not (address == envelope.address or is_salesforce(address)):
        return False
    back = SecondEnvelope.objects.filter(pk=email.pk, state__in=[State.SENT, State.DOUBT])
    with translation.override(email.member.language):  # it is for its member
        trouble = sentence(reason_of(reason), email.sender)
    _wait(back, envelope, trouble, reason, lasting=True)
    return True


def stuck(member: Member | None = None) -> QuerySet[SecondEnvelope]:
    """Those that need a person, this member's or everybody's: refused for good, or so far. After two weeks nobody can do
    anything for them here any more.
    """
    found = SecondEnvelope.objects.filter(STUCK, email__at__gt=clock.now() - KEPT_FOR, email__deleted_at=None)
    return found if member is None else found.filter(email__member=member)


def sendable(envelopes: QuerySet[SecondEnvelope]) -> QuerySet[SecondEnvelope]:
    """Those of these that go out again when somebody asks and their member's copies go: the bytes are kept, and nobody is
    sending them.
    """
    idle = ~Q(state=State.OWED) | Q(token="")
    return envelopes.filter(idle, email__source__isnull=False).exclude(state=State.OFF)


def gone(envelopes: QuerySet[SecondEnvelope]) -> QuerySet[SecondEnvelope]:
    """Those of these that nobody can send again: the bytes are not kept any more."""
    return envelopes.filter(email__source__isnull=True)


def try_again(email: Email) -> None:
    """Sends it now, because somebody asks for it. NotNow for one that is out, or whose bytes are gone, or while none goes."""
    if not _again(SecondEnvelope.objects.filter(pk=email.pk)):
        raise NotNow


def try_all_again(member: Member) -> int:
    """As try_again, for all of this member's that are stuck and sendable; how many those are."""
    return _again(stuck(member))


def _again(envelopes: QuerySet[SecondEnvelope]) -> int:
    goes = Exists(SecondAddress.objects.filter(member=OuterRef("email__member")))
    asked = sendable(envelopes).filter(goes)
    return asked.update(**_OWED_ANEW, not_before=clock.now(), attempts=0, refusals=0, trouble="", said="")


def arrived(email_ids: Iterable[int]) -> None:
    """Salesforce has these: nobody will send them again, so their bytes go, and doubts with them."""
    ids = list(email_ids)
    SecondEnvelope.objects.filter(pk__in=ids, state=State.DOUBT).update(state=State.SENT, handed_over_at=None)
    Source.objects.filter(email__in=ids, email__state__in=_DONE).delete()


def never_arrived(email_ids: Iterable[int]) -> None:
    """Salesforce was asked for long enough and has none of these, whose fate was in doubt: they go out again."""
    doubtful = SecondEnvelope.objects.filter(
        pk__in=list(email_ids), state=State.DOUBT, email__source__isnull=False
    )
    doubtful.update(**_OWED_ANEW, not_before=clock.now())


def forget() -> None:
    """Lets go of the bytes that nobody will need again."""
    now = clock.now()
    over = Q(state=State.SENT, sent_at__lt=now - BOUNCES_WITHIN) | Q(email__at__lt=now - KEPT_FOR)
    old = SecondEnvelope.objects.filter(over).exclude(state=State.OWED)
    Source.objects.filter(email__second__in=old, email__state__in=_DONE).delete()


_OWED_ANEW = {
    "state": State.OWED,
    "token": "",
    "until": None,
    "handed_over_at": None,
    "sent_at": None,
}


@transaction.atomic
def _wait(
    rows: QuerySet[SecondEnvelope], envelope: SecondEnvelope, trouble: str, said: str, *, lasting: bool
) -> None:
    then = again_at(attempts=envelope.attempts, refusals=envelope.refusals, lasting=lasting, now=clock.now())
    kept = Source.objects.filter(email=envelope.pk).exists()
    rows.update(
        **{**_OWED_ANEW, "state": State.OWED if then and kept else State.FAILED},
        not_before=then if kept else None,
        attempts=envelope.attempts + (not lasting),
        refusals=envelope.refusals + lasting,
        trouble=trouble,
        said=said[:500],
    )


def _call_off(envelopes: QuerySet[SecondEnvelope]) -> None:
    """What of these was not handed over yet never goes."""
    owed = envelopes.filter(state=State.OWED, handed_over_at=None)
    Source.objects.filter(email__second__in=owed, email__state__in=_DONE).delete()
    owed.update(state=State.OFF, not_before=None, token="", until=None)


def _due(now: datetime) -> QuerySet[SecondEnvelope]:
    free = Q(token="") | Q(until__lt=now)
    return SecondEnvelope.objects.filter(free, state=State.OWED, not_before__lte=now)


def _mine(envelope: SecondEnvelope) -> QuerySet[SecondEnvelope]:
    return SecondEnvelope.objects.filter(pk=envelope.pk, token=envelope.token)

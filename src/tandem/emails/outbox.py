"""How does an email leave? The steps of sending it, and what becomes of it.

Each step is one conditional UPDATE, fenced by the token that the claim gave: of two workers one sends, and one that comes
back late changes nothing. emails.services offers what others may call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tandem import clock, jobs
from tandem.accounts.models import canonical_email
from tandem.emails import second_envelope
from tandem.emails.models import Email, Emails, Source

State = Email.State


def due(now: datetime) -> list[int]:
    """The emails that are to go out now and that nobody is sending. Those of a closed account wait until it is opened."""
    return list(
        _due(now).filter(member__is_active=True).order_by("not_before").values_list("pk", flat=True)[:100]
    )


def leave_in_doubt(email_id: int, trouble: str) -> bool:
    """Gives an email up whose worker was silent since it handed it over; its token stays, so that a late yes counts."""
    silent = _due(clock.now()).filter(pk=email_id, handed_over_at__isnull=False)
    now = clock.now()
    return bool(
        silent.update(state=State.FAILED, trouble=trouble, failed_at=now, not_before=None, sending_until=None)
    )


def claim(email_id: int, token: str, until: datetime) -> Email | None:
    """Takes a due email for one worker until `until`; None when another one was faster, or it was taken back."""
    if (
        not _due(clock.now())
        .filter(pk=email_id)
        .update(state=State.SENDING, sender_token=token, sending_until=until)
    ):
        return None
    return Email.objects.select_related("member", "source").get(pk=email_id)


def hand_over(email: Email) -> bool:
    """Says that the server may have it from now on; False when it is no longer this worker's, and must not be sent."""
    email.handed_over_at = clock.now()
    return bool(_mine(email).filter(state=State.SENDING).update(handed_over_at=email.handed_over_at))


@transaction.atomic
def delivered(email: Email, refused: Mapping[str, str] | None = None) -> None:
    """It went out. `refused`: address -> the server's words, for those to whom it did not."""
    now = clock.now()
    if (
        not _mine(email)
        .exclude(state__in=[State.DELIVERED, State.BOUNCED])
        .update(
            state=State.DELIVERED,
            at=now,
            trouble="",
            failed_at=None,
            not_before=None,
            sending_until=None,
            handed_over_at=None,
        )
    ):
        return
    if not second_envelope.owe(email, way=email.came_by):
        Source.objects.filter(email=email).delete()
    email.refresh_from_db()
    for address, reason in (refused or {}).items():
        bounced(email.message_id, address, reason)
    news(email)


def failed(email: Email, trouble: str, *, in_doubt: bool = False) -> None:
    """It did not go out, or (in doubt) nobody knows: a person decides. The Source stays for a retry."""
    _mine(email).filter(state=State.SENDING).update(
        state=State.FAILED,
        trouble=trouble,
        failed_at=clock.now(),
        not_before=None,
        sending_until=None,
        handed_over_at=email.handed_over_at if in_doubt else None,
    )


def postponed(email: Email, trouble: str, not_before: datetime) -> None:
    """It certainly did not go out; it is tried again by itself."""
    _mine(email).filter(state=State.SENDING).update(
        attempts=email.attempts + 1,
        trouble=trouble,
        not_before=not_before,
        sender_token="",
        sending_until=None,
        handed_over_at=None,
    )


@transaction.atomic
def bounced(message_id: str, address: str, reason: str) -> Email | None:
    """A mail server says that an email of ours did not arrive at `address`; None when it is none of ours."""
    email = (
        Email.objects.select_for_update(no_key=True)
        .filter(message_id=message_id, kind=Email.Kind.SENT)
        .first()
    )
    if email is None or email.state not in (State.DELIVERED, State.BOUNCED):
        return None
    if second_envelope.bounced(email, canonical_email(address), reason):
        return email
    named = email.recipients.filter(address=canonical_email(address))
    if not named.exists() and email.recipients.count() == 1:
        named = email.recipients.all()  # an alias, whose owner alone was written to
    if not named.filter(bounced="").update(bounced=reason or address):
        return email  # known already, or nobody whom the email names
    email.state, email.trouble = State.BOUNCED, reason
    email.failed_at = email.changed_at = clock.now()
    email.save(update_fields=["state", "trouble", "failed_at", "changed_at"])
    news(email)
    return email


def news(email: Email) -> None:
    """Something happened to it that whoever logs wants to know. In a transaction with what happened."""
    email.news = True
    _emails().filter(pk=email.pk).update(news=True)
    jobs.wake("activity-finished", email.member_id)


def _due(now: datetime) -> Emails:
    free = Q(sender_token="") | Q(sending_until__lt=now)
    return _emails().filter(free, state__in=[State.SCHEDULED, State.SENDING], not_before__lte=now)


def _mine(email: Email) -> Emails:
    return _emails().filter(pk=email.pk, sender_token=email.sender_token)


def _emails() -> Emails:
    return Emails(Email)

"""How does an email come to be, and how does it change? The only writers of Email, Recipient and Source.

However often and by whichever way a message comes in, it is one row: the Message-ID decides. Whatever finishes it (it
went out, was answered, bounced) sets `news` in the same transaction and wakes whoever logs; nobody here knows who that is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tandem import clock
from tandem.accounts.models import Member
from tandem.emails.errors import EmailNotFound, InvalidDraft, NotNow
from tandem.emails.intake import TEXT_LENGTH, answered, name_recipients, received_reply, told
from tandem.emails.merging import Between, merged, missing_fields
from tandem.emails.mime import Named, Role, build, files
from tandem.emails.models import Email, MailAccount, Source
from tandem.emails.outbox import bounced, delivered, failed
from tandem.emails.values import SUBJECT_LENGTH, DraftValues

__all__ = [
    "answered", "archive", "bounced", "delete", "delete_draft", "delivered", "draft", "edit_draft", "failed", "looked_at",
    "received_reply", "restore", "retry", "schedule", "send_soon", "succeed", "told", "unarchive", "undo_send", "unsucceed",
    "write_again",
]  # fmt: skip

State, Way = Email.State, Email.Way

#: As long as Undo is on the screen.
UNDO_FOR = timedelta(seconds=10)
_WAITING = Q(state__in=[State.SCHEDULED, State.SENDING], sender_token="")


def looked_at(ids: Iterable[int]) -> None:
    """Whoever logs takes these emails' news. Call it first and read them then, in one transaction: later news stays."""
    Email.objects.filter(pk__in=list(ids)).update(news=False)


# --- what people do -------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(member: Member, values: DraftValues) -> Email:
    """Keeps an email that is not to go out yet."""
    address, name = _sender(member)
    email = Email(
        member=member,
        message_id=f"{clock.new_key()}@{address.rpartition('@')[2]}",
        came_by=Way.COMPOSED,
        sender=address,
        sender_name=name,
        created_at=clock.now(),
    )
    return _write(email, values)


@transaction.atomic
def edit_draft(email: Email, values: DraftValues) -> Email:
    """Writes a draft or a scheduled email anew; a scheduled one becomes a draft until it is scheduled again."""
    held = _held(email)
    if held.state != State.DRAFT:
        undo_send(held)
        held.refresh_from_db()
    return _write(held, values)


def schedule(email: Email, at: datetime) -> Email:
    """Lets a draft go out at `at`. Raises InvalidDraft when it cannot go out as it is, NotNow, EmailNotFound."""
    if at <= clock.now():
        raise InvalidDraft(
            {"at": _("This time is over already. Nothing was sent. Choose a later one, or send it now.")}
        )
    return _send_at(email, at, State.SCHEDULED)


def send_soon(email: Email) -> Email:
    """Lets a draft go out when the undo window ends. Raises as `schedule`."""
    return _send_at(email, clock.now() + UNDO_FOR, State.SENDING)


def undo_send(email: Email) -> None:
    """Takes back what has not begun to go out: it is a draft again. NotNow when a worker has it already."""
    back = Email.objects.filter(_WAITING, pk=email.pk)
    if not back.update(state=State.DRAFT, not_before=None, at=None):
        raise NotNow


def archive(email: Email) -> None:
    """Puts it out of the list, not out of the world."""
    Email.objects.filter(pk=email.pk, archived_at=None).update(archived_at=clock.now())


def unarchive(email: Email) -> None:
    """Puts it back into the list."""
    Email.objects.filter(pk=email.pk).update(archived_at=None)


def succeed(email: Email) -> None:
    """The member counts it as a success (CC-5)."""
    Email.objects.filter(pk=email.pk, succeeded_at=None).update(succeeded_at=clock.now())


def unsucceed(email: Email) -> None:
    """Not a success after all."""
    Email.objects.filter(pk=email.pk).update(succeeded_at=None)


@transaction.atomic
def delete_draft(email: Email) -> None:
    """Deletes what never went out: a draft, a scheduled or a failed email. NotNow for any other."""
    never = _WAITING | Q(state__in=[State.DRAFT, State.FAILED])
    deleted, _kinds = Email.objects.filter(never, pk=email.pk).delete()
    if not deleted:
        raise NotNow


def delete(email: Email) -> None:
    """Takes what went out, or was to, from every list; what Salesforce has of it stays there. NotNow while it waits to go
    out, and for what lies among the delivered: that is archived first (CC-5)."""
    gone = Q(archived_at__isnull=False) | Q(state__in=[State.BOUNCED, State.SPAM, State.FAILED])
    if not Email.objects.filter(gone, pk=email.pk).update(deleted_at=clock.now()):
        raise NotNow


def restore(email: Email) -> None:
    """Back to where it lay."""
    Email.objects.filter(pk=email.pk).update(deleted_at=None)


@transaction.atomic
def write_again(email: Email) -> Email:
    """A new draft of what bounced, for whom it did not reach: the address is to be corrected, then it is sent anew.

    Its files are not kept once it went out, so the draft has none.
    """
    named = list(email.recipients.order_by("pk"))
    missed = [one for one in named if one.bounced] or named
    roles: dict[str, Role] = {"to": "to", "cc": "cc", "bcc": "bcc"}
    recipients = tuple(Named(roles[one.role], one.address, one.name) for one in missed)
    if not any(one.role == "to" for one in recipients):
        recipients = tuple(Named("to", one.address, one.name) for one in recipients)
    values = DraftValues(
        recipients=recipients,
        subject=email.subject,
        text=email.text,
        template_name=email.template_name,
        log=email.log,
    )
    return draft(email.member, values)


def retry(email: Email) -> None:
    """Sends a failed email again, now. NotNow for any other: an address that bounced must be corrected first."""
    again = Email.objects.filter(pk=email.pk, state=State.FAILED, source__isnull=False)
    if not again.update(
        state=State.SENDING,
        not_before=clock.now(),
        attempts=0,
        trouble="",
        failed_at=None,
        sender_token="",
        sending_until=None,
        handed_over_at=None,
    ):
        raise NotNow


# --- one way to write each ------------------------------------------------------------------------------------------


def _held(email: Email) -> Email:
    """The row, locked until the transaction ends. Raises EmailNotFound."""
    try:
        return Email.objects.select_for_update(no_key=True).get(pk=email.pk)
    except Email.DoesNotExist:
        raise EmailNotFound from None


def _write(email: Email, values: DraftValues) -> Email:
    """A draft as it was typed: row, recipients and bytes."""
    email.subject, email.text, email.log = values.subject, values.text[:TEXT_LENGTH], values.log
    email.template_name, email.refs = values.template_name[:255], ", ".join(values.refs)
    email.changed_at = clock.now()
    email.save()
    email.recipients.all().delete()
    name_recipients(email, values.recipients)
    content = build(
        message_id=email.message_id,
        sender=email.sender,
        sender_name=email.sender_name,
        recipients=values.recipients,
        subject=email.subject,
        text=email.text,
        at=clock.now(),
        attachments=values.attachments,
    )
    Source.objects.update_or_create(email=email, defaults={"content": content})
    return email


@transaction.atomic
def _send_at(email: Email, at: datetime, state: str) -> Email:
    """Fills the place-holders in, dates the bytes, and gives the email to whoever sends."""
    held = _held(email)
    if held.state != State.DRAFT:
        raise NotNow
    if not MailAccount.objects.filter(member=held.member_id).exists():
        raise InvalidDraft(
            {
                "to": _(
                    "There is no mail account to send it through yet. The email is kept as a draft. Set one up under My Account › Email."
                )
            }
        )
    recipients = [Named(one.role, one.address, one.name) for one in held.recipients.order_by("pk")]  # type: ignore[arg-type]
    first = next(one for one in recipients if one.role == "to")
    between = Between(first.name, first.address, held.sender_name or str(held.member), held.sender)
    for field, written in (("subject", held.subject), ("text", held.text)):
        if missing := missing_fields(written, between):
            raise InvalidDraft({field: missing})
    held.sender, held.sender_name = _sender(held.member)
    held.subject, held.text = merged(held.subject, between)[:SUBJECT_LENGTH], merged(held.text, between)
    held.state, held.not_before, held.at = state, at, at
    held.attempts, held.trouble = 0, ""
    held.changed_at = clock.now()
    held.save()
    content = build(
        message_id=held.message_id,
        sender=held.sender,
        sender_name=held.sender_name,
        recipients=recipients,
        subject=held.subject,
        text=held.text,
        at=at,
        attachments=files(bytes(held.source.content)),
    )
    Source.objects.filter(email=held).update(content=content)
    return held


def _sender(member: Member) -> tuple[str, str]:
    """(address, name) that stand in From."""
    account = MailAccount.objects.filter(member=member).first()
    return (account.address, account.name or str(member)) if account else (member.email, str(member))

"""How does a message that went out, or came in, somewhere else become a row? emails.services offers it to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tandem import clock
from tandem.accounts.models import Member
from tandem.emails import body, second_envelope, threads
from tandem.emails.errors import InvalidEmail, ToldBySomebodyElse
from tandem.emails.mime import Named, ParsedMessage, parse
from tandem.emails.models import MESSAGE_ID_LENGTH, Email, MailAccount, Recipient
from tandem.emails.outbox import delivered, news
from tandem.emails.values import EARLIEST, SUBJECT_LENGTH

State, Way, Kind = Email.State, Email.Way, Email.Kind

#: Text beyond this many characters is not kept.
TEXT_LENGTH = 1_000_000


@transaction.atomic
def told(
    member: Member,
    *,
    message: bytes | ParsedMessage,
    way: str,
    log: bool = True,
    content: bytes | None = None,
) -> Email:
    """A message that this member sent and that did not go out from here. Told twice, it is still the first row.

    `way`: an Email.Way. `log` False: keep it out of Salesforce, whoever else told it, unless it is logged by then.
    `content`: the bytes as they went out through us, so that they can go out a second time. One of ours whose fate was
    unknown is known to have gone out, once it is found somewhere. Raises InvalidEmail, ToldBySomebodyElse.
    """
    parsed = _complete(parse(message) if isinstance(message, bytes) else message)
    known = Email.objects.filter(message_id=parsed.message_id).first()
    if known is None:
        email = _stored(member, parsed, way, log=log)
        if email is not None:
            second_envelope.owe(email, way=way, content=content)
            return email
        known = Email.objects.get(message_id=parsed.message_id)  # somebody was faster
    if known.member_id != member.pk:
        raise ToldBySomebodyElse
    if not log and known.log:
        known.log = False
        known.save(update_fields=["log"])
        second_envelope.keep_out(known)
    if known.handed_over_at is not None:
        delivered(known)
    else:
        second_envelope.owe(known, way=way, content=content)
    return known


@transaction.atomic
def received_reply(member: Member, parsed: ParsedMessage, *, way: str = Way.INBOX) -> Email | None:
    """An answer to an email of ours, from whatever address (RP-1, RP-2); None when it is none.

    It belongs to whoever sent what it answers, so that the same reply in two mailboxes is one row. What a machine
    wrote, or one of us, is no reply.
    """
    known = Email.objects.filter(message_id=parsed.message_id).first()
    if known is not None:
        return known if known.kind == Kind.REPLY else None
    original = answered(parsed)
    if original is None or parsed.auto or _is_ours(parsed.sender):
        return None
    email = _stored(original.member, _complete(parsed), way, log=original.log, answers=original)
    if email is None:
        return Email.objects.get(message_id=parsed.message_id)
    news(original)
    return email


def answered(parsed: ParsedMessage) -> Email | None:
    """The sent email that a message answers, by In-Reply-To, else References, nearest first."""
    ids = threads.before(parsed)
    found = {email.message_id: email for email in Email.objects.filter(message_id__in=ids)}
    for message_id in ids:
        email = found.get(message_id)
        original = email.answers if email is not None and email.kind == Kind.REPLY else email
        if original is not None and original.at is not None:  # a draft has been read by nobody
            return original
    return None


def _complete(parsed: ParsedMessage) -> ParsedMessage:
    """The message, when it has what an email of ours must have. Raises InvalidEmail."""
    if not parsed.message_id or len(parsed.message_id.encode()) > MESSAGE_ID_LENGTH:
        raise InvalidEmail(
            _(
                "The email has no Message-ID, so it could not be told from others. Nothing was stored. Give the message as it was sent, with all its headers."
            )
        )
    if not parsed.sender or not parsed.recipients:
        raise InvalidEmail(
            _("The email does not say who sent it to whom. Nothing was stored. Give its From and To headers.")
        )
    return parsed


def _stored(
    member: Member, parsed: ParsedMessage, way: str, *, log: bool, answers: Email | None = None
) -> Email | None:
    """A finished email as a row; None when its Message-ID has one by now."""
    now = clock.now()
    text = body.plain(parsed.text, parsed.html)
    email = Email(
        member=member,
        message_id=parsed.message_id,
        kind=Kind.SENT if answers is None else Kind.REPLY,
        state=State.DELIVERED,
        came_by=way,
        sender=parsed.sender,
        sender_name=parsed.sender_name,
        subject=parsed.subject[:SUBJECT_LENGTH],
        text=(text if answers is None else body.without_quotes(text))[:TEXT_LENGTH],
        # Of a reply only the part its writer added is kept, and that is the text.
        html=body.safe(parsed.html)[:TEXT_LENGTH] if answers is None else "",
        answers=answers,
        log=log,
        at=_when(parsed.date, now),
        created_at=now,
    )
    try:
        with transaction.atomic():
            email.save(force_insert=True)
    except IntegrityError:
        return None
    name_recipients(email, parsed.recipients)
    news(email)
    return email


def name_recipients(email: Email, recipients: Sequence[Named]) -> None:
    """Writes whom it names, each once in a role, by the first name that stands beside the address."""
    once: dict[tuple[str, str], str] = {}
    for one in recipients:
        once[one.role, one.address] = once.get((one.role, one.address)) or one.name
    rows = [
        Recipient(email=email, role=role, address=address, name=name)
        for (role, address), name in once.items()
    ]
    Recipient.objects.bulk_create(rows, batch_size=500)


def _when(told: datetime | None, now: datetime) -> datetime:
    """When it was sent, as it says itself; a clock that is ahead must not date an email tomorrow."""
    return now if told is None or not EARLIEST <= told <= now else told


def _is_ours(address: str) -> bool:
    ours = Member.objects.filter(email=address).exists()
    return ours or MailAccount.objects.filter(address=address).exists()

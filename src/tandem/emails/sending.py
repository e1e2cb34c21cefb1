"""How does one email get to the mail server, once and only once?

Between the server's yes and our commit a process may die; nobody can close that gap, because SMTP has no question for it.
So it is made small and honest: the row says, committed just before the text is handed over, that the server may have it
(docs/decisions/0024). Whoever finds it so later does not send it again by itself: a person decides, or the Sent folder
does. Everything before that moment is tried again without harm.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from tandem import clock
from tandem.emails import connecting, outbox
from tandem.emails.models import Email, MailAccount
from tandem.emails.troubles import Go, MailTrouble, judge, next_try, of_answer
from tandem.people.services import unsubscribed_among

log = logging.getLogger(__name__)

#: Longer than the slowest send: 31 MB may take minutes. A worker that died is replaced after it.
LEASE = timedelta(minutes=15)


def send(email_id: int) -> None:
    """Sends one due email, unless somebody else does. Never raises for what a mail server does."""
    email = Email.objects.select_related("member").filter(pk=email_id).first()
    if email is None:
        return  # deleted since it was due
    with translation.override(email.member.language):  # the troubles are for its member
        if not outbox.leave_in_doubt(email_id, _in_doubt()):
            email = outbox.claim(email_id, clock.new_key(), clock.now() + LEASE)
            if email is not None:
                _send(email)


def _send(email: Email) -> None:
    account = MailAccount.objects.filter(member_id=email.member_id).first()
    no = unsubscribed_among(email.recipients.order_by("pk").values_list("address", flat=True))
    if no:  # UN-7, and asked as late as can be: they may have said so since it was written
        outbox.failed(email, unsubscribed(no))
    elif account is None:
        outbox.failed(
            email,
            _("There is no mail account any more. Nothing was sent. Set one up under My Account › Email."),
        )
    else:
        try:
            with connecting.smtp(account) as server:
                _through(server, email)
        except MailTrouble as trouble:
            _not_sent(email, trouble)


def _through(server: smtplib.SMTP, email: Email) -> None:
    """One SMTP transaction (RFC 5321, 3.3). Raises MailTrouble while it certainly did not go out."""
    content = bytes(email.source.content)
    go = _envelope(server, email, len(content))
    if not outbox.hand_over(email):
        return  # taken over by another worker meanwhile
    try:
        code, words = server.data(content)
    except smtplib.SMTPDataError as refused:  # the server did not even want the text
        _not_sent(email, of_answer(refused.smtp_code, str(refused.smtp_error)))
    except (smtplib.SMTPException, OSError):
        outbox.failed(email, _in_doubt(), in_doubt=True)
    else:
        if code == 250:
            outbox.delivered(email, go.refused)  # before the goodbye: this is the gap
        else:
            _not_sent(email, of_answer(code, words.decode("utf-8", "replace")))


def _envelope(server: smtplib.SMTP, email: Email, size: int) -> Go:
    options = [f"SIZE={size}"] if server.has_extn("size") else []
    code, words = server.mail(email.sender, options)
    if code != 250:
        raise of_answer(code, words.decode("utf-8", "replace"))
    answers = {}
    for address in dict.fromkeys(email.recipients.order_by("pk").values_list("address", flat=True)):
        code, words = server.rcpt(address)
        answers[address] = code, words.decode("utf-8", "replace")
    return judge(answers, email.attempts)


def _not_sent(email: Email, trouble: MailTrouble) -> None:
    again = None if trouble.lasting else next_try(email.attempts, clock.now())
    log.info("Email %s was not sent: %s", email.pk, trouble.said)
    if again is None:
        outbox.failed(email, trouble.sentence())
    else:
        outbox.postponed(email, trouble.sentence(), again)


def unsubscribed(addresses: Sequence[str]) -> str:
    """Why an email to these was not sent."""
    return _(
        "Not sent: %(who)s wants no emails. Nothing went out, to nobody. Take them out of the email, or let emails through again under Settings › Unsubscribes."
    ) % {"who": ", ".join(dict.fromkeys(addresses))}


def _in_doubt() -> str:
    return _(
        "The connection ended after the email was handed over, so nobody knows whether it went out. It is not sent again by itself. Look in your Sent folder; if it is not there, try again."
    )

"""How does a second envelope get to Salesforce's mail server? One SMTP transaction through the member's own provider.

The same bytes, the member's own address as envelope sender, one recipient that no header names (P8): SPF, DKIM and DMARC
stay the provider's. The first envelope was accepted before; nothing that happens here touches it.
"""

from __future__ import annotations

import logging
import smtplib

from django.utils import translation
from django.utils.translation import gettext as _

from tandem import clock
from tandem.emails import connecting, second_envelope
from tandem.emails.models import MailAccount, SecondEnvelope
from tandem.emails.second_rules import reason_of, sentence
from tandem.emails.sending import LEASE
from tandem.emails.troubles import MailTrouble, of_answer

log = logging.getLogger(__name__)


class _Refused(Exception):
    """Salesforce's address was refused for good, in the dialogue."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def send(email_id: int) -> None:
    """Sends one due second envelope, unless somebody else does. Never raises for what a mail server does."""
    if second_envelope.leave_in_doubt(email_id):
        return
    envelope = second_envelope.claim(email_id, clock.new_key(), clock.now() + LEASE)
    if envelope is None:
        return
    with translation.override(envelope.email.member.language):  # the troubles are for its member
        account = MailAccount.objects.filter(member=envelope.email.member_id).first()
        if account is None:
            gone = _(
                "There is no mail account any more, so the copy for Salesforce did not go out. The email itself did. Set one up under My Account › Email, then try again here."
            )
            second_envelope.not_sent(envelope, gone, "", lasting=True)
            return
        try:
            with connecting.smtp(account) as server:
                _through(server, envelope)
        except MailTrouble as trouble:
            _not_sent(envelope, trouble)
        except _Refused as refused:
            words = sentence(reason_of(refused.said), envelope.email.sender)
            second_envelope.not_sent(envelope, words, refused.said, lasting=True)


def _through(server: smtplib.SMTP, envelope: SecondEnvelope) -> None:
    content = bytes(envelope.email.source.content)
    options = [f"SIZE={len(content)}"] if server.has_extn("size") else []
    _accepted(*server.mail(envelope.email.sender, options))
    code, words = server.rcpt(envelope.address)
    if code >= 500:
        raise _Refused(f"{code} {_text(words)}")
    _accepted(code, words)
    if not second_envelope.hand_over(envelope):
        return  # deactivated, or taken over by another worker, meanwhile
    try:
        code, words = server.data(content)
    except smtplib.SMTPDataError as refused:  # the server did not even want the text
        _not_sent(envelope, of_answer(refused.smtp_code, str(refused.smtp_error)))
    except (smtplib.SMTPException, OSError):
        second_envelope.in_doubt(envelope)
    else:
        if code == 250:
            second_envelope.sent(envelope)  # before the goodbye: this is the gap
        elif code >= 500:
            raise _Refused(f"{code} {_text(words)}")
        else:
            _not_sent(envelope, of_answer(code, _text(words)))


def _accepted(code: int, words: bytes) -> None:
    if not 200 <= code < 300:
        raise of_answer(code, _text(words))


def _not_sent(envelope: SecondEnvelope, trouble: MailTrouble) -> None:
    log.info("The second envelope of email %s was not sent: %s", envelope.pk, trouble.said)
    words = _(
        "Your own mail server did not take the copy for Salesforce. The email itself went out. The copy is tried again by itself; when that does not help, look under My Account › Email."
    )
    second_envelope.not_sent(envelope, words, trouble.said or trouble.what, lasting=trouble.lasting)


def _text(words: bytes) -> str:
    return words.decode("utf-8", "replace")

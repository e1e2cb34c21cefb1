"""How does a mail reach somebody who is, or may become, a member?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from tandem.accounts.errors import MailNotSent
from tandem.accounts.models import Invitation, Member

log = logging.getLogger(__name__)


def goes_out() -> bool:
    """Does a mail leave this machine? Else pages show the links that the mails would have brought."""
    return bool(settings.MAIL_GOES_OUT)


def send_invitation(invitation: Invitation, link: str) -> None:
    """The link, in the language that the admin chose. Raises MailNotSent."""
    with translation.override(invitation.language):
        words = {"invitation": invitation, "link": link}
        subject = _("%(name)s invites you to Tandem") % {"name": invitation.invited_by}
        text = render_to_string("accounts/mail/invitation.txt", words)
        _checked(lambda: send_mail(subject, text, None, [invitation.email]), "an invitation")


def send_new_email(member: Member, email: str, link: str) -> None:
    """The link that proves that `email` reaches the member. Raises MailNotSent."""
    text = render_to_string("accounts/mail/new_email.txt", {"member": member, "link": link})
    _checked(lambda: send_mail(_("Your new address for Tandem"), text, None, [email]), "a link")


def send_email_changed(member: Member, before: str) -> None:
    """A word to the address that no longer opens the door. Raises MailNotSent."""
    text = render_to_string("accounts/mail/email_changed.txt", {"member": member})
    _checked(lambda: send_mail(_("Your address for Tandem has changed"), text, None, [before]), "a notice")


def send(message: EmailMessage) -> None:
    """A mail that was made elsewhere. Raises MailNotSent."""
    _checked(message.send, "a mail")


def _checked(deliver: Callable[[], object], what: str) -> None:
    try:
        deliver()
    except (OSError, SMTPException) as error:
        # Only the kind of error: its text may quote the server's answer with an address in it.
        log.warning("The mail server did not take %s (%s).", what, type(error).__name__)
        raise MailNotSent from error

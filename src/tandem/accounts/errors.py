"""What can be refused about members? The sentence is for the person who asked."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Something about members that is not done. Nothing was changed."""

    sentence: Promise

    def __str__(self) -> str:
        return str(self.sentence)


class LastAdmin(Refused):
    """Somebody must be left who can invite and decide."""

    sentence = _(
        "This is the last admin, so nothing was changed. Make somebody else an admin first; then you can do this."
    )


class NotInvited(Refused):
    """The link of an invitation that is expired, revoked, taken up, or was never given."""

    sentence = _("This invitation no longer works. Ask your admin to send you a new one.")


class AlreadyMember(Refused):
    """An invitation for somebody who is a member."""

    sentence = _("This person is a member already, so nothing was sent. Members are listed on this page.")


class AlreadyInvited(Refused):
    """A second invitation beside an open one."""

    sentence = _("This person is invited already, so nothing was sent. Send that invitation again instead.")


class NoLongerOpen(Refused):
    """An invitation that cannot be sent again or revoked, because it was taken up or revoked."""

    sentence = _(
        "This invitation was taken up or revoked meanwhile, so nothing was changed. Look at the list again."
    )


class MailNotSent(Refused):
    """The mail server did not take a mail."""

    sentence = _(
        "The mail could not be sent, because the mail server did not take it. Nothing else was lost. Try again later, or ask who runs Tandem to look at TANDEM_MAIL_URL."
    )


class EmailTaken(Refused):
    """A new address that another member signs in with."""

    sentence = _("Another member signs in with this address, so nothing was changed. Choose another one.")


class NewEmailSpent(Refused):
    """A link to a new address that was used, is older than a day, forged, or another member's."""

    sentence = _(
        "This link no longer works, so nothing was changed. It works once, within a day, for who asked for it. Ask for a new one."
    )


class FirstAdminExists(Refused):
    """The first-run page after the first run."""

    sentence = _("Tandem has its first admin already, so nothing was changed. Sign in instead.")

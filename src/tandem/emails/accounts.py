"""How does a member get a mail account, and their mail programs a password for the relay? The only writers of both."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tandem import clock
from tandem.accounts.models import Member, canonical_email
from tandem.emails import connecting
from tandem.emails.errors import InvalidDraft
from tandem.emails.models import MailAccount, RelayPassword
from tandem.emails.troubles import MailTrouble

#: 24 characters of 6 bits each: nobody guesses it, and a mail program still takes it.
_PASSWORD_LENGTH = 24
#: Seconds: somebody looks at the page meanwhile.
_PATIENCE = 15
_SECRETS = ("password", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was tried: `well`, or `words` say what is wrong and what to do."""

    title: str
    well: bool
    words: str


def save_account(member: Member, values: Mapping[str, Any]) -> MailAccount:
    """Writes the member's mail account. An empty secret keeps the one that is stored.

    Raises InvalidDraft when a colleague sends by this address: only one member may.
    """
    account = MailAccount.objects.filter(member=member).first() or MailAccount(member=member)
    for name, value in values.items():
        if value or name not in _SECRETS:
            setattr(account, name, value)
    account.access_token, account.access_until = "", None
    account.trouble, account.next_look_at = "", None
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        raise InvalidDraft(
            {"address": _("A colleague sends by this address already. Nothing was saved. Use your own.")}
        ) from None
    return account


def mailbox_of(member: Member) -> str | None:
    """Why the member's mailbox could not be read last, "" when it could; None while none is watched."""
    watched = MailAccount.objects.filter(member=member).exclude(imap_host="")
    return watched.values_list("trouble", flat=True).first()


def forget_account(member: Member) -> None:
    """Forgets the account, its secrets and how far its mailbox was read; emails stay."""
    MailAccount.objects.filter(member=member).delete()


def try_it(account: MailAccount) -> list[Line]:
    """Connects and signs in, as sending and watching would; sends nothing and changes nothing."""
    lines = [_tried(_("Sending"), account.smtp_host, _try_smtp, account)]
    if account.imap_host:
        lines.append(_tried(_("Mailbox"), account.imap_host, _try_imap, account))
    return lines


def make_relay_password(member: Member, name: str) -> str:
    """A new password for one mail program: returned once, kept as a digest."""
    password = clock.new_secret()[:_PASSWORD_LENGTH]
    RelayPassword.objects.create(
        member=member, name=name.strip()[:80] or "-", digest=_digest(password), made_at=clock.now()
    )
    return password


def revoke_relay_password(member: Member, password_id: int) -> None:
    """The program that uses it is let in no more."""
    RelayPassword.objects.filter(member=member, pk=password_id).delete()


def account_of_relay_password(user: str, password: str) -> MailAccount | None:
    """The account that a mail program may send by; None when user and password do not belong together.

    `user`: the member's address, here or at the provider.
    """
    digest = _digest(password)
    held = RelayPassword.objects.select_related("member").filter(digest=digest).first()
    if held is None or not held.member.is_active or not hmac.compare_digest(held.digest, digest):
        return None
    account = MailAccount.objects.filter(member=held.member).first()
    if account is None or canonical_email(user) not in (account.address, held.member.email):
        return None
    RelayPassword.objects.filter(pk=held.pk).update(used_at=clock.now())
    return account


def _tried(title: str, host: str, attempt: Any, account: MailAccount) -> Line:
    try:
        attempt(account)
    except MailTrouble as trouble:
        return Line(title, False, trouble.sentence())
    return Line(title, True, _("%(host)s lets you in.") % {"host": host})


def _try_smtp(account: MailAccount) -> None:
    with connecting.smtp(account, _PATIENCE) as session:
        session.noop()


def _try_imap(account: MailAccount) -> None:
    with connecting.imap(account, _PATIENCE) as client:
        client.select_folder("INBOX", readonly=True)


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()

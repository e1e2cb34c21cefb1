"""How does one reach a member's mail servers? Opens SMTP and IMAP sessions; the only place that shows a password to one.

Everything that goes wrong is a MailTrouble. Passwords travel by TLS, or to this very machine.
"""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tandem.emails.models import MailAccount
from tandem.emails.tokens import access_token
from tandem.emails.troubles import MailTrouble, of_answer, of_error

#: Seconds without a byte before a server counts as silent.
PATIENCE = 60
Security, SignIn = MailAccount.Security, MailAccount.SignIn


@contextmanager
def smtp(account: MailAccount, patience: int = PATIENCE) -> Iterator[smtplib.SMTP]:
    """A signed-in session with the member's own provider; ended politely. `patience`: seconds. Raises MailTrouble."""
    server = f"{account.smtp_host}:{account.smtp_port}"
    _only_to_this_machine(account.smtp_security, account.smtp_host)
    try:
        session = _open_smtp(account, patience)
    except (OSError, smtplib.SMTPException) as error:
        raise of_error(error, server) from error
    try:
        _sign_in_smtp(session, account, server)
        yield session
    except (smtplib.SMTPException, OSError) as error:
        raise of_error(error, server) from error
    finally:
        with suppress(smtplib.SMTPException, OSError):
            session.quit()
        session.close()


@contextmanager
def imap(account: MailAccount, patience: int = PATIENCE) -> Iterator[IMAPClient]:
    """A signed-in session with the member's mailbox. Raises MailTrouble."""
    server = f"{account.imap_host}:{account.imap_port}"
    _only_to_this_machine(account.imap_security, account.imap_host)
    client = None
    try:
        client = IMAPClient(
            account.imap_host,
            account.imap_port,
            ssl=account.imap_security == Security.TLS,
            ssl_context=ssl.create_default_context(),
            timeout=patience,
        )
        if account.imap_security == Security.STARTTLS:
            client.starttls(ssl.create_default_context())
        _sign_in_imap(client, account)
        yield client
    except (IMAPClientError, OSError) as error:
        raise of_error(error, server) from error
    finally:
        if client is not None:
            with suppress(IMAPClientError, OSError):
                client.logout()


def is_this_machine(host: str) -> bool:
    """Whether a name can only mean the machine that Tandem runs on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _open_smtp(account: MailAccount, patience: int) -> smtplib.SMTP:
    if account.smtp_security == Security.TLS:
        return smtplib.SMTP_SSL(
            account.smtp_host, account.smtp_port, timeout=patience, context=ssl.create_default_context()
        )
    session = smtplib.SMTP(account.smtp_host, account.smtp_port, timeout=patience)
    try:
        if account.smtp_security == Security.STARTTLS:
            session.starttls(context=ssl.create_default_context())
    except BaseException:
        session.close()
        raise
    return session


def _sign_in_smtp(session: smtplib.SMTP, account: MailAccount, server: str) -> None:
    session.ehlo_or_helo_if_needed()
    if account.sign_in == SignIn.XOAUTH2:
        _auth(session, "XOAUTH2", _bearer(account))
        return
    if not account.password:
        if account.smtp_security == Security.NONE:
            return  # a server on this machine that knows us by where we come from
        raise MailTrouble(
            _(
                "There is no password for the mail server. Nothing was sent. Type it under My Account › Email."
            ),
            lasting=True,
        )
    offered = session.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        # By hand: smtplib refuses user names and passwords that are not ASCII.
        _auth(session, "PLAIN", f"\0{account.username}\0{account.password}")
    elif "LOGIN" in offered:
        code, words = session.docmd("AUTH", f"LOGIN {_base64(account.username)}")
        _passed(*session.docmd(_base64(account.password)) if code == 334 else (code, words))
    else:
        raise MailTrouble(
            _(
                "%(server)s offers no sign-in with a password at this port. Nothing was sent. Port 587 usually does."
            )
            % {"server": server},
            lasting=True,
        )


def _auth(session: smtplib.SMTP, mechanism: str, first: str) -> None:
    code, words = session.docmd("AUTH", f"{mechanism} {_base64(first)}")
    if code == 334:  # XOAUTH2 explains its refusal first, and gives it after an empty line
        code, words = session.docmd("")
    _passed(code, words)


def _passed(code: int, words: bytes) -> None:
    if code != 235:
        raise of_answer(code, words.decode("utf-8", "replace"))


def _sign_in_imap(client: IMAPClient, account: MailAccount) -> None:
    try:
        if account.sign_in == SignIn.XOAUTH2:
            client.oauth2_login(account.username, access_token(account))
        elif client.has_capability("AUTH=PLAIN"):  # LOGIN can carry ASCII only
            client.plain_login(account.username, account.password)
        else:
            client.login(account.username, account.password)
    except LoginError as error:
        raise MailTrouble(
            _(
                "The mailbox does not accept this user name and password, so replies are not seen. Nothing was lost. Correct them under My Account › Email."
            ),
            str(error)[:200],
            lasting=True,
        ) from error


def _bearer(account: MailAccount) -> str:
    return f"user={account.username}\x01auth=Bearer {access_token(account)}\x01\x01"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _only_to_this_machine(security: str, host: str) -> None:
    if security == Security.NONE and not is_this_machine(host):
        raise MailTrouble(
            _(
                "%(host)s is another machine, so the password is not sent to it without TLS. Nothing was sent. Choose STARTTLS."
            )
            % {"host": host},
            lasting=True,
        )

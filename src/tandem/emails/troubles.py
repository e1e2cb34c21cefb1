"""What did a mail server refuse, and may the same thing be tried again? Pure.

MailTrouble: `what` is the sentence for people, `said` the server's own words, `code` its SMTP code (0: none), and
`lasting` says that trying again by itself would change nothing.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

#: 23 hours of tries: after that a person should know.
LAST_ATTEMPT = 28
_LONGEST = timedelta(hours=1)


class MailTrouble(Exception):
    """A mail server cannot be used as asked. Nothing went out by it."""

    def __init__(self, what: str, said: str = "", *, code: int = 0, lasting: bool = False) -> None:
        super().__init__(what, said)
        self.what, self.said, self.code, self.lasting = what, said, code, lasting

    def sentence(self) -> str:
        """For people, with the server's own words behind."""
        return f"{self.what} ({self.said})" if self.said else self.what


@dataclass(frozen=True, slots=True)
class Go:
    """Send it. refused: address -> the server's words, for those whom it will not reach."""

    refused: Mapping[str, str]


def judge(answers: Mapping[str, tuple[int, str]], attempts: int) -> Go:
    """What the answers to all RCPT commands mean. address -> (code, words).

    A passing refusal of one recipient holds the email back for all: sent to some now and to the rest later it would be
    sent twice by whoever loses count. On the last attempt it counts as lasting. Raises MailTrouble when it cannot go now.
    """
    if attempts < LAST_ATTEMPT:
        for code, words in answers.values():
            if code < 500 and not _accepted(code):
                raise of_answer(code, words)
    refused = {
        address: f"{code} {words}" for address, (code, words) in answers.items() if not _accepted(code)
    }
    if len(refused) == len(answers):
        code, words = next(iter(answers.values()))
        raise of_answer(max(code, 500), words)
    return Go(refused)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When an email that met a passing trouble is tried again: after 1, 2, 4 … 60 minutes; None when no more."""
    if attempts >= LAST_ATTEMPT:
        return None
    return now + min(timedelta(minutes=2 ** min(attempts, 10)), _LONGEST)


def of_answer(code: int, words: str) -> MailTrouble:
    """A refusing answer (RFC 5321, 4.2): 4xx passes, 5xx stays."""
    said = " ".join(f"{code} {words}".split())  # a server may answer in several lines
    if code in (530, 534, 535) or "5.7.30" in words:
        return MailTrouble(
            _(
                "The mail server does not accept this user name and password. Nothing was sent. Correct them under My Account › Email; many providers want an app password, or OAuth 2."
            ),
            said,
            code=code,
            lasting=True,
        )
    if code == 552 or "5.3.4" in words:
        return MailTrouble(
            _(
                "The email is too large for the mail server. Nothing was sent. Leave attachments out, or send a link to them."
            ),
            said,
            code=code,
            lasting=True,
        )
    if code >= 500:
        return MailTrouble(
            _(
                "The mail server refuses the email. Nothing was sent. Its words say why; correct that, then try again."
            ),
            said,
            code=code,
            lasting=True,
        )
    return MailTrouble(
        _("The mail server does not take the email now. Nothing was sent; it is tried again by itself."),
        said,
        code=code,
    )


def of_error(error: Exception, server: str) -> MailTrouble:
    """What kept a connection from working. `server`: host and port, for people."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = (
            error.smtp_error
            if isinstance(error.smtp_error, str)
            else error.smtp_error.decode("utf-8", "replace")
        )
        return of_answer(error.smtp_code, words)
    for kind, sentence in (
        (socket.gaierror, _("There is no server named %(server)s. Nothing was sent. Correct the name.")),
        (
            ssl.SSLCertVerificationError,
            _(
                "The certificate of %(server)s is not trusted, so no password was given to it. Nothing was sent. Check the server's name, or ask its admin."
            ),
        ),
        (
            ssl.SSLError,
            _(
                "%(server)s does not speak TLS in the way that was chosen. Nothing was sent. Port 465 and 993 want “TLS from the start”, port 587 and 143 want STARTTLS."
            ),
        ),
        (
            smtplib.SMTPNotSupportedError,
            _(
                "%(server)s offers no STARTTLS. Nothing was sent. Choose “TLS from the start”, or another port."
            ),
        ),
        (
            ConnectionRefusedError,
            _("Nobody listens at %(server)s. Nothing was sent. Check the port, or whether the server runs."),
        ),
        (
            TimeoutError,
            _(
                "%(server)s does not answer. Nothing was sent. Check the name and the port, or try again later."
            ),
        ),
    ):
        if isinstance(error, kind):
            return MailTrouble(sentence % {"server": server}, _words(error))
    return MailTrouble(
        _(
            "The connection to %(server)s broke. Nothing was sent. Try again; if it stays, ask the server's admin."
        )
        % {"server": server},
        _words(error),
    )


def _accepted(code: int) -> bool:
    return 200 <= code < 300


def _words(error: Exception) -> str:
    return str(error)[:200]

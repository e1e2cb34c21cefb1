"""How do emails of other mail programs come in? An SMTP server that signs members in and passes their mail on, unchanged.

Every command of a transaction is passed on as it comes, to the member's own provider, and the provider's answer passed
back: whoever asks is told the truth about each recipient. The bytes stay as they are (so do signatures in them); only a
Message-ID is put on top when there is none. After the provider has accepted a message it becomes an Email.

RFC 5321, 3207 (STARTTLS), 4954 (AUTH). Nothing is offered before TLS, and nobody sends as somebody else.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.db import connections

from tandem import clock
from tandem.accounts.models import canonical_email
from tandem.emails import connecting, services
from tandem.emails.accounts import account_of_relay_password
from tandem.emails.errors import InvalidEmail
from tandem.emails.mime import Named, ParsedMessage, parse, with_message_id
from tandem.emails.models import Email, MailAccount
from tandem.emails.troubles import MailTrouble
from tandem.people.services import unsubscribed_among

log = logging.getLogger(__name__)
T = TypeVar("T")

#: 23 MB of files as base64, with room for text.
LARGEST = 34 * 1024 * 1024
#: Seconds: a provider may take its time with a large message, and the client must not be cut off meanwhile.
PATIENCE = 600
_NO_TRANSACTION = "503 5.5.1 There is no transaction; begin with MAIL"
_OPTIONS = {"size": "size", "body": "8bitmime", "smtputf8": "smtputf8"}


class Relay:
    """The relay of this process; `start` begins to listen, `stop` ends it."""

    def __init__(self, host: str, port: int, certificate: Path, key: Path) -> None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        self._server = _Server(
            _Passing(),
            hostname=host,
            port=port,
            ready_timeout=30,
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            auth_require_tls=True,
            authenticator=_take,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            timeout=PATIENCE,
            ident="Tandem",
        )

    def start(self) -> None:
        """Begin to listen; OSError when the port is taken."""
        # aiosmtpd would find out as well, but tell only when its patience ends.
        socket.create_server((self._server.hostname, self._server.port)).close()
        self._server.start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()


class _Upstream:
    """One SMTP session with a member's provider, for one transaction. Used by one thread at a time."""

    def __init__(self, account: MailAccount) -> None:
        self._open = ExitStack()
        self._server: smtplib.SMTP = self._open.enter_context(connecting.smtp(account))

    def mail(self, sender: str, options: Sequence[str]) -> tuple[int, str]:
        known = [
            one for one in options if self._server.has_extn(_OPTIONS.get(one.split("=")[0].lower(), "?"))
        ]
        return _told(self._server.mail(sender, known))

    def rcpt(self, address: str) -> tuple[int, str]:
        return _told(self._server.rcpt(address))

    def data(self, content: bytes) -> tuple[int, str]:
        return _told(self._server.data(content))

    def close(self) -> None:
        self._open.close()


class _Dialogue(SMTP):
    """One client's connection: it checks passwords away from the event loop, and closes the provider's session with itself."""

    upstream: _Upstream | None = None

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802  aiosmtpd names it
        return await _checked(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802
        return await _checked(await super().auth_LOGIN(_, args))

    def connection_lost(self, error: Exception | None) -> None:
        upstream, self.upstream = self.upstream, None
        if upstream is not None:
            asyncio.get_running_loop().run_in_executor(None, upstream.close)
        super().connection_lost(error)


class _Server(Controller):
    def factory(self) -> SMTP:
        return _Dialogue(self.handler, **self.SMTP_kwargs)


class _Passing:
    """What is done with each command; aiosmtpd calls these by their names."""

    async def handle_MAIL(  # noqa: N802
        self, server: _Dialogue, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        account = cast(MailAccount, session.auth_data)
        if canonical_email(address) != account.address:
            return f"553 5.7.1 You may send as {account.address} only; this is somebody else's address"
        await _closed(server)
        try:
            server.upstream = await _in_thread(_Upstream, account)
            code, words = await _in_thread(server.upstream.mail, address, options)
        except MailTrouble as trouble:
            # Not with the provider's own code: a 535 here would make the mail program ask for the relay's password.
            begin = "554 5.3.0" if trouble.lasting else "451 4.3.0"
            return f"{begin} Your provider: {_one_line(trouble.said or trouble.what)}"
        except UnicodeError:
            return "553 5.6.7 The mail server behind cannot take this address"
        if _accepted(code):
            envelope.mail_from, envelope.mail_options = address, options
        return f"{code} {words}"

    async def handle_RCPT(  # noqa: N802
        self, server: _Dialogue, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if server.upstream is None:
            return _NO_TRANSACTION
        if await _in_thread(unsubscribed_among, [address]):  # UN-7
            return f"550 5.7.1 {address} wants no emails (unsubscribed in Tandem); take them out and send it again"
        try:
            code, words = await _in_thread(server.upstream.rcpt, address)
        except UnicodeError:
            return "553 5.6.7 The mail server behind cannot take this address"
        if _accepted(code):
            envelope.rcpt_tos.append(address)
        return f"{code} {words}"

    async def handle_DATA(self, server: _Dialogue, session: Session, envelope: Envelope) -> str:  # noqa: N802
        account = cast(MailAccount, session.auth_data)
        content: bytes = envelope.original_content or b""
        try:
            said = parse(content)
        except InvalidEmail:
            return "550 5.6.0 This is not an email: it has no From"
        if said.sender != account.address:
            return f"553 5.7.1 You may send as {account.address} only; From names somebody else"
        if not said.message_id:
            said = replace(said, message_id=f"{clock.new_key()}@{account.address.rpartition('@')[2]}")
            content = with_message_id(content, said.message_id)
        # Out of the dialogue's hands: a client that hangs up now must not end the provider's session in mid-text,
        # nor keep what was accepted from being kept here.
        upstream, server.upstream = server.upstream, None
        if upstream is None:
            return _NO_TRANSACTION
        code, words = await _in_thread(_hand_over, upstream, account, content, said, tuple(envelope.rcpt_tos))
        return f"{code} {words}"

    async def handle_RSET(self, server: _Dialogue, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await _closed(server)
        return "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPException | OSError):
            return "451 4.4.2 The mail server behind broke the connection; try again"
        log.error("The relay met an error; the client was told to try again.", exc_info=error)
        return "451 4.3.0 Something went wrong here; try again"


def _take(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    """What aiosmtpd asks while its loop stands still: `_checked` decides after it."""
    return AuthResult(success=True, auth_data=given)


async def _checked(result: AuthResult) -> AuthResult:
    if not result.success:
        return result
    given = cast(LoginPassword, result.auth_data)
    try:
        user, password = given.login.decode(), given.password.decode()
    except UnicodeDecodeError:
        return AuthResult(success=False, handled=False)
    account = await _in_thread(account_of_relay_password, user, password)
    # handled=True would leave the client without an answer.
    return AuthResult(success=account is not None, handled=False, auth_data=account)


def _hand_over(
    upstream: _Upstream, account: MailAccount, content: bytes, said: ParsedMessage, envelope: tuple[str, ...]
) -> tuple[int, str]:
    try:
        code, words = upstream.data(content)
        if _accepted(code):
            _note(account, said, envelope, content)
    finally:
        upstream.close()
    return code, words


def _note(account: MailAccount, said: ParsedMessage, envelope: tuple[str, ...], content: bytes) -> None:
    """It is out: whatever goes wrong here must not make the client send it again."""
    named = {one.address for one in said.recipients}
    hidden = (Named("bcc", address) for address in map(canonical_email, envelope) if address not in named)
    said = replace(said, recipients=(*said.recipients, *hidden))
    try:
        services.told(account.member, message=said, way=Email.Way.RELAY, content=content)
    except InvalidEmail as refused:
        log.warning("A relayed email of %s went out and was not kept: %s", account, refused)
    except Exception:
        log.exception("A relayed email of %s went out and could not be kept.", account)


async def _closed(server: _Dialogue) -> None:
    upstream, server.upstream = server.upstream, None
    if upstream is not None:
        await asyncio.to_thread(upstream.close)


async def _in_thread(call: Callable[..., T], *args: Any) -> T:
    """Away from the event loop, with database connections of its own."""

    def run() -> T:
        try:
            return call(*args)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


def _told(answer: tuple[int, bytes]) -> tuple[int, str]:
    code, words = answer
    return code, _one_line(words.decode("utf-8", "replace"))


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _accepted(code: int) -> bool:
    return 200 <= code < 300

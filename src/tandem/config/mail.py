"""Who sends, watches and relays mail in this process, and does the environment ask for the relay?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections

from tandem import clock, jobs
from tandem.bcc import confirming
from tandem.config import wiring
from tandem.emails import mailbox, outbox, second_envelope, sending
from tandem.emails.relay import Relay

log = logging.getLogger(__name__)


class MailRoom:
    """Threads that send what is due, look for its copies in Salesforce, and look into mailboxes; and the relay, when TANDEM_RELAY_PORT asks for it."""

    def __init__(self, threads: int = 2) -> None:
        self._sending = jobs.Rounds(
            _on_fresh_connections(lambda: outbox.due(clock.now())), _one(sending.send), threads
        )
        self._copying = jobs.Rounds(
            _on_fresh_connections(lambda: second_envelope.due(clock.now())), _one(wiring.send_copy), 1
        )
        self._confirming = jobs.Rounds(_on_fresh_connections(confirming.due), _one(wiring.look_for_copies), 1)
        self._watching = jobs.Rounds(_on_fresh_connections(mailbox.due), _one(mailbox.look), threads)
        self._relay = relay()

    def start(self) -> None:
        """Begin; returns at once. A relay that cannot listen is told in the log, and the rest goes on."""
        self._sending.start()
        self._copying.start()
        self._confirming.start()
        self._watching.start()
        if self._relay is not None:
            try:
                self._relay.start()
            except OSError as error:
                log.error(  # noqa: TRY400  the sentence says it all
                    "The relay cannot listen (%s). Emails sent from here and replies are not affected. Free the port, or set another TANDEM_RELAY_PORT.",
                    error,
                )
                self._relay = None

    def stop(self) -> None:
        """Let what is being sent or read end, and begin nothing more."""
        if self._relay is not None:
            self._relay.stop()
        self._sending.stop()
        self._copying.stop()
        self._confirming.stop()
        self._watching.stop()


def relay() -> Relay | None:
    """The relay that the environment asks for; None when it asks for none. Raises ImproperlyConfigured."""
    if not settings.RELAY_PORT:
        return None
    files = Path(settings.RELAY_CERTIFICATE), Path(settings.RELAY_KEY)
    try:
        return Relay(settings.RELAY_HOST, int(settings.RELAY_PORT), *files)
    except (ValueError, OSError):
        raise ImproperlyConfigured(
            "The relay cannot be started, so nothing was started and your data is untouched. It needs TANDEM_RELAY_PORT as a "
            "number, and the PEM files of a certificate and its key in TANDEM_RELAY_CERTIFICATE and TANDEM_RELAY_KEY: "
            "mail programs give their password by TLS only. Correct them, or leave TANDEM_RELAY_PORT out."
        ) from None


def _on_fresh_connections(due: Callable[[], list[int]]) -> Callable[[], list[int]]:
    def asked() -> list[int]:
        close_old_connections()
        return due()

    return asked


def _one(work: Callable[[int], None]) -> Callable[[int], None]:
    def worked(id: int) -> None:
        close_old_connections()
        work(id)

    return worked

"""Keeps a round's lease alive while a slow call is out, so that nobody takes over an org whose worker lives.

A call may take minutes and the lease lasts twenty seconds: without this, two workers would take one org from each other
and throw each other's answers away. A worker that is stopped or killed beats no more, and is replaced in twenty seconds.
"""

from __future__ import annotations

import threading
from datetime import datetime

from django.db import connection, transaction

from tandem import clock
from tandem.sync.round import LEASE
from tandem.sync.routes import Loggers, nobody_logs
from tandem.sync.store import DjangoStore, PaceOf, never_short

_EVERY = LEASE.total_seconds() / 4


class BeatingStore(DjangoStore):
    """The engine's store, whose claim beats until it is released."""

    def __init__(self, loggers: Loggers = nobody_logs, pace: PaceOf = never_short) -> None:
        super().__init__(loggers, pace)
        self._ended = threading.Event()
        self._beat: threading.Thread | None = None

    def claim(self, org: int, lease: str, until: datetime, now: datetime) -> bool:
        if not super().claim(org, lease, until, now):
            return False
        # Inside somebody's transaction a second connection would wait for that very transaction.
        if not transaction.get_connection().in_atomic_block:
            self._beat = threading.Thread(target=self._beats, args=(org, lease), daemon=True, name="lease")
            self._beat.start()
        return True

    def release(
        self, org: int, lease: str, next_round_at: datetime, trouble_code: str = "", trouble: str = ""
    ) -> None:
        self._ended.set()
        if self._beat is not None:
            self._beat.join()
        super().release(org, lease, next_round_at, trouble_code, trouble)

    def _beats(self, org: int, lease: str) -> None:
        try:
            while not self._ended.wait(_EVERY):
                if not self.renew(org, lease, clock.now() + LEASE):
                    return  # taken over: the round finds out at its next step
        finally:
            connection.close()

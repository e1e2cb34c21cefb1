"""Where a connection's tokens lie: the database, encrypted; renewed once, whoever asks at the same time (SF-10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from tandem import clock
from tandem.connections.models import Connection
from tandem.salesforce import Busy, SignInNeeded, Tokens

# Longer than any token call may take, so that a renewal is never begun twice; a crashed one is taken over after it.
_RENEWAL = timedelta(seconds=60)
_LOOK_AGAIN = 0.05


class DatabaseVault:
    """The TokenVault of one stored connection; safe across threads, processes and machines.

    The claim is a conditional update and not a row lock, so that no database transaction waits for Salesforce.
    """

    def __init__(self, connection: int) -> None:
        self._connection = connection

    def current(self) -> Tokens:
        """The tokens stored last. Raises SignInNeeded when the member has disconnected."""
        row = Connection.with_secrets.select_related("org").get(pk=self._connection)
        if not row.access_token:
            raise SignInNeeded("the member disconnected from Salesforce", code="DISCONNECTED")
        return _tokens(row)

    def exchange(self, stale_access_token: str, renew: Callable[[Tokens], Tokens]) -> Tokens:
        """Renew once per stale token; the new tokens are stored before anyone uses them."""
        deadline = clock.now() + _RENEWAL
        while clock.now() < deadline:
            tokens = self.current()
            if tokens.access_token != stale_access_token:
                return tokens
            claim = self._claim()
            if claim is not None:
                return self._renew(claim, stale_access_token, renew)
            time.sleep(_LOOK_AGAIN)
        raise Busy("another process is renewing the sign-in and has not come back", code="RENEWAL_BUSY")

    def _renew(self, claim: datetime, stale_access_token: str, renew: Callable[[Tokens], Tokens]) -> Tokens:
        # Fenced by its own claim: a newer renewal, or a new sign-in, is never overwritten by an older answer.
        mine = Connection.objects.filter(pk=self._connection, renewing_until=claim)
        try:
            held = self.current()
            if held.access_token != stale_access_token:
                return held
            try:
                tokens = renew(held)
            except SignInNeeded:
                if (now := self.current()).access_token == stale_access_token:
                    raise
                return now
            stored = mine.update(
                access_token=tokens.access_token,
                refresh_token=tokens.refresh_token or "",
                instance_url=tokens.instance_url,
            )
            return tokens if stored else self.current()
        finally:
            mine.update(renewing_until=None)

    def _claim(self) -> datetime | None:
        now = clock.now()
        free = Q(renewing_until__isnull=True) | Q(renewing_until__lt=now)
        until = now + _RENEWAL
        claimed = Connection.objects.filter(free, pk=self._connection).update(renewing_until=until)
        return until if claimed else None


def _tokens(row: Connection) -> Tokens:
    return Tokens(
        access_token=row.access_token,
        refresh_token=row.refresh_token or None,
        instance_url=row.instance_url,
        identity_url=f"{row.login_url}/id/{row.org.sf_id}/{row.user}",
    )

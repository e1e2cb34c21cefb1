"""What does an authorization code stand for, how long, and who may redeem it? (docs/salesforce.md §1.2)"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orgbox.clock import Clock
from orgbox.http.oauth import TokenError

CODE_LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class Consent:
    """What a user allowed an app on the consent page; `challenge` is the app's PKCE challenge, if it sent one."""

    user_id: str
    client_id: str
    redirect_uri: str
    scope: str
    challenge: str | None
    until: datetime

    @property
    def offline(self) -> bool:
        """Whether a refresh token goes with it."""
        return not {"refresh_token", "offline_access"}.isdisjoint(self.scope.split())


class Codes:
    """The codes that are out. Each works once: the first attempt to redeem it takes it away, even if it fails."""

    def __init__(self, clock: Clock, word: Callable[[int, str], str]) -> None:
        self._clock = clock
        self._word = word
        self._consents: dict[str, Consent] = {}

    def issue(
        self, user_id: str, client_id: str, redirect_uri: str, scope: str, challenge: str | None
    ) -> str:
        """A new code for this consent."""
        code = self._word(80, "aPrx")
        until = self._clock.now() + CODE_LIFE
        self._consents[code] = Consent(user_id, client_id, redirect_uri, scope, challenge, until)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str | None) -> Consent:
        """The consent behind a code. Raises TokenError; PKCE's two refusals differ, as Salesforce's do."""
        consent = self._consents.pop(code, None)
        if consent is None or consent.client_id != client_id:
            raise TokenError("invalid_grant", "invalid authorization code")
        if consent.until <= self._clock.now():
            raise TokenError("invalid_grant", "expired authorization code")
        if consent.redirect_uri != redirect_uri:
            raise TokenError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if consent.challenge is not None:
            if not verifier:
                raise TokenError("invalid_grant", "code verifier is missing")
            if not hmac.compare_digest(challenge_of(verifier).encode(), consent.challenge.encode()):
                raise TokenError("invalid_request", "invalid code verifier")
        return consent


def challenge_of(verifier: str) -> str:
    """base64url(SHA-256(verifier)) without padding: S256, the only method (docs/salesforce.md §1.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

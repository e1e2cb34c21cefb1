"""Who may speak to the org? Client apps, consents, refresh tokens and sessions (docs/salesforce.md §1.3, §1.5, §1.8)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from orgbox.errors import OrgError
from orgbox.org import Org

SESSION_LIFE = timedelta(hours=2)
_DEFAULT_SCOPE = "refresh_token api"


class TokenError(Exception):
    """A refusal of the token endpoint: {error, error_description}."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass(frozen=True)
class ClientApp:
    """An app that may ask for tokens; `run_as` is the user of its client-credentials flow.

    A browser is only ever sent back to one of `callbacks`, compared letter by letter. `certificate` is the PEM with
    which it signs for users (JWT bearer).
    """

    client_id: str
    client_secret: str
    run_as: str | None = None
    callbacks: tuple[str, ...] = ()
    certificate: bytes | None = None


@dataclass(eq=False)
class Grant:
    """One user's consent to one app: its refresh token, those it replaced, and the sessions made with them."""

    user_id: str
    client_id: str
    current: str | None
    spent: set[str] = field(default_factory=set)
    scope: str = _DEFAULT_SCOPE


@dataclass
class Session:
    """An access token's user, the moment it dies unless it is used before, and the consent it came from."""

    user_id: str
    dies_at: datetime
    grant: Grant | None


class OAuth:
    """The org's client apps, consents and sessions.

    With `rotate` every exchange gives a new refresh token; one that is used again takes its whole consent down.
    """

    def __init__(self, org: Org, *, rotate: bool = False, callbacks: Sequence[str] = ()) -> None:
        self.org = org
        self.words = 0  # how many tokens and names it has made up so far
        self.rotate = rotate
        self.app = ClientApp(self.word(80, "3MVG9"), self.word(64, ""), org.admin_id, tuple(callbacks))
        self.apps: dict[str, ClientApp] = {self.app.client_id: self.app}
        self.grants: dict[str, Grant] = {}
        self.sessions: dict[str, Session] = {}

    def now(self) -> datetime:
        """The org's time."""
        return self.org.clock.now()

    def trust(self, certificate: bytes) -> None:
        """Let the app sign for users with the key of this certificate."""
        self.app = self.apps[self.app.client_id] = replace(self.app, certificate=certificate)

    def authorise(self, user_id: str, app: ClientApp | None = None, scope: str = _DEFAULT_SCOPE) -> str:
        """Record a user's consent, as the authorisation page would; returns the refresh token."""
        token = self.word(80, "5Aep")
        self.grants[token] = Grant(user_id, (app or self.app).client_id, token, scope=scope)
        return token

    def has_consent(self, user_id: str, app: ClientApp, scope: str) -> bool:
        """Whether this user allowed this app these scopes before, and nobody took it back since."""
        asked = set(scope.split())
        return any(
            grant.current is not None
            and (grant.user_id, grant.client_id) == (user_id, app.client_id)
            and asked <= set(grant.scope.split())
            for grant in self.grants.values()
        )

    def open_session(self, user_id: str, grant: Grant | None = None) -> str:
        """A new access token."""
        token = f"{self.org.id[:15]}!{self.word(96, 'AQEAQ')}"
        self.sessions[token] = Session(user_id, self.now() + SESSION_LIFE, grant)
        return token

    def user_of(self, authorization: str | None) -> str:
        """The user of an Authorization header. Raises OrgError INVALID_SESSION_ID or INVALID_AUTH_HEADER."""
        scheme, _, token = (authorization or "").partition(" ")
        if authorization is not None and scheme.lower() not in ("bearer", "oauth"):
            raise OrgError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        session, now = self.sessions.get(token.strip()), self.now()
        if session is None or session.dies_at <= now:
            raise OrgError("INVALID_SESSION_ID", "Session expired or invalid")
        if not self.org.get("User", session.user_id)["IsActive"]:
            raise OrgError("INVALID_SESSION_ID", "Session expired or invalid")
        session.dies_at = now + SESSION_LIFE
        return session.user_id

    def expire_sessions(self) -> None:
        """Every access token dies; refresh tokens live on."""
        self.sessions.clear()

    def expire_session(self, authorization: str | None) -> None:
        """The access token of this header dies."""
        self.sessions.pop((authorization or "").partition(" ")[2].strip(), None)

    def refresh(self, token: str, app: ClientApp) -> tuple[str, Grant, str | None]:
        """(access token, consent, new refresh token when they rotate). Raises TokenError invalid_grant."""
        grant = self.grants.get(token)
        if grant is None or grant.client_id != app.client_id:
            raise TokenError("invalid_grant", "expired access/refresh token")
        if token in grant.spent:
            self.revoke(grant)
        if grant.current != token:
            raise TokenError("invalid_grant", "expired access/refresh token")
        if not self.org.get("User", grant.user_id)["IsActive"]:
            raise TokenError("inactive_user", "user is inactive")
        successor = None
        if self.rotate:
            successor = self.word(80, "5Aep")
            grant.spent.add(token)
            grant.current = successor
            self.grants[successor] = grant
        return self.open_session(grant.user_id, grant), grant, successor

    def revoke(self, grant: Grant) -> None:
        """End a consent: its refresh token and all its sessions."""
        grant.current = None
        self.sessions = {token: s for token, s in self.sessions.items() if s.grant is not grant}

    def client(self, client_id: str, secret: str | None, *, secret_needed: bool) -> ClientApp:
        """The app that presents itself. Raises TokenError invalid_client_id or invalid_client."""
        app = self.apps.get(client_id)
        if app is None:
            raise TokenError("invalid_client_id", "client identifier invalid")
        given = (secret or "").encode()
        if (secret_needed or secret is not None) and not hmac.compare_digest(
            app.client_secret.encode(), given
        ):
            raise TokenError("invalid_client", "invalid client credentials")
        return app

    def revoke_token(self, token: str) -> None:
        """End what a refresh token or an access token stands for. Raises TokenError invalid_token."""
        if (grant := self.grants.get(token)) is not None and grant.current == token:
            self.revoke(grant)
        elif self.sessions.pop(token, None) is None:
            raise TokenError("invalid_token", "invalid token")

    def answer(
        self, app: ClientApp, user_id: str, access_token: str, base_url: str, scope: str = _DEFAULT_SCOPE
    ) -> dict[str, Any]:
        """The token endpoint's reply; addresses are those by which the client reached us."""
        identity = f"{base_url}/id/{self.org.id}/{user_id}"
        issued_at = str(int(self.now().timestamp() * 1000))
        digest = hmac.digest(app.client_secret.encode(), (identity + issued_at).encode(), "sha256")
        return {
            "access_token": access_token,
            "signature": base64.b64encode(digest).decode(),
            "scope": scope,
            "instance_url": base_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def as_json(self) -> dict[str, Any]:
        """The consents, as they are kept in a file; sessions are short-lived and are not."""
        consents = {id(grant): grant for grant in self.grants.values()}.values()
        return {
            "words": self.words,
            "grants": [
                {
                    "user": g.user_id,
                    "client": g.client_id,
                    "current": g.current,
                    "spent": sorted(g.spent),
                    "scope": g.scope,
                }
                for g in consents
            ],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up the consents of an earlier run."""
        self.words = kept["words"]
        for each in kept["grants"]:
            grant = Grant(
                each["user"],
                each["client"],
                each["current"],
                set(each["spent"]),
                each.get("scope", _DEFAULT_SCOPE),
            )
            for token in (*grant.spent, *filter(None, [grant.current])):
                self.grants[token] = grant

    def word(self, length: int, start: str) -> str:
        """The next of an endless row of words that depends on the org's seed alone."""
        self.words += 1
        digest = hashlib.shake_256(f"{self.org.seed} {self.words}".encode()).digest(length)
        return start + base64.b64encode(digest, b"._").decode().rstrip("=")[: length - len(start)]

"""How we stay signed in: token requests and answers without I/O, and a session that renews at most once.

Salesforce may hand out single-use refresh tokens: a used one replayed revokes all (docs/salesforce.md §1.3). So one
renewal runs per stale token, whatever the number of threads and processes, and the new tokens are stored before anyone
uses them. Both are the vault's promise (`TokenVault`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, urlencode

from tandem.salesforce.codes import classify
from tandem.salesforce.errors import Busy, OutcomeUnknown, SignInNeeded
from tandem.salesforce.hosts import checked_instance_url


@dataclass(frozen=True, slots=True)
class App:
    """Our Connected App (External Client App) and where its tokens come from.

    `login_url` is https://login.salesforce.com, https://test.salesforce.com or the org's My Domain; client credentials
    work on the My Domain only (docs/salesforce.md §1.5).
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    login_url: str
    grant: Literal["refresh_token", "client_credentials"] = "refresh_token"
    allow_loopback: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """What the browser brought back from the consent page, and what we kept for it: exchanged once for tokens.

    `verifier` is the secret whose challenge went out with the person (PKCE); `redirect_uri` the very address used then.
    """

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sign-in. `identity_url` is https://login…/id/<org>/<user>. Secrets never show in repr."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    instance_url: str
    identity_url: str

    @property
    def org_id(self) -> str:
        """The 18-character id of the org."""
        return self.identity_url.rstrip("/").split("/")[-2]

    @property
    def user_id(self) -> str:
        """The 18-character id of the user we act as."""
        return self.identity_url.rstrip("/").split("/")[-1]


@dataclass(frozen=True, slots=True)
class FormPost:
    """One form to post. It holds secrets, so its repr shows the address only."""

    url: str
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def authorize_url(
    app: App, redirect_uri: str, state: str, code_challenge: str, scopes: str = "api refresh_token"
) -> str:
    """Where to send a person who shall allow the app to act for them (docs/salesforce.md §1.2).

    `redirect_uri` must be registered with the app, letter by letter. `prompt=login consent` is not asked for: whoever
    is logged in to Salesforce goes on as that user, and the page afterwards says as whom.
    """
    base = checked_instance_url(app.login_url, app.allow_loopback)
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": state,
        "code_challenge": code_challenge,
        "code_challenge_method": "S256",
    }
    return f"{base}/services/oauth2/authorize?{urlencode(asked)}"


def code_challenge(verifier: str) -> str:
    """PKCE's S256: base64url of the verifier's SHA-256, without padding (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def code_request(app: App, consent: Consent) -> FormPost:
    """The request that exchanges a code (docs/salesforce.md §1.2)."""
    form = {
        "grant_type": "authorization_code",
        "code": consent.code,
        "client_id": app.client_id,
        "redirect_uri": consent.redirect_uri,
        "code_verifier": consent.verifier,
    }
    if app.client_secret is not None:
        form["client_secret"] = app.client_secret
    return _form_post(app, form)


def revoke_request(app: App, token: str) -> FormPost:
    """The request that ends a token; a refresh token takes its sessions with it (docs/salesforce.md §1.7)."""
    return _form_post(app, {"token": token}, "revoke")


def refresh_request(app: App, refresh_token: str) -> FormPost:
    """The request that exchanges a refresh token (docs/salesforce.md §1.3)."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": app.client_id}
    if app.client_secret is not None:
        form["client_secret"] = app.client_secret
    return _form_post(app, form)


def client_credentials_request(app: App) -> FormPost:
    """The request that signs in as the app's own user (docs/salesforce.md §1.5); key and secret go as HTTP Basic."""
    pair = f"{app.client_id}:{app.client_secret or ''}".encode()
    basic = f"Basic {base64.b64encode(pair).decode()}"
    return _form_post(app, {"grant_type": "client_credentials"}, authorization=basic)


def _form_post(
    app: App, form: Mapping[str, str], endpoint: str = "token", authorization: str | None = None
) -> FormPost:
    base = checked_instance_url(app.login_url, app.allow_loopback)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    return FormPost(f"{base}/services/oauth2/{endpoint}", urlencode(form).encode(), headers)


def read_token_answer(status: int, body: bytes, held: Tokens | None) -> Tokens:
    """The tokens of an answer. A new refresh token replaces the one held; without one the held one stays.

    Raises SignInNeeded when Salesforce refuses, OutcomeUnknown on a 5xx or an answer nobody can read. No text of the
    answer goes into an error unless Salesforce put it into `error_description`: the body may hold tokens.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if status == 200:
        return _tokens_of(answer, held)
    said = str(answer.get("error_description", "the renewal of the sign-in was answered without a reason"))
    if 400 <= status < 500 and status not in (408, 420, 429):
        raise SignInNeeded(said, code=str(answer.get("error", f"HTTP_{status}")), status=status)
    raise classify(status, "", said)


def _tokens_of(answer: Mapping[str, Any], held: Tokens | None) -> Tokens:
    access, instance = answer.get("access_token"), answer.get("instance_url")
    if not isinstance(access, str) or not isinstance(instance, str):
        raise OutcomeUnknown("the answer to our sign-in cannot be read", code="UNREADABLE_ANSWER", status=200)
    return Tokens(
        access_token=access,
        refresh_token=answer.get("refresh_token") or (held.refresh_token if held else None),
        # It may have moved (docs/salesforce.md §1.3). Checked at each use, not here: a rotated refresh token must be
        # kept whatever else the answer says.
        instance_url=instance,
        identity_url=str(answer.get("id") or (held.identity_url if held else "")),
    )


def read_revoke_answer(status: int, body: bytes) -> None:
    """Returns when the token is dead, also when it was dead before; else raises what it means.

    The refusal is url-encoded, unlike every other answer (docs/salesforce.md §1.7).
    """
    if status < 300:
        return
    said = dict(parse_qsl(body.decode("utf-8", "replace")))
    if said.get("error") in ("invalid_token", "unsupported_token_type"):
        return
    raise classify(
        status, said.get("error", ""), said.get("error_description", "the sign-in was not revoked")
    )


class TokenVault(Protocol):
    """Where a connection's tokens lie. Its three promises make a rotating refresh token safe.

    1. `exchange` runs `renew` at most once per stale token across all threads and processes: whoever comes later
       gets what the first one stored.  2. What `renew` gave is stored durably before `exchange` returns.
    3. If `renew` raises, nothing is stored and the error goes on.
    """

    def current(self) -> Tokens:
        """The tokens stored last."""
        ...

    def exchange(self, stale_access_token: str, renew: Callable[[Tokens], Tokens]) -> Tokens:
        """The tokens that replace the stale one, renewed by us or by somebody else."""
        ...


class MemoryVault:
    """A vault for one process: a lock and an attribute."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()

    def current(self) -> Tokens:
        """The tokens stored last."""
        return self._tokens

    def exchange(self, stale_access_token: str, renew: Callable[[Tokens], Tokens]) -> Tokens:
        """Renew under the lock, unless somebody did so while we waited for it."""
        with self._lock:
            if self._tokens.access_token == stale_access_token:
                self._tokens = renew(self._tokens)
            return self._tokens


Post = Callable[[FormPost], tuple[int, bytes]]
"""Sends one form and gives back status and body; raises the errors of the line."""


class Session:
    """The sign-in of one connection: the tokens in their vault and the app that renews them."""

    def __init__(self, vault: TokenVault, app: App) -> None:
        self._vault = vault
        self._app = app

    def tokens(self) -> Tokens:
        """The tokens to use now."""
        return self._vault.current()

    def base_url(self, tokens: Tokens) -> str:
        """The checked address of the org; BadInput if it is not one of Salesforce's."""
        return checked_instance_url(tokens.instance_url, self._app.allow_loopback)

    def renewed(self, stale_access_token: str, post: Post) -> Tokens:
        """Tokens newer than the stale one. SignInNeeded when Salesforce refuses; Busy when it did not answer.

        Never OutcomeUnknown: the caller's own request was refused with 401, so *that* was certainly not done.
        """
        try:
            return self._vault.exchange(stale_access_token, lambda held: fetch_tokens(self._app, held, post))
        except OutcomeUnknown as error:
            raise Busy(error.message, code="RENEWAL_UNANSWERED", status=error.status) from error


def fetch_tokens(app: App, held: Tokens | None, post: Post) -> Tokens:
    """Ask for tokens by the app's grant. `held` carries the refresh token; a first sign-in has none."""
    if app.grant == "client_credentials":
        request = client_credentials_request(app)
    elif held is not None and held.refresh_token:
        request = refresh_request(app, held.refresh_token)
    else:
        raise SignInNeeded("there is no refresh token to renew the sign-in with", code="NO_REFRESH_TOKEN")
    status, body = post(request)
    return read_token_answer(status, body, held)

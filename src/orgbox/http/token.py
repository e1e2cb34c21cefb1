"""How does a client get a session? POST /services/oauth2/token (docs/salesforce.md §1.3, §1.5)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from orgbox.http.oauth import ClientApp, OAuth, TokenError


def token(oauth: OAuth, body: bytes, headers: Mapping[str, str], base_url: str) -> dict[str, Any]:
    """The reply to a form with grant_type refresh_token or client_credentials. Raises TokenError."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    match form.get("grant_type"):
        case "refresh_token":
            return _refresh(oauth, form, headers, base_url)
        case "client_credentials":
            return _client_credentials(oauth, form, headers, base_url)
        case None | "":
            raise TokenError("unsupported_grant_type", "grant type not supported")
        case other:
            raise TokenError("unsupported_grant_type", f"grant type not supported: {other}")


def _refresh(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = _client(oauth, form, headers, secret_needed=False)
    access_token, grant, successor = oauth.refresh(form.get("refresh_token", ""), app)
    answer = oauth.answer(app, grant.user_id, access_token, base_url)
    return answer if successor is None else answer | {"refresh_token": successor}


def _client_credentials(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = _client(oauth, form, headers, secret_needed=True)
    if app.run_as is None:
        raise TokenError("invalid_grant", "no client credentials user enabled")
    return oauth.answer(app, app.run_as, oauth.open_session(app.run_as), base_url) | {"scope": "api"}


def _client(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], *, secret_needed: bool
) -> ClientApp:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return oauth.client(form.get("client_id", ""), form.get("client_secret"), secret_needed=secret_needed)
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenError("invalid_client", "invalid client credentials") from None
    return oauth.client(unquote(client_id), unquote(secret), secret_needed=secret_needed)

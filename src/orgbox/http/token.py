"""How does a client get a session? POST /services/oauth2/token (docs/salesforce.md §1.2-§1.6)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from orgbox.http.assertion import vouched_for
from orgbox.http.authorize import user_by_password
from orgbox.http.codes import Codes
from orgbox.http.oauth import ClientApp, OAuth, TokenError


def token(
    oauth: OAuth, codes: Codes, body: bytes, headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    """The reply to a form of one of the five grant types. Raises TokenError."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    match form.get("grant_type"):
        case "refresh_token":
            return _refresh(oauth, form, headers, base_url)
        case "authorization_code":
            return _authorization_code(oauth, codes, form, headers, base_url)
        case "client_credentials":
            return _client_credentials(oauth, form, headers, base_url)
        case "password":
            return _password(oauth, form, headers, base_url)
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            app, user_id = vouched_for(oauth, form.get("assertion", ""), base_url)
            return oauth.answer(app, user_id, oauth.open_session(user_id), base_url) | {"scope": "api"}
        case None | "":
            raise TokenError("unsupported_grant_type", "grant type not supported")
        case other:
            raise TokenError("unsupported_grant_type", f"grant type not supported: {other}")


def _authorization_code(
    oauth: OAuth, codes: Codes, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = client_of(oauth, form, headers, secret_needed=True)
    consent = codes.redeem(
        form.get("code", ""), app.client_id, form.get("redirect_uri", ""), form.get("code_verifier")
    )
    if not consent.offline:
        session = oauth.open_session(consent.user_id)
        return oauth.answer(app, consent.user_id, session, base_url, consent.scope)
    refresh_token = oauth.authorise(consent.user_id, app, consent.scope)
    session = oauth.open_session(consent.user_id, oauth.grants[refresh_token])
    answer = oauth.answer(app, consent.user_id, session, base_url, consent.scope)
    return answer | {"refresh_token": refresh_token}


def _refresh(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = client_of(oauth, form, headers, secret_needed=False)
    access_token, grant, successor = oauth.refresh(form.get("refresh_token", ""), app)
    answer = oauth.answer(app, grant.user_id, access_token, base_url, grant.scope)
    return answer if successor is None else answer | {"refresh_token": successor}


def _client_credentials(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = client_of(oauth, form, headers, secret_needed=True)
    if app.run_as is None:
        raise TokenError("invalid_grant", "no client credentials user enabled")
    return oauth.answer(app, app.run_as, oauth.open_session(app.run_as), base_url) | {"scope": "api"}


def _password(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    app = client_of(oauth, form, headers, secret_needed=True)
    user_id = user_by_password(oauth.org, form.get("username", ""), form.get("password", ""))
    if user_id is None:
        raise TokenError("invalid_grant", "authentication failure")
    return oauth.answer(app, user_id, oauth.open_session(user_id), base_url) | {"scope": "api"}


def client_of(
    oauth: OAuth, form: Mapping[str, str], headers: Mapping[str, str], *, secret_needed: bool
) -> ClientApp:
    """The app that presents itself in the form or by HTTP Basic. Raises TokenError."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return oauth.client(form.get("client_id", ""), form.get("client_secret"), secret_needed=secret_needed)
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # not base64, or not UTF-8
        raise TokenError("invalid_client", "invalid client credentials") from None
    return oauth.client(unquote(client_id), unquote(secret), secret_needed=secret_needed)

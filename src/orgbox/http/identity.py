"""What does the org say about a token's user, and how does a token end? (docs/salesforce.md §1.7)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from orgbox.errors import OrgError
from orgbox.http.exchange import JSON, Incoming, Reply, dump
from orgbox.http.oauth import SESSION_LIFE, TokenError
from orgbox.http.service import Service
from orgbox.http.token import client_of
from orgbox.records import Record

_BAD_TOKEN = Reply(403, b"Bad_OAuth_Token", {"Content-Type": "text/html; charset=UTF-8"})


def identity(
    service: Service, incoming: Incoming, params: Mapping[str, str], org_id: str, user_id: str
) -> Reply:
    """GET /id/{org}/{user}: only with a token of that very user; else 403 in plain text."""
    asking = _bearer(service, incoming, params)
    if asking != user_id or org_id != service.org.id:
        return _BAD_TOKEN
    return _json(_who(service, service.org.get("User", user_id), incoming.base_url))


def userinfo(service: Service, incoming: Incoming, params: Mapping[str, str]) -> Reply:
    """GET or POST /services/oauth2/userinfo."""
    user_id = _bearer(service, incoming, params)
    if user_id is None:
        return _BAD_TOKEN
    user = service.org.get("User", user_id)
    who = _who(service, user, incoming.base_url)
    return _json(
        {
            "sub": who["id"],
            "user_id": user_id,
            "organization_id": service.org.id,
            "preferred_username": user["Username"],
            "nickname": who["nick_name"],
            "name": who["display_name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "urls": who["urls"],
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": user["LanguageLocaleKey"],
            "locale": user["LocaleSidKey"],
        }
    )


def introspect(service: Service, incoming: Incoming) -> Reply:
    """POST /services/oauth2/introspect; a dead or foreign token is {"active": false} and nothing more."""
    form = incoming.form
    try:
        app = client_of(service.oauth, form, incoming.headers, secret_needed=True)
    except TokenError:
        return _json({"error": "invalid_client", "error_description": "invalid client credentials"}, 401)
    grant, now = service.oauth.grants.get(form.get("token", "")), service.org.clock.now()
    if grant is not None and grant.current == form.get("token") and grant.client_id == app.client_id:
        return _json(
            _active(service, incoming, grant.user_id, app.client_id, grant.scope)
            | {"token_type": "refresh_token"}
        )
    session = service.oauth.sessions.get(form.get("token", ""))
    if session is None or session.dies_at <= now:
        return _json({"active": False})
    if session.grant is not None and session.grant.client_id != app.client_id:
        return _json({"active": False})
    issued = int((session.dies_at - SESSION_LIFE).timestamp())
    scope = session.grant.scope if session.grant is not None else "api"
    return _json(
        _active(service, incoming, session.user_id, app.client_id, scope)
        | {
            "token_type": "access_token",
            "exp": int(session.dies_at.timestamp()),
            "iat": issued,
            "nbf": issued,
        }
    )


def _active(service: Service, incoming: Incoming, user_id: str, client_id: str, scope: str) -> dict[str, Any]:
    return {
        "active": True,
        "scope": scope,
        "client_id": client_id,
        "username": service.org.get("User", user_id)["Username"],
        "sub": f"{incoming.base_url}/id/{service.org.id}/{user_id}",
    }


def revoke(service: Service, incoming: Incoming, params: Mapping[str, str]) -> Reply:
    """POST (form) or GET (query) `token`: 200 with nothing; a refusal is url-encoded, unlike all others."""
    given = incoming.form if incoming.method == "POST" else params
    try:
        service.oauth.revoke_token(given.get("token", ""))
    except TokenError as error:
        body = urlencode({"error": error.error, "error_description": error.description}).encode()
        return Reply(400, body, {"Content-Type": "application/x-www-form-urlencoded"})
    return Reply(200, b"", {"Cache-Control": "no-store"})


def discovery(incoming: Incoming) -> Reply:
    """GET /.well-known/openid-configuration: where everything of the sign-in is."""
    base = f"{incoming.base_url}/services/oauth2"
    return _json(
        {
            "issuer": incoming.base_url,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "userinfo_endpoint": f"{base}/userinfo",
            "introspection_endpoint": f"{base}/introspect",
            "scopes_supported": ["api", "email", "full", "id", "profile", "refresh_token", "web"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
    )


def _bearer(service: Service, incoming: Incoming, params: Mapping[str, str]) -> str | None:
    """Whose token it is; in the header, or as access_token in query or form."""
    header = incoming.headers.get("authorization")
    token = params.get("access_token") or params.get("oauth_token") or incoming.form.get("access_token")
    try:
        return service.oauth.user_of(header if header is not None or token is None else f"Bearer {token}")
    except OrgError:
        return None


def _who(service: Service, user: Record, base_url: str) -> dict[str, Any]:
    data = f"{base_url}/services/data/v{{version}}/"
    name = " ".join(str(part) for part in (user["FirstName"], user["LastName"]) if part)
    return {
        "id": f"{base_url}/id/{service.org.id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": service.org.id,
        "username": user["Username"],
        "nick_name": user["Alias"],
        "display_name": name,
        "email": user["Email"],
        "email_verified": True,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "urls": {
            "rest": data,
            "sobjects": f"{data}sobjects/",
            "search": f"{data}search/",
            "query": f"{data}query/",
            "custom_domain": base_url,
        },
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
    }


def _json(body: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, dump(body), {"Content-Type": JSON, "Cache-Control": "no-store"})

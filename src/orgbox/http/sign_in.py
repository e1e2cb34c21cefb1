"""Which part of signing in is asked for: the pages, the user behind a token, or the end of one?"""

from __future__ import annotations

from collections.abc import Mapping

from orgbox.http import identity
from orgbox.http.authorize import authorize, log_in
from orgbox.http.exchange import Incoming, Reply
from orgbox.http.service import Service


def sign_in(
    service: Service, incoming: Incoming, parts: tuple[str, ...], params: Mapping[str, str]
) -> Reply | None:
    """The reply, or None when there is no such address for this method."""
    match incoming.method, parts:
        case "GET" | "POST", ("services", "oauth2", "authorize"):
            return authorize(service, incoming, params)
        case "POST", ("login",):
            return log_in(service, incoming)
        case "GET" | "POST", ("services", "oauth2", "revoke"):
            return identity.revoke(service, incoming, params)
        case "POST", ("services", "oauth2", "introspect"):
            return identity.introspect(service, incoming)
        case "GET" | "POST", ("services", "oauth2", "userinfo"):
            return identity.userinfo(service, incoming, params)
        case "GET" | "POST", ("id", org_id, user_id):
            return identity.identity(service, incoming, params, org_id, user_id)
        case "GET", (".well-known", "openid-configuration"):
            return identity.discovery(incoming)
    return None

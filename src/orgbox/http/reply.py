"""What is answered to a request that came through the door: versions, a token, or a REST resource?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from orgbox.errors import OrgError
from orgbox.http.bulk1 import bulk1
from orgbox.http.call import Call, split_url
from orgbox.http.exchange import JSON, Incoming, Reply, dump, token_refused
from orgbox.http.mail_pages import setup_page
from orgbox.http.oauth import TokenError
from orgbox.http.resources import dispatch
from orgbox.http.service import Service
from orgbox.http.sign_in import sign_in
from orgbox.http.soap import soap
from orgbox.http.statuses import error_body, status_of
from orgbox.http.token import token
from orgbox.http.versions import check, versions
from orgbox.writes import not_found

_CLIENT = re.compile(r"client\s*=\s*([^;,\s]+)")


def reply_to(service: Service, incoming: Incoming) -> Reply:
    """The org's reply, as it is without faults."""
    parts, params = split_url(incoming.path, incoming.query)
    match parts:
        case ("services", "oauth2", "token") if incoming.method == "POST":
            return _token(service, incoming)
        case ("services", "async", version, *rest):
            return bulk1(service, incoming, version, tuple(rest))
        case ("services", "Soap", flavour, version, *_) if incoming.method == "POST":
            return soap(service, incoming, flavour, version)
        case ("services", "oauth2", _) | ("id", _, _) | (".well-known", "openid-configuration") | ("login",):
            return sign_in(service, incoming, parts, params) or refused(not_found())
        case ("home",) | ("personal", *_) | ("setup", *_):
            return setup_page(service, incoming, parts) or refused(not_found())
        case ("services", "data") if incoming.method in ("GET", "HEAD"):
            return Reply(200, dump(versions()), {"Content-Type": JSON})
        case ("services", "data", version, *rest):
            return _rest(service, incoming, version, tuple(rest), params)
    return refused(not_found())


def refused(error: OrgError) -> Reply:
    """A refusal of the whole request; it costs no call."""
    return Reply(status_of(error), dump(error_body(error)), {"Content-Type": JSON})


def _rest(
    service: Service, incoming: Incoming, version: str, rest: tuple[str, ...], params: Mapping[str, str]
) -> Reply:
    try:
        checked = check(version)
        user_id = service.oauth.user_of(incoming.headers.get("authorization"))
        service.allowance.take()
    except OrgError as error:
        return refused(error)
    service.jobs.work()
    call = Call(service, incoming.method, checked, rest, params, incoming.headers, incoming.body, user_id)
    service.org.state.origin = _origin(checked, incoming)
    try:
        answer = dispatch(replace(call, base_url=incoming.base_url))
    finally:
        service.org.state.origin = ""
    headers = answer.headers | {"Sforce-Limit-Info": service.allowance.header()}
    if answer.body is None:
        return Reply(answer.status, b"", headers, metered=True)
    if isinstance(answer.body, bytes):
        return Reply(answer.status, answer.body, headers, metered=True)
    return Reply(answer.status, dump(answer.body), headers | {"Content-Type": JSON}, metered=True)


def _origin(version: str, incoming: Incoming) -> str:
    """What a change event calls the origin of a REST call, with the client that names itself (docs/salesforce.md §7)."""
    client = _CLIENT.search(incoming.headers.get("sforce-call-options", ""))
    return f"com/salesforce/api/rest/{version[1:]}" + (f";client={client[1]}" if client else "")


def _token(service: Service, incoming: Incoming) -> Reply:
    try:
        answer = token(service.oauth, service.codes, incoming.body, incoming.headers, incoming.base_url)
    except TokenError as error:
        return token_refused(error)
    return Reply(200, dump(answer), {"Content-Type": JSON, "Cache-Control": "no-store"})

"""What happens to a request on its way in, and to a reply on its way out?

In: body read and unpacked, size checked, slashes collapsed, faults drawn. Out: the org's own Date, the count of API
calls, gzip, the journal. What the reply says is decided elsewhere (`resources`, `token`).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from orgbox.errors import OrgError
from orgbox.faults import Fault
from orgbox.http.allowance import used_up
from orgbox.http.call import Call, split_url
from orgbox.http.journal import Entry
from orgbox.http.oauth import TokenError
from orgbox.http.resources import dispatch
from orgbox.http.service import Service
from orgbox.http.statuses import error_body, status_of
from orgbox.http.token import token
from orgbox.http.versions import check, versions

_MOST_HEAD_BYTES = 16_384
_MOST_BODY_BYTES = 50 * 1024 * 1024
_HTML_503 = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
_JSON = "application/json;charset=UTF-8"


@dataclass(slots=True)
class Reply:
    """What goes out: status, bytes, headers, and whether the call was metered."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    metered: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came in: path with single slashes, still percent-encoded, and the unpacked body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str


class Gateway:
    """The ASGI door of /services: every request runs to its end within the event loop, so none overlaps another."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        head = sum(len(name) + len(value) for name, value in scope["headers"])
        uri = len(scope["raw_path"]) + len(scope["query_string"])
        headers = Headers(scope=scope)
        try:
            body = await _body(receive, headers)
        except OrgError as error:
            await self._send(send, _refused(error), headers)
            return
        incoming = _incoming(scope, headers, body)
        fault = self._service.faults.strike(incoming.method, incoming.path, body)
        if fault is not None and fault.name == "delay":
            await asyncio.sleep(fault.seconds)
        if uri > _MOST_HEAD_BYTES:
            reply = _edge_page(414, "URI Too Long")
        elif uri + head > _MOST_HEAD_BYTES:
            reply = _edge_page(431, "Request Header Fields Too Large")
        else:
            reply = self._reply(incoming, fault)
        broken = fault is not None and fault.name.startswith("reset_")
        self._service.journal.note(
            Entry(
                incoming.method,
                incoming.path + (f"?{incoming.query}" if incoming.query else ""),
                None if broken else reply.status,
                reply.metered,
                None if fault is None else fault.name,
            )
        )
        await self._send(send, reply, headers, broken=broken)

    def _reply(self, incoming: Incoming, fault: Fault | None) -> Reply:
        """The reply to a request, with what a fault makes of it."""
        name = None if fault is None else fault.name
        if name in _BEFORE:
            if name == "session_expired":
                self._service.oauth.expire_session(incoming.headers.get("authorization"))
            return _BEFORE[name]()
        reply = self._work(incoming)
        if name == "500_after_commit":
            broken = OrgError(
                "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 0-0 (0)"
            )
            return Reply(500, _dump(error_body(broken)), {"Content-Type": _JSON}, reply.metered)
        return reply

    def _work(self, incoming: Incoming) -> Reply:
        parts, params = split_url(incoming.path, incoming.query)
        match parts:
            case ("services", "oauth2", "token") if incoming.method == "POST":
                return self._token(incoming)
            case ("services", "data") if incoming.method in ("GET", "HEAD"):
                return Reply(200, _dump(versions()), {"Content-Type": _JSON})
            case ("services", "data", version, *rest):
                return self._rest(incoming, version, tuple(rest), params)
        return _refused(OrgError("NOT_FOUND", "The requested resource does not exist"))

    def _rest(
        self, incoming: Incoming, version: str, rest: tuple[str, ...], params: Mapping[str, str]
    ) -> Reply:
        service = self._service
        try:
            checked = check(version)
            user_id = service.oauth.user_of(incoming.headers.get("authorization"))
            service.allowance.take()
        except OrgError as error:
            return _refused(error)
        answer = dispatch(
            Call(service, incoming.method, checked, rest, params, incoming.headers, incoming.body, user_id)
        )
        headers = dict(answer.headers) | {"Sforce-Limit-Info": service.allowance.header()}
        if answer.body is None:
            return Reply(answer.status, b"", headers, metered=True)
        return Reply(answer.status, _dump(answer.body), headers | {"Content-Type": _JSON}, metered=True)

    def _token(self, incoming: Incoming) -> Reply:
        headers = {"Content-Type": _JSON, "Cache-Control": "no-store"}
        try:
            answer = token(self._service.oauth, incoming.body, incoming.headers, incoming.base_url)
        except TokenError as error:
            return Reply(400, _dump({"error": error.error, "error_description": error.description}), headers)
        return Reply(200, _dump(answer), headers)

    async def _send(self, send: Send, reply: Reply, asked: Headers, *, broken: bool = False) -> None:
        body, headers = reply.body, dict(reply.headers)
        if body and "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        headers["Date"] = format_datetime(self._service.org.clock.now().replace(microsecond=0), usegmt=True)
        if reply.status not in (204, 304) or broken:
            # A reply that breaks off promises more than it sends, so no client can take it for whole.
            headers["Content-Length"] = str(len(body) + (1 if broken else 0))
        await send(
            {
                "type": "http.response.start",
                "status": 200 if broken else reply.status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        if not broken:
            await send({"type": "http.response.body", "body": body})


def _refused(error: OrgError) -> Reply:
    return Reply(status_of(error), _dump(error_body(error)), {"Content-Type": _JSON})


def _edge_page(status: int, title: str) -> Reply:
    return Reply(
        status, f"<html><body><h1>{title}</h1></body></html>".encode(), {"Content-Type": "text/html"}
    )


_BEFORE: dict[str | None, Callable[[], Reply]] = {
    "reset_before_commit": lambda: Reply(200),
    "503_before_commit": lambda: _refused(
        OrgError("SERVER_UNAVAILABLE", "Server unavailable. Try again later.")
    ),
    "edge_html_503": lambda: Reply(503, _HTML_503, {"Content-Type": "text/html"}),
    "REQUEST_LIMIT_EXCEEDED": lambda: _refused(used_up()),
    "UNABLE_TO_LOCK_ROW": lambda: _refused(
        OrgError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    ),
    "session_expired": lambda: _refused(OrgError("INVALID_SESSION_ID", "Session expired or invalid")),
}


def _incoming(scope: Scope, headers: Headers, body: bytes) -> Incoming:
    path = re.sub(r"/{2,}", "/", scope["raw_path"].decode("latin-1"))
    return Incoming(
        method=scope["method"],
        path=path.rstrip("/") or "/",
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        base_url=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
    )


async def _body(receive: Receive, headers: Headers) -> bytes:
    """The whole body, unpacked. Raises OrgError EXCEEDED_MAX_SIZE_REQUEST or JSON_PARSER_ERROR."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > _MOST_BODY_BYTES:
            raise OrgError("EXCEEDED_MAX_SIZE_REQUEST", "Maximum request size exceeded")
        chunks.append(chunk)
        more = message.get("more_body", False)
    raw = b"".join(chunks)
    if headers.get("content-encoding", "").lower() != "gzip" or not raw:
        return raw
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(raw, _MOST_BODY_BYTES)
    except zlib.error:
        raise OrgError("JSON_PARSER_ERROR", "The gzip body cannot be unpacked") from None
    if unpacker.unconsumed_tail:
        raise OrgError("EXCEEDED_MAX_SIZE_REQUEST", "Maximum request size exceeded")
    return unpacked


def _dump(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

"""What happens to a request on its way in, and to a reply on its way out?

In: the body read and unpacked, sizes checked, slashes collapsed, a fault drawn. Out: the org's own Date, gzip, the
journal. What is answered is decided in `reply`.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from email.utils import format_datetime

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from orgbox.errors import OrgError
from orgbox.faults import Fault
from orgbox.http.authorize import told_to_the_app
from orgbox.http.exchange import Incoming, Reply
from orgbox.http.journal import Entry
from orgbox.http.reply import refused, reply_to
from orgbox.http.service import Service
from orgbox.refusals import REFUSALS

_MOST_HEAD_BYTES = 16_384
_MOST_BODY_BYTES = 50 * 1024 * 1024
_BROKEN = frozenset({"reset_after_commit", "reset_before_commit", "FAILED_WRITE"})
_UNKNOWN = REFUSALS["UNKNOWN_EXCEPTION"].error("UNKNOWN_EXCEPTION")
_UNAVAILABLE = REFUSALS["SERVER_UNAVAILABLE"].error("SERVER_UNAVAILABLE")
_NO_API = OrgError("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
_EXPIRED = OrgError("INVALID_SESSION_ID", "Session expired or invalid")


class Gateway:
    """The ASGI door of the org: no request waits for anything while it is worked on, so none overlaps another."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        incoming = _incoming(scope)
        fault: Fault | None = None
        try:
            incoming = replace(
                incoming, body=await _body(receive, incoming.headers.get("content-encoding", ""))
            )
        except OrgError as error:
            reply = refused(error)
        else:
            fault = self._service.faults.strike(incoming.method, incoming.path, incoming.body)
            if fault is not None and fault.name == "delay":
                await asyncio.sleep(fault.seconds)
            reply = _too_long(scope) or self._reply(incoming, fault)
        broken = fault is not None and fault.name in _BROKEN
        path = f"{incoming.path}?{incoming.query}" if incoming.query else incoming.path
        name = None if fault is None else fault.name
        self._service.journal.note(
            Entry(incoming.method, path, None if broken else reply.status, reply.metered, name)
        )
        await self._send(send, reply, incoming.headers.get("accept-encoding", ""), broken=broken)

    def _reply(self, incoming: Incoming, fault: Fault | None) -> Reply:
        """The reply, or what a fault makes of it."""
        if fault is not None and fault.name in _INSTEAD:
            if fault.name == "session_expired":
                self._service.oauth.expire_session(incoming.headers.get("authorization"))
            return _INSTEAD[fault.name]()
        if fault is not None and fault.place == "sign_in":
            return told_to_the_app(self._service, incoming, *fault.said_at_sign_in)
        if fault is not None and fault.name in REFUSALS and fault.name not in _BROKEN:
            return refused(fault.refusal)
        reply = reply_to(self._service, incoming)
        if fault is not None and fault.name == "500_after_commit":
            return replace(refused(_UNKNOWN), metered=reply.metered)
        return reply

    async def _send(self, send: Send, reply: Reply, accepted: str, *, broken: bool) -> None:
        body, headers = reply.body, dict(reply.headers)
        if body and "gzip" in accepted:
            body = gzip.compress(body, compresslevel=1)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        headers["Date"] = format_datetime(self._service.org.clock.now().replace(microsecond=0), usegmt=True)
        if broken:
            # A reply that breaks off promises a body and ends without it, so that no client can take it for whole.
            headers["Content-Length"] = str(len(body) + 1)
        elif reply.status not in (204, 304):
            headers["Content-Length"] = str(len(body))
        await send(
            {
                "type": "http.response.start",
                "status": 200 if broken else reply.status,
                "headers": [(_spelt(name).encode(), value.encode()) for name, value in headers.items()],
            }
        )
        if not broken:
            await send({"type": "http.response.body", "body": body})


def _spelt(name: str) -> str:
    """Headers go out as Salesforce spells them (Airbyte's source looks for theirs); the server must know its own."""
    return name.lower() if name in ("Content-Length", "Date") else name


def _page(status: int, title: str) -> Reply:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(status, page.encode(), {"Content-Type": "text/html"})


_INSTEAD: dict[str, Callable[[], Reply]] = {
    "reset_before_commit": lambda: Reply(200),
    "503_before_commit": lambda: refused(_UNAVAILABLE),
    "edge_html_503": lambda: _page(503, "Service Unavailable"),
    "API_DISABLED_FOR_ORG": lambda: refused(_NO_API),
    "session_expired": lambda: refused(_EXPIRED),
}


def _incoming(scope: Scope) -> Incoming:
    headers = Headers(scope=scope)
    path = re.sub(r"/{2,}", "/", scope["raw_path"].decode("latin-1"))
    return Incoming(
        method=scope["method"],
        path=path.rstrip("/") or "/",
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"",
        base_url=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
    )


def _too_long(scope: Scope) -> Reply | None:
    """The edge's page for more than 16,384 bytes of URI and headers (docs/salesforce.md §2.4); None within them."""
    uri = len(scope["raw_path"]) + len(scope["query_string"])
    if uri > _MOST_HEAD_BYTES:
        return _page(414, "URI Too Long")
    if uri + sum(len(name) + len(value) for name, value in scope["headers"]) > _MOST_HEAD_BYTES:
        return _page(431, "Request Header Fields Too Large")
    return None


async def _body(receive: Receive, encoding: str) -> bytes:
    """The whole body, unpacked. Raises OrgError EXCEEDED_MAX_SIZE_REQUEST or JSON_PARSER_ERROR."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > _MOST_BODY_BYTES:
            raise OrgError("EXCEEDED_MAX_SIZE_REQUEST", "Maximum request size exceeded")
        more = message.get("more_body", False)
    raw = b"".join(chunks)
    if encoding.lower() != "gzip" or not raw:
        return raw
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(raw, _MOST_BODY_BYTES)
    except zlib.error:
        raise OrgError("JSON_PARSER_ERROR", "The gzip body cannot be unpacked") from None
    if unpacker.unconsumed_tail:
        raise OrgError("EXCEEDED_MAX_SIZE_REQUEST", "Maximum request size exceeded")
    return unpacked

"""One HTTP exchange: bytes out, bytes in, and for every failure whether anything can have reached Salesforce.

Nothing is ever sent twice here. The pool opens no connection a second time (`retries=0`), and an idle connection that
the server has closed is noticed and replaced *before* the request is written. If the server closes it in the very
moment that we write, nobody can know whether it read the request: that is OutcomeUnknown, not a retry (rule I2).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx2

from tandem.salesforce.errors import BadInput, OutcomeUnknown, SalesforceError, Unreachable
from tandem.salesforce.oauth import FormPost
from tandem.salesforce.wire import encode_json, parse_http_date

_COMPRESS_ABOVE = 1024  # bytes; below it gzip saves nothing worth the while
_LARGEST_BODY = 50 * 1024 * 1024  # EXCEEDED_MAX_SIZE_REQUEST (docs/salesforce.md §6)
_POOL = httpx2.Limits(max_connections=10, max_keepalive_connections=10, keepalive_expiry=30.0)

# Raised before a request was written: no connection, no free place in the pool, no way through the proxy.
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read` is the longest silence while Salesforce works: a full composite with triggers takes long."""

    connect: float = 10.0
    read: float = 120.0
    write: float = 60.0
    pool: float = 30.0


# A renewal of the sign-in is a short call that others wait for: 50 seconds at the very most, whatever data calls get.
_RENEWAL = Timeouts(connect=10.0, read=20.0, write=10.0, pool=10.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `payload` is the decoded JSON, None when there was none or it could not be read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    payload: Any

    @property
    def server_date(self) -> datetime | None:
        """The server's clock from the Date header, in whole seconds; None when it is missing or garbled."""
        try:
            return parse_http_date(self.headers.get("Date", ""))
        except ValueError:
            return None


class Line:
    """A keep-alive pool of HTTP/1.1 connections to one org. Safe to share between threads."""

    def __init__(self, timeouts: Timeouts, transport: httpx2.BaseTransport | None = None) -> None:
        self._http = httpx2.Client(
            transport=transport,  # None: httpx2's own, which opens a connection once (retries=0)
            http1=True,
            http2=False,
            limits=_POOL,
            follow_redirects=False,
            timeout=_as_httpx(timeouts),
            # Plain http only ever goes to loopback (hosts.py), which no proxy of the environment can reach.
            mounts={"http://": None},
            headers={"User-Agent": "tandem", "Accept": "application/json", "Accept-Encoding": "gzip"},
        )

        self._renewal = _as_httpx(
            Timeouts(
                connect=min(timeouts.connect, _RENEWAL.connect),
                read=min(timeouts.read, _RENEWAL.read),
                write=min(timeouts.write, _RENEWAL.write),
                pool=min(timeouts.pool, _RENEWAL.pool),
            )
        )

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None, *, was_write: bool
    ) -> Answer:
        """Send one request with `body` as JSON (gzipped above 1 KB) and read the whole answer.

        Raises Unreachable (nothing was sent), BadInput (too large) or OutcomeUnknown (anything may have happened).
        """
        sent = dict(headers)
        content: bytes | None = None
        if body is not None:
            content = encode_json(body)
            sent["Content-Type"] = "application/json; charset=UTF-8"
            if len(content) > _LARGEST_BODY:
                raise BadInput(
                    f"one call would carry {len(content):,} bytes; Salesforce takes {_LARGEST_BODY:,}",
                    code="EXCEEDED_MAX_SIZE_REQUEST",
                    remedy="Send fewer rows at once.",
                )
            if len(content) > _COMPRESS_ABOVE:
                content = gzip.compress(content, compresslevel=6, mtime=0)
                sent["Content-Encoding"] = "gzip"
        return self._exchange(method, url, sent, content, was_write)

    def post_form(self, form: FormPost) -> tuple[int, bytes]:
        """Post one form to the token endpoint; status and body."""
        answer = self._exchange(
            "POST", form.url, form.headers, form.content, was_write=False, timeout=self._renewal
        )
        return answer.status, answer.body

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        was_write: bool,
        timeout: httpx2.Timeout | None = None,
    ) -> Answer:
        failure: SalesforceError
        try:
            response = self._http.request(
                method, url, headers=headers, content=content, timeout=timeout or self._http.timeout
            )
        except httpx2.HTTPError as error:
            failure = _failure(error, was_write)
        else:
            return Answer(
                response.status_code, response.headers, response.content, _decoded(response.content)
            )
        # Outside the handler: httpx2's errors hold the request with its Authorization header, and a chained one
        # would carry it into every report of this error.
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_httpx(timeouts: Timeouts) -> httpx2.Timeout:
    return httpx2.Timeout(
        connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool
    )


def _failure(error: httpx2.HTTPError, was_write: bool) -> SalesforceError:
    said = _plain(error)
    if isinstance(error, _NEVER_SENT):
        return Unreachable(said, code="UNREACHABLE", was_write=was_write)
    code = "TIME_OUT" if isinstance(error, httpx2.TimeoutException) else "CONNECTION_LOST"
    if isinstance(error, httpx2.DecodingError):
        code = "UNREADABLE_ANSWER"
    return OutcomeUnknown(said, code=code, was_write=was_write)


def _plain(error: httpx2.HTTPError) -> str:
    words: dict[type[httpx2.HTTPError], str] = {
        httpx2.ConnectTimeout: "the connection could not be opened in time",
        httpx2.PoolTimeout: "every connection was in use for too long",
        httpx2.ReadTimeout: "the answer did not come in time",
        httpx2.WriteTimeout: "the request could not be sent in time",
        httpx2.RemoteProtocolError: "the connection was closed before the answer was complete",
        httpx2.ReadError: "the connection broke before the answer was complete",
    }
    return words.get(type(error)) or str(error) or type(error).__name__


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None

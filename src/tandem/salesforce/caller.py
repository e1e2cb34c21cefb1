"""One authorised API call: sign it, renew the sign-in once if Salesforce asks for it, count it, read it.

A 401 INVALID_SESSION_ID is certain: Salesforce looks at the token before anything else. So this is the one case in
which a write is sent a second time, once, with new tokens (docs/salesforce.md §1.8).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.salesforce.codes import error_of
from tandem.salesforce.errors import OutcomeUnknown, SignInNeeded
from tandem.salesforce.line import Answer, Line
from tandem.salesforce.oauth import Session, Tokens
from tandem.salesforce.wire import LimitInfo, parse_limit_info

# These 401 bodies say INVALID_SESSION_ID, but no new token can help: renewing would loop (docs/salesforce.md §1.8).
_BEYOND_RENEWAL = (
    "connected app is not attached to agent",
    "not valid for use with the rest api",
)
_CALL_OPTIONS = {"Sforce-Call-Options": "client=tandem"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: decoded JSON and the server's time."""

    payload: Any
    read_at: datetime


class Caller:
    """Makes authorised calls and keeps what their answers tell about the allowance."""

    def __init__(self, session: Session, line: Line) -> None:
        self._session = session
        self._line = line
        self._counting = threading.Lock()
        self.calls = 0
        self.limit: LimitInfo | None = None

    def call(self, method: str, path: str, body: Any = None, *, was_write: bool) -> Reply:
        """The reply to one metered call. Raises the tree of `errors`; never sends a write twice in doubt."""
        tokens = self._session.tokens()
        answer = self._send(tokens, method, path, body, was_write)
        if _is_expired(answer):
            tokens = self._session.renewed(tokens.access_token, self._line.post_form)
            answer = self._send(tokens, method, path, body, was_write)
        return _reply(answer, was_write)

    def call_unmetered(self, path: str) -> Reply:
        """GET something that needs no sign-in and costs nothing (the list of versions, docs/salesforce.md §2.1)."""
        url = self._session.base_url(self._session.tokens()) + path
        return _reply(self._line.send("GET", url, {}, was_write=False), was_write=False)

    def _send(self, tokens: Tokens, method: str, path: str, body: Any, was_write: bool) -> Answer:
        url = self._session.base_url(tokens) + path
        headers = {"Authorization": f"Bearer {tokens.access_token}", **_CALL_OPTIONS}
        with self._counting:
            self.calls += 1
        answer = self._line.send(method, url, headers, body, was_write=was_write)
        self._note_limit(answer)
        return answer

    def _note_limit(self, answer: Answer) -> None:
        seen_at, header = answer.server_date, answer.headers.get("Sforce-Limit-Info")
        if header is None or seen_at is None:
            return
        limit = parse_limit_info(header, seen_at)
        with self._counting:
            # Answers of parallel calls overtake each other: the newest word counts.
            if limit is not None and (self.limit is None or limit.seen_at >= self.limit.seen_at):
                self.limit = limit


def _is_expired(answer: Answer) -> bool:
    if answer.status != 401:
        return False
    error = error_of(answer.status, answer.payload, was_write=False)
    said = error.message.lower()
    return error.code == "INVALID_SESSION_ID" and not any(phrase in said for phrase in _BEYOND_RENEWAL)


def _reply(answer: Answer, was_write: bool) -> Reply:
    if answer.status == 401:
        error = error_of(answer.status, answer.payload, was_write)
        raise SignInNeeded(error.message, code=error.code, status=401, was_write=was_write)
    if answer.status >= 300:
        raise error_of(answer.status, answer.payload, was_write)
    if answer.payload is None or answer.server_date is None:
        raise unreadable(was_write)
    return Reply(answer.payload, answer.server_date)


def unreadable(was_write: bool) -> OutcomeUnknown:
    """The error for a successful status with a content that is not what it should be."""
    return OutcomeUnknown(
        "the answer cannot be read", code="UNREADABLE_ANSWER", status=200, was_write=was_write
    )

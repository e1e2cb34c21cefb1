"""What comes through the org's door, and what goes out again: requests and replies as bytes and headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from orgbox.http.oauth import TokenError

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request: path with single slashes, still percent-encoded; header names in any case; the unpacked body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    @property
    def form(self) -> dict[str, str]:
        """The fields of a posted form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(slots=True)
class Reply:
    """Status, bytes and headers, and whether the request cost an API call."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    metered: bool = False


def dump(body: Any) -> bytes:
    """A body as JSON; half a surrogate pair, which has no bytes, is a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def token_refused(error: TokenError) -> Reply:
    """400 {error, error_description}, as the token endpoint refuses."""
    body = dump({"error": error.error, "error_description": error.description})
    return Reply(400, body, {"Content-Type": JSON, "Cache-Control": "no-store"})

"""What does a REST resource get, and what does it give back?

A resource is a function from a Call to an Answer, so that a request of its own and a sub-request of a composite
are the same thing to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, unquote

from orgbox.errors import OrgError
from orgbox.writes import Transaction

if TYPE_CHECKING:
    from orgbox.http.service import Service


@dataclass(slots=True)
class Answer:
    """Status, body (JSON; bytes as they are, with a Content-Type; None: empty) and the headers that belong to it."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One request below /services/data/vXX.X.

    `parts` are the decoded path segments after the version; header names are lower case; `body` is bytes for a
    request of its own and parsed JSON for a sub-request; `base_url` is how the client reached us; `tx` is the transaction of an all-or-none composite.
    """

    service: Service
    method: str
    version: str
    parts: tuple[str, ...]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    user_id: str
    base_url: str = ""
    tx: Transaction | None = None

    @property
    def prefix(self) -> str:
        """What precedes every resource's path in this version."""
        return f"/services/data/{self.version}"

    @property
    def version_number(self) -> float:
        """31.0 to 68.0; some answers differ by it."""
        return float(self.version[1:])

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """What this call reads and writes through: its own, or the composite's."""
        if self.tx is not None:
            yield self.tx
        else:
            with self.service.org.transaction(self.user_id) as tx:
                yield tx

    def json(self) -> Any:
        """The body as JSON. Raises OrgError JSON_PARSER_ERROR."""
        return read_json(self.body) if isinstance(self.body, bytes) else self.body

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        given = self.json()
        if not isinstance(given, dict):
            raise OrgError("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
        return given

    def number(self, name: str) -> int | None:
        """A parameter that counts something; None for any other text."""
        text = self.params.get(name, "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None

    def http_date(self, header: str) -> datetime | None:
        """A conditional header's date, None without one. OrgError for any other text (docs/salesforce.md §2.10)."""
        text = self.headers.get(header.lower())
        if text is None:
            return None
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise OrgError("INVALID_HEADER_VALUE", f"Invalid value for {header} header: {text}") from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_json(raw: bytes) -> Any:
    """Parse a request body. Raises OrgError JSON_PARSER_ERROR."""
    if not raw.strip():
        raise OrgError(
            "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."
        )
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise OrgError(
            "JSON_PARSER_ERROR", f"Unexpected character or structure in the JSON body: {error}"
        ) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def split_url(path: str, query: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Decoded path segments without empty ones (doubled and trailing slashes), and the parameters."""
    parts = tuple(unquote(part) for part in path.split("/") if part)
    return parts, dict(parse_qsl(query, keep_blank_values=True))

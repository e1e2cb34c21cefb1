"""What does the API answer when it cannot do what was asked? Problem details (RFC 9457).

Every problem says three things: what happened (`title`, `detail`), what that means for the caller's data
(`your_data`), and what to do (`what_to_do`). `type` leads to its paragraph on the API's own page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from ninja import Schema

MEDIA_TYPE = "application/problem+json"
_NOTHING = "Nothing was stored."


class FieldProblem(Schema):
    """What is wrong with one field."""

    field: str
    sentence: str


class ProblemDetails(Schema):
    """Problem details (RFC 9457), with what it means for your data, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    your_data: str
    what_to_do: str
    errors: list[FieldProblem] = []


@dataclass(frozen=True)
class Kind:
    """One kind of problem, as its paragraph on the page tells it."""

    slug: str
    status: int
    title: str
    what_to_do: str
    your_data: str = _NOTHING

    @property
    def type(self) -> str:
        return f"/api/v1/#problem-{self.slug}"


class Problem(Exception):
    """The request ends here, with this answer."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.slug, detail)
        self.kind = kind
        self.detail = detail or kind.title
        self.errors = errors
        self.headers = dict(headers or {})


def answer(problem: Problem) -> HttpResponse:
    """The problem as it goes over the wire."""
    kind = problem.kind
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "your_data": kind.your_data,
        "what_to_do": kind.what_to_do,
        "errors": [{"field": field, "sentence": sentence} for field, sentence in problem.errors],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=kind.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


NOT_SIGNED_IN = Kind(
    "token",
    401,
    "The request carries no token that is in force.",
    "Send the header “Authorization: Bearer …” with a token made under Settings, API. A revoked one cannot be used again.",
)
MEMBER_NOT_NAMED = Kind(
    "member-not-named",
    400,
    "A team token was used without saying for which member.",
    "Send the header “Tandem-Member” with the email address that this member signs in with.",
)
NO_SUCH_MEMBER = Kind(
    "no-such-member",
    403,
    "The token may not speak for this member.",
    "Check the address in the header “Tandem-Member”. A member's own token speaks for that member only.",
)
NOT_ALLOWED = Kind(
    "not-allowed",
    403,
    "Only an admin may do this.",
    "Ask an admin of your team, or use a token that speaks for an admin.",
)
TOO_MANY = Kind(
    "too-many-requests",
    429,
    "This token has made more requests in a minute than it may.",
    "Wait for as many seconds as the header “Retry-After” says, then send the same request again.",
)
MALFORMED = Kind(
    "malformed",
    400,
    "The request cannot be read.",
    "Mend what `detail` names, then send it again.",
)
INVALID = Kind(
    "invalid",
    422,
    "The request can be read, but some of it cannot stay as it is.",
    "Mend each field that `errors` names, then send it again.",
)
TOO_LARGE = Kind(
    "too-large",
    413,
    "The request is larger than it may be.",
    "Send less: leave attachments out, for they are not logged to Salesforce anyway.",
)
WRONG_MEDIA_TYPE = Kind(
    "media-type",
    415,
    "The body is in a format that is not read here.",
    "Say in the header “Content-Type” what you send, in one of the formats that `detail` names.",
)
NOT_FOUND = Kind(
    "not-found",
    404,
    "This is not here, or it belongs to another member.",
    "Check the address, and for which member the token speaks.",
)
WRONG_METHOD = Kind(
    "method",
    405,
    "This address does not take requests of this method.",
    "Use one of the methods in the header “Allow”.",
)
KEY_TAKEN = Kind(
    "key-taken",
    409,
    "The key already names another call.",
    "Give every call a key of its own. To tell the same call again, send exactly what you sent the first time.",
    "The call that was told first is as it was; nothing else was stored.",
)
MESSAGE_TAKEN = Kind(
    "message-taken",
    409,
    "Another member's email has this Message-ID.",
    "Nothing, if this is the same message: it is known already, once, as the email of the member who sent it.",
)
BROKEN = Kind(
    "broken",
    500,
    "Something went wrong on our side.",
    "Send the same request again. If it stays, tell whoever runs this server; its log says more.",
    "What this request asked for was not stored; everything stored before is safe.",
)

KINDS = (
    MALFORMED,
    MEMBER_NOT_NAMED,
    NOT_SIGNED_IN,
    NO_SUCH_MEMBER,
    NOT_ALLOWED,
    NOT_FOUND,
    WRONG_METHOD,
    KEY_TAKEN,
    MESSAGE_TAKEN,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID,
    TOO_MANY,
    BROKEN,
)

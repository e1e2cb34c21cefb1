"""How does the API read a request: who speaks, which body, where in a list?

Everything here either returns what was asked for or raises Problem, before anything is stored.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja.security import HttpBearer
from pydantic import BaseModel, ValidationError

from tandem.accounts.models import Member
from tandem.api import problems, services
from tandem.api.problems import Problem

B = TypeVar("B", bound=BaseModel)

JSON = "application/json"
JSON_LIMIT = 2_000_000  # bytes
MEMBER_HEADER = "Tandem-Member"


class ApiRequest(HttpRequest):
    """A request that a token vouches for."""

    auth: Member


class TokenAuth(HttpBearer):
    """“Authorization: Bearer tandem_…”; a team's token also names the member."""

    def authenticate(self, request: HttpRequest, token: str) -> Member | None:
        try:
            return services.member_of(token.strip(), request.headers.get(MEMBER_HEADER))
        except services.NotAccepted:
            return None
        except services.MemberNotNamed:
            raise Problem(problems.MEMBER_NOT_NAMED) from None
        except services.NoSuchMember:
            raise Problem(problems.NO_SUCH_MEMBER) from None
        except services.TooMany as many:
            detail = f"This token may make {services.LIMIT} requests a minute."
            raise Problem(problems.TOO_MANY, detail, headers={"Retry-After": str(many.seconds)}) from None


def media_type(request: HttpRequest) -> str:
    """What the body is said to be, without parameters, in lower case."""
    return (request.content_type or "").strip().lower()


def body(request: HttpRequest, limit: int) -> bytes:
    """The body, of at most `limit` bytes; not one byte more is read into memory."""
    try:
        content = request.read(limit + 1)
    except UnreadablePostError:
        raise Problem(problems.MALFORMED, "The body ended before it was whole.") from None
    if len(content) > limit:
        raise Problem(problems.TOO_LARGE, f"The body is larger than {limit:,} bytes.")
    return content


def json_body(request: HttpRequest, shape: type[B]) -> B:
    """The body as this shape, read strictly."""
    if media_type(request) != JSON:
        raise Problem(problems.WRONG_MEDIA_TYPE, f"This address reads {JSON}.")
    content = body(request, JSON_LIMIT)
    try:
        return shape.model_validate_json(content)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False, include_context=False)
        if any(error["type"] == "json_invalid" for error in first):
            raise Problem(problems.MALFORMED, "The body is not JSON.") from None
        raise Problem(problems.INVALID, errors=sentences(first)) from None


def sentences(errors: Any) -> list[tuple[str, str]]:
    """(field, sentence) of each thing that pydantic found; `field` is the way to it, as in to.0.address."""
    return [(".".join(str(part) for part in error["loc"]) or "body", f"{error['msg']}.") for error in errors]


def cursor_of(id: int) -> str:
    """Where a list goes on behind this row. Callers give it back as it is; what it says is our business."""
    return base64.urlsafe_b64encode(str(id).encode()).decode().rstrip("=")


def id_of(cursor: str) -> int:
    """The row that this cursor stands at."""
    try:
        id = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (ValueError, binascii.Error):
        id = 0
    if not 0 < id < 2**63 or cursor_of(id) != cursor:
        raise Problem(problems.INVALID, errors=[("cursor", "This is no cursor that was given to you.")])
    return id

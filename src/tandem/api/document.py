"""The OpenAPI document: what ninja knows of the endpoints, and what only we know: bodies, problems, the member's header."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from tandem.api import problems
from tandem.api.application import api
from tandem.api.endpoints import MESSAGE_LIMIT, RFC822
from tandem.api.problems import ProblemDetails
from tandem.api.reading import JSON, MEMBER_HEADER
from tandem.api.schemas import CallIn, EmailIn, IgnoredIn
from tandem.api.services import LIMIT

PREFIX = "/api/v1/"

#: operation -> media type -> the shape of its body; None: bytes.
_BODIES: dict[str, dict[str, type[BaseModel] | None]] = {
    "tell_email": {RFC822: None, JSON: EmailIn},
    "tell_call": {JSON: CallIn},
    "ignore": {JSON: IgnoredIn},
}
#: Besides those that every operation may answer.
_PROBLEMS: dict[str, tuple[problems.Kind, ...]] = {
    "tell_email": (problems.MESSAGE_TAKEN, problems.TOO_LARGE, problems.WRONG_MEDIA_TYPE),
    "tell_call": (problems.KEY_TAKEN, problems.TOO_LARGE, problems.WRONG_MEDIA_TYPE),
    "read_email": (problems.NOT_FOUND,),
    "ignore": (problems.NOT_ALLOWED, problems.TOO_LARGE, problems.WRONG_MEDIA_TYPE),
}
_EVERYWHERE = (
    problems.MALFORMED,
    problems.NOT_SIGNED_IN,
    problems.NO_SUCH_MEMBER,
    problems.INVALID,
    problems.TOO_MANY,
)


@cache
def document() -> dict[str, Any]:
    """The document as JSON keeps it. It says nothing that a stranger may not know."""
    written: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    components: dict[str, Any] = written["components"]
    _keep(components["schemas"], ProblemDetails)
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": f"A token made under Settings, API. {LIMIT} requests a minute.",
        }
    }
    for path in written["paths"].values():
        for operation in path.values():
            _complete(operation, components["schemas"])
    return written


def _complete(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    name = operation["operationId"]
    operation["security"] = [{"token": []}]
    operation["parameters"].append(
        {
            "in": "header",
            "name": MEMBER_HEADER,
            "required": False,
            "schema": {"type": "string", "format": "email"},
            "description": "With a team's token: the email address of the member it speaks for.",
        }
    )
    bodies = _BODIES.get(name)
    if bodies:
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": _shape(shape, schemas)} for kind, shape in bodies.items()},
        }
    for kind in (*_EVERYWHERE, *_PROBLEMS.get(name, ())):
        operation["responses"].setdefault(kind.status, _response(kind))


def _shape(shape: type[BaseModel] | None, schemas: dict[str, Any]) -> dict[str, Any]:
    if shape is None:
        return {"type": "string", "format": "binary", "description": f"Up to {MESSAGE_LIMIT:,} bytes."}
    return _keep(schemas, shape)


def _keep(schemas: dict[str, Any], shape: type[BaseModel]) -> dict[str, Any]:
    """Puts a shape and those it is made of among the document's; a reference to it."""
    written = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(written.pop("$defs", {}))
    schemas[shape.__name__] = written
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _response(kind: problems.Kind) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": kind.title,
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    if kind is problems.TOO_MANY:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
    return response

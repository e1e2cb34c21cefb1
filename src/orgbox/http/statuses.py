"""Which HTTP status goes with which error code? (docs/salesforce.md §2.12)"""

from __future__ import annotations

from typing import Any

from orgbox.errors import OrgError

_STATUS = {
    "API_CURRENTLY_DISABLED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "DUPLICATE_EXTERNAL_ID": 300,
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": 412,
    "ENTITY_IS_DELETED": 404,
    "EXCEEDED_MAX_SIZE_REQUEST": 413,
    "FUNCTIONALITY_NOT_ENABLED": 403,
    "GONE": 410,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": 503,
    "INVALID_AUTH_HEADER": 401,
    "INVALID_SESSION_ID": 401,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_FOUND": 404,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "SERVER_UNAVAILABLE": 503,
    "TXN_SECURITY_NO_ACCESS": 403,
    "UNKNOWN_EXCEPTION": 500,
    "UNSUPPORTED_MEDIA_TYPE": 415,
}

# Refusals of a request as a whole name no fields; refusals of a row always carry the list.
_OF_THE_REQUEST = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "GONE",
        "INVALID_AUTH_HEADER",
        "INVALID_FIELD",
        "INVALID_QUERY_LOCATOR",
        "INVALID_SESSION_ID",
        "INVALID_TYPE",
        "JSON_PARSER_ERROR",
        "MALFORMED_QUERY",
        "METHOD_NOT_ALLOWED",
        "NOT_FOUND",
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
    }
)


def status_of(error: OrgError) -> int:
    """The HTTP status of a refusal; 400 unless Salesforce has another."""
    return _STATUS.get(error.code, 400)


def error_body(error: OrgError) -> list[dict[str, Any]]:
    """[{message, errorCode, fields?}], as every resource but the token endpoint answers."""
    body: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields or error.code not in _OF_THE_REQUEST:
        body["fields"] = list(error.fields)
    return [body]

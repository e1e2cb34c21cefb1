"""What each of Salesforce's error codes means: one table and one pure function over it.

The codes are those of docs/salesforce.md §2.12 (object reference, Core Data Types: StatusCode, ExceptionCode) and
the 26 of rule A.11. A code that is not in the table is judged by its HTTP status alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tandem.salesforce.errors import (
    Busy,
    Changed,
    Duplicate,
    Gone,
    LimitReached,
    NotDone,
    OutcomeUnknown,
    Refused,
    SalesforceError,
    SignInNeeded,
)


class Meaning(NamedTuple):
    """What one code stands for."""

    kind: type[NotDone] | type[OutcomeUnknown]
    remedy: str = ""
    # A 5xx normally leaves a write in doubt. These codes say in words that nothing was begun, and Salesforce
    # documents them with a 5xx too (docs/salesforce.md §2.12).
    certain_with_any_status: bool = False


_ASK = "Ask your Salesforce admin"
_OR_ASK = "ask your Salesforce admin"

MEANINGS: dict[str, Meaning] = {
    # --- sign-in -----------------------------------------------------------------------------------------
    "INVALID_SESSION_ID": Meaning(SignInNeeded),
    "INVALID_AUTH_HEADER": Meaning(SignInNeeded),
    "AUTHENTICATION_FAILURE": Meaning(SignInNeeded),
    "EXPIRED_ACCESS": Meaning(SignInNeeded),
    "INVALID_GRANT": Meaning(
        SignInNeeded,
        f"Connect again; if it is refused once more, {_OR_ASK} to trust the network"
        " address of your Tandem server.",
    ),
    "INACTIVE_ORGANIZATION": Meaning(SignInNeeded, f"{_ASK} to reactivate the org, then connect again."),
    "INACTIVE_USER": Meaning(SignInNeeded, f"{_ASK} to reactivate this user, then connect again."),
    # --- allowance ---------------------------------------------------------------------------------------
    "REQUEST_LIMIT_EXCEEDED": Meaning(LimitReached),
    # --- passing -----------------------------------------------------------------------------------------
    "UNABLE_TO_LOCK_ROW": Meaning(Busy),
    "ENTITY_IS_LOCKED": Meaning(
        Busy, "It waits for an approval in Salesforce; Tandem tries again when that is through."
    ),
    "API_CURRENTLY_DISABLED": Meaning(
        Busy,
        f"Tandem tries again by itself; if it lasts, {_OR_ASK} whether API access is granted.",
        certain_with_any_status=True,
    ),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Meaning(
        Busy,
        "Salesforce is read-only during maintenance; Tandem goes on afterwards.",
        certain_with_any_status=True,
    ),
    "TOO_MANY_APEX_REQUESTS": Meaning(Busy),
    "QUERY_TIMEOUT": Meaning(Busy),
    "INVALID_QUERY_LOCATOR": Meaning(Busy, "Tandem starts this list again from its beginning."),
    "PROCESSING_HALTED": Meaning(Busy, "Another part of the same call failed first; Tandem tries again."),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Meaning(
        Busy, "Another row of the same call failed; Tandem tries again."
    ),
    # --- the record itself -------------------------------------------------------------------------------
    "ENTITY_IS_DELETED": Meaning(Gone),
    "NOT_FOUND": Meaning(Gone),
    "MATCH_PRECONDITION_FAILED": Meaning(Changed),
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": Meaning(Changed),
    "DUPLICATE_VALUE": Meaning(Duplicate),
    # --- a person must act -------------------------------------------------------------------------------
    "API_DISABLED_FOR_ORG": Meaning(
        Refused, f"{_ASK} to grant 'API Enabled', or use Email to Salesforce (BCC) instead."
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Meaning(
        Refused, f"A trigger or flow stopped it. {_ASK} to look at it, then retry."
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": Meaning(
        Refused, "This lead has become a contact. Choose the contact, then retry."
    ),
    "DUPLICATES_DETECTED": Meaning(
        Refused, f"A duplicate rule stopped it. Merge the twins, or {_OR_ASK} to relax the rule, then retry."
    ),
    "DUPLICATE_EXTERNAL_ID": Meaning(
        Refused, "Two records carry the same key. Delete one in Salesforce, then retry."
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Meaning(
        Refused,
        f"Change the value so that it meets this rule, or {_OR_ASK}, then retry.",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Meaning(
        Refused, f"The record it points to does not pass a lookup filter. {_ASK}, then retry."
    ),
    "FIELD_INTEGRITY_EXCEPTION": Meaning(
        Refused, "Two values do not go together. Correct the named fields, then retry."
    ),
    "FUNCTIONALITY_NOT_ENABLED": Meaning(Refused, f"{_ASK} to switch this feature on, then retry."),
    "INACTIVE_OWNER_OR_USER": Meaning(Refused, "The owner is no longer active. Choose another, then retry."),
    "INSUFFICIENT_ACCESS": Meaning(Refused, f"{_ASK} for the permission, then retry."),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Meaning(
        Refused, f"{_ASK} for access to the record that this one belongs to, then retry."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Meaning(
        Refused, f"{_ASK} for the right to edit this record, then retry."
    ),
    "INVALID_CROSS_REFERENCE_KEY": Meaning(
        Refused, "The record it points to is gone or hidden. Choose another person or deal, then retry."
    ),
    "INVALID_FIELD": Meaning(Refused, f"{_ASK} to grant access to the named field, then retry."),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Meaning(
        Refused, f"{_ASK} to let Tandem write the named field, then retry."
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Meaning(
        Refused, "Your org does not have this value in its list. Choose another, then retry."
    ),
    "INVALID_REPLICATION_DATE": Meaning(
        Refused, "Salesforce no longer has this stretch of its log; Tandem compares record by record instead."
    ),
    "EXCEEDED_ID_LIMIT": Meaning(
        Refused, "Too much happened for one look; Tandem compares record by record instead."
    ),
    "INVALID_TYPE": Meaning(Refused, f"{_ASK} for read and edit access to this kind of record, then retry."),
    "MALFORMED_ID": Meaning(
        Refused, "The id is not one of Salesforce's. Choose the record again, then retry."
    ),
    "MAX_TASK_DESCRIPTION_EXCEEEDED": Meaning(
        Refused, "Shorten the details to 32,000 characters, then retry."
    ),
    "REQUIRED_FIELD_MISSING": Meaning(Refused, "Fill in the named field, then retry."),
    "STORAGE_LIMIT_EXCEEDED": Meaning(Refused, f"{_ASK} to free some storage, then retry."),
    "STRING_TOO_LONG": Meaning(Refused, "Shorten the named field, then retry."),
    "TRANSFER_REQUIRES_READ": Meaning(Refused, "The new owner may not see this record. Choose another."),
    "TXN_SECURITY_NO_ACCESS": Meaning(Refused, f"A security policy of your org stopped it. {_ASK}."),
    "UNSUPPORTED_API_VERSION": Meaning(Refused, "Update Tandem: Salesforce has retired the API it speaks."),
    # --- nobody knows ------------------------------------------------------------------------------------
    "FAILED_WRITE": Meaning(OutcomeUnknown),
    "REQUEST_RUNNING_TOO_LONG": Meaning(OutcomeUnknown),
    "SERVER_UNAVAILABLE": Meaning(OutcomeUnknown),
    "UNKNOWN_EXCEPTION": Meaning(
        OutcomeUnknown, "Tandem looks again; if it comes back, give Salesforce support the number it names."
    ),
    "INTERNAL_ERROR": Meaning(OutcomeUnknown),
}

# 420 comes from Salesforce's edge routing, 408 from proxies: either may have passed it on (docs/salesforce.md §2.12).
_UNCLEAR_STATUSES = frozenset({408, 420})
_BY_STATUS: dict[int, type[NotDone]] = {
    401: SignInNeeded,
    404: Gone,
    412: Changed,
    429: LimitReached,
}


def classify(
    status: int, code: str, message: str, fields: Sequence[str] = (), was_write: bool = False
) -> SalesforceError:
    """The error that an answer stands for. Pure.

    `status` is the HTTP status of the call or of its subrequest; a row that a collection refused inside a 200
    counts as 400. A status below 300 here means an answer that could not be read.
    """
    meaning = MEANINGS.get(code, Meaning(_kind_by_status(status)))
    if code == "REQUEST_LIMIT_EXCEEDED" and message.startswith("Concurrent"):
        meaning = Meaning(Busy)  # too many long calls at this moment (A.11), not the day's allowance
    kind = meaning.kind
    if _is_unclear(status) and not meaning.certain_with_any_status:
        kind = OutcomeUnknown
    remedy = meaning.remedy if kind is meaning.kind else ""
    code = code or f"HTTP_{status}"
    return kind(message, code=code, fields=fields, status=status, was_write=was_write, remedy=remedy)


def error_of(status: int, body: Any, was_write: bool) -> SalesforceError:
    """The error of a refused call or subrequest, from its decoded body: a list of {message, errorCode, fields}.

    Anything else (a page of the edge, nothing at all) is judged by the status alone and not quoted.
    """
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        first = {}
    code = str(first.get("errorCode") or first.get("error") or "")
    message = str(
        first.get("message") or first.get("error_description") or f"status {status} without a reason"
    )
    fields = first.get("fields")
    named = tuple(str(name) for name in fields) if isinstance(fields, list) else ()
    return classify(status, code, message, named, was_write)


def _is_unclear(status: int) -> bool:
    return status < 300 or status >= 500 or status in _UNCLEAR_STATUSES


def _kind_by_status(status: int) -> type[NotDone] | type[OutcomeUnknown]:
    if _is_unclear(status):
        return OutcomeUnknown
    return _BY_STATUS.get(status, Refused)

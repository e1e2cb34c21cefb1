"""When may a thing that Salesforce refused be tried again? One table for the 26 codes of rule A.11, one rule for the rest.

A class says what is waited for; the engine's own steps follow from the kind of the error (codes.MEANINGS), and a test
holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from tandem.salesforce.codes import MEANINGS
from tandem.salesforce.errors import LimitReached, NotDone, OutcomeUnknown, Refused, SignInNeeded


class Category(StrEnum):
    """The four kinds that rule A.11 sorts errors into."""

    ACCESS = "access-or-validation"
    AUTHENTICATION = "authentication"
    INTERMITTENT = "intermittent"
    OTHER = "other"


class Retry(StrEnum):
    """What is waited for before it is tried again."""

    PARK = "park"  # a person acts, then retries
    WITHOUT = "without"  # it goes without the field or the record that is refused, and an admin is told
    HEAL = "heal"  # Tandem follows the record to where it went
    ONCE = "once"  # one more attempt, then as PARK
    PAUSE = "pause"  # a new sign-in; until then nothing of this member is sent
    BACKOFF = "backoff"  # a wait that grows
    ONE_BY_ONE = "one-by-one"  # a wait that grows, and then not beside others of the same record
    SLOW = "slow"  # something that takes people hours: an approval, a permission
    HOLD = "hold"  # the org's API calls


class Documented(NamedTuple):
    """What rule A.11 says of a code."""

    category: Category
    retry: Retry


A_11: Mapping[str, Documented] = {
    # It speaks of the org and not of a row, so the org waits: parking would ask a person to retry every row of it.
    "API_CURRENTLY_DISABLED": Documented(Category.ACCESS, Retry.SLOW),
    "AUTHENTICATION_FAILURE": Documented(Category.AUTHENTICATION, Retry.PAUSE),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Documented(Category.ACCESS, Retry.PARK),
    "CANNOT_UPDATE_CONVERTED_LEAD": Documented(Category.OTHER, Retry.HEAL),
    "ENTITY_IS_LOCKED": Documented(Category.ACCESS, Retry.SLOW),
    "EXPIRED_ACCESS": Documented(Category.AUTHENTICATION, Retry.PAUSE),
    "FAILED_WRITE": Documented(Category.INTERMITTENT, Retry.BACKOFF),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Documented(Category.ACCESS, Retry.PARK),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Documented(Category.ACCESS, Retry.PARK),
    "FIELD_INTEGRITY_EXCEPTION": Documented(Category.ACCESS, Retry.PARK),
    "INACTIVE_ORGANIZATION": Documented(Category.AUTHENTICATION, Retry.PAUSE),
    "INACTIVE_USER": Documented(Category.AUTHENTICATION, Retry.PAUSE),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Documented(Category.INTERMITTENT, Retry.SLOW),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Documented(Category.ACCESS, Retry.PARK),
    "INSUFFICIENT_ACCESS_OR_READONLY": Documented(Category.ACCESS, Retry.PARK),
    "INVALID_FIELD": Documented(Category.INTERMITTENT, Retry.BACKOFF),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Documented(Category.ACCESS, Retry.WITHOUT),
    "INVALID_GRANT": Documented(Category.AUTHENTICATION, Retry.PAUSE),
    "INVALID_TYPE": Documented(Category.ACCESS, Retry.WITHOUT),
    "QUERY_TIMEOUT": Documented(Category.INTERMITTENT, Retry.BACKOFF),
    "REQUEST_LIMIT_EXCEEDED": Documented(Category.INTERMITTENT, Retry.HOLD),
    "REQUIRED_FIELD_MISSING": Documented(Category.ACCESS, Retry.PARK),
    "SERVER_UNAVAILABLE": Documented(Category.INTERMITTENT, Retry.BACKOFF),
    "TXN_SECURITY_NO_ACCESS": Documented(Category.ACCESS, Retry.PARK),
    "UNABLE_TO_LOCK_ROW": Documented(Category.INTERMITTENT, Retry.ONE_BY_ONE),
    "UNKNOWN_EXCEPTION": Documented(Category.OTHER, Retry.ONCE),
}


def category_of(code: str) -> Category:
    """The category of a code; a code that the rule does not name is OTHER."""
    return A_11[code].category if code in A_11 else Category.OTHER


def retry_of(code: str) -> Retry:
    """What is waited for; a code that nobody knows waits for a person."""
    if code in A_11:
        return A_11[code].retry
    return _by_kind(MEANINGS[code].kind) if code in MEANINGS else Retry.PARK


def _by_kind(kind: type[NotDone] | type[OutcomeUnknown]) -> Retry:
    if kind is Refused:
        return Retry.PARK
    if kind is SignInNeeded:
        return Retry.PAUSE
    return Retry.HOLD if kind is LimitReached else Retry.BACKOFF

"""What can go wrong on demand? Faults by name, for the requests and rows they are meant for.

A fault strikes requests (what happens to a whole call), a sign-in (what the app is told instead of a code or a
token) or rows (a row that Salesforce refuses). It says which ones by method, path and body, and how often by `skip`,
`times` and `rate`. The same plan can be set from a test and over HTTP (POST /orgbox/faults); a seed makes its
chances repeatable.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, fields
from typing import Any

from orgbox.errors import OrgError
from orgbox.state import Change

REQUEST_FAULTS: dict[str, str] = {
    "reset_after_commit": "the work is done, then the connection breaks in the middle of the reply",
    "reset_before_commit": "the connection breaks in the middle of a reply, and nothing was done",
    "500_after_commit": "the work is done, then the reply is 500 UNKNOWN_EXCEPTION",
    "503_before_commit": "503 SERVER_UNAVAILABLE, nothing done",
    "edge_html_503": "503 with a page of HTML from the edge, nothing done",
    "REQUEST_LIMIT_EXCEEDED": "403, the day's API calls are used up",
    "UNABLE_TO_LOCK_ROW": "400, somebody else holds the row",
    "API_DISABLED_FOR_ORG": "403, the org's edition has no REST API",
    "session_expired": "401, and the session is dead from now on",
    "delay": "the answer comes `seconds` later",
}
AUTHORIZE = "/services/oauth2/authorize"
TOKEN = "/services/oauth2/token"  # noqa: S105  a path
# Where each strikes, and what the app is told there (docs/salesforce.md §1.2; CN-4, CN-5).
SIGN_IN_ANSWERS: dict[str, tuple[str, str, str]] = {
    "access_denied": (AUTHORIZE, "access_denied", "end-user denied authorization"),
    "restricted_domain": (AUTHORIZE, "invalid_grant", "login error restricted domain"),
    "OAUTH_APP_BLOCKED": (AUTHORIZE, "OAUTH_APP_BLOCKED", "this app is blocked by admin"),
    "OAUTH_APP_ACCESS_DENIED": (
        AUTHORIZE,
        "OAUTH_APP_ACCESS_DENIED",
        "user is not admin approved to access this app",
    ),
    "app_not_installed": (TOKEN, "invalid_client", "app must be installed into org"),
    "ip_restricted": (TOKEN, "invalid_grant", "ip restricted"),
    "code_expired": (TOKEN, "invalid_grant", "expired authorization code"),
}
SIGN_IN_FAULTS: dict[str, str] = {
    name: f"{error}: {said}, at {path}" for name, (path, error, said) in SIGN_IN_ANSWERS.items()
}
ROW_FAULTS: dict[str, str] = {
    "row_locked": "UNABLE_TO_LOCK_ROW for the row, and so for its whole batch",
    "row_refused": "FIELD_CUSTOM_VALIDATION_EXCEPTION for the row, as an admin's validation rule",
}


class UnknownFault(ValueError):
    """That is no fault of this plan; `orgbox.faults` lists the names."""


@dataclass
class Fault:
    """One thing that goes wrong.

    `method` matches exactly, `path` and `body` by what they contain; of a row fault these are INSERT, UPDATE or
    DELETE, the sObject's name, and the row's values as JSON. Of the requests or rows that match, the first `skip`
    pass, then it strikes with chance `rate`, at most `times` times (None: for ever). `hits` counts.
    """

    name: str
    method: str | None = None
    path: str | None = None
    body: str | None = None
    skip: int = 0
    times: int | None = 1
    rate: float = 1.0
    seconds: float = 0.0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.name not in REQUEST_FAULTS | SIGN_IN_FAULTS | ROW_FAULTS:
            raise UnknownFault(f"There is no fault named {self.name!r}.")

    @property
    def spent(self) -> bool:
        """Whether it will strike no more."""
        return self.times is not None and self.hits >= self.times


class FaultPlan:
    """The faults that are set, in order; the first that strikes a request is the one that happens to it."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(f"faults {seed}")  # noqa: S311 - chances of a simulator, wanted reproducible
        self.faults: list[Fault] = []

    def add(self, name: str, **what: Any) -> Fault:
        """Set a fault; the keywords are those of Fault. Raises UnknownFault."""
        allowed = {field.name for field in fields(Fault)} - {"name", "hits"}
        if unknown := what.keys() - allowed:
            raise UnknownFault(f"A fault has no {min(unknown)!r}; it has {', '.join(sorted(allowed))}.")
        fault = Fault(name, **what)
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The faults as they stand, spent ones too."""
        return [asdict(fault) for fault in self.faults]

    def strike(self, method: str, path: str, body: bytes) -> Fault | None:
        """The fault that happens to this request, if one does."""
        if not self.faults:
            return None
        text = body.decode("utf-8", "replace")
        for fault in self.faults:
            if fault.name in SIGN_IN_ANSWERS and path != SIGN_IN_ANSWERS[fault.name][0]:
                continue
            if fault.name not in ROW_FAULTS and self._strikes(fault, method, path, text):
                return fault
        return None

    def trigger(self, change: Change) -> None:
        """Refuse a row, if a row fault strikes it: an org's trigger."""
        if not self.faults:
            return
        text = json.dumps(change.values, default=str)
        for fault in self.faults:
            if fault.name in ROW_FAULTS and self._strikes(
                fault, change.operation.upper(), change.sobject, text
            ):
                raise _refusal(fault)

    def _strikes(self, fault: Fault, method: str, path: str, body: str) -> bool:
        if fault.spent or fault.method not in (None, method):
            return False
        if (fault.path is not None and fault.path not in path) or (
            fault.body is not None and fault.body not in body
        ):
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.rate < 1 and self._random.random() >= fault.rate:
            return False
        fault.hits += 1
        return True


def _refusal(fault: Fault) -> OrgError:
    if fault.name == "row_locked":
        return OrgError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    return OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a validation rule of this org")

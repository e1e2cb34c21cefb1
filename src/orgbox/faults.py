"""What can go wrong on demand? Faults by name, for the calls, sub-requests and rows they are meant for.

A fault's name is what happens to a whole call (REQUEST_FAULTS), to a sign-in (SIGN_IN_FAULTS) or to a row
(ROW_FAULTS); or it is one of the 26 codes of REFUSALS, which may strike a whole call, one sub-request of a composite,
or one row of a collection, as `at` says. A fault says which ones by method, path and body, and how often by `skip`,
`times` and `rate`. The same plan is set from a test, by `orgbox fault NAME` and over HTTP (POST /orgbox/faults); a
seed makes its chances repeatable.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, fields
from typing import Any

from orgbox.errors import OrgError
from orgbox.refusals import REFUSALS
from orgbox.state import Change

REQUEST_FAULTS: dict[str, str] = {
    "reset_after_commit": "the work is done, then the connection breaks in the middle of the reply",
    "reset_before_commit": "the connection breaks in the middle of a reply, and nothing was done",
    "500_after_commit": "the work is done, then the reply is 500 UNKNOWN_EXCEPTION",
    "503_before_commit": "503 SERVER_UNAVAILABLE, nothing done",
    "edge_html_503": "503 with a page of HTML from the edge, nothing done",
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
SIGN_IN_ANSWERS |= {
    code: (TOKEN, *refusal.sign_in) for code, refusal in REFUSALS.items() if refusal.sign_in is not None
}
ROW_FAULTS: dict[str, str] = {
    "row_locked": "UNABLE_TO_LOCK_ROW for the row, and so for its whole batch",
    "row_refused": "FIELD_CUSTOM_VALIDATION_EXCEPTION for the row, as an admin's validation rule",
}
_ROW_CODES = {"row_locked": "UNABLE_TO_LOCK_ROW", "row_refused": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
CODE_FAULTS: dict[str, str] = {code: refusal.message for code, refusal in REFUSALS.items()}
FAULTS: dict[str, str] = REQUEST_FAULTS | SIGN_IN_FAULTS | ROW_FAULTS | CODE_FAULTS
"""Every name there is, and what it does: for a code, the sentence that goes with it."""

PLACES = ("call", "subrequest", "row", "sign_in")


class UnknownFault(ValueError):
    """That is no fault of this plan; `orgbox.faults` lists the names."""


@dataclass
class Fault:
    """One thing that goes wrong.

    `method` matches exactly, `path` and `body` by what they contain; of a row fault these are INSERT, UPDATE or
    DELETE, the sObject's name, and the row's values as JSON. Of the requests or rows that match, the first `skip`
    pass, then it strikes with chance `rate`, at most `times` times (None: for ever). `hits` counts.

    `at` places a code: call, subrequest or row, and sign_in for those that the token endpoint says; without it a
    code strikes where Salesforce says it, the call or the sign-in. `message` is another sentence for the code.
    """

    name: str
    method: str | None = None
    path: str | None = None
    body: str | None = None
    skip: int = 0
    times: int | None = 1
    rate: float = 1.0
    seconds: float = 0.0
    at: str | None = None
    message: str | None = None
    hits: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise UnknownFault(f"There is no fault named {self.name!r}.")
        if self.at is not None and self.at not in self._places():
            raise UnknownFault(f"{self.name} strikes at {' or '.join(self._places())}, not at {self.at!r}.")
        if self.message is not None and self.name not in REFUSALS:
            raise UnknownFault(f"{self.name} is no code, so it has no message.")

    def _places(self) -> tuple[str, ...]:
        if self.name in SIGN_IN_ANSWERS:
            return ("sign_in", *PLACES[:3]) if self.name in REFUSALS else ("sign_in",)
        if self.name in REFUSALS:
            return PLACES[:3]
        return ("row",) if self.name in ROW_FAULTS else ("call",)

    @property
    def place(self) -> str:
        """Where it strikes: one of PLACES."""
        return self.at or self._places()[0]

    @property
    def refusal(self) -> OrgError:
        """What a code says at a call, a sub-request or a row."""
        code = _ROW_CODES.get(self.name, self.name)
        return REFUSALS[code].error(code, self.message)

    @property
    def said_at_sign_in(self) -> tuple[str, str]:
        """(error, error_description) at the authorize address or the token endpoint."""
        _, error, said = SIGN_IN_ANSWERS[self.name]
        return error, self.message or said

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
            if fault.place == "sign_in" and path != SIGN_IN_ANSWERS[fault.name][0]:
                continue
            if fault.place in ("call", "sign_in") and self._strikes(fault, method, path, text):
                return fault
        return None

    def refuse_subrequest(self, method: str, url: str, body: Any) -> OrgError | None:
        """The refusal of this part of a composite, if a fault strikes it."""
        if not self.faults:
            return None
        text = json.dumps(body, ensure_ascii=False, default=str)
        for fault in self.faults:
            if fault.place == "subrequest" and self._strikes(fault, method, url, text):
                return fault.refusal
        return None

    def trigger(self, change: Change) -> None:
        """Refuse a row, if a fault strikes it: an org's trigger."""
        if not self.faults:
            return
        text = json.dumps(change.values, ensure_ascii=False, default=str)
        for fault in self.faults:
            if fault.place == "row" and self._strikes(fault, change.operation.upper(), change.sobject, text):
                raise fault.refusal

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

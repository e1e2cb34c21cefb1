"""What is one request inside another, and how is it answered? Shared by composite and graph (docs/salesforce.md §2.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call, split_url
from orgbox.http.references import filled
from orgbox.http.statuses import error_body, status_of
from orgbox.http.versions import check
from orgbox.writes import Transaction, not_found

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_REFERENCE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_]*")
_URL = re.compile(r"/services/data/(v\d+\.0)/([^?]*)(?:\?(.*))?")
_FORBIDDEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
_KEYS = frozenset({"method", "url", "referenceId", "body", "httpHeaders"})
_HALTED = OrgError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)

Dispatch = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Sub:
    """One request inside another; header names are lower case."""

    method: str
    url: str
    reference: str
    body: Any
    headers: dict[str, str]

    @property
    def resource(self) -> str:
        """The path below the version, in lower case; empty for an address outside the REST API."""
        shape = _URL.fullmatch(self.url)
        return "" if shape is None else shape[2].strip("/").lower()


def read_subs(listed: Any, most: int) -> list[Sub]:
    """The sub-requests of a compositeRequest. Raises OrgError for the whole call."""
    if not isinstance(listed, list) or not listed:
        raise malformed("compositeRequest must be an array of subrequests")
    if len(listed) > most:
        raise OrgError("LIMIT_EXCEEDED", f"The composite request may have at most {most} subrequests")
    subs = [_sub(each) for each in listed]
    if len({sub.reference for sub in subs}) < len(subs):
        raise malformed("Each referenceId of a composite request must be different")
    return subs


def each_alone(call: Call, subs: Sequence[Sub], dispatch: Dispatch) -> dict[str, Answer]:
    """Answers by reference; a refused sub-request hinders only those that refer to it."""
    answers: dict[str, Answer] = {}
    for sub in subs:
        answers[sub.reference] = _answer(call, sub, answers, dispatch, None)
    return answers


def all_or_none(call: Call, subs: Sequence[Sub], dispatch: Dispatch) -> tuple[dict[str, Answer], bool]:
    """(answers by reference, whether all was done). After a refusal nothing is kept, and all others are halted."""
    answers: dict[str, Answer] = {}
    with call.transaction() as tx:
        mark = tx.mark()
        for sub in subs:
            answers[sub.reference] = answer = _answer(call, sub, answers, dispatch, tx)
            if answer.status >= 300:
                tx.back_to(mark)
                halted = Answer(400, error_body(_HALTED))
                return {each.reference: answer if each is sub else halted for each in subs}, False
    return answers, True


def composite_response(subs: Sequence[Sub], answers: Mapping[str, Answer]) -> dict[str, Any]:
    """{compositeResponse: [{body, httpHeaders, httpStatusCode, referenceId}]}."""
    return {
        "compositeResponse": [
            {
                "body": answers[sub.reference].body,
                "httpHeaders": answers[sub.reference].headers,
                "httpStatusCode": answers[sub.reference].status,
                "referenceId": sub.reference,
            }
            for sub in subs
        ]
    }


def malformed(message: str) -> OrgError:
    """The refusal of a call that cannot be read."""
    return OrgError("JSON_PARSER_ERROR", message)


def _answer(
    call: Call, sub: Sub, answers: Mapping[str, Answer], dispatch: Dispatch, tx: Transaction | None
) -> Answer:
    try:
        url, body = filled(sub.url, answers, in_url=True), filled(sub.body, answers)
    except OrgError as error:
        return Answer(400, error_body(error))
    shape = _URL.fullmatch(url)
    if shape is None:
        return Answer(404, error_body(not_found()))
    parts, params = split_url(shape[2], shape[3] or "")
    try:
        check(shape[1])
    except OrgError as error:
        return Answer(status_of(error), error_body(error))
    if (struck := call.service.faults.refuse_subrequest(sub.method, url, body)) is not None:
        return Answer(status_of(struck), error_body(struck))
    return dispatch(
        replace(
            call,
            method=sub.method,
            version=shape[1],
            parts=parts,
            params=params,
            headers=sub.headers,
            body=b"" if body is None else body,
            tx=tx,
        )
    )


def _sub(given: Any) -> Sub:
    if not isinstance(given, dict) or given.keys() - _KEYS:
        raise malformed("A subrequest has a method, a url, a referenceId, and maybe a body and httpHeaders")
    method, url, reference = (given.get(name) for name in ("method", "url", "referenceId"))
    headers = given.get("httpHeaders") or {}
    if method not in _METHODS:
        raise malformed(f"Invalid method in a subrequest: {method}")
    if not isinstance(url, str) or not url.startswith("/services/data/v"):
        raise malformed("The url of a subrequest must start with /services/data/vXX.X/")
    if not isinstance(reference, str) or not _REFERENCE_ID.fullmatch(reference):
        raise malformed(f"Invalid reference ID: {reference}")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise malformed("httpHeaders must map names to strings")
    lowered = {name.lower(): value for name, value in headers.items()}
    if lowered.keys() & _FORBIDDEN_HEADERS:
        raise malformed("A subrequest may not set Accept, Authorization or Content-Type")
    sub = Sub(method, url, reference, given.get("body"), lowered)
    if sub.resource.startswith(("composite", "jobs")) and not sub.resource.startswith("composite/sobjects"):
        raise malformed("A composite request may not contain another")
    return sub

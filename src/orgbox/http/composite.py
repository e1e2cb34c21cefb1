"""How do up to 25 requests travel as one API call? Composite (docs/salesforce.md §2.8).

Sub-requests run in the order given. One may use values of those before it as `@{reference.path}`. Without
allOrNone each stands alone; with it, one refusal takes all of them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call, split_url
from orgbox.http.statuses import error_body, status_of
from orgbox.http.versions import check
from orgbox.writes import Transaction, not_found

_MOST = 25
_MOST_HEAVY = 5
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_REFERENCE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_]*")
_REFERENCE = re.compile(r"@\{([0-9A-Za-z_]+)((?:\.[0-9A-Za-z_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([0-9A-Za-z_]+)|\[(\d+)\]")
_URL = re.compile(r"/services/data/(v\d+\.0)/([^?]*)(?:\?(.*))?")
_FORBIDDEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
_KEYS = frozenset({"method", "url", "referenceId", "body", "httpHeaders"})
_HALTED = OrgError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)

Dispatch = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class _Sub:
    method: str
    url: str
    reference: str
    body: Any
    headers: dict[str, str]


class _Halt(Exception):
    """A sub-request was refused, so nothing of this composite is kept."""


def composite(call: Call, dispatch: Dispatch) -> Answer:
    """POST /composite: 200 {compositeResponse: [{body, httpHeaders, httpStatusCode, referenceId}]}."""
    subs, all_or_none = _read(call)
    answers: dict[str, Answer] = {}
    if not all_or_none:
        for sub in subs:
            answers[sub.reference] = _answer(call, sub, answers, dispatch, None)
        return _reply(subs, answers)
    try:
        with call.transaction() as tx:
            for sub in subs:
                answers[sub.reference] = answer = _answer(call, sub, answers, dispatch, tx)
                if answer.status >= 300:
                    raise _Halt  # noqa: TRY301 - leaves the transaction uncommitted
    except _Halt:
        refused = subs[len(answers) - 1].reference
        halted = Answer(400, error_body(_HALTED))
        answers = {sub.reference: answers[refused] if sub.reference == refused else halted for sub in subs}
    return _reply(subs, answers)


def _reply(subs: list[_Sub], answers: Mapping[str, Answer]) -> Answer:
    return Answer(
        200,
        {
            "compositeResponse": [
                {
                    "body": answers[sub.reference].body,
                    "httpHeaders": answers[sub.reference].headers,
                    "httpStatusCode": answers[sub.reference].status,
                    "referenceId": sub.reference,
                }
                for sub in subs
            ]
        },
    )


def _answer(
    call: Call, sub: _Sub, answers: Mapping[str, Answer], dispatch: Dispatch, tx: Transaction | None
) -> Answer:
    try:
        url, body = _filled(sub.url, answers, in_url=True), _filled(sub.body, answers)
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


def _read(call: Call) -> tuple[list[_Sub], bool]:
    given = call.json_object()
    if unknown := given.keys() - {"allOrNone", "collateSubrequests", "compositeRequest"}:
        raise _malformed(f'Unrecognized field "{min(unknown)}"')
    for flag in ("allOrNone", "collateSubrequests"):
        if not isinstance(given.get(flag, False), bool):
            raise _malformed(f"{flag} must be true or false")
    listed = given.get("compositeRequest")
    if not isinstance(listed, list) or not listed:
        raise _malformed("compositeRequest must be an array of subrequests")
    if len(listed) > _MOST:
        raise OrgError("LIMIT_EXCEEDED", f"The composite request may have at most {_MOST} subrequests")
    subs = [_sub(each) for each in listed]
    if len({sub.reference for sub in subs}) < len(subs):
        raise _malformed("Each referenceId of a composite request must be different")
    if sum(_is_heavy(sub) for sub in subs) > _MOST_HEAVY:
        raise OrgError(
            "LIMIT_EXCEEDED", f"At most {_MOST_HEAVY} subrequests may be queries or sObject collections"
        )
    return subs, bool(given.get("allOrNone", False))


def _sub(given: Any) -> _Sub:
    if not isinstance(given, dict) or given.keys() - _KEYS:
        raise _malformed("A subrequest has a method, a url, a referenceId, and maybe a body and httpHeaders")
    method, url, reference = (given.get(name) for name in ("method", "url", "referenceId"))
    headers = given.get("httpHeaders") or {}
    if method not in _METHODS:
        raise _malformed(f"Invalid method in a subrequest: {method}")
    if not isinstance(url, str) or not url.startswith("/services/data/v"):
        raise _malformed("The url of a subrequest must start with /services/data/vXX.X/")
    if _resource(url) == "composite":
        raise _malformed("A composite request may not contain another")
    if not isinstance(reference, str) or not _REFERENCE_ID.fullmatch(reference):
        raise _malformed(f"Invalid reference ID: {reference}")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise _malformed("httpHeaders must map names to strings")
    lowered = {name.lower(): value for name, value in headers.items()}
    if lowered.keys() & _FORBIDDEN_HEADERS:
        raise _malformed("A subrequest may not set Accept, Authorization or Content-Type")
    return _Sub(method, url, reference, given.get("body"), lowered)


def _is_heavy(sub: _Sub) -> bool:
    return _resource(sub.url).startswith(("query", "composite/sobjects"))


def _resource(url: str) -> str:
    shape = _URL.fullmatch(url)
    return "" if shape is None else shape[2].strip("/").lower()


def _filled(given: Any, answers: Mapping[str, Answer], *, in_url: bool = False) -> Any:
    """The same body or URL with its references replaced."""
    if isinstance(given, dict):
        return {name: _filled(value, answers) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, answers) for value in given]
    if not isinstance(given, str) or "@{" not in given:
        return given
    if (whole := _REFERENCE.fullmatch(given)) and not in_url:
        return _looked_up(whole, answers)

    def spelt(found: re.Match[str]) -> str:
        value = _looked_up(found, answers)
        text = value if isinstance(value, str) else json.dumps(value)
        return quote(text, safe="") if in_url else text

    return _REFERENCE.sub(spelt, given)


def _looked_up(found: re.Match[str], answers: Mapping[str, Answer]) -> Any:
    reference = found[1]
    answer = answers.get(reference)
    value = None if answer is None or answer.status >= 300 else answer.body
    try:
        for name, index in _STEP.findall(found[2]):
            value = value[name] if name else value[int(index)]  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        value = None
    if value is None:
        raise OrgError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {found[0][2:-1]} found in {reference}",
        )
    return value


def _malformed(message: str) -> OrgError:
    return OrgError("JSON_PARSER_ERROR", message)

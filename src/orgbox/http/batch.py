"""How do up to 25 requests that know nothing of each other travel as one? Composite Batch (docs/salesforce.md §2.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call, split_url
from orgbox.http.statuses import error_body, status_of
from orgbox.http.subrequests import Dispatch, malformed
from orgbox.http.versions import check

_MOST = 25
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_KEYS = frozenset({"binaryPartName", "binaryPartNameAlias", "method", "richInput", "url"})
_HALTED = OrgError("BATCH_PROCESSING_HALTED", "Batch processing halted per request")


def batch(call: Call, dispatch: Dispatch) -> Answer:
    """POST /composite/batch: 200 {hasErrors, results: [{statusCode, result}]}; 412 for what a halt left undone."""
    given = call.json_object()
    if unknown := given.keys() - {"batchRequests", "haltOnError"}:
        raise malformed(f'Unrecognized field "{min(unknown)}"')
    listed, halts = given.get("batchRequests"), given.get("haltOnError", False)
    if not isinstance(listed, list) or not listed or not isinstance(halts, bool):
        raise malformed("batchRequests must be an array of subrequests, and haltOnError true or false")
    if len(listed) > _MOST:
        raise OrgError("LIMIT_EXCEEDED", f"A batch may have at most {_MOST} subrequests")
    calls = [_call(call, each) for each in listed]
    results: list[dict[str, Any]] = []
    failed = False
    for sub in calls:
        answer = Answer(412, error_body(_HALTED)) if failed and halts else _answer(sub, dispatch)
        failed = failed or answer.status >= 300
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer(200, {"hasErrors": failed, "results": results})


def _answer(sub: Call, dispatch: Dispatch) -> Answer:
    try:
        check(sub.version)
    except OrgError as error:
        return Answer(status_of(error), error_body(error))
    url = f"{sub.prefix}/{'/'.join(sub.parts)}"
    if (struck := sub.service.faults.refuse_subrequest(sub.method, url, sub.body)) is not None:
        return Answer(status_of(struck), error_body(struck))
    return dispatch(sub)


def _call(call: Call, given: Any) -> Call:
    if not isinstance(given, dict) or given.keys() - _KEYS:
        raise malformed("A subrequest has a method, a url, and maybe a richInput")
    method, url = given.get("method"), given.get("url")
    if method not in _METHODS:
        raise malformed(f"Invalid method in a subrequest: {method}")
    if not isinstance(url, str):
        raise malformed("A subrequest needs a url")
    path, _, query = url.partition("?")
    parts, params = split_url(path.removeprefix("/services/data/"), query)
    if not parts:
        raise malformed("The url of a subrequest starts with vXX.X/")
    if [part.lower() for part in parts[1:2]] in (["composite"], ["jobs"]):
        raise malformed("A batch may not contain composite requests")
    body = given.get("richInput")
    return replace(
        call,
        method=method,
        version=parts[0],
        parts=parts[1:],
        params=params,
        headers={},
        body=b"" if body is None else body,
    )

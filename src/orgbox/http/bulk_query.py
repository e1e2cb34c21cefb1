"""How do many rows get out by Bulk 2? A query job and the pages of its answer: /jobs/query (docs/salesforce.md §3)."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

from orgbox.bulk.jobs import DONE, FAILED, Job
from orgbox.bulk.reading import read as read_rows
from orgbox.bulk.reading import readable
from orgbox.bulk.table import DELIMITERS, LINE_ENDINGS, written
from orgbox.errors import OrgError
from orgbox.http import bulk2
from orgbox.http.call import Answer, Call
from orgbox.org import Org
from orgbox.soql import Query

_LARGEST_PAGE = 50_000
_KEYS = frozenset({"columnDelimiter", "contentType", "lineEnding", "operation", "query"})


def create(call: Call) -> Answer:
    """POST /jobs/query {operation: query | queryAll, query}."""
    given = call.json_object()
    if unknown := given.keys() - _KEYS:
        raise OrgError("JSON_PARSER_ERROR", f'Unrecognized field "{min(unknown)}"')
    operation, soql = given.get("operation"), given.get("query")
    if operation not in ("query", "queryAll"):
        raise OrgError("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}")
    if not isinstance(soql, str):
        raise OrgError("INVALIDJOB", "InvalidJob : a query must be given")
    org = call.service.org
    query = readable(org, call.user_id, soql)
    sobject = org.schema(query.source.name).name
    words = bulk2.format_of(given)
    job = call.service.jobs.add("query", call.user_id, sobject, operation, call.version, words)
    shown = _shown(call, job) | {"state": "UploadComplete"}
    job.work = call.service.jobs.submit(partial(_run, org, job, query, call.prefix))
    return Answer(200, shown)


def read(call: Call, identifier: str) -> Answer:
    """GET /jobs/query/{id}."""
    job = _own(call, identifier)
    shown = _shown(call, job) | bulk2.times(job)
    if job.answered is not None:
        shown["numberRecordsProcessed"] = len(job.answered.records)
        shown["isPkChunkingSupported"] = True
    if shown["state"] == FAILED and job.work is not None:
        shown["errorMessage"] = job.work.error
    return Answer(200, shown)


def change(call: Call, identifier: str) -> Answer:
    """PATCH /jobs/query/{id} {state: Aborted}."""
    job, state = _own(call, identifier), call.json_object().get("state")
    if state != "Aborted":
        raise OrgError("INVALIDJOBSTATE", f"InvalidJobState : Cannot transition to state {state}")
    bulk2.abort(call, job)
    return Answer(200, _shown(call, job))


def remove(call: Call, identifier: str) -> Answer:
    """DELETE /jobs/query/{id}: 204."""
    return bulk2.remove(call, _own(call, identifier))


def results(call: Call, identifier: str) -> Answer:
    """GET /jobs/query/{id}/results?maxRecords=&locator=: CSV, Sforce-Locator (`null` at the end), Sforce-NumberOfRecords."""
    job = _done(call, identifier)
    answered = job.answered
    assert answered is not None  # noqa: S101 - a job that is done has its answer
    start, size = _offset(call.params.get("locator")), _size(call)
    if start > len(answered.records):
        raise _no_locator(call.params.get("locator"))
    end = min(start + size, len(answered.records))
    delimiter, ending = DELIMITERS[job.words["columnDelimiter"]], LINE_ENDINGS[job.words["lineEnding"]]
    body = written(answered.header, answered.cells(start, end), delimiter, ending)
    headers = {
        "Content-Type": "text/csv",
        "Sforce-Locator": _locator(end) if end < len(answered.records) else "null",
        "Sforce-NumberOfRecords": str(end - start),
    }
    return Answer(200, body, headers)


def result_pages(call: Call, identifier: str) -> Answer:
    """GET /jobs/query/{id}/resultPages: the addresses of all pages, to be read side by side."""
    job = _done(call, identifier)
    total = 0 if job.answered is None else len(job.answered.records)
    path, size = f"{call.prefix}/jobs/query/{job.id}/results", _size(call)
    asked = f"&maxRecords={size}"
    pages = [
        {"resultUrl": f"{path}?locator={_locator(start)}{asked}"} for start in range(0, max(total, 1), size)
    ]
    return Answer(200, {"resultPages": pages, "nextRecordsUrl": None, "done": True})


def _own(call: Call, identifier: str) -> Job:
    return call.service.jobs.find("query", identifier)


def _done(call: Call, identifier: str) -> Job:
    job = _own(call, identifier)
    if job.state(call.service.jobs.now()) != DONE:
        raise OrgError("INVALIDJOBSTATE", "InvalidJobState : The job is not completed")
    return job


def _run(org: Org, job: Job, query: Query, prefix: str) -> None:
    job.answered = read_rows(org, job.user_id, query, prefix, all_rows=job.operation == "queryAll")


def _shown(call: Call, job: Job) -> dict[str, Any]:
    return bulk2.described(call, job)


def _size(call: Call) -> int:
    asked = call.number("maxRecords")
    return _LARGEST_PAGE if asked is None else min(max(asked, 1), _LARGEST_PAGE)


def _locator(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None) -> int:
    if locator is None:
        return 0
    try:
        return max(int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4))), 0)
    except (ValueError, binascii.Error):
        raise _no_locator(locator) from None


def _no_locator(locator: str | None) -> OrgError:
    return OrgError("INVALIDQUERYLOCATOR", f"InvalidQueryLocator : {locator}")

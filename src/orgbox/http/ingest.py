"""How do many rows get in by Bulk 2? A job, its upload, its end, its results: /jobs/ingest (docs/salesforce.md §3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from orgbox.bulk.jobs import DONE, FAILED, OPEN, Job
from orgbox.bulk.table import (
    DELIMITERS,
    LINE_ENDINGS,
    UnreadableTable,
    Uploaded,
    read_table,
    values_of,
    written,
)
from orgbox.bulk.writing import OPERATIONS, RowResult, write_rows
from orgbox.errors import OrgError
from orgbox.http import bulk2
from orgbox.http.call import Answer, Call, read_json
from orgbox.http.multipart import is_multipart, parts
from orgbox.org import Org
from orgbox.schema.types import ObjectSchema
from orgbox.writes import not_found

_CSV = {"Content-Type": "text/csv"}
_KEYS = frozenset(
    {
        "assignmentRuleId",
        "columnDelimiter",
        "contentType",
        "externalIdFieldName",
        "lineEnding",
        "object",
        "operation",
        "concurrencyMode",
    }
)


def create(call: Call) -> Answer:
    """POST /jobs/ingest: an open job; as multipart with its rows, one that is in line already."""
    kind = call.headers.get("content-type", "")
    if not is_multipart(kind):
        return Answer(200, _shown(call, _job(call, call.json_object())))
    sent = {part.name: part.content for part in parts(kind, call.body)}
    given = read_json(sent.get("job", b""))
    if not isinstance(given, dict) or "content" not in sent:
        raise OrgError("INVALIDJOB", "InvalidJob : the parts of a job with its rows are job and content")
    job = _job(call, given)
    job.content = sent["content"]
    _start(call, job)
    return Answer(200, _shown(call, job))


def read(call: Call, identifier: str) -> Answer:
    """GET /jobs/ingest/{id}."""
    return Answer(200, _shown(call, _own(call, identifier)))


def upload(call: Call, identifier: str) -> Answer:
    """PUT /jobs/ingest/{id}/batches: 201 with nothing; once."""
    job = _own(call, identifier)
    if job.state(call.service.jobs.now()) != OPEN or job.content is not None:
        raise OrgError("INVALIDJOBSTATE", f"InvalidJobState : Found multiple contents for job: <{job.id}>")
    if not isinstance(call.body, bytes):
        raise OrgError("INVALIDBATCH", "InvalidBatch : the rows are sent as CSV")
    job.content = call.body
    return Answer(201)


def change(call: Call, identifier: str) -> Answer:
    """PATCH /jobs/ingest/{id} {state: UploadComplete | Aborted}."""
    job, state = _own(call, identifier), call.json_object().get("state")
    if state == "Aborted":
        bulk2.abort(call, job)
    elif state != "UploadComplete":
        raise OrgError("INVALIDJOBSTATE", f"InvalidJobState : Cannot transition to state {state}")
    elif job.state(call.service.jobs.now()) != OPEN:
        raise OrgError("INVALIDJOBSTATE", "InvalidJobState : Job is not open")
    else:
        shown = _shown(call, job) | {"state": "UploadComplete"}
        _start(call, job)
        return Answer(200, shown)
    return Answer(200, _shown(call, job))


def remove(call: Call, identifier: str) -> Answer:
    """DELETE /jobs/ingest/{id}: 204."""
    return bulk2.remove(call, _own(call, identifier))


def results(call: Call, identifier: str, which: str) -> Answer:
    """GET .../successfulResults, failedResults or unprocessedrecords: CSV; what there is not yet is a table of no rows."""
    job = _own(call, identifier)
    uploaded = job.uploaded or Uploaded((), [])
    header, rows = uploaded.header, uploaded.rows
    done = list(zip(job.results, rows, strict=False))
    match which.lower():
        case "successfulresults":
            told = [[r.id or "", _flag(r.created), *row] for r, row in done if r.error is None]
            header = ("sf__Id", "sf__Created", *header)
        case "failedresults":
            told = [[r.id or "", r.told, *row] for r, row in done if r.error is not None]
            header = ("sf__Id", "sf__Error", *header)
        case "unprocessedrecords":
            over = job.state(call.service.jobs.now()) not in (DONE, OPEN)
            told = rows[len(job.results) :] if over else []
        case _:
            raise not_found()
    delimiter, ending = DELIMITERS[job.words["columnDelimiter"]], LINE_ENDINGS[job.words["lineEnding"]]
    return Answer(200, written(header, told, delimiter, ending), dict(_CSV))


def _own(call: Call, identifier: str) -> Job:
    return call.service.jobs.find("ingest", identifier)


def _job(call: Call, given: dict[str, Any]) -> Job:
    org = call.service.org
    if unknown := given.keys() - _KEYS:
        raise OrgError("JSON_PARSER_ERROR", f'Unrecognized field "{min(unknown)}"')
    operation, name, key = given.get("operation"), given.get("object"), given.get("externalIdFieldName")
    if operation not in OPERATIONS:
        raise OrgError("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}")
    schema = org.schema(name if isinstance(name, str) else "")
    words = {"externalIdFieldName": _key(schema, key)} if operation == "upsert" else {}
    words |= bulk2.format_of(given)
    return call.service.jobs.add("ingest", call.user_id, schema.name, operation, call.version, words)


def _key(schema: ObjectSchema, given: Any) -> str:
    field = schema.find(given) if isinstance(given, str) else None
    if field is None or not (field.is_key or field.type == "id"):
        raise OrgError(
            "INVALIDJOB", f"InvalidJob : External ID was blank or no such field for {schema.name}: {given}"
        )
    return field.name


def _start(call: Call, job: Job) -> None:
    job.work = call.service.jobs.submit(partial(_run, call.service.org, job))


def _run(org: Org, job: Job) -> None:
    """Do the work of a job. Raises UnreadableTable when it fails as a whole."""
    schema = org.schema(job.sobject)
    delimiter, ending = DELIMITERS[job.words["columnDelimiter"]], LINE_ENDINGS[job.words["lineEnding"]]
    job.uploaded = uploaded = read_table(job.content or b"", delimiter, ending)
    for name in uploaded.header:
        if "." not in name and schema.find(name) is None:
            raise UnreadableTable(f"InvalidBatch : Field name not found : {name}")
    rows = [partial(values_of, schema, uploaded.header, row) for row in uploaded.rows]
    key = job.words.get("externalIdFieldName")
    job.results = list(write_rows(org, job.user_id, schema, job.operation, key, rows))


def _shown(call: Call, job: Job) -> dict[str, Any]:
    shown = bulk2.described(call, job)
    if shown["state"] == OPEN:
        shown["contentUrl"] = f"services/data/{call.version}/jobs/ingest/{job.id}/batches"
        return shown
    failed: list[RowResult] = [each for each in job.results if each.error is not None]
    shown |= bulk2.times(job)
    shown |= {
        "apexProcessingTime": 0,
        "apiActiveProcessingTime": shown["totalProcessingTime"],
        "numberRecordsFailed": len(failed),
        "numberRecordsProcessed": len(job.results),
    }
    if shown["state"] == FAILED and job.work is not None:
        shown["errorMessage"] = job.work.error
    return shown


def _flag(value: bool) -> str:
    return "true" if value else "false"

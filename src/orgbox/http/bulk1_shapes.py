"""How does Bulk API 1 write what it says? Jobs, batches, results and rows, in XML, JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from orgbox.bulk.jobs import Batch, Job
from orgbox.bulk.reading import Answered
from orgbox.bulk.table import UnreadableTable, at, cell, written
from orgbox.bulk.writing import RowResult
from orgbox.http.exchange import JSON, Reply, dump
from orgbox.http.markup import HEAD, tag, tags
from orgbox.http.shapes import moment

_NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_NIL = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "application/xml"


def _json(body: Any, status: int = 200) -> Reply:
    return Reply(status, dump(body), {"Content-Type": JSON}, metered=True)


def _xml(name: str, inner: str, status: int = 200) -> Reply:
    body = f'{HEAD}<{name} xmlns="{_NAMESPACE}" xmlns:xsi="{_NIL}">{inner}</{name}>'
    return Reply(status, body.encode("utf-8", "replace"), {"Content-Type": _XML}, metered=True)


def refused(code: str, message: str, *, in_json: bool) -> Reply:
    """400 {exceptionCode, exceptionMessage}."""
    said = {"exceptionCode": code, "exceptionMessage": message}
    reply = _json(said, 400) if in_json else _xml("error", tags(said.items()), 400)
    reply.metered = False
    return reply


def from_json(body: bytes, malformed: Callable[[str], Exception]) -> dict[str, str]:
    """The texts of a job in JSON. Raises what `malformed` makes."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise malformed(str(error)) from None
    if not isinstance(given, dict):
        raise malformed("an object is expected")
    return {name: value for name, value in given.items() if isinstance(value, str)}


def rows_from_json(body: bytes) -> list[dict[str, Any]]:
    """The rows of a batch in JSON. Raises UnreadableTable."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableTable(f"InvalidBatch : Failed to parse JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableTable("InvalidBatch : Failed to parse JSON: an array of records is expected")
    return [{name: value for name, value in row.items() if name != "attributes"} for row in rows]


def job_info(job: Job, state: str, batches: Sequence[str]) -> dict[str, Any]:
    """A job, its batches counted by their states."""
    rows = [result for batch in job.batches.values() for result in batch.results]
    read = sum(len(b.answered.records) for b in job.batches.values() if b.answered is not None)
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.user_id,
        "createdDate": moment(job.created),
        "systemModstamp": moment(job.created),
        "state": state,
        **job.words,
        "numberBatchesQueued": batches.count("Queued"),
        "numberBatchesInProgress": batches.count("InProgress"),
        "numberBatchesCompleted": batches.count("Completed"),
        "numberBatchesFailed": batches.count("Failed"),
        "numberBatchesTotal": len(batches),
        "numberRecordsProcessed": len(rows) + read,
        "numberRetries": 0,
        "apiVersion": float(job.version),
        "numberRecordsFailed": sum(result.error is not None for result in rows),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def batch_info(job: Job, batch: Batch, state: str) -> dict[str, Any]:
    """A batch."""
    work = batch.work
    read = 0 if batch.answered is None else len(batch.answered.records)
    return {
        "id": batch.id,
        "jobId": job.id,
        "state": state,
        **({} if work.error is None else {"stateMessage": work.error}),
        "createdDate": moment(batch.created),
        "systemModstamp": moment(work.due if work.finished else batch.created),
        "numberRecordsProcessed": len(batch.results) + read,
        "numberRecordsFailed": sum(result.error is not None for result in batch.results),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def info(name: str, told: dict[str, Any], status: int, *, in_json: bool) -> Reply:
    """A job or a batch."""
    if in_json:
        return _json(told, status)
    return _xml(name, tags((key, value) for key, value in told.items() if value is not None), status)


def batches(told: Sequence[dict[str, Any]], *, in_json: bool) -> Reply:
    """All batches of a job."""
    if in_json:
        return _json({"batchInfo": list(told)})
    return _xml("batchInfoList", "".join(tag("batchInfo", tags(each.items()), raw=True) for each in told))


def result_list(identifiers: Sequence[str], *, in_json: bool) -> Reply:
    """The ids under which a query's rows are fetched."""
    return (
        _json(list(identifiers)) if in_json else _xml("result-list", tags(("result", i) for i in identifiers))
    )


def request(content_type: str, content: bytes) -> Reply:
    """Rows as they were sent, or as CSV."""
    kind = {"CSV": "text/csv", "JSON": JSON, "XML": _XML}[content_type]
    return Reply(200, content, {"Content-Type": kind}, metered=True)


def results(content_type: str, rows: Sequence[RowResult]) -> Reply:
    """What became of each row."""
    if content_type == "JSON":
        return _json([_result(row) for row in rows])
    if content_type == "XML":
        return _xml("results", "".join(tag("result", _result_in_xml(row), raw=True) for row in rows))
    cells = [[r.id or "", _flag(r.error is None), _flag(r.created and r.error is None), r.told] for r in rows]
    return request("CSV", written(("Id", "Success", "Created", "Error"), cells))


def rows_in_json(records: Sequence[dict[str, Any]]) -> Reply:
    """A query's rows."""
    return _json(list(records))


def rows_in_xml(answered: Answered) -> Reply:
    """A query's rows; the fields of parents under dotted names."""
    kind = tag("type", answered.sobject)
    records = []
    for record in answered.records:
        cells = ((name, cell(field, at(record, name)) or None) for name, field in answered.columns)
        records.append(f'<records xsi:type="sObject">{kind}{tags(cells)}</records>')
    return _xml("queryResult", "".join(records))


def _result(row: RowResult) -> dict[str, Any]:
    errors = []
    if (error := row.error) is not None:
        errors.append({"statusCode": error.code, "message": error.message, "fields": list(error.fields)})
    return {
        "success": error is None,
        "created": row.created and error is None,
        "id": row.id,
        "errors": errors,
    }


def _result_in_xml(row: RowResult) -> str:
    told = ""
    if (error := row.error) is not None:
        said = tags(
            [
                *(("fields", name) for name in error.fields),
                ("message", error.message),
                ("statusCode", error.code),
            ]
        )
        told = tag("errors", said, raw=True)
    return told + tags(
        [("id", row.id), ("success", row.error is None), ("created", row.created and row.error is None)]
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"

"""How do the older tools move many rows? Bulk API 1: jobs of batches below /services/async (docs/salesforce.md §3).

A job and its batches speak XML, or JSON when the job was made for JSON; what is about the job alone is answered as it
was asked. The session comes in X-SFDC-Session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from orgbox.bulk.chunks import Chunking, chunked, chunking
from orgbox.bulk.jobs import ABORTED, Batch, Job, Work
from orgbox.bulk.reading import Answered, read, readable
from orgbox.bulk.table import NULL, UnreadableTable, epoch, read_table, values_of, written
from orgbox.bulk.writing import OPERATIONS, RowResult, Values, write_rows
from orgbox.errors import OrgError
from orgbox.http import bulk1_shapes as shapes
from orgbox.http.exchange import Incoming, Reply
from orgbox.http.markup import UnreadableXml, local, read_xml, texts
from orgbox.http.service import Service
from orgbox.http.versions import NEWEST, OLDEST
from orgbox.ids import canonical
from orgbox.org import Org
from orgbox.schema.types import ObjectSchema

_MOST_ROWS = 10_000
_MOST_BYTES = 10_000_000
_READS = ("query", "queryAll")
_CONTENT_TYPES = {"CSV": "CSV", "JSON": "JSON", "XML": "XML"}
_VERSION = re.compile(r"v?(\d{1,3})\.0")


class _Refused(Exception):
    """A refusal in the API's own words: {exceptionCode, exceptionMessage}."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bulk1(service: Service, incoming: Incoming, version: str, parts: tuple[str, ...]) -> Reply:
    """The reply to anything below /services/async/XX.0."""
    in_json = "json" in incoming.headers.get("content-type", "") or "json" in incoming.headers.get(
        "accept", ""
    )
    try:
        return _Door(service, incoming, version, in_json).answer(parts)
    except _Refused as refused:
        return shapes.refused(refused.code, refused.message, in_json=in_json)
    except OrgError as error:
        return shapes.refused(_CODES.get(error.code, "InvalidJob"), error.message, in_json=in_json)


_CODES = {
    "INVALID_SESSION_ID": "InvalidSessionId",
    "INVALID_AUTH_HEADER": "InvalidSessionId",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "NOT_FOUND": "InvalidJob",
    "INVALID_TYPE": "InvalidEntity",
}


class _Door:
    """One request, signed in."""

    def __init__(self, service: Service, incoming: Incoming, version: str, in_json: bool) -> None:
        shape = _VERSION.fullmatch(version)
        if shape is None or not OLDEST <= int(shape[1]) <= NEWEST:
            raise _Refused("InvalidVersion", f"Api version {version} is not supported")
        session = incoming.headers.get("x-sfdc-session")
        header = incoming.headers.get("authorization") if session is None else f"Bearer {session}"
        self._user_id = service.oauth.user_of(header)
        service.allowance.take()
        service.jobs.work()
        self._service, self._incoming, self._version, self._in_json = (
            service,
            incoming,
            f"{shape[1]}.0",
            in_json,
        )

    def answer(self, parts: tuple[str, ...]) -> Reply:
        match self._incoming.method, parts:
            case "POST", ("job",):
                return self._told_of_job(self._make(), 201)
            case "GET", ("job", job):
                return self._told_of_job(self._job(job))
            case "POST", ("job", job):
                return self._told_of_job(self._end(self._job(job)))
            case "POST", ("job", job, "batch"):
                return self._told_of_batch(self._job(job), self._take(self._job(job)), 201)
            case "GET", ("job", job, "batch"):
                found = self._job(job)
                infos = [self._batch_info(found, batch) for batch in found.batches.values()]
                return shapes.batches(infos, in_json=_is_json(found))
            case "GET", ("job", job, "batch", batch):
                return self._told_of_batch(self._job(job), self._batch(self._job(job), batch))
            case "GET", ("job", job, "batch", batch, "request"):
                return shapes.request(
                    self._job(job).words["contentType"], self._batch(self._job(job), batch).content
                )
            case "GET", ("job", job, "batch", batch, "result"):
                return self._results(self._job(job), self._batch(self._job(job), batch))
            case "GET", ("job", job, "batch", batch, "result", _):
                return self._rows(self._job(job), self._batch(self._job(job), batch))
        raise _Refused("InvalidUrl", f"Destination URL not reset: {self._incoming.path}")

    # Jobs -------------------------------------------------------------------------------------------------------

    def _make(self) -> Job:
        given = self._given()
        operation, content_type = given.get("operation", ""), given.get("contentType") or "XML"
        if operation not in (*OPERATIONS, *_READS):
            raise _Refused("InvalidJob", f"Unsupported operation: {operation}")
        if content_type not in _CONTENT_TYPES:
            raise _Refused("InvalidJob", f"Unsupported content type: {content_type}")
        schema = self._service.org.schema(given.get("object", ""))
        words = {
            "assignmentRuleId": None,
            "concurrencyMode": given.get("concurrencyMode") or "Parallel",
            "contentType": content_type,
        }
        if operation == "upsert":
            field = schema.find(given.get("externalIdFieldName", ""))
            if field is None or not (field.is_key or field.type == "id"):
                raise _Refused("InvalidJob", "External ID was blank or no such field")
            words["externalIdFieldName"] = field.name
        header = self._incoming.headers.get("sforce-enable-pkchunking")
        how = chunking(header, schema) if operation in _READS else None
        jobs = self._service.jobs
        job = jobs.add("1", self._user_id, schema.name, operation, self._version, words)
        job.chunking = how
        return job

    def _given(self) -> dict[str, str]:
        body = self._incoming.body
        if self._in_json:
            return shapes.from_json(body, _malformed)
        try:
            return texts(read_xml(body))
        except UnreadableXml as error:
            raise _malformed(str(error)) from None

    def _end(self, job: Job) -> Job:
        state = self._given().get("state")
        if state not in ("Closed", "Aborted"):
            raise _Refused("InvalidJobState", f"Cannot transition to state {state}")
        if job.aborted or job.closed:
            raise _Refused("InvalidJobState", "Closing already closed or aborted Job not allowed")
        job.closed, job.aborted = state == "Closed", state == "Aborted"
        if job.aborted:
            for batch in job.batches.values():
                self._service.jobs.drop(batch.work)
        return job

    def _job(self, identifier: str) -> Job:
        return self._service.jobs.find("1", identifier)

    # Batches ----------------------------------------------------------------------------------------------------

    def _take(self, job: Job) -> Batch:
        if job.closed or job.aborted:
            raise _Refused("InvalidJobState", "Unable to add a batch to a job that is closed or aborted")
        content = self._incoming.body
        if len(content) > _MOST_BYTES:
            raise _Refused("InvalidBatch", "Batch size exceeds 10 million bytes")
        return self._add(job, content)

    def _add(self, job: Job, content: bytes, *, is_chunk: bool = False) -> Batch:
        jobs = self._service.jobs
        placeholder = Work(jobs.now(), jobs.now(), lambda: None)
        batch = Batch(jobs.new_id("751"), jobs.now(), content, placeholder, is_chunk=is_chunk)
        job.batches[batch.id] = batch
        if job.chunking is not None and not batch.is_chunk:
            batch.work = jobs.submit(partial(self._split, job, batch, job.chunking))
            return batch
        run = _read if job.operation in _READS else _write
        batch.work = jobs.submit(partial(run, self._service.org, job, batch))
        if job.operation in _READS:
            batch.result_id = jobs.new_id("752")
        return batch

    def _split(self, job: Job, batch: Batch, how: Chunking) -> None:
        """Make a batch of each chunk; the one that was sent is not worked on itself."""
        org = self._service.org
        soql = batch.content.decode("utf-8", "replace").strip()
        readable(org, job.user_id, soql)
        for query in chunked(soql, list(org.state.tables[job.sobject].records), how):
            self._add(job, query.encode(), is_chunk=True)
        batch.was_split = True

    def _batch(self, job: Job, identifier: str) -> Batch:
        full = canonical(identifier) if len(identifier) == 15 else identifier
        batch = job.batches.get(full)
        if batch is None:
            raise _Refused("InvalidBatch", f"Unable to find batch: {identifier}")
        return batch

    def _results(self, job: Job, batch: Batch) -> Reply:
        if not batch.work.finished:
            raise _Refused("InvalidBatch", "Batch not completed")
        if job.operation in _READS:
            listed = [] if batch.answered is None else [batch.result_id]
            return shapes.result_list(listed, in_json=_is_json(job))
        return shapes.results(job.words["contentType"], batch.results)

    def _rows(self, job: Job, batch: Batch) -> Reply:
        if batch.answered is None:
            raise _Refused("InvalidBatch", "Batch not completed")
        answered = batch.answered
        if _is_json(job):
            return shapes.rows_in_json(_milliseconds(answered))
        if job.words["contentType"] == "XML":
            return shapes.rows_in_xml(answered)
        return shapes.request("CSV", written(answered.header, answered.cells(0, len(answered.records))))

    # What is told -----------------------------------------------------------------------------------------------

    def _told_of_job(self, job: Job, status: int = 200) -> Reply:
        batches = [self._batch_state(job, batch) for batch in job.batches.values()]
        state = "Aborted" if job.aborted else "Closed" if job.closed else "Open"
        told = shapes.job_info(job, state, batches)
        return shapes.info("jobInfo", told, status, in_json=self._in_json or _is_json(job))

    def _told_of_batch(self, job: Job, batch: Batch, status: int = 200) -> Reply:
        return shapes.info("batchInfo", self._batch_info(job, batch), status, in_json=_is_json(job))

    def _batch_info(self, job: Job, batch: Batch) -> dict[str, Any]:
        return shapes.batch_info(job, batch, self._batch_state(job, batch))

    def _batch_state(self, job: Job, batch: Batch) -> str:
        state = batch.work.state(self._service.jobs.now())
        if batch.was_split or (job.aborted and not batch.work.finished):
            return "NotProcessed"
        return {"UploadComplete": "Queued", "JobComplete": "Completed", ABORTED: "NotProcessed"}.get(
            state, state
        )


def _is_json(job: Job) -> bool:
    return bool(job.words["contentType"] == "JSON")


def _malformed(message: str) -> Exception:
    return _Refused("InvalidBatch", f"Failed to parse the request: {message}")


def _read(org: Org, job: Job, batch: Batch) -> None:
    query = readable(org, job.user_id, batch.content.decode("utf-8", "replace").strip())
    prefix = f"/services/data/v{job.version}"
    batch.answered = read(org, job.user_id, query, prefix, all_rows=job.operation == "queryAll")


def _write(org: Org, job: Job, batch: Batch) -> None:
    schema = org.schema(job.sobject)
    rows = _sent(schema, job.words["contentType"], batch.content)
    if len(rows) > _MOST_ROWS:
        raise UnreadableTable(f"InvalidBatch : Records exceeds the limit of {_MOST_ROWS}")
    key = job.words.get("externalIdFieldName")
    batch.results = list[RowResult](write_rows(org, job.user_id, schema, job.operation, key, rows))


def _sent(schema: ObjectSchema, content_type: str, content: bytes) -> list[Values]:
    """The rows of a batch. Raises UnreadableTable."""
    if content_type == "CSV":
        table = read_table(content)
        for name in table.header:
            if "." not in name and schema.find(name) is None:
                raise UnreadableTable(f"InvalidBatch : Field name not found : {name}")
        return [partial(values_of, schema, table.header, row) for row in table.rows]
    if content_type == "JSON":
        return [partial(dict[str, Any], row) for row in shapes.rows_from_json(content)]
    try:
        root = read_xml(content)
    except UnreadableXml as error:
        raise UnreadableTable(f"InvalidBatch : Failed to parse XML: {error}") from None
    return [partial(_values_in_xml, schema, row) for row in root if local(row) == "sObject"]


def _values_in_xml(schema: ObjectSchema, row: Any) -> dict[str, Any]:
    given: Mapping[str, str] = texts(row)
    nulls = {local(cell) for cell in row if any(name.endswith("}nil") for name in cell.attrib)}
    cells = {name: NULL if name in nulls else text for name, text in given.items() if name != "type"}
    return values_of(schema, tuple(cells), tuple(cells.values()))


def _milliseconds(answered: Answered) -> list[dict[str, Any]]:
    described = dict(answered.columns)
    return [
        {
            name: epoch(described[name], value) if name in described else value
            for name, value in record.items()
        }
        for record in answered.records
    ]

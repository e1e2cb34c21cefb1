"""What do the two kinds of Bulk 2 jobs have in common? How a job is described, listed and ended (docs/salesforce.md §3)."""

from __future__ import annotations

from typing import Any

from orgbox.bulk.jobs import ABORTED, DONE, FAILED, IN_PROGRESS, QUEUED, Job
from orgbox.bulk.table import DELIMITERS, LINE_ENDINGS
from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.http.shapes import moment

KINDS = {"ingest": "V2Ingest", "query": "V2Query"}
_PAGE = 1_000


def chosen(given: dict[str, Any], name: str, choices: dict[str, str], default: str) -> str:
    """One of the words that a job may say. Raises OrgError INVALIDJOB."""
    word = given.get(name, default)
    if word not in choices:
        raise OrgError(
            "INVALIDJOB", f"InvalidJob : {name} must be one of {', '.join(sorted(choices))}: {word}"
        )
    return str(word)


def format_of(given: dict[str, Any]) -> dict[str, Any]:
    """How a job's CSV is written. Raises OrgError INVALIDJOB."""
    if given.get("contentType", "CSV") != "CSV":
        raise OrgError("INVALIDJOB", "InvalidJob : contentType must be CSV")
    return {
        "columnDelimiter": chosen(given, "columnDelimiter", DELIMITERS, "COMMA"),
        "lineEnding": chosen(given, "lineEnding", LINE_ENDINGS, "LF"),
    }


def described(call: Call, job: Job) -> dict[str, Any]:
    """What both kinds say of a job."""
    jobs = call.service.jobs
    now = jobs.now()
    stamp = job.created if job.work is None else job.work.due if job.work.finished else job.work.submitted
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.user_id,
        "createdDate": moment(job.created),
        "systemModstamp": moment(stamp),
        "state": job.state(now),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version[1:]),
        "jobType": KINDS[job.kind],
        **job.words,
    }


def times(job: Job) -> dict[str, Any]:
    """What a job that has run says of its time."""
    spent = 0
    if job.work is not None and job.work.finished:
        spent = int((job.work.due - job.work.submitted).total_seconds() * 1000)
    return {"retries": 0, "totalProcessingTime": spent}


def listed(call: Call, kind: str) -> Answer:
    """GET /jobs/ingest or /jobs/query: {done, nextRecordsUrl, records}, newest first."""
    kinds = (
        ("ingest", "query") if call.params.get("jobType") is None else _kinds(call.params["jobType"], kind)
    )
    records = [
        described(call, job) for job in call.service.jobs.listed(*kinds) if job.user_id == call.user_id
    ]
    return Answer(200, {"done": True, "nextRecordsUrl": None, "records": records[:_PAGE]})


def _kinds(job_type: str, kind: str) -> tuple[str, ...]:
    return tuple(name for name, shown in KINDS.items() if shown == job_type) or (kind,)


def abort(call: Call, job: Job) -> None:
    """End a job that is not done yet. Raises OrgError INVALIDJOBSTATE."""
    state = job.state(call.service.jobs.now())
    if state in (DONE, FAILED, ABORTED):
        raise OrgError("INVALIDJOBSTATE", f"InvalidJobState : Aborting an already {state} Job not allowed")
    if job.work is not None:
        call.service.jobs.drop(job.work)
    job.aborted = True


def remove(call: Call, job: Job) -> Answer:
    """DELETE: 204; a job that is in line or worked on stays. Raises OrgError INVALIDJOBSTATE."""
    if job.state(call.service.jobs.now()) in (QUEUED, IN_PROGRESS):
        raise OrgError("INVALIDJOBSTATE", "InvalidJobState : Deleting a Job that is in progress not allowed")
    call.service.jobs.forget(job)
    return Answer(204)

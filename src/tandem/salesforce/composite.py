"""Several requests in one API call, and the outcome of every row in them. Pure (docs/salesforce.md §2.7, §2.8).

A composite answer is a set of separate answers. Each row gets its own: a part that is missing, a 5xx or not to be read
leaves its rows in doubt and says nothing about the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.salesforce.codes import classify, error_of
from tandem.salesforce.errors import Busy, Gone, OutcomeUnknown, Refused, SalesforceError, SignInNeeded
from tandem.salesforce.outcomes import Done, Doubt, RowResult, row_result
from tandem.salesforce.wire import id18

MOST_SUBREQUESTS = 25
MOST_QUERIES_AND_COLLECTIONS = 5
MOST_ROWS_IN_A_COLLECTION = 200


@dataclass(frozen=True, slots=True)
class Subrequest:
    """One request inside a composite; `url` begins with /services/data/."""

    reference: str
    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one subrequest."""

    status: int
    body: Any


def composite_body(subrequests: Sequence[Subrequest]) -> dict[str, Any]:
    """The body of POST /composite.

    `collateSubrequests` is false on purpose: true lets Salesforce reorder, and a read-back must come last.
    """
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [_as_json(subrequest) for subrequest in subrequests],
    }


def _as_json(subrequest: Subrequest) -> dict[str, Any]:
    json: dict[str, Any] = {
        "method": subrequest.method,
        "url": subrequest.url,
        "referenceId": subrequest.reference,
    }
    if subrequest.body is not None:
        json["body"] = subrequest.body
    if subrequest.headers is not None:
        json["httpHeaders"] = dict(subrequest.headers)
    return json


def parts_of(payload: Any) -> dict[str, Part]:
    """The answers by reference. What does not look like an answer is left out, so its rows come out in doubt."""
    listed = payload.get("compositeResponse") if isinstance(payload, dict) else None
    parts: dict[str, Part] = {}
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("httpStatusCode"), int):
            parts[str(item.get("referenceId"))] = Part(item["httpStatusCode"], item.get("body"))
    return parts


def patch_result(part: Part | None, record_id: str) -> RowResult:
    """The outcome of one row's PATCH: 204 and nothing else when it is done."""
    if part is None:
        return no_answer()
    if part.status in (200, 204):
        return Done(id18(record_id))
    return row_result(part_error(part, was_write=True))


def collection_results(part: Part | None, count: int, *, inserting: bool = False) -> tuple[RowResult, ...]:
    """The outcome of each of `count` rows of one collection, in their order.

    An error for the collection as a whole (a lock, say) is the outcome of each row.
    """
    if part is None:
        return (no_answer(),) * count
    if part.status >= 300:
        return (row_result(part_error(part, was_write=True)),) * count
    if not isinstance(part.body, list) or len(part.body) != count:
        return (no_answer(),) * count
    return tuple(_row_outcome(row, inserting) for row in part.body)


def part_error(part: Part, was_write: bool) -> SalesforceError:
    """The error of one refused subrequest.

    A session that ends inside a composite is no reason to bother a person: the next call renews it.
    """
    error = error_of(part.status, part.body, was_write)
    if isinstance(error, SignInNeeded):
        return Busy(error.message, code=error.code, status=error.status, was_write=was_write)
    return error


def no_answer() -> Doubt:
    """The outcome of a row that the answer does not speak of."""
    return Doubt(
        OutcomeUnknown("this part of the call was left without an answer", code="NO_ANSWER", was_write=True)
    )


def _row_outcome(row: Any, inserting: bool) -> RowResult:
    if not isinstance(row, dict):
        return no_answer()
    if row.get("success") is True:
        try:
            return Done(id18(row["id"]))
        except (KeyError, TypeError, ValueError):
            return no_answer()
    errors = row.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    if first is None:
        return no_answer()
    # Rows say statusCode where calls say errorCode (docs/salesforce.md §2.7).
    code, message = str(first.get("statusCode", "")), str(first.get("message", ""))
    fields = tuple(str(name) for name in first.get("fields") or ())
    error = classify(400, code, message, fields, was_write=True)
    if inserting and isinstance(error, Gone):
        # What is not there yet cannot be gone: it is the record that the new one points to.
        error = Refused(
            message,
            code=code,
            fields=fields,
            status=400,
            was_write=True,
            remedy="The person or deal it belongs to was deleted. Choose another, then retry.",
        )
    return row_result(error)

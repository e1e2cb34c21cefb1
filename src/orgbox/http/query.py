"""How is a query asked, and paged? /query, /queryAll and their locators (docs/salesforce.md §2.4)."""

from __future__ import annotations

import re
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.http.columns import columns_of
from orgbox.soql import evaluate, parse
from orgbox.view import View

_BATCH = re.compile(r"batchSize\s*=\s*(\d{1,9})", re.IGNORECASE)
_SMALLEST, _LARGEST = 200, 2000


def query(call: Call, resource: str) -> Answer:
    """GET /query?q= or /queryAll?q=; with `columns=true` what its columns are."""
    text = call.params.get("q")
    if not text:
        raise OrgError("MALFORMED_QUERY", "A query string has to be specified")
    if call.params.get("columns", "").lower() == "true":
        return columns_of(call, text)
    with call.transaction() as tx:
        result = evaluate(parse(text), View(tx, call.prefix), resource == "queryAll")
    size = _batch_size(call)
    if len(result.records) <= size:
        return Answer(200, {"totalSize": result.total, "done": True, "records": result.records})
    if not result.paged:
        raise OrgError(
            "EXCEEDED_ID_LIMIT",
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
        )
    cursor = call.service.cursors.keep(call.user_id, result.records)
    return _page(call, resource, cursor.identifier, result.records, 0, size)


def more(call: Call, resource: str, locator: str) -> Answer:
    """GET a nextRecordsUrl; a repeated ?q= is not looked at."""
    cursor, offset = call.service.cursors.find(locator, call.user_id)
    return _page(call, resource, cursor.identifier, cursor.records, offset, _batch_size(call))


def _page(
    call: Call, resource: str, cursor: str, records: list[dict[str, Any]], offset: int, size: int
) -> Answer:
    end = offset + size
    body: dict[str, Any] = {"totalSize": len(records), "done": end >= len(records)}
    if end < len(records):
        body["nextRecordsUrl"] = f"{call.prefix}/{resource}/{cursor}-{end}"
    body["records"] = records[offset:end]
    return Answer(200, body)


def _batch_size(call: Call) -> int:
    asked = _BATCH.search(call.headers.get("sforce-query-options", ""))
    return _LARGEST if asked is None else min(max(int(asked[1]), _SMALLEST), _LARGEST)

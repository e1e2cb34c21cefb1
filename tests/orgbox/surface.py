"""What can be asked of an org over HTTP, as an OpenAPI document: paths, parameters and the shapes of bodies.

For requests by chance; orgbox itself does not serve it. Words in CAPITALS stand for ids that an org gives out when it runs.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

REST = "/services/data/{version}"
BULK_1 = "/services/async/59.0"
#: Ids that the test knows only when its org is there.
TASK, CONTACT, LEAD, USER, FILE = "TASK", "CONTACT", "LEAD", "USER", "FILE"
INGEST, QUERY_JOB, BULK_1_JOB, BATCH, LOCATOR = "INGEST", "QUERYJOB", "BULKJOB", "BATCH", "LOCATOR"

_TEXT: Json = {"type": "string"}
_QUERIES = (
    "SELECT Id, Subject, Who.Name FROM Task WHERE IsClosed = false ORDER BY SystemModstamp LIMIT 5",
    "SELECT COUNT(Id), Status FROM Task GROUP BY ROLLUP(Status) HAVING COUNT(Id) > 0",
    "SELECT Id, (SELECT Id FROM Tasks) FROM Contact WHERE Id IN (SELECT WhoId FROM Task)",
    "SELECT TYPEOF Who WHEN Contact THEN Email ELSE Id END FROM Task USING SCOPE mine",
    "SELECT FIELDS(ALL) FROM Task LIMIT 200",
)
_SEARCHES = (
    "FIND {ann*} IN NAME FIELDS RETURNING Contact(Id, Name ORDER BY Name), Lead LIMIT 3",
    "FIND {a AND NOT b}",
)


def _one_of(*values: Any) -> Json:
    """One of these, or any other text."""
    return {"anyOf": [{"enum": list(values)}, _TEXT]}


def _list(of: Json, most: int = 3) -> Json:
    return {"type": "array", "items": of, "maxItems": most}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


_MOMENT = _one_of("2026-03-02T09:00:00Z", "2026-03-02T08:00:00+00:00", "2026-02-30T09:00:00Z")
_ROW = _object(
    Subject={"type": ["string", "null"]},
    Status=_one_of("Completed", "Not Started"),
    ActivityDate={"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    WhoId=_one_of(CONTACT, LEAD),
    IsReminderSet={"type": "boolean"},
    CallDurationInSeconds={"type": "number"},
    LastName=_TEXT,
    Who=_object(Email=_TEXT),
)
_FILE = _object(entity_content=_one_of('{"PathOnClient": "a.txt"}', "{"), VersionData=_TEXT)
_TYPED = _object(
    **_ROW["properties"],
    id=_one_of(TASK, CONTACT),
    attributes=_object(type=_one_of("Task", "Contact"), referenceId=_TEXT),
)
_SUB = _object(
    method=_one_of("GET", "POST", "PATCH", "DELETE"),
    url=_one_of(
        "/services/data/v60.0/sobjects/Task",
        "/services/data/v60.0/sobjects/Task/TASK",
        "/services/data/v60.0/sobjects/Task/@{a.id}",
        "/services/data/v60.0/query?q=SELECT+Id+FROM+Task",
        "/services/data/v60.0/composite/sobjects",
    ),
    referenceId=_one_of("a", "b", "c"),
    body=_ROW,
    httpHeaders=_object(**{"If-Unmodified-Since": _one_of("Mon, 02 Mar 2026 09:00:00 GMT")}),
)
_PARTS: dict[str, Json] = {
    "version": _one_of("v67.0", "v31.0", "v45.0", "v68.0", "v30.0"),
    "sobject": _one_of("Task", "contact", "Account", "TaskStatus", "User"),
    "record": _one_of(TASK, CONTACT, USER),
    "file": _one_of(FILE),
    "field": _one_of("Tandem_Key__c", "Email", "Id", "Subject"),
    "value": _one_of("a", "a@b.example"),
    "locator": _one_of(LOCATOR),
    "ingest": _one_of(INGEST),
    "queryjob": _one_of(QUERY_JOB),
    "bulkjob": _one_of(BULK_1_JOB),
    "batch": _one_of(BATCH),
    "listview": _one_of("00B000000000000AAA"),
    "recordtype": _one_of("012000000000000AAA"),
    "which": _one_of("successfulResults", "failedResults", "unprocessedrecords"),
    "flavour": _one_of("u", "c"),
    "soap": _one_of("59.0", "64.0", "65.0"),
    "result": _one_of("752000000000000AAA"),
}
_RECORDS = _object(allOrNone={"type": "boolean"}, records=_list(_TYPED))
_COMPOSITE = _object(
    allOrNone={"type": "boolean"}, collateSubrequests={"type": "boolean"}, compositeRequest=_list(_SUB)
)
_JOB = _object(
    object=_one_of("Task", "Contact"),
    operation=_one_of("insert", "update", "upsert", "delete", "query", "queryAll"),
    contentType=_one_of("CSV", "JSON", "XML"),
    externalIdFieldName=_one_of("Tandem_Key__c"),
    columnDelimiter=_one_of("COMMA", "PIPE", "TAB"),
    lineEnding=_one_of("LF", "CRLF"),
)
_STATE = _object(state=_one_of("UploadComplete", "Aborted", "Closed"))

#: (method, path, query parameters, media types of the body and what they hold)
_OPERATIONS: tuple[tuple[str, str, dict[str, Json], dict[str, Json]], ...] = (
    ("get", "/services/data", {}, {}),
    ("get", REST, {}, {}),
    ("get", f"{REST}/limits", {}, {}),
    ("get", f"{REST}/limits/recordCount", {"sObjects": _one_of("Task,Contact")}, {}),
    ("get", f"{REST}/recent", {"limit": _one_of("5")}, {}),
    ("get", f"{REST}/search", {"q": _one_of(*_SEARCHES)}, {}),
    ("get", f"{REST}/parameterizedSearch", {"q": _TEXT, "sobject": _TEXT, "fields": _TEXT}, {}),
    (
        "post",
        f"{REST}/parameterizedSearch",
        {},
        {
            "application/json": _object(
                q=_TEXT,
                fields=_list(_one_of("Id", "Name")),
                sobjects=_list(
                    _object(name=_PARTS["sobject"], where=_one_of("Id != null"), limit={"type": "number"})
                ),
            )
        },
    ),
    ("get", f"{REST}/query", {"q": _one_of(*_QUERIES), "columns": _one_of("true")}, {}),
    ("get", f"{REST}/queryAll", {"q": _one_of(*_QUERIES)}, {}),
    ("get", f"{REST}/query/{{locator}}", {}, {}),
    ("get", f"{REST}/queryAll/{{locator}}", {}, {}),
    ("get", f"{REST}/sobjects", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}", {}, {}),
    ("post", f"{REST}/sobjects/{{sobject}}", {}, {"application/json": _ROW}),
    ("post", f"{REST}/sobjects/{{sobject}}/Id", {}, {"application/json": _ROW}),
    ("get", f"{REST}/sobjects/{{sobject}}/describe", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/describe/layouts", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/describe/layouts/{{recordtype}}", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/listviews", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/listviews/{{listview}}", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/listviews/{{listview}}/describe", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/listviews/{{listview}}/results", {"limit": _TEXT}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/updated", {"start": _MOMENT, "end": _MOMENT}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/deleted", {"start": _MOMENT, "end": _MOMENT}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/{{record}}", {"fields": _one_of("Id,Subject")}, {}),
    ("patch", f"{REST}/sobjects/{{sobject}}/{{record}}", {}, {"application/json": _ROW}),
    ("delete", f"{REST}/sobjects/{{sobject}}/{{record}}", {}, {}),
    ("get", f"{REST}/sobjects/{{sobject}}/{{field}}/{{value}}", {}, {}),
    ("get", f"{REST}/sobjects/ContentVersion/{{file}}/VersionData", {}, {}),
    ("post", f"{REST}/sobjects/ContentVersion", {}, {"multipart/form-data": _FILE}),
    (
        "patch",
        f"{REST}/sobjects/{{sobject}}/{{field}}/{{value}}",
        {"updateOnly": _TEXT},
        {"application/json": _ROW},
    ),
    ("delete", f"{REST}/sobjects/{{sobject}}/{{field}}/{{value}}", {}, {}),
    ("post", f"{REST}/composite", {}, {"application/json": _COMPOSITE}),
    (
        "post",
        f"{REST}/composite/batch",
        {},
        {"application/json": _object(haltOnError={"type": "boolean"}, batchRequests=_list(_SUB))},
    ),
    (
        "post",
        f"{REST}/composite/graph",
        {},
        {
            "application/json": _object(
                graphs=_list(_object(graphId=_TEXT, compositeRequest=_list(_SUB)), most=2)
            )
        },
    ),
    ("post", f"{REST}/composite/tree/{{sobject}}", {}, {"application/json": _RECORDS}),
    ("post", f"{REST}/composite/sobjects", {}, {"application/json": _RECORDS}),
    ("patch", f"{REST}/composite/sobjects", {}, {"application/json": _RECORDS}),
    ("delete", f"{REST}/composite/sobjects", {"ids": _one_of(f"{TASK},{CONTACT}"), "allOrNone": _TEXT}, {}),
    ("get", f"{REST}/composite/sobjects/{{sobject}}", {"ids": _one_of(TASK), "fields": _TEXT}, {}),
    (
        "post",
        f"{REST}/composite/sobjects/{{sobject}}",
        {},
        {"application/json": _object(ids=_list(_one_of(TASK)), fields=_list(_one_of("Id", "Subject")))},
    ),
    ("patch", f"{REST}/composite/sobjects/{{sobject}}/{{field}}", {}, {"application/json": _RECORDS}),
    ("get", f"{REST}/jobs/ingest", {"jobType": _one_of("V2Ingest")}, {}),
    ("post", f"{REST}/jobs/ingest", {}, {"application/json": _JOB}),
    ("get", f"{REST}/jobs/ingest/{{ingest}}", {}, {}),
    ("patch", f"{REST}/jobs/ingest/{{ingest}}", {}, {"application/json": _STATE}),
    ("delete", f"{REST}/jobs/ingest/{{ingest}}", {}, {}),
    ("put", f"{REST}/jobs/ingest/{{ingest}}/batches", {}, {"text/csv": _TEXT}),
    ("get", f"{REST}/jobs/ingest/{{ingest}}/{{which}}", {}, {}),
    ("get", f"{REST}/jobs/query", {}, {}),
    (
        "post",
        f"{REST}/jobs/query",
        {},
        {"application/json": _object(operation=_one_of("query", "queryAll"), query=_one_of(*_QUERIES))},
    ),
    ("get", f"{REST}/jobs/query/{{queryjob}}", {}, {}),
    ("patch", f"{REST}/jobs/query/{{queryjob}}", {}, {"application/json": _STATE}),
    ("delete", f"{REST}/jobs/query/{{queryjob}}", {}, {}),
    (
        "get",
        f"{REST}/jobs/query/{{queryjob}}/results",
        {"locator": _one_of(LOCATOR), "maxRecords": _one_of("1")},
        {},
    ),
    ("get", f"{REST}/jobs/query/{{queryjob}}/resultPages", {}, {}),
    ("post", f"{BULK_1}/job", {}, {"application/json": _JOB, "application/xml": _TEXT}),
    ("get", f"{BULK_1}/job/{{bulkjob}}", {}, {}),
    ("post", f"{BULK_1}/job/{{bulkjob}}", {}, {"application/json": _STATE, "application/xml": _TEXT}),
    ("get", f"{BULK_1}/job/{{bulkjob}}/batch", {}, {}),
    ("post", f"{BULK_1}/job/{{bulkjob}}/batch", {}, {"application/json": _list(_ROW), "text/csv": _TEXT}),
    ("get", f"{BULK_1}/job/{{bulkjob}}/batch/{{batch}}", {}, {}),
    ("get", f"{BULK_1}/job/{{bulkjob}}/batch/{{batch}}/request", {}, {}),
    ("get", f"{BULK_1}/job/{{bulkjob}}/batch/{{batch}}/result", {}, {}),
    ("get", f"{BULK_1}/job/{{bulkjob}}/batch/{{batch}}/result/{{result}}", {}, {}),
    ("post", "/services/Soap/{flavour}/{soap}", {}, {"text/xml": _TEXT}),
    (
        "post",
        "/services/oauth2/token",
        {},
        {
            "application/x-www-form-urlencoded": _object(
                grant_type=_one_of("password", "refresh_token", "authorization_code", "client_credentials"),
                client_id=_TEXT,
                username=_TEXT,
                password=_TEXT,
                code=_TEXT,
                refresh_token=_TEXT,
            )
        },
    ),
    (
        "post",
        "/services/oauth2/introspect",
        {},
        {"application/x-www-form-urlencoded": _object(token=_TEXT, token_type_hint=_TEXT)},
    ),
    ("get", "/services/oauth2/userinfo", {}, {}),
)

_ERRORS: Json = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["message", "errorCode"],
        "properties": {"message": _TEXT, "errorCode": _TEXT, "fields": {"type": "array", "items": _TEXT}},
        "additionalProperties": False,
    },
}
_TREES_ERRORS: Json = {
    "type": "object",
    "required": ["hasErrors", "results"],
    "properties": {"hasErrors": {"const": True}, "results": {"type": "array", "minItems": 1}},
    "additionalProperties": False,
}


def document() -> Json:
    """The whole document; a refusal of the REST API always has Salesforce's shape."""
    paths: dict[str, Json] = {}
    for method, path, query, bodies in _OPERATIONS:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        operation: Json = {
            "parameters": [
                *({"in": "path", "name": n, "required": True, "schema": _PARTS[n]} for n in names),
                *({"in": "query", "name": n, "schema": schema} for n, schema in query.items()),
            ],
            "responses": {"2XX": {"description": ""}, "3XX": {"description": ""}, "4XX": _refusals(path)},
        }
        if bodies:
            content = {kind: {"schema": schema} for kind, schema in bodies.items()}
            operation["requestBody"] = {"required": True, "content": content}
        paths.setdefault(path, {})[method] = operation
    return {"openapi": "3.1.0", "info": {"title": "An org", "version": "67.0"}, "paths": paths}


def _refusals(path: str) -> Json:
    if not path.startswith("/services/data"):
        return {"description": ""}
    # A tree says which of its rows were refused.
    schema = {"anyOf": [_ERRORS, _TREES_ERRORS]} if "/tree/" in path else _ERRORS
    return {"description": "", "content": {"application/json": {"schema": schema}}}

"""Which resource answers which path and method below /services/data/vXX.X?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from orgbox.errors import OrgError
from orgbox.http import (
    batch,
    blobs,
    bulk2,
    bulk_query,
    changes,
    collections,
    composite,
    describe,
    graph,
    ingest,
    layouts,
    limits,
    list_views,
    query,
    recent,
    rows,
    searching,
    tree,
)
from orgbox.http.call import Answer, Call
from orgbox.http.statuses import error_body, status_of
from orgbox.http.versions import resources
from orgbox.writes import not_found

Methods = dict[str, Callable[[], Answer]]


def dispatch(call: Call) -> Answer:
    """Answer a call; a refusal becomes its status and body."""
    try:
        return _resource(call)()
    except OrgError as error:
        return Answer(status_of(error), error_body(error))


def _resource(call: Call) -> Callable[[], Answer]:
    methods = _methods(call)
    resource = methods.get("GET" if call.method == "HEAD" else call.method)
    if resource is None:
        allowed = ",".join(sorted(methods))
        raise OrgError(
            "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
        )
    return resource


def _methods(call: Call) -> Methods:
    match [part.lower() for part in call.parts[:1]] + list(call.parts[1:]):
        case []:
            identity = f"{call.base_url}/id/{call.service.org.id}/{call.user_id}"
            return {"GET": lambda: Answer(200, resources(call.prefix) | {"identity": identity})}
        case ["limits"]:
            return {"GET": partial(limits.limits, call)}
        case ["limits", "recordCount"]:
            return {"GET": partial(limits.record_count, call)}
        case ["recent"]:
            return {"GET": partial(recent.recent, call)}
        case ["search"]:
            return {"GET": partial(searching.by_sosl, call)}
        case ["parameterizedsearch"]:
            return {method: partial(searching.by_parameters, call) for method in ("GET", "POST")}
        case ["query"]:
            return {"GET": partial(query.query, call, "query")}
        case ["queryall"]:
            return {"GET": partial(query.query, call, "queryAll")}
        case ["query", locator]:
            return {"GET": partial(query.more, call, "query", locator)}
        case ["queryall", locator]:
            return {"GET": partial(query.more, call, "queryAll", locator)}
        case ["sobjects", *rest]:
            return _rows(call, rest)
        case ["composite", *rest]:
            return _composite(call, rest)
        case ["jobs", "ingest", *rest]:
            return _ingest(call, rest)
        case ["jobs", "query", *rest]:
            return _bulk_query(call, rest)
    raise not_found()


def _rows(call: Call, rest: Sequence[str]) -> Methods:
    match rest:
        case []:
            return {"GET": partial(describe.describe_global, call)}
        case [sobject]:
            return {
                "GET": partial(describe.describe_short, call, sobject),
                "POST": partial(rows.create, call, sobject),
            }
        case [sobject, "describe"]:
            return {"GET": partial(describe.describe, call, sobject)}
        case [sobject, "describe", "layouts"]:
            return {"GET": partial(layouts.layouts, call, sobject)}
        case [sobject, "describe", "layouts", record_type]:
            return {"GET": partial(layouts.layout, call, sobject, record_type)}
        case [sobject, "listviews"]:
            return {"GET": partial(list_views.list_views, call, sobject)}
        case [sobject, "listviews", identifier]:
            return {"GET": partial(list_views.list_view, call, sobject, identifier)}
        case [sobject, "listviews", identifier, "describe"]:
            return {"GET": partial(list_views.list_view_describe, call, sobject, identifier)}
        case [sobject, "listviews", identifier, "results"]:
            return {"GET": partial(list_views.list_view_results, call, sobject, identifier)}
        case [sobject, "updated"]:
            return {"GET": partial(changes.updated, call, sobject)}
        case [sobject, "deleted"]:
            return {"GET": partial(changes.deleted, call, sobject)}
        case [sobject, word] if word.lower() == "id":
            return {"POST": partial(rows.create, call, sobject)}
        case [sobject, identifier]:
            return {
                "GET": partial(rows.read, call, sobject, identifier),
                "PATCH": partial(rows.change, call, sobject, identifier),
                "DELETE": partial(rows.remove, call, sobject, identifier),
            }
        case [sobject, word, identifier] if word.lower() == "id":
            return {
                "GET": partial(rows.read, call, sobject, identifier),
                "PATCH": partial(rows.upsert, call, sobject, "Id", identifier),
                "DELETE": partial(rows.remove, call, sobject, identifier),
            }
        case [sobject, identifier, name] if blobs.names_bytes(call, sobject, name):
            return {"GET": partial(blobs.read, call, sobject, identifier, name)}
        case [sobject, field, value]:
            return {
                "GET": partial(rows.read_by_key, call, sobject, field, value),
                "PATCH": partial(rows.upsert, call, sobject, field, value),
                "DELETE": partial(rows.remove_by_key, call, sobject, field, value),
            }
    raise not_found()


def _composite(call: Call, rest: Sequence[str]) -> Methods:
    match rest:
        case []:
            return {"POST": partial(composite.composite, call, dispatch)}
        case ["batch"]:
            return {"POST": partial(batch.batch, call, dispatch)}
        case ["graph"]:
            return {"POST": partial(graph.graph, call, dispatch)}
        case ["tree", sobject]:
            return {"POST": partial(tree.tree, call, sobject)}
        case ["sobjects"]:
            return {
                "POST": partial(collections.insert, call),
                "PATCH": partial(collections.update, call),
                "DELETE": partial(collections.delete, call),
            }
        case ["sobjects", sobject]:
            return {
                "GET": partial(collections.retrieve, call, sobject),
                "POST": partial(collections.retrieve, call, sobject),
            }
        case ["sobjects", sobject, field]:
            return {"PATCH": partial(collections.upsert, call, sobject, field)}
    raise not_found()


def _ingest(call: Call, rest: Sequence[str]) -> Methods:
    match rest:
        case []:
            return {"GET": partial(bulk2.listed, call, "ingest"), "POST": partial(ingest.create, call)}
        case [job]:
            return {
                "GET": partial(ingest.read, call, job),
                "PATCH": partial(ingest.change, call, job),
                "DELETE": partial(ingest.remove, call, job),
            }
        case [job, "batches"]:
            return {"PUT": partial(ingest.upload, call, job)}
        case [job, which]:
            return {"GET": partial(ingest.results, call, job, which)}
    raise not_found()


def _bulk_query(call: Call, rest: Sequence[str]) -> Methods:
    match rest:
        case []:
            return {"GET": partial(bulk2.listed, call, "query"), "POST": partial(bulk_query.create, call)}
        case [job]:
            return {
                "GET": partial(bulk_query.read, call, job),
                "PATCH": partial(bulk_query.change, call, job),
                "DELETE": partial(bulk_query.remove, call, job),
            }
        case [job, "results"]:
            return {"GET": partial(bulk_query.results, call, job)}
        case [job, "resultPages"]:
            return {"GET": partial(bulk_query.result_pages, call, job)}
    raise not_found()

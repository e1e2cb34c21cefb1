"""Whatever is sent to the addresses of the surface: an answer in seconds, never a 500, and refusals in Salesforce's shape.

Schemathesis makes the requests from the document in surface.py, well-formed ones and broken ones, the same at every run.
They go over HTTP to one org, which gets fresh rows for each operation. `FUZZ=20000` makes more of them.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from tests.by_the_document import bodies_of, repeatable
from tests.orgbox import surface
from tests.orgbox.box import KEY, START, Api

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.http import resources
from orgbox.org import Org
from orgbox.server import RunningOrg

#: Requests of each operation; some 70 operations.
EXAMPLES = max(1, int(os.environ.get("FUZZ", "700")) // 70)
CHECKS: list[Any] = [content_type_conformance, response_schema_conformance]
#: An edge's own pages: too long a path, too long headers.
PAGES = (414, 431)

LINES = (
    b"Subject,Status",
    b"Subject",
    b"a,b",
    b'"a',
    b'a,"b""c"',
    b"#N/A,x",
    b",",
    b"",
    b"\xff\xfe",
    b"Id\t",
    b"Nope__c",
)
TAGS = (
    b"<jobInfo>",
    b"</jobInfo>",
    b"<operation>query</operation>",
    b"<object>Task</object>",
    b"<contentType>XML</contentType>",
    b"<state>Closed</state>",
    b"<login><username>a</username><password>b</password></login>",
    b'<?xml version="1.0"?>',
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"<a xmlns='urn:a'/>",
    b"\0",
)
for kind, pieces, joint in (
    ("text/csv", LINES, b"\n"),
    ("application/xml", TAGS, b""),
    ("text/xml", TAGS, b""),
):
    bodies_of(kind, pieces, joint, most=8, noise=60)

schema = schemathesis.openapi.from_dict(surface.document())


class Served:
    """An org with a row of each kind and a job of each API, and what the surface's placeholders mean there."""

    def __init__(self, api: Api) -> None:
        self.api, org = api, api.org
        self.meant: dict[str, str] = {}
        insert = self._inserted
        given = {"PathOnClient": "a.txt", "VersionData": "YWJj"}
        self.meant[surface.FILE] = insert("ContentVersion", given)
        contact = insert("Contact", {"LastName": "Ann", "Email": "a@b.example"})
        tasks = [insert("Task", {"Subject": f"{n}", "WhoId": contact}) for n in range(5)]
        self.meant |= {surface.TASK: tasks[0], surface.CONTACT: contact, surface.USER: org.admin_id}
        self.meant[surface.LEAD] = insert("Lead", {"LastName": "Lee", "Company": "Acme"})
        self.meant[surface.INGEST] = self._made("/jobs/ingest", object="Task", operation="insert")["id"]
        query = "SELECT Id FROM Task"
        self.meant[surface.QUERY_JOB] = self._made("/jobs/query", operation="query", query=query)["id"]
        bulk = f"{api.running.url}{surface.BULK_1}/job"
        told = {"operation": "insert", "object": "Task", "contentType": "JSON"}
        job = api.http.post(bulk, json=told).json()["id"]
        self.meant[surface.BULK_1_JOB] = job
        self.meant[surface.BATCH] = api.http.post(f"{bulk}/{job}/batch", json=[{"Subject": "x"}]).json()["id"]
        paged = api.get("/query", params={"q": query}, headers={"Sforce-Query-Options": "batchSize=200"})
        self.meant[surface.LOCATOR] = str(paged.json().get("nextRecordsUrl", "01g-2000")).rpartition("/")[2]

    def _inserted(self, sobject: str, values: dict[str, Any]) -> str:
        return self.api.running.call(lambda: self.api.org.insert(sobject, values))

    def _made(self, path: str, **words: str) -> Any:
        return self.api.post(path, json=words).json()

    def filled(self, value: Any) -> Any:
        """The same value with ids for placeholders."""
        if isinstance(value, str):
            for word, means in self.meant.items():
                value = value.replace(word, means)
            return value
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return [self.filled(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with RunningOrg(Org(VirtualClock(START), seed=3, task_fields=[KEY]), daily_api_requests=10**9) as running:
        api = Api(running)
        yield api
        api.http.close()


@pytest.fixture
def served(api: Api) -> Served:
    return Served(api)


@schema.parametrize()
@repeatable(EXAMPLES)
def test_every_request_is_answered_in_time_and_refused_in_words(
    case: schemathesis.Case, served: Served
) -> None:
    case.path_parameters = served.filled(case.path_parameters)
    case.query = served.filled(case.query)
    case.body = served.filled(case.body)
    token = served.api.http.headers["Authorization"]
    response = case.call(base_url=served.api.running.url, headers={"Authorization": token}, timeout=30)
    is_fault = response.status_code == 500 and "/Soap/" in case.path
    assert response.status_code < 500 or is_fault, (response.status_code, response.text[:500])
    if response.status_code not in PAGES:
        case.validate_response(response, checks=CHECKS)


# The document -------------------------------------------------------------------------------------------------------


def asked(path: str, method: str) -> set[Callable[..., Any]]:
    """What answers an operation of the surface."""
    parts = tuple(part.strip("{}") for part in path.removeprefix(surface.REST).split("/") if part)
    service = SimpleNamespace(org=Org(VirtualClock(START)))
    call = SimpleNamespace(parts=parts, method=method.upper(), service=service)
    if not parts:
        return set()  # the list of the resources themselves
    try:
        found = resources._methods(call)[method.upper()]  # type: ignore[arg-type]
    except (OrgError, KeyError):
        return set()
    return {found.func} if isinstance(found, partial) else set()


def test_the_surface_names_every_resource_of_the_rest_api() -> None:
    paths = surface.document()["paths"].items()
    known = {
        f"{resource.__module__.rpartition('.')[2]}.{resource.__name__}"
        for path, operations in paths
        if path.startswith(surface.REST)
        for method in operations
        for resource in asked(path, method)
    }
    there = {
        ast.unparse(node.args[0])
        for node in ast.walk(ast.parse(inspect.getsource(resources)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "partial"
    }
    assert there
    assert there - known == set()

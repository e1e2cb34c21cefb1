"""Whatever is sent, the org answers: no exception escapes, no status 500 but SOAP's own faults, and JSON is JSON.

Requests are drawn from the words that the org knows and from nonsense. A request that would never end is the runner's
to stop. `FUZZ=20000` draws more of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tests.chance import seed
from tests.contract.soql_sentences import Sentences
from tests.orgbox.box import KEY, START, Api

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.http import create_app
from orgbox.org import Org

REQUESTS = int(os.environ.get("FUZZ", "1500"))
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW")
WORDS = re.findall(
    r"\w+",
    """
sobjects Task Contact Account User TaskStatus describe layouts listviews results updated deleted Id Tandem_Key__c
query queryAll search parameterizedSearch recent limits recordCount composite batch graph tree sobjects jobs ingest
batches successfulResults failedResults unprocessedrecords query resultPages
""",
)
KEYS = re.findall(
    r"\w+",
    """
records attributes type referenceId allOrNone compositeRequest collateSubrequests method url body httpHeaders
graphs graphId batchRequests haltOnError richInput operation object contentType externalIdFieldName columnDelimiter
lineEnding state query Subject Id id Status WhoId WhatId ActivityDate Tandem_Key__c IsReminderSet
CallDurationInSeconds Contacts Tasks q fields sobjects name where limit in LastName Name ids Account Owner
""",
)
TEXTS = (
    "Task",
    "Contact",
    "insert",
    "upsert",
    "query",
    "CSV",
    "Closed",
    "UploadComplete",
    "Aborted",
    "POST",
    "GET",
    "/services/data/v60.0/sobjects/Task",
    "/services/data/v60.0/query?q=SELECT+Id+FROM+Task",
    "v60.0/limits",
    "@{a.id}",
    "@{a.records[0].Id}",
    "SELECT Id, (SELECT Id FROM Tasks) FROM Contact",
    "FIND {a*} RETURNING Task(Id)",
    "2026-03-02",
    "2026-13-45T99:00:00Z",
    "true",
    "",
    " ",
    "\u0000",
    "\ud800",
    "é" * 300,
    "a",
    "\\",
    "%",
)
PARAMS = (
    "q",
    "fields",
    "ids",
    "columns",
    "start",
    "end",
    "maxRecords",
    "locator",
    "sObjects",
    "limit",
    "allOrNone",
    "jobType",
)
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"Subject,Status\na,b\n",
    b'Subject\n"open',
    b"<jobInfo><operation>insert</operation><object>Task</object><contentType>CSV</contentType></jobInfo>",
    b"<a><b/></a>",
    b"<!DOCTYPE a><a/>",
    b"--x\r\nContent-Disposition: form-data; name=job\r\n\r\n{}\r\n--x--",
    b"grant_type=password&username=a&password=b",
    b"[" * 5_000,
)
TYPES = (
    "application/json",
    "text/csv",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
)


class Fuzz:
    """An org with a few rows, and requests by chance."""

    def __init__(self, number: int) -> None:
        self.draw = random.Random(number)
        self.sentences = Sentences(number)
        self.clock = VirtualClock(START)
        self.org = Org(self.clock, seed=3, task_fields=[KEY])
        contact = self.org.insert("Contact", {"LastName": "Ann"})
        tasks = [self.org.insert("Task", {"Subject": f"{n}", "WhoId": contact}) for n in range(5)]
        self.app = create_app(self.org, daily_api_requests=10**9)
        self.token = self.app.state.oauth.open_session(self.org.admin_id)
        self.known = [contact, *tasks, self.org.admin_id, tasks[0][:15], "00T000000000000EAA"]

    def text(self) -> str:
        roll = self.draw.random()
        if roll < 0.25:
            return self.sentences.query()
        return self.draw.choice(self.known) if roll < 0.5 else self.draw.choice(TEXTS)

    def value(self, depth: int = 0) -> Any:
        roll = self.draw.random()
        if depth < 5 and roll < 0.4:
            return {self.draw.choice(KEYS): self.value(depth + 1) for _ in range(self.draw.randint(0, 4))}
        if depth < 5 and roll < 0.65:
            return [self.value(depth + 1) for _ in range(self.draw.randint(0, 3))]
        return self.draw.choice((None, True, False, 0, -1, 1.5, 10**30, 1e308, self.text(), self.text()))

    def path(self) -> str:
        roll = self.draw.random()
        if roll < 0.06:
            return "/services/async/59.0/job" + self.draw.choice(
                ("", f"/{self.text_in_path()}", f"/{self.text_in_path()}/batch")
            )
        if roll < 0.1:
            return f"/services/Soap/{self.draw.choice('ucx')}/{self.draw.choice(('59.0', '65.0', 'x'))}"
        if roll < 0.16:
            return "/services/oauth2/" + self.draw.choice(
                ("token", "authorize", "introspect", "revoke", "userinfo", "x")
            )
        if roll < 0.2:
            return "/orgbox" + self.draw.choice(
                ("", "/records/Task", f"/records/Task/{self.known[1]}", "/trouble", "/clock", "/traffic")
            )
        version = self.draw.choice(("v60.0", "v31.0", "v68.0", "v30.0", "v99.0", "60", "v60.0"))
        parts = [
            self.draw.choice(WORDS) if self.draw.random() < 0.75 else self.text_in_path()
            for _ in range(self.draw.randint(0, 4))
        ]
        return "/".join(["/services/data", version, *parts])

    def text_in_path(self) -> str:
        return quote(self.text(), safe="", errors="replace")

    def request(self) -> tuple[str, str, str, bytes, str]:
        draw = self.draw
        method = draw.choice(METHODS[:5]) if draw.random() < 0.95 else draw.choice(METHODS)
        params = {draw.choice(PARAMS): self.text() for _ in range(draw.randint(0, 2))}
        body = draw.choice(BODIES)
        if draw.random() < 0.7:
            body = json.dumps(self.value()).encode()
        return method, self.path(), urlencode(params, errors="replace"), body, draw.choice(TYPES)

    async def ask(
        self, method: str, path: str, query: str, body: bytes, kind: str
    ) -> tuple[int, bytes, dict[str, str]]:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"host", b"box"),
            (b"authorization", f"Bearer {self.token}".encode()),
            (b"content-type", kind.encode()),
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "root_path": "",
        }
        await self.app(scope, receive, send)
        told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent), told


@pytest.fixture
def fuzz() -> Fuzz:
    number = seed()
    print(f"SEED={number}")
    return Fuzz(number)


def test_every_request_gets_an_answer_that_a_client_can_read(fuzz: Fuzz) -> None:
    statuses: dict[int, int] = {}

    async def all_of_them() -> None:
        for count in range(REQUESTS):
            request = fuzz.request()
            status, body, headers = await fuzz.ask(*request)
            allowed = status < 500 or (status == 500 and "/Soap/" in request[1])
            assert allowed, (status, request, body[:500])
            if "json" in headers.get("content-type", "") and request[0] != "HEAD":
                json.loads(body)
            statuses[status] = statuses.get(status, 0) + 1
            if count % 50 == 0:
                fuzz.clock.advance(30)
                fuzz.app.state.faults.clear()
                fuzz.token = fuzz.app.state.oauth.open_session(fuzz.org.admin_id)

    with ThreadPoolExecutor(1) as apart:  # whatever loop another test left running in this thread
        apart.submit(asyncio.run, all_of_them()).result()
    assert {200, 400, 404} <= statuses.keys(), statuses


def test_whatever_is_asked_in_soql_is_answered_or_refused_in_words(fuzz: Fuzz) -> None:
    deep = 3_000
    texts = [f"SELECT Id FROM Task WHERE {'(' * deep}Subject = 'x'{')' * deep}"]
    texts.append(f"SELECT Id FROM Task WHERE {'(NOT ' * deep}(Subject = 'x'){')' * deep}")
    for _ in range(REQUESTS):
        text = fuzz.sentences.query()
        place = fuzz.draw.randrange(len(text))
        spoilt = text[:place] + fuzz.draw.choice("()'\\,.:%\x00é\ud800") + text[place:]
        texts.append(spoilt if fuzz.draw.random() < 0.3 else text)
    refused = [error for text in texts if (error := refusal_of(fuzz.org, text)) is not None]
    assert 0 < len(refused) < len(texts)
    assert all(error.code.isupper() and error.message for error in refused)


def refusal_of(org: Org, soql: str) -> OrgError | None:
    try:
        org.query(soql)
    except OrgError as refused:
        return refused
    return None


# What chance rarely finds ---------------------------------------------------------------------------------------------


DIGITS = "9" * 5_000  # more than Python reads as a number


@pytest.mark.parametrize(
    "path",
    [
        f"/query?q=SELECT+Id+FROM+Task+LIMIT+{DIGITS}",
        f"/query?q=SELECT+Id+FROM+Task+WHERE+CallDurationInSeconds+=+{DIGITS}",
        f"/search?q=FIND+{{ann}}+RETURNING+Task+LIMIT+{DIGITS}",
        f"/query/01g000000000000AAA-{DIGITS}",
        f"/limits/recordCount?sObjects={DIGITS}",
    ],
)
def test_a_number_without_end_is_refused_and_not_read(api: Api, path: str) -> None:
    assert api.get(path).status_code in (200, 400)


def test_a_batch_size_and_an_index_without_end_are_refused_or_ignored(api: Api) -> None:
    asked = api.get("/query?q=SELECT+Id+FROM+Task", headers={"Sforce-Query-Options": f"batchSize={DIGITS}"})
    assert asked.status_code == 200
    subs = [
        {"method": "GET", "url": "/services/data/v60.0/limits", "referenceId": "a"},
        {"method": "GET", "url": f"/services/data/v60.0/limits/@{{a[{DIGITS}]}}", "referenceId": "b"},
    ]
    told = api.post("/composite", json={"compositeRequest": subs}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in told] == [200, 400]


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(api: Api) -> None:
    made = api.post("/sobjects/Task", content=b'{"Subject": "half \\ud83d"}')
    subject = api.get(f"/sobjects/Task/{made.json()['id']}").json()["Subject"]
    assert subject == "half ?"
    again = {"method": "GET", "url": "/services/data/v60.0/sobjects/Task/\ud83d", "referenceId": "a"}
    assert api.post("/composite", content=json.dumps({"compositeRequest": [again]})).status_code == 200


def test_a_path_with_a_line_break_in_it_is_refused_as_any_other(api: Api) -> None:
    answer = api.get("/sobjects/Task%0A")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")

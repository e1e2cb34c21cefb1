"""Whatever is sent, the answer is Salesforce's refusal or success, never a stumble of ours."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orgbox.box import KEY, START

from orgbox.clock import VirtualClock
from orgbox.faults import FaultPlan
from orgbox.http.allowance import Allowance
from orgbox.http.call import Answer, Call
from orgbox.http.cursors import Cursors
from orgbox.http.journal import Journal
from orgbox.http.oauth import OAuth
from orgbox.http.resources import dispatch
from orgbox.http.service import Service
from orgbox.org import Org

KNOWN = [field.name for field in Org(VirtualClock(START), task_fields=[KEY]).schema("Task").fields]
WORDS = st.sampled_from(
    [
        *(
            "allOrNone",
            "records",
            "attributes",
            "type",
            "id",
            "ids",
            "fields",
            "Id",
            "Task",
            "Contact",
            "true",
            "",
        ),
        *(
            "compositeRequest",
            "method",
            "url",
            "referenceId",
            "body",
            "httpHeaders",
            "POST",
            "GET",
            "PATCH",
            "DELETE",
        ),
        *(
            "/services/data/v67.0/sobjects/Task",
            "/services/data/v67.0/query?q=SELECT Id FROM Task",
            "@{a.id}",
            "a",
        ),
        *(
            "2026-03-04",
            "2026-03-04T10:00:00Z",
            "If-Unmodified-Since",
            "9999-99-99",
            "00T000000000001EAA",
            "k1",
        ),
        *("Completed", "High", "\x00", "é" * 300, "0", "-1"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | WORDS
    | st.text()
)
NAMES = WORDS | st.sampled_from(KNOWN)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6)
)
ROWS = st.lists(
    st.dictionaries(NAMES, JSON, max_size=5).map(lambda row: {"attributes": {"type": "Task"}, **row}),
    max_size=4,
)
SUBS = st.lists(
    st.builds(
        lambda n, method, url, body: {"method": method, "url": url, "referenceId": f"r{n}", "body": body},
        st.integers(0, 9),
        st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
        st.sampled_from(
            ["limits", "sobjects/Task", "sobjects/Task/@{r0.id}", "query?q=x", "composite/sobjects"]
        ).map(lambda path: f"/services/data/v67.0/{path}"),
        JSON,
    ),
    max_size=4,
)
BODIES = (
    JSON
    | st.dictionaries(NAMES, JSON, max_size=6)
    | ROWS.map(lambda rows: {"records": rows})
    | st.builds(lambda subs, flag: {"compositeRequest": subs, "allOrNone": flag}, SUBS, st.booleans())
)
PARTS = st.sampled_from(
    [
        ("sobjects",),
        ("sobjects", "Task"),
        ("sobjects", "Task", "{id}"),
        ("sobjects", "Task", "{word}"),
        ("sobjects", "Task", "Tandem_Key__c", "{word}"),
        ("sobjects", "Task", "Id", "{id}"),
        ("sobjects", "Task", "{word}", "x"),
        ("sobjects", "{word}", "describe"),
        ("sobjects", "Task", "updated"),
        ("sobjects", "Task", "deleted"),
        ("query",),
        ("query", "{word}"),
        ("queryAll",),
        ("composite",),
        ("composite", "sobjects"),
        ("composite", "sobjects", "Task"),
        ("composite", "sobjects", "Task", "Tandem_Key__c"),
        ("composite", "sobjects", "Task", "Id"),
        ("limits",),
        ("{word}",),
    ]
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "HEAD", "PUT"])
PARAMS = st.dictionaries(
    st.sampled_from(["q", "ids", "fields", "start", "end", "allOrNone", "updateOnly"]), NAMES
)
HEADERS = st.dictionaries(
    st.sampled_from(["if-unmodified-since", "if-modified-since", "sforce-query-options"]), WORDS | st.text()
)


def service() -> Service:
    org = Org(VirtualClock(START), task_fields=[KEY])
    cursors, allowance = Cursors(org.clock, org.state.mint), Allowance(org.clock, 10**9)
    return Service(org, OAuth(org), cursors, allowance, FaultPlan(), Journal())


SERVICE = service()
TASK = SERVICE.org.insert("Task", {"Tandem_Key__c": "k1"})


@settings(max_examples=300, deadline=None)
@given(method=METHODS, parts=PARTS, word=NAMES, params=PARAMS, headers=HEADERS, body=BODIES)
def test_no_request_makes_it_stumble(
    method: str, parts: tuple[str, ...], word: str, params: dict[str, str], headers: dict[str, str], body: Any
) -> None:
    filled = tuple(part.format(id=TASK, word=word) for part in parts)
    answer = dispatch(Call(SERVICE, method, "v67.0", filled, params, headers, body, SERVICE.org.admin_id))
    assert isinstance(answer, Answer)
    assert answer.status in (200, 201, 204, 300, 304, 400, 404, 405, 412)

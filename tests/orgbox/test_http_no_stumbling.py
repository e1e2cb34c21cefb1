"""Whatever is sent, the answer is Salesforce's refusal or success, never a stumble of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orgbox.box import KEY, START

from orgbox.clock import VirtualClock
from orgbox.http import create_app
from orgbox.http.call import Answer, Call
from orgbox.http.exchange import Incoming
from orgbox.http.reply import reply_to
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
        ("composite", "batch"),
        ("composite", "graph"),
        ("composite", "tree", "Task"),
        ("jobs", "ingest"),
        ("jobs", "ingest", "{word}"),
        ("jobs", "query"),
        ("jobs", "query", "{word}", "results"),
        ("search",),
        ("parameterizedSearch",),
        ("sobjects", "Task", "listviews"),
        ("sobjects", "Task", "describe", "layouts"),
        ("recent",),
        ("limits",),
        ("limits", "recordCount"),
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


CALLBACK = "http://127.0.0.1:9/callback"


def service() -> Service:
    org = Org(VirtualClock(START), task_fields=[KEY])
    service: Service = create_app(org, callbacks=[CALLBACK], daily_api_requests=10**9).state.service
    return service


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


APP = SERVICE.oauth.app
CODE = SERVICE.codes.issue(SERVICE.org.admin_id, APP.client_id, CALLBACK, "api", "é")
DOORS = st.sampled_from(
    [
        *(f"/services/oauth2/{name}" for name in ("authorize", "token", "revoke", "introspect", "userinfo")),
        *("/login", "/.well-known/openid-configuration", "/services/oauth2/{word}", "/id/{word}/{word}"),
    ]
)
SAID = st.sampled_from(
    [
        *(APP.client_id, APP.client_secret, CALLBACK, CODE, "code", "authorization_code", "refresh_token"),
        *("client_credentials", "api", "S256", "none", "login", "allow", "orgbox", "https://evil.example"),
        "/services/oauth2/authorize?prompt=login",
        str(SERVICE.org.get("User", SERVICE.org.admin_id)["Username"]),
    ]
)
FORMS = st.dictionaries(
    st.sampled_from(
        [
            *("client_id", "client_secret", "redirect_uri", "response_type", "scope", "state", "prompt"),
            *("code", "code_challenge", "code_challenge_method", "code_verifier", "grant_type", "decision"),
            *("refresh_token", "token", "startURL", "username", "pw", "access_token", "login_hint"),
        ]
    ),
    SAID | st.text(),
)


@settings(max_examples=300, deadline=None)
@given(
    method=METHODS,
    door=DOORS,
    word=st.text("abc%é", max_size=5),
    query=FORMS,
    form=FORMS,
    cookie=st.text(st.characters(max_codepoint=255)),
)
def test_no_knock_at_the_sign_in_makes_it_stumble_or_leads_astray(
    method: str, door: str, word: str, query: dict[str, str], form: dict[str, str], cookie: str
) -> None:
    knock = Incoming(
        method=method,
        path=door.format(word=word),
        query=urlencode(query),
        headers={"cookie": cookie, "authorization": f"Basic {word}"},
        body=urlencode(form).encode(),
        base_url="http://127.0.0.1:9",
    )
    reply = reply_to(SERVICE, knock)
    assert reply.status in (200, 302, 400, 401, 403, 404)
    assert reply.headers.get("Location", CALLBACK).startswith((CALLBACK, "/services/oauth2/authorize?"))

"""A scripted Salesforce: it answers what a test tells it to, in order, and keeps what it was asked."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx2

from tandem.salesforce import App, Client, MemoryVault, Session, Tokens

DATE = "Mon, 23 Nov 2026 14:00:05 GMT"
Handler = Callable[[httpx2.Request], httpx2.Response]

APP = App("the-client-id", "the-client-secret", "https://login.salesforce.com")
TOKENS = Tokens(
    access_token="the-access-token",
    refresh_token="the-refresh-token",
    instance_url="https://acme.my.salesforce.com",
    identity_url="https://login.salesforce.com/id/00DAb0000000001MAA/005Ab0000000001IAA",
)


def answer(status: int = 200, payload: Any = None, **headers: str) -> httpx2.Response:
    """One answer of Salesforce's, with the headers that every answer has."""
    told = {
        "Date": DATE,
        "Sforce-Limit-Info": "api-usage=10018/100000",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return httpx2.Response(status, headers=told, json=payload)


def refusal(status: int, code: str, message: str = "no") -> httpx2.Response:
    """A refused call in Salesforce's shape."""
    return answer(status, [{"message": message, "errorCode": code}])


EXPIRED = "INVALID_SESSION_ID", "Session expired or invalid"


class ScriptedOrg:
    """A transport that gives its answers in order; one may also be an exception or a function of the request."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.script: list[httpx2.Response | Exception | Handler] = []
        self.vault = MemoryVault(TOKENS)
        self.client = Client(Session(self.vault, APP), transport=httpx2.MockTransport(self._answer))
        self._lock = threading.Lock()

    def answers(self, *script: httpx2.Response | Exception | Handler) -> Client:
        """The client, with these answers ahead of it."""
        self.script.extend(script)
        return self.client

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        with self._lock:
            self.requests.append(request)
            step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx2.Response) else step(request)

    def sent(self, place: int = -1) -> Any:
        """The decoded JSON body of one request."""
        request = self.requests[place]
        body = request.content
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return json.loads(body)

    def subrequests(self, place: int = -1) -> list[dict[str, Any]]:
        """The subrequests of one composite that was sent."""
        return list(self.sent(place)["compositeRequest"])


def parts(**by_reference: tuple[int, Any]) -> httpx2.Response:
    """A composite answer: reference=(status, body)."""
    return answer(
        200,
        {
            "compositeResponse": [
                {"referenceId": name, "httpStatusCode": status, "httpHeaders": {}, "body": body}
                for name, (status, body) in by_reference.items()
            ]
        },
    )


def page(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One page of a query."""
    return {"totalSize": len(records), "done": True, "records": list(records), **more}


def task(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A Task as a query gives it."""
    return {
        "attributes": {"type": "Task", "url": f"/services/data/v60.0/sobjects/Task/{task_id(number)}"},
        "Id": task_id(number),
        "Subject": "Call Ada",
        "Status": "Not Started",
        "Priority": "Normal",
        "ActivityDate": "2026-11-24",
        "Description": None,
        "OwnerId": "005Ab0000000001IAA",
        "WhoId": None,
        "WhatId": None,
        "Who": None,
        "What": None,
        "Account": None,
        "IsClosed": False,
        "IsDeleted": False,
        "IsArchived": False,
        "IsRecurrence": False,
        "RecurrenceActivityId": None,
        "TaskSubtype": "Task",
        "Type": None,
        "CreatedDate": "2026-11-20T09:00:00.000+0000",
        "LastModifiedDate": "2026-11-23T13:59:58.000+0000",
        "LastModifiedById": "005Ab0000000001IAA",
        "SystemModstamp": "2026-11-23T13:59:58.000+0000",
        "Sync_Key__c": f"key-{number}",
        **changed,
    }


def task_id(number: int) -> str:
    """The 18-character id of the Task with this number (its checksum is that of '00T')."""
    return f"00T{number:012d}EAA"

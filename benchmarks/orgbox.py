"""How fast is the org in a box?   usage: python -m benchmarks.orgbox [TASKS=1000000]

Every figure is of one core's own time (what the process computed, not what it waited), through the whole HTTP application
without a socket: what a client in the same process would see. The last rows are asked of an org of TASKS Tasks.
Raw numbers go to docs/benchmarks/orgbox.json, and benchmarks/page.py makes its part of the page of them.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from benchmarks import stage
from orgbox.clock import VirtualClock
from orgbox.http import create_app
from orgbox.org import Org
from orgbox.schema import Field

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = Field("Key__c", "string", "Key", 64, unique=True, external_id=True, case_sensitive=True)
OWNERS = 50
REST = "/services/data/v67.0"


class Box:
    """An org and a client that is signed in to it."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.org = Org(self.clock, seed=1, task_fields=[KEY])
        self._app = create_app(self.org, daily_api_requests=10_000_000)
        token = self._app.state.oauth.open_session(self.org.admin_id)
        self._headers = [(b"host", b"box"), (b"authorization", f"Bearer {token}".encode())]

    async def ask(self, method: str, path: str, body: bytes = b"", **params: str) -> bytes:
        """The body of an answer; every refusal ends the program."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(params).encode(),
            "headers": self._headers,
            "root_path": "",
        }
        await self._app(scope, receive, send)
        answer: bytes = b"".join(message.get("body", b"") for message in sent)
        if sent[0]["status"] >= 300:
            raise SystemExit(f"{method} {path}: {sent[0]['status']} {answer[:500]!r}")
        return answer


def measured(work: Callable[[], Awaitable[None]]) -> float:
    """The seconds of computing that some work takes."""
    started = time.process_time()
    asyncio.run(work())  # type: ignore[arg-type]
    return time.process_time() - started


def rates() -> dict[str, float]:
    """Rows a second, in and out."""
    box = Box()

    async def singles() -> None:
        for number in range(2_000):
            await box.ask("POST", f"{REST}/sobjects/Task", json.dumps({"Subject": f"Task {number}"}).encode())

    bodies = [_collection(start) for start in range(0, 40_000, 200)]

    async def collections() -> None:
        for body in bodies:
            await box.ask("POST", f"{REST}/composite/sobjects", body)

    async def pages() -> None:
        query = "SELECT Id, Subject, Status, ActivityDate, OwnerId, SystemModstamp FROM Task"
        page = json.loads(await box.ask("GET", f"{REST}/query", q=query))
        while not page["done"]:
            page = json.loads(await box.ask("GET", page["nextRecordsUrl"]))

    return {
        "single_creates_a_second": 2_000 / measured(singles),
        "collection_rows_a_second": 40_000 / measured(collections),
        "rows_read_a_second": 42_000 / measured(pages),
    }


def _collection(start: int) -> bytes:
    rows = [
        {"attributes": {"type": "Task"}, "Subject": f"Task {n}", "Status": "Not Started", "Key__c": f"k{n}"}
        for n in range(start, start + 200)
    ]
    return json.dumps({"records": rows}).encode()


def many(tasks: int) -> dict[str, float]:
    """A filtered query among many Tasks, and writing beside them."""
    box = Box()
    owners = [
        box.org.insert(
            "User", {"LastName": f"{n}", "Username": f"u{n}@x.example", "Email": f"u{n}@x.example"}
        )
        for n in range(OWNERS)
    ]
    before, started = _peak(), time.process_time()
    for number in range(tasks):
        when = START - timedelta(seconds=tasks - number)
        box.org.plant(
            "Task", {"Subject": f"Task {number}", "OwnerId": owners[number % OWNERS], "CreatedDate": when}
        )
    loaded = time.process_time() - started
    since = START - timedelta(hours=1)
    filtered = (
        f"SELECT Id, Subject, SystemModstamp FROM Task WHERE OwnerId = '{owners[7]}' "
        f"AND SystemModstamp >= {since:%Y-%m-%dT%H:%M:%SZ} ORDER BY SystemModstamp, Id"
    )
    found = 0

    async def by_owner_and_stamp() -> None:
        nonlocal found
        for _ in range(100):
            found = json.loads(await box.ask("GET", f"{REST}/query", q=filtered))["totalSize"]

    async def one() -> None:
        for number in range(1_000):
            await box.ask("POST", f"{REST}/sobjects/Task", json.dumps({"Subject": f"New {number}"}).encode())

    return {
        "tasks": tasks,
        "loaded_a_second": tasks / loaded,
        "filtered_query_ms": measured(by_owner_and_stamp) * 10,
        "found": found,
        "single_creates_beside_them_a_second": 1_000 / measured(one),
        "memory_gb": (_peak() - before) / 1e6,
    }


def _peak() -> int:
    """The most memory that this process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    tasks = int(stage.asked(TASKS=1_000_000)["TASKS"])
    machine = stage.machine()
    figures = rates() | many(tasks)
    for name, figure in figures.items():
        print(f"{name:40} {figure:>16,.2f}", flush=True)
    print(stage.keep("orgbox", {"machine": machine, "busy": stage.busy(machine), "figures": figures}))


if __name__ == "__main__":
    main()

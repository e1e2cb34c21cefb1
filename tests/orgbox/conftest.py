"""An org whose clock stands still until a test moves it, alone or behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.schema import Field
from orgbox.server import RunningOrg

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
KEY = Field("Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def org(clock: VirtualClock) -> Org:
    """An org with a unique key on Task."""
    return Org(clock, seed=7, task_fields=[KEY])


@pytest.fixture
def running(org: Org) -> Iterator[RunningOrg]:
    with RunningOrg(org) as served:
        yield served


class Api:
    """A signed-in client: `api.get("/query", params=...)` speaks to /services/data/v67.0/query."""

    def __init__(self, running: RunningOrg) -> None:
        self.running = running
        self.org = running.org
        self.http = httpx2.Client(base_url=running.url)
        token = running.call(lambda: running.app.state.oauth.open_session(running.org.admin_id))
        self.http.headers["Authorization"] = f"Bearer {token}"

    def __getattr__(self, method: str) -> Any:
        def send(path: str, **what: Any) -> httpx2.Response:
            return self.http.request(method.upper(), f"/services/data/v67.0{path}", **what)

        return send

    def query(self, soql: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.get("/query", params={"q": soql}).json()
        return answer

    def fault(self, name: str, **what: Any) -> None:
        self.running.call(lambda: self.running.app.state.faults.add(name, **what))


@pytest.fixture
def api(running: RunningOrg) -> Iterator[Api]:
    client = Api(running)
    yield client
    client.http.close()


def refusal(action: Any, *arguments: Any, **keywords: Any) -> OrgError:
    """The OrgError that a call answers with."""
    with pytest.raises(OrgError) as caught:
        action(*arguments, **keywords)
    return caught.value

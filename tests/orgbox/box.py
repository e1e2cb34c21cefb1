"""What the tests of orgbox speak to an org with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from orgbox.errors import OrgError
from orgbox.schema import Field
from orgbox.server import RunningOrg

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
KEY = Field("Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True)


class Api:
    """A signed-in client: `api.get("/query", params=...)` speaks to /services/data/v67.0/query."""

    def __init__(self, running: RunningOrg) -> None:
        self.running = running
        self.org = running.org
        self.http = httpx2.Client(base_url=running.url, verify=False, trust_env=False)
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


def refusal(action: Any, *arguments: Any, **keywords: Any) -> OrgError:
    """The OrgError that a call answers with."""
    with pytest.raises(OrgError) as caught:
        action(*arguments, **keywords)
    return caught.value

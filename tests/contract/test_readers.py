"""Readers and an async client in environments of their own, by the hosts they know (`make contract-clients`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.contract import environments
from tests.contract.door import certificate, environment, proxy
from tests.contract.kept import only_with_all_clients
from tests.contract.table import documented
from tests.orgbox.box import KEY

TASKS = 10_000


@dataclass
class Reader:
    """A box with 10,000 Tasks of the last months behind https, and a folder to work in."""

    running: RunningOrg
    environment: dict[str, str]
    folder: Path

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return str(path)

    def config(self, **more: Any) -> str:
        """Who the reader is, as its configuration has it."""
        oauth = self.running.app.state.oauth
        own = {
            "client_id": oauth.app.client_id,
            "client_secret": oauth.app.client_secret,
            "refresh_token": self.running.call(lambda: oauth.authorise(self.running.org.admin_id)),
        }
        return self.file("config.json", own | more)

    def run(self, program: Path, *arguments: str) -> str:
        done = subprocess.run(
            [str(program), *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]
        return done.stdout


@pytest.fixture(scope="module")
def org() -> Org:
    only_with_all_clients()
    org = Org(RealClock(), seed=10, task_fields=[KEY])
    now = datetime.now(UTC)
    for n in range(TASKS):
        org.plant("Task", {"Subject": f"Task {n}", "CreatedDate": now - timedelta(minutes=10 * n + 20)})
    return org


@pytest.fixture
def reader(org: Org, tmp_path: Path) -> Iterator[Reader]:
    authority, tls = certificate(tmp_path)
    with RunningOrg(org, tls=tls) as running, proxy(running.port) as door:
        yield Reader(running, environment(door, authority), tmp_path)


def test_tap_salesforce_reads_every_task_by_rest_and_by_bulk(reader: Reader) -> None:
    tap = environments.programs("readers") / "tap-salesforce"
    for api in ("REST", "BULK"):
        config = reader.config(
            start_date="2020-01-01T00:00:00Z", api_type=api, select_fields_by_default=True, is_sandbox="false"
        )
        catalog = json.loads(reader.run(tap, "-c", config, "--discover"))
        (stream,) = [each for each in catalog["streams"] if each["tap_stream_id"] == "Task"]
        for each in stream["metadata"]:
            if not each["breadcrumb"]:
                each["metadata"]["selected"] = True
        chosen = reader.file("catalog.json", {"streams": [stream]})
        lines = [
            json.loads(line) for line in reader.run(tap, "-c", config, "--properties", chosen).splitlines()
        ]
        ids = {line["record"]["Id"] for line in lines if line["type"] == "RECORD"}
        assert len(ids) == TASKS, api


def test_airbytes_source_reads_every_task(reader: Reader) -> None:
    source = environments.programs("airbyte") / "source-salesforce"
    criteria = [{"criteria": "exacts", "value": "Task"}]
    since = (datetime.now(UTC) - timedelta(days=100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = reader.config(start_date=since, is_sandbox=False, auth_type="Client", streams_criteria=criteria)
    checked = [json.loads(line) for line in reader.run(source, "check", "--config", config).splitlines()]
    assert [m["connectionStatus"]["status"] for m in checked if m["type"] == "CONNECTION_STATUS"] == [
        "SUCCEEDED"
    ]
    found = [json.loads(line) for line in reader.run(source, "discover", "--config", config).splitlines()]
    (catalog,) = [message["catalog"] for message in found if message["type"] == "CATALOG"]
    (stream,) = [each for each in catalog["streams"] if each["name"] == "Task"]
    wanted = {
        "stream": stream,
        "sync_mode": "incremental",
        "cursor_field": ["SystemModstamp"],
        "destination_sync_mode": "append",
    }
    chosen = reader.file("catalog.json", {"streams": [wanted]})
    read = reader.run(source, "read", "--config", config, "--catalog", chosen)
    messages = [json.loads(line) for line in read.splitlines()]
    ids = {message["record"]["data"]["Id"] for message in messages if message["type"] == "RECORD"}
    assert len(ids) == TASKS


def test_aiosalesforce_signs_in_and_works(tmp_path: Path) -> None:
    only_with_all_clients()
    authority, tls = certificate(tmp_path)
    with (
        RunningOrg(Org(RealClock(), seed=11, task_fields=[KEY]), tls=tls) as running,
        proxy(running.port) as door,
    ):
        app = running.app.state.oauth.app
        python = environments.programs("readers") / "python"
        script = Path(__file__).parent / "aiosalesforce_session.py"
        own = Reader(running, environment(door, authority), tmp_path)
        assert own.run(python, str(script), app.client_id, app.client_secret) == "passed\n"


def test_what_they_did_is_documented() -> None:
    assert documented("tap-salesforce") == [
        "--discover",
        "--properties, api_type REST",
        "--properties, api_type BULK",
    ]
    assert documented("airbyte-source-salesforce") == ["check", "discover", "read, incremental"]
    assert documented("aiosalesforce") == [
        "ClientCredentialsFlow",
        "sobject.create(), get(), update(), upsert(), delete()",
        "query()",
        "bulk_v2.insert() of 2,500",
    ]

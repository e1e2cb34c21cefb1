"""`orgbox serve` introduces itself, keeps its org in a file, and forgets it on demand."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from orgbox.cli import app
from orgbox.server import RunningOrg


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Serving:
    """`orgbox serve` as a process of its own; its introduction has been read."""

    def __init__(self, *options: str) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        command = [
            sys.executable,
            "-u",
            "-c",
            "from orgbox.cli import main; main()",
            "serve",
            "--port",
            str(port),
        ]
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert self.process.stdout is not None
        self.said = ""
        while "refresh token" not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended after saying: {self.said}"
            self.said += line
        transport = httpx2.HTTPTransport(retries=10)  # it introduces itself a moment before it listens
        self.http = httpx2.Client(base_url=self.url, transport=transport)

    def sign_in(self) -> dict[str, str]:
        client_id, secret, token = (
            re.search(rf"{name} +(\S+)", self.said)[1]  # type: ignore[index]
            for name in ("client id", "client secret", "refresh token")
        )
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": client_id,
            "client_secret": secret,
        }
        answer: dict[str, str] = self.http.post("/services/oauth2/token", data=form).json()
        self.http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return answer

    def stop(self) -> None:
        self.http.close()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def test_what_it_prints_is_enough_to_sign_in_and_work(tmp_path: Path) -> None:
    file = str(tmp_path / "org.jsonl")
    serving = Serving("--file", file, "--rotate-tokens")
    try:
        assert "refresh_token" in serving.sign_in()
        made = serving.http.post("/services/data/v67.0/sobjects/Task", json={"Subject": "Kept"}).json()["id"]
    finally:
        serving.stop()
    again = Serving("--file", file, "--rotate-tokens")
    try:
        again.sign_in()
        assert again.http.get(f"/services/data/v67.0/sobjects/Task/{made}").json()["Subject"] == "Kept"
    finally:
        again.stop()


def test_reset_forgets_a_kept_org(tmp_path: Path) -> None:
    file = tmp_path / "org.jsonl"
    file.write_text("{}")
    run = CliRunner()
    assert run.invoke(app, ["reset", "--file", str(file)]).exit_code == 0
    assert not file.exists()
    assert run.invoke(app, ["reset", "--file", str(file)]).exit_code == 1


@pytest.mark.parametrize("content", ["{}", "garbage"])
def test_a_file_it_cannot_read_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "org.jsonl"
    file.write_text(content)
    answer = CliRunner().invoke(app, ["serve", "--file", str(file)])
    assert answer.exit_code == 1
    assert "Nothing was changed" in answer.output
    assert file.read_text() == content


def test_a_fault_is_set_from_the_command_line_and_taken_back(running: RunningOrg) -> None:
    def faults(*words: str) -> str:
        answer = CliRunner().invoke(app, ["fault", *words, "--url", running.url])
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert (
        faults("QUERY_TIMEOUT", "--at", "subrequest", "--times", "0") == "QUERY_TIMEOUT: struck 0, for ever\n"
    )
    assert "REQUEST_LIMIT_EXCEEDED: struck 0, 2 more" in faults("REQUEST_LIMIT_EXCEEDED", "--times", "2")
    assert httpx2.get(f"{running.url}/services/data").status_code == 403
    faults("--clear")
    assert httpx2.get(f"{running.url}/services/data").status_code == 200
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in faults()


def test_a_fault_that_cannot_be_set_is_told_in_a_sentence(running: RunningOrg) -> None:
    wrong = CliRunner().invoke(app, ["fault", "meteor", "--url", running.url])
    assert (wrong.exit_code, "There is no fault named 'meteor'" in wrong.output) == (1, True)
    nobody = CliRunner().invoke(app, ["fault", "delay", "--url", f"http://127.0.0.1:{free_port()}"])
    assert (nobody.exit_code, "Start one: `orgbox serve`" in nobody.output) == (1, True)


def test_https_needs_a_certificate_and_its_key(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", "--tls-certificate", str(tmp_path / "certificate.pem")])
    assert (done.exit_code, "needs both" in done.output) == (1, True)


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "app.pem"
    wrong.write_text("no certificate")
    done = CliRunner().invoke(app, ["serve", "--certificate", str(wrong)])
    assert (done.exit_code, str(wrong) in done.output.replace("\n", "")) == (1, True)


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (["fastavro"], "missing: fastavro."),
        (["grpc", "google.protobuf"], "missing: grpcio, protobuf."),
        (["google", "google.protobuf"], "missing: protobuf."),
    ],
)
def test_what_the_pub_sub_api_misses_is_named(
    gone: list[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in gone:
        monkeypatch.setitem(sys.modules, module, None)
    done = CliRunner().invoke(app, ["serve", "--pubsub-port", "0"])
    assert (done.exit_code, named in " ".join(done.output.split())) == (1, True)

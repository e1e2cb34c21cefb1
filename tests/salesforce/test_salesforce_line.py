"""Over real sockets: what cannot have reached Salesforce, what may have, and that nothing is ever sent twice."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.salesforce.scripted import task_id

from tandem.salesforce import App, Client, MemoryVault, OutcomeUnknown, Session, Timeouts, Tokens, Unreachable
from tandem.salesforce.line import Line

COMPOSITE = json.dumps({"compositeResponse": []}).encode()


class Stub(ThreadingHTTPServer):
    """Salesforce at its worst: `behaviour` says how, `arrived` keeps every request that came in whole."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StubHandler)
        self.behaviour = "answer"
        self.arrived: list[tuple[str, dict[str, str], bytes]] = []
        self.closed_idle = threading.Event()
        self.enough = threading.Event()


class StubHandler(BaseHTTPRequestHandler):
    """One connection of the stub."""

    protocol_version = "HTTP/1.1"
    server: Stub

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.arrived.append((self.path, dict(self.headers), body))
        if self.server.behaviour == "commit, then cut":
            self.close_connection = True
            return
        if self.server.behaviour == "commit, then silence":
            self.server.enough.wait(30)
            self.close_connection = True
            return
        if self.server.behaviour == "commit, then half an answer":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"compositeResponse": [')
            self.close_connection = True
            return
        answer = gzip.compress(COMPOSITE)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        if self.server.behaviour == "answer, then close the idle connection":
            self.close_connection = True  # without a Connection: close that would have warned us

    def finish(self) -> None:
        super().finish()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.server.closed_idle.set()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield server
    server.enough.set()
    server.shutdown()
    serving.join()
    server.server_close()


def client_of(port: int, timeouts: Timeouts | None = None) -> Client:
    here = f"http://127.0.0.1:{port}"
    app = App("id", "secret", here, allow_loopback=True)
    return Client(Session(MemoryVault(Tokens("access", "refresh", here, "")), app), timeouts=timeouts)


def new_tasks(count: int) -> list[dict[str, str]]:
    return [{"Subject": f"Call {number}", "Sync_Key__c": f"key-{number}"} for number in range(count)]


@pytest.mark.parametrize("behaviour", ["commit, then cut", "commit, then half an answer"])
def test_a_write_cut_off_after_it_arrived_is_in_doubt_and_was_sent_once(stub: Stub, behaviour: str) -> None:
    stub.behaviour = behaviour

    with client_of(stub.server_port) as client, pytest.raises(OutcomeUnknown) as doubt:
        client.insert_tasks(new_tasks(3), "Sync_Key__c")

    assert len(stub.arrived) == 1
    assert doubt.value.code == "CONNECTION_LOST"
    assert doubt.value.was_write


def test_a_write_that_is_answered_too_late_is_in_doubt_and_was_sent_once(stub: Stub) -> None:
    stub.behaviour = "commit, then silence"

    with client_of(stub.server_port, Timeouts(read=0.1)) as client, pytest.raises(OutcomeUnknown) as doubt:
        client.insert_tasks(new_tasks(3), "Sync_Key__c")

    assert len(stub.arrived) == 1
    assert doubt.value.code == "TIME_OUT"


def test_a_kept_connection_that_the_server_closed_neither_loses_nor_doubles_the_next_write(
    stub: Stub,
) -> None:
    stub.behaviour = "answer, then close the idle connection"

    with client_of(stub.server_port) as client:
        client.delete_tasks([task_id(1)])
        assert stub.closed_idle.wait(30)
        client.delete_tasks([task_id(2)])

    assert len(stub.arrived) == 2
    assert task_id(1) in stub.arrived[0][2].decode()
    assert task_id(2) in stub.arrived[1][2].decode()


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, so that nobody else gets the port, but not listening

        with client_of(taken.getsockname()[1]) as client, pytest.raises(Unreachable) as refused:
            client.insert_tasks(new_tasks(1), "Sync_Key__c")

    assert "Nothing was sent" in refused.value.sentence()


def test_large_requests_and_answers_travel_compressed_and_small_ones_as_they_are(stub: Stub) -> None:
    url = f"http://127.0.0.1:{stub.server_port}/"
    large, small = {"Description": "a" * 1_024}, {"Description": "a" * 100}

    with Line(Timeouts()) as line:
        answers = [line.send("POST", url, {}, body, was_write=True) for body in (large, small)]

    (_, large_headers, large_body), (_, small_headers, small_body) = stub.arrived
    assert large_headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(large_body)) == large
    assert "Content-Encoding" not in small_headers
    assert json.loads(small_body) == small
    assert large_headers["Accept-Encoding"] == "gzip"
    assert [answer.payload for answer in answers] == [{"compositeResponse": []}] * 2


def test_every_call_says_who_we_are(stub: Stub) -> None:
    with client_of(stub.server_port) as client, pytest.raises(OutcomeUnknown):
        client.query("SELECT Id FROM Task")

    _, headers, _ = stub.arrived[0]
    assert headers["Sforce-Call-Options"] == "client=tandem"
    assert headers["Authorization"] == "Bearer access"

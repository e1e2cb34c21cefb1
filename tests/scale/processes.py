"""Which processes take part? Orgs in a box, each served by `orgbox serve`, and workers: `tandem sync` or `tandem worker`."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx2

from orgbox.clock import RealClock
from orgbox.http.oauth import ClientApp, OAuth
from orgbox.org import Org
from orgbox.persist import save
from tests.postgresql import free_port
from tests.processes import environment
from tests.sync.desk import KEY_FIELD

PATIENCE = 120.0
# Tandem speaks another version, so that what goes wrong can be meant for Tandem alone.
TANDEM_SPEAKS, PEOPLE_SPEAK = "v60.0", "v67.0"


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait for something that happens by itself; the limit only ends a test that has failed."""
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.05)


@dataclass
class ServedOrg:
    """An org in a process of its own. tokens: a refresh token for each User."""

    url: str
    app: ClientApp
    tokens: dict[str, str]
    http: httpx2.Client

    def people(self, method: str, path: str, **what: Any) -> httpx2.Response:
        """A call as people's own programs make it."""
        return self.http.request(method, f"/services/data/{PEOPLE_SPEAK}/{path}", **what)

    def tasks(self) -> list[dict[str, Any]]:
        """Every Task there is, deleted ones too."""
        columns = "Id, Subject, Status, Priority, ActivityDate, Description, OwnerId, IsClosed, IsDeleted"
        answer = self.people("GET", "queryAll", params={"q": f"SELECT {columns} FROM Task ORDER BY Id"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["done"], "more Tasks than one page holds"
        return [dict(record) for record in answer.json()["records"]]

    def fault(self, name: str, **what: Any) -> None:
        """Something goes wrong for Tandem from now on, until `cure`."""
        path = what.pop("path", "")
        given = {"name": name, "path": f"{TANDEM_SPEAKS}/{path}", "times": None, **what}
        assert self.http.post("/orgbox/faults", json=given).status_code == 200

    def cure(self) -> None:
        """Nothing goes wrong any more."""
        self.http.delete("/orgbox/faults")


@contextmanager
def served_org(
    folder: Path,
    number: int,
    members: int,
    *,
    unique_key: bool,
    fill: Callable[[Org], None] = lambda org: None,
) -> Iterator[ServedOrg]:
    """An org with as many users as members. unique_key: whether it keeps our key unique (create modes A and B).

    fill: puts more into it before it is served.
    """
    org = Org(RealClock(), seed=number, task_fields=[KEY_FIELD] if unique_key else [])
    oauth = OAuth(org)
    tokens = {}
    for name in [f"user{n}" for n in range(members)]:
        user = org.insert(
            "User",
            {"LastName": name, "Username": f"{name}@org{number}.example", "Email": f"{name}@o.example"},
        )
        tokens[user] = oauth.authorise(user)
    fill(org)
    file, port = folder / f"org{number}.jsonl", free_port()
    admin = oauth.authorise(org.admin_id)
    save(org, file, {"oauth": oauth.as_json()})
    url = f"http://127.0.0.1:{port}"
    serving = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from orgbox.cli import main; main()",
            "serve",
            "--port",
            str(port),
            "--file",
            str(file),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        with httpx2.Client(base_url=url, timeout=30) as http:
            eventually(lambda: _answers(http), f"the start of org {number}")
            http.headers["Authorization"] = f"Bearer {_session(http, oauth.app, admin)}"
            yield ServedOrg(url, oauth.app, tokens, http)
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(timeout=30)


def _session(http: httpx2.Client, app: ClientApp, token: str) -> str:
    """An access token of the org's admin."""
    asked = {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": token,
    }
    return str(http.post("/services/oauth2/token", data=asked).json()["access_token"])


def _answers(http: httpx2.Client) -> bool:
    try:
        return http.get("/services/data").status_code == 200
    except httpx2.TransportError:
        return False


class Worker:
    """`tandem sync`, `tandem worker` or the pages, as an operator runs them on a second machine: started, killed, stopped
    for a while, started again. command: with its options.
    """

    def __init__(self, name: str, log: IO[bytes], command: str = "sync") -> None:
        self.name = name
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tandem", *self._command.split()],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )

    def kill(self) -> None:
        """`kill -9`: nothing of it runs any more, `finally` included."""
        self._send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def start_again(self) -> bool:
        """As systemd does with one that has ended by itself; whether it had."""
        ended = self._process is None or self._process.poll() is not None
        if ended:
            self.start()
        return ended

    def stand_still(self) -> None:
        """As a machine that sleeps, or swaps."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def end(self) -> None:
        """Ctrl-C; it ends the round that runs."""
        if self._process is not None and self._process.poll() is None:
            self.go_on()
            self._send(signal.SIGINT)
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()

    def _send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

"""Who creates the same Tasks, and what came of it? Tandem, the floor, and clients that others wrote, one interface for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command

from benchmarks.stage import ROOT
from orgbox.org import Org
from tandem import clock
from tandem.accounts.services import create_member
from tandem.connections import services as connections
from tandem.emails.models import Email, Recipient
from tandem.sync.services import begin_to_log
from tandem.sync_settings import services as settings
from tests.scale.processes import ServedOrg, served_org

PEERS = ROOT / "benchmarks" / "peers"
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
NODE = ROOT / ".venv-peers" / "node" / "node_modules"

#: As many people as emails times this; every 50th is unknown to Salesforce.
PEOPLE = 0.3


@dataclass(frozen=True)
class Client:
    """A client that creates Tasks: how it is started, and in which of its ways."""

    name: str
    command: tuple[str, ...]
    way: str = ""

    @property
    def there(self) -> bool:
        """Whether it is installed."""
        where = NODE if self.command[0] == "node" else Path(self.command[0])
        return where.exists()


FLOOR = Client("the floor: bare HTTP", (sys.executable, str(PEERS / "floor.py")))
OTHERS = (
    Client("simple-salesforce, one by one", (str(PYTHON), str(PEERS / "simple.py")), "one"),
    Client("simple-salesforce, collections", (str(PYTHON), str(PEERS / "simple.py")), "collections"),
    Client("simple-salesforce, bulk 2", (str(PYTHON), str(PEERS / "simple.py")), "bulk2"),
    Client("aio-sf, collections, 5 at once", (str(PYTHON), str(PEERS / "aio.py"))),
    Client("jsforce, collections", ("node", str(PEERS / "jsforce.cjs")), "collections"),
    Client("jsforce, bulk 2", ("node", str(PEERS / "jsforce.cjs")), "bulk2"),
)


def job(org: ServedOrg, rows: Sequence[dict[str, Any]], way: str) -> str:
    token = org.http.headers["Authorization"].removeprefix("Bearer ")
    return json.dumps({"url": org.url, "token": token, "rows": list(rows), "way": way})


def start(client: Client, org: ServedOrg, rows: Sequence[dict[str, Any]]) -> subprocess.Popen[str]:
    """Begin; what it believes to have done comes on stdout when it ends."""
    with tempfile.TemporaryFile("w+") as given:
        given.write(job(org, rows, client.way))
        given.seek(0)
        return subprocess.Popen(
            client.command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(),
        )


def run(client: Client, org: ServedOrg, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What it tells; {"trouble": …} when it could not do it at all."""
    process = start(client, org, rows)
    out, err = process.communicate()
    if process.returncode:
        return {"trouble": (err.strip().splitlines() or ["no reason given"])[-1][:300]}
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def tasks(count: int) -> list[dict[str, Any]]:
    """The Tasks that log `count` emails, as a script would write them. Each has a subject of its own."""
    return [
        {
            "Subject": f"Email {number}",
            "Status": "Completed",
            "TaskSubtype": "Email",
            "ActivityDate": "2026-11-23",
            "Description": "Dear you, " + "x" * 2_000,
        }
        for number in range(count)
    ]


def subjects(org: ServedOrg, like: str) -> Counter[str]:
    """How often each subject is there."""
    found: Counter[str] = Counter()
    path: str | None = None
    while True:
        if path is None:
            answer = org.people(
                "GET", "query", params={"q": f"SELECT Subject FROM Task WHERE Subject LIKE '{like}%'"}
            )
        else:
            answer = org.http.get(path)
        page = answer.json()
        found.update(record["Subject"] for record in page["records"])
        if page["done"]:
            return found
        path = page["nextRecordsUrl"]


def metered(org: ServedOrg) -> int:
    """API calls that the org has counted since it was last asked."""
    told = org.http.get("/orgbox/requests").json()
    org.http.delete("/orgbox/requests")
    return int(told["metered"])


@contextmanager
def org(folder: Path, people: int = 0, *, members: int = 1) -> Iterator[ServedOrg]:
    """An org in a process of its own, in which these people are contacts."""

    def fill(org: Org) -> None:
        with org.transaction() as tx:
            account = tx.insert("Account", {"Name": "Acme"})
            for number in range(people):
                tx.insert(
                    "Contact",
                    {"LastName": f"Person {number}", "Email": address(number), "AccountId": account},
                )

    place = folder / f"org-{time.monotonic_ns()}"
    place.mkdir()
    with served_org(place, 1, members, unique_key=True, fill=fill) as served:
        yield served


def address(number: int) -> str:
    return f"person{number}@company{number % 400}.example"


def _environment() -> dict[str, str]:
    return {**os.environ, "NODE_PATH": str(NODE), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


# --- Tandem -----------------------------------------------------------------------------------------------------------


def office(org: ServedOrg, emails: int) -> int:
    """A member who has sent so many emails, which are not logged yet; returns the org's number."""
    token = next(iter(org.tokens.values()))
    member = create_member(email="anna@tandem.example", name="Anna", role="admin")
    connected = connections.connect(member, org.url, org.app.client_id, org.app.client_secret, token)
    settings.save_email_api(member, {"emails": True, "replies": True, "leads": True, "contacts": True})
    begin_to_log(emails=[member.pk], calls=[])
    now = clock.now()
    sent = Email.objects.bulk_create(
        Email(
            member=member,
            message_id=f"m{number}@tandem.example",
            state=Email.State.DELIVERED,
            came_by=Email.Way.RELAY,
            sender=member.email,
            subject=f"Email {number}",
            text="Dear you, " + "x" * 2_000,
            at=now,
            created_at=now,
            news=True,
        )
        for number in range(emails)
    )
    people = max(1, int(emails * PEOPLE))
    Recipient.objects.bulk_create(
        Recipient(email=email, role=Recipient.Role.TO, address=address(number % people))
        for number, email in enumerate(sent)
    )
    return int(connected.org_id)


def tandem(org_id: int) -> dict[str, Any]:
    """One round in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.round", str(org_id)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"trouble": done.stderr.strip().splitlines()[-1][:300]}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def forget() -> None:
    """Every row of ours goes; the tables stay."""
    call_command("flush", verbosity=0, interactive=False)


def kill_when(process: subprocess.Popen[str], halfway: Callable[[], bool]) -> None:
    """`kill -9` as soon as it is halfway, if it is not done by then."""
    while process.poll() is None and not halfway():
        time.sleep(0.005)
    process.kill()
    process.communicate()

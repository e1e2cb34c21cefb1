"""Many members, many workers, both sides changed all the time, a worker killed every 20 seconds: what comes of it?

    python -m benchmarks.scale MEMBERS=1000 ORGS=50 LINKS=100000 RATE=50 MINUTES=10 WORKERS=2 KILL=20

RATE is changes a second, half of them here and half in Salesforce; one in ten makes a task. Starts a PostgreSQL of its own
(fsync off) unless DATABASE_URL names one. Ends with 1 when the sides differ, or anything is lost or there twice.
"""

from __future__ import annotations

import os
import sys

if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    words = [
        sys.executable,
        "-m",
        "tests.postgresql",
        sys.executable,
        "-m",
        "benchmarks.scale",
        *sys.argv[1:],
    ]
    os.execvp(sys.executable, words)

import json
import random
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2

from benchmarks import stage
from benchmarks.watch import Watched, percentiles
from django.db import close_old_connections, transaction

from tandem.accounts.models import Member
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.fields import FieldMap, canonical
from tandem.sync.models import Conflict, Link, OrgSync
from tests.scale.processes import PEOPLE_SPEAK

PATIENCE = float(os.environ.get("PATIENCE", "900"))
#: Changes are made by so many people at once.
HANDS = 8


@dataclass
class Place:
    """One org, as people in it reach it, and its members here."""

    told: dict[str, Any]
    http: httpx2.Client
    members: list[tuple[int, str]] = field(default_factory=list)

    def people(self, method: str, path: str, **what: Any) -> httpx2.Response:
        return self.http.request(method, f"/services/data/{PEOPLE_SPEAK}/{path}", **what)

    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        columns = "Id, Subject, Status, Priority, ActivityDate, Description, IsClosed, Tandem_Key__c"
        page = self.people("GET", "query", params={"q": f"SELECT {columns} FROM Task"}).json()
        while True:
            found += page["records"]
            if page["done"]:
                return found
            page = self.http.get(page["nextRecordsUrl"]).json()


class Hosts:
    """The processes that serve the orgs."""

    def __init__(self, orgs: int, members: int, links: int, processes: int) -> None:
        self._processes = []
        self.places: list[Place] = []
        self.calls = 0
        self.seen: dict[str, float] = {}
        share = -(-orgs // processes)
        for first in range(0, orgs, share):
            count = min(share, orgs - first)
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.hosts", *map(str, (first, count, members, links))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._processes.append((process, count))
        for process, count in self._processes:
            for _ in range(count):
                told = json.loads(_out(process))
                headers = {"Authorization": f"Bearer {told['admin']}"}
                self.places.append(
                    Place(told, httpx2.Client(base_url=told["url"], headers=headers, timeout=60))
                )

    def look(self) -> None:
        """Take in what reached the orgs since."""
        calls = 0
        for process, _ in self._processes:
            assert process.stdin is not None
            process.stdin.write("tell\n")
            process.stdin.flush()
            for org in json.loads(_out(process)):
                calls += org["calls"]
                self.seen.update((text, at) for text, at in org["seen"])
        self.calls = calls

    def end(self) -> None:
        for process, _ in self._processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def _out(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


class Crowd:
    """People who change things at a given rate, whatever comes back: an open loop, so that a slow system is not spared."""

    def __init__(self, places: list[Place], rate: float, seed: int) -> None:
        self._places = places
        self._rate = rate
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self._next = 0
        self.made_here: dict[str, float] = {}
        self.made_there: dict[str, float] = {}
        self.created = 0
        self.acts: Counter[str] = Counter()
        self.late = 0.0
        self._pairs = {
            org: list(
                Link.objects.filter(org__connections__id=connection).values_list(
                    "reminder_id", "sf_id", "member_id"
                )
            )
            for org, connection in enumerate(place.told["connection"] for place in places)
        }

    def run(self, seconds: float) -> None:
        began = time.time()
        hands = [threading.Thread(target=self._hand, args=(began, seconds)) for _ in range(HANDS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()

    def _hand(self, began: float, seconds: float) -> None:
        with self._lock:
            draw = random.Random(self._draw.random())
        while True:
            with self._lock:
                number = self._next
                self._next += 1
            at = began + number / self._rate
            if at > began + seconds:
                return
            wait = at - time.time()
            if wait > 0:
                time.sleep(wait)
            self.late = max(self.late, -wait)
            close_old_connections()
            try:
                what = self._act(draw, number)
            except Exception as error:
                what = f"failed: {type(error).__name__}"
            with self._lock:
                self.acts[what] += 1

    def _act(self, draw: random.Random, number: int) -> str:
        org = draw.randrange(len(self._places))
        place = self._places[org]
        making = draw.random() < 0.1
        text = f"v{number}"
        if number % 2:
            if making:
                member, _ = draw.choice(place.members)
                reminders.create(member, checked(name=f"made here {number}", details=text))
                return self._noted(self.made_here, text, "made here", 1)
            reminder, _, member = draw.choice(self._pairs[org])
            with transaction.atomic():
                reminders.edit(member, reminder, {"details": text})
            return self._noted(self.made_here, text, "edited here")
        if making:
            _, user = draw.choice(place.members)
            body = {"Subject": f"made there {number}", "Description": text, "OwnerId": user}
            assert place.people("POST", "sobjects/Task", json=body).status_code == 201
            return self._noted(self.made_there, text, "made there", 1)
        _, sf_id, _ = draw.choice(self._pairs[org])
        answer = place.people("PATCH", f"sobjects/Task/{sf_id}", json={"Description": text})
        assert answer.status_code == 204, answer.text
        return self._noted(self.made_there, text, "edited there")

    def _noted(self, where: dict[str, float], text: str, what: str, created: int = 0) -> str:
        with self._lock:
            where[text] = time.time()
            self.created += created
        return what


def connect(places: list[Place]) -> None:
    """Members of every org; the first one's connection reads for the team."""
    for place in places:
        told = place.told
        for n, (user, token) in enumerate(told["tokens"].items()):
            member = Member.objects.create(email=f"m{n}@o{told['number']}.example", name=f"Member {n}")
            made = connections.connect(member, told["url"], told["client_id"], told["client_secret"], token)
            place.members.append((member.pk, user))
            if n == 0:
                connections.read_for_team(made)
                told["connection"] = made.pk
                told["org"] = made.org_id
            services.switch_on(made)


def watch_here(crowd: Crowd, arrived: dict[str, float], stopping: threading.Event) -> None:
    """When what was changed there is seen here."""
    while not stopping.wait(0.5):
        close_old_connections()
        waiting = [text for text in list(crowd.made_there) if text not in arrived]
        now = time.time()
        for start in range(0, len(waiting), 5_000):
            there = Reminder.objects.filter(details__in=waiting[start : start + 5_000])
            arrived.update((text, now) for text in there.values_list("details", flat=True))


def differences(places: list[Place]) -> list[str]:
    """What is not the same on both sides, is there twice, or is not linked; empty when every promise is kept."""
    said: list[str] = []
    for place in places:
        tasks = {task["Id"]: task for task in place.tasks()}
        org = place.told["org"]
        links = list(Link.objects.filter(org_id=org).select_related("reminder", "org__sync"))
        keys = Counter(task["Tandem_Key__c"] for task in tasks.values() if task["Tandem_Key__c"])
        said += [f"org {org}: {count} Tasks with one key" for count in keys.values() if count > 1]
        names = Counter(task["Subject"] for task in tasks.values())
        said += [f"org {org}: {name!r} {count} times there" for name, count in names.items() if count > 1]
        mine = Counter(
            Reminder.objects.filter(owner_id__in=[member for member, _ in place.members]).values_list(
                "name", flat=True
            )
        )
        said += [f"org {org}: {name!r} {count} times here" for name, count in mine.items() if count > 1]
        if set(names) != set(mine):
            said.append(
                f"org {org}: {len(set(names) - set(mine))} only there, {len(set(mine) - set(names))} only here"
            )
        for link in links:
            task, row = tasks.get(link.sf_id or ""), link.reminder
            if task is None or row is None or link.intent_op is not None or link.closed or link.parked:
                said.append(
                    f"link {link.pk} of org {org} is not at rest: {link.error_code or link.intent_op or link.closed}"
                )
                continue
            fields = FieldMap(link.org.sync.subject_template, frozenset(link.org.statuses))
            theirs = canonical(
                {
                    "name": task["Subject"],
                    "status": task["Status"],
                    "priority": task["Priority"],
                    "due": task["ActivityDate"] or "",
                    "details": task["Description"],
                }
            )
            ours = {
                "name": row.name,
                "status": row.status,
                "priority": row.priority,
                "due": row.due.isoformat() if row.due else "",
                "details": row.details,
            }
            said += [
                f"link {link.pk} of org {org}: {name} is {ours[name]!r} here and {value!r} there"
                for name, value in theirs.items()
                if not fields.agree(name, ours[name], value, closed=task["IsClosed"])
            ]
    return said


def main() -> int:
    given = stage.asked(
        MEMBERS=1_000,
        ORGS=50,
        LINKS=100_000,
        RATE=50,
        MINUTES=10,
        WORKERS=2,
        THREADS=4,
        KILL=20,
        HOSTS=2,
        SEED=1,
    )
    size = {name: int(value) for name, value in given.items() if name != "MINUTES"}
    machine = stage.machine()
    stage.make_tables()
    wiring.register_wakes()
    hosts = Hosts(size["ORGS"], size["MEMBERS"] // size["ORGS"], size["LINKS"] // size["ORGS"], size["HOSTS"])
    connect(hosts.places)
    watched = Watched(size["WORKERS"], size["THREADS"])
    stopping = threading.Event()
    arrived: dict[str, float] = {}
    result: dict[str, Any] = {"machine": machine, "busy": stage.busy(machine), "given": given}
    try:
        watched.start()
        began = time.time()
        linked = size["LINKS"] // size["ORGS"] * size["ORGS"]
        _until(lambda: Link.objects.filter(closed=None).count() >= linked, "the first import")
        result["import_seconds"] = time.time() - began
        _until(lambda: not OrgSync.objects.exclude(lease="").exists(), "the end of the first rounds")
        hosts.look()
        calls = hosts.calls
        print(f"{linked} links imported in {result['import_seconds']:.0f} s with {calls} calls", flush=True)
        watched.begin()
        crowd = Crowd(hosts.places, size["RATE"], size["SEED"])
        looking = threading.Thread(target=watch_here, args=(crowd, arrived, stopping))
        looking.start()
        killing = threading.Thread(target=watched.kill_every, args=(size["KILL"], stopping, size["SEED"]))
        killing.start()
        crowd.run(given["MINUTES"] * 60)
        result["load"] = watched.used()
        stopping.set()
        killing.join()
        ended = time.time()
        _until(lambda: _calm(hosts.places), "the calm after it")
        result["calm_after_seconds"] = time.time() - ended
        watch_once = threading.Event()
        final = threading.Thread(target=watch_here, args=(crowd, arrived, watch_once))
        final.start()
        time.sleep(2)
        watch_once.set()
        final.join()
        looking.join()
        hosts.look()
        said = differences(hosts.places)
        expected, found = linked + crowd.created, Link.objects.filter(closed=None).count()
        if found != expected:
            said.append(f"{expected} pairs were made, and there are {found}")
        there = [hosts.seen[text] - at for text, at in crowd.made_here.items() if text in hosts.seen]
        back = [arrived[text] - at for text, at in crowd.made_there.items() if text in arrived]
        result |= {
            "acts": dict(crowd.acts),
            "latest_start_seconds": crowd.late,
            "calls": hosts.calls - calls,
            "lag_there": percentiles(there),
            "lag_back": percentiles(back),
            # A value that a newer one replaced before it travelled never arrives, and need not.
            "replaced_before_it_travelled": len(crowd.made_here)
            + len(crowd.made_there)
            - len(there)
            - len(back),
            "conflicts": Conflict.objects.count(),
            "killed": watched.killed,
            "links": Link.objects.count(),
            "wrong": len(said),
            "said": said[:20],
        }
    finally:
        stopping.set()
        watched.end()
        hosts.end()
    print(json.dumps({name: value for name, value in result.items() if name != "machine"}, indent=1))
    print(stage.keep("scale", result))
    return 1 if result["wrong"] else 0


def _calm(places: list[Place]) -> bool:
    """Nothing is owed, and what was made on either side is on the other."""
    now_owed = Link.objects.filter(closed=None).exclude(intent_op=None).exists()
    if now_owed or OrgSync.objects.exclude(lease="").exists():
        time.sleep(1)
        return False
    time.sleep(1)
    return not differences(places)


def _until(true: Any, what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > limit:
            print(f"{what} did not come in {PATIENCE:.0f} s", flush=True)
            return
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())

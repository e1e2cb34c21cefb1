"""Tandem beside others, in one run: rates, calls, lag, what breaks lose or double, and what it costs.   usage: make bench [QUICK=1]

Every row is a ratio to the floor measured in the same run on the same machine. Raw numbers go to docs/benchmarks/bench.json,
the page and the plots are made of them (benchmarks/page.py).
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import clients, stage
from benchmarks.clients import FLOOR, OTHERS, Client
from tandem.accounts.services import create_member
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.models import ActivityLink, Link, OrgSync
from tests.scale.processes import ServedOrg, eventually

DELAYS = (0.0, 0.1)
#: One call for each Task at 100 ms would take a quarter of an hour: so many are made, and the rate is said.
ONE_BY_ONE = 200


def rates(home: Path, emails: int) -> list[dict[str, Any]]:
    """The same emails logged by everybody, without and with a delay of 100 ms in each answer."""
    found = []
    for delay in DELAYS:
        for client in (FLOOR, *OTHERS):
            count = min(emails, ONE_BY_ONE) if client.way == "one" else emails
            found.append(_rate_of_another(home, client, count, delay))
            _say(found[-1])
        found.append(_rate_of_tandem(home, emails, delay))
        _say(found[-1])
    return found


def _rate_of_another(home: Path, client: Client, count: int, delay: float) -> dict[str, Any]:
    row: dict[str, Any] = {"client": client.name, "delay": delay, "emails": count}
    if not client.there:
        return {**row, "trouble": "not installed: benchmarks/peers/install"}
    with clients.org(home) as org:
        _delayed(org, delay)
        clients.metered(org)
        row |= clients.run(client, org, clients.tasks(count))
        row["failed"] = len(row.get("failed", []))
        row["calls"] = clients.metered(org)
        org.cure()
        row["made"] = sum(clients.subjects(org, "Email").values())
    return row


def _rate_of_tandem(home: Path, count: int, delay: float) -> dict[str, Any]:
    clients.forget()
    with clients.org(home, people=int(count * clients.PEOPLE)) as org:
        org_id = clients.office(org, count)
        _delayed(org, delay)
        clients.metered(org)
        row = {"client": "Tandem", "delay": delay, "emails": count, **clients.tandem(org_id)}
        row["calls"] = clients.metered(org)
        org.cure()
        row["made"] = sum(clients.subjects(org, "Email").values())
    return row


# --- what breaks --------------------------------------------------------------------------------------------------------


def breaks(home: Path, count: int) -> list[dict[str, Any]]:
    """What is lost, and what is there twice, when answers are lost or the client is killed and everything is run again."""
    found = []
    for what, others, ours in (
        ("the connection breaks after the commit, 1 call in 10", _lost_answers, _lost_answers_of_tandem),
        ("kill -9 halfway, then run again", _killed, _killed_tandem),
    ):
        for client in OTHERS:
            if client.way != "bulk2":
                found.append({"client": client.name, "break": what, **_judged(home, client, others, count)})
                _say(found[-1])
        clients.forget()
        with clients.org(home, people=int(count * clients.PEOPLE)) as org:
            org_id = clients.office(org, count)
            ours(org, org_id)
            found.append({"client": "Tandem", "break": what, **_count(org, count)})
            _say(found[-1])
    return found


def _judged(
    home: Path, client: Client, strike: Callable[[Client, ServedOrg, list[dict[str, Any]]], None], count: int
) -> dict[str, Any]:
    if not client.there:
        return {"trouble": "not installed: benchmarks/peers/install"}
    with clients.org(home) as org:
        strike(client, org, clients.tasks(count))
        return _count(org, count)


def _lost_answers(client: Client, org: ServedOrg, rows: list[dict[str, Any]]) -> None:
    """What it believes to have failed is sent once more, as a careful script does."""
    org.fault("reset_after_commit", path="", rate=0.1, method="POST")
    told = clients.run(client, org, rows)
    org.cure()
    again = [rows[number] for number in told["failed"]] if "failed" in told else rows
    if again:
        clients.run(client, org, again)


def _lost_answers_of_tandem(org: ServedOrg, org_id: int) -> None:
    org.fault(
        "reset_after_commit", path="composite", rate=0.5
    )  # it makes few calls: else none would be struck
    clients.tandem(org_id)
    org.cure()
    _until_logged(org_id)


def _killed(client: Client, org: ServedOrg, rows: list[dict[str, Any]]) -> None:
    _delayed(org, 0.02)
    process = clients.start(client, org, rows)
    clients.kill_when(process, lambda: _made(org) >= len(rows) // 3)
    org.cure()
    clients.run(client, org, rows)


def _killed_tandem(org: ServedOrg, org_id: int) -> None:
    org.fault("delay", seconds=0.2)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.round", str(org_id)],
        cwd=stage.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    clients.kill_when(process, lambda: _made(org) > 0)
    org.cure()
    _until_logged(org_id)


def _until_logged(org_id: int) -> None:
    """Rounds, as the workers run them, until nothing is owed; waits pass at once."""
    for _ in range(20):
        OrgSync.objects.update(lease="", lease_until=None, paused_until=None)
        ActivityLink.objects.filter(closed=None).update(not_before=None)
        clients.tandem(org_id)
        if not ActivityLink.objects.filter(closed=None).exists():
            return
    raise SystemExit("Tandem has not come to rest in 20 rounds")


def _made(org: ServedOrg) -> int:
    answer = org.people("GET", "query", params={"q": "SELECT COUNT() FROM Task"})
    return int(answer.json()["totalSize"])


def _count(org: ServedOrg, count: int) -> dict[str, Any]:
    there = clients.subjects(org, "Email")
    return {"twice": sum(n - 1 for n in there.values()), "lost": count - len(there), "emails": count}


# --- lag ----------------------------------------------------------------------------------------------------------------


def lag(home: Path, edits: int) -> dict[str, Any]:
    """From a member's edit to Salesforce, in the threads of `tandem run`; and back, by the poll of a busy org."""
    clients.forget()
    draw = random.Random(7)
    with clients.org(home) as org:
        token = next(iter(org.tokens.values()))
        member = create_member(email="anna@tandem.example", name="Anna", role="admin")
        connected = connections.connect(member, org.url, org.app.client_id, org.app.client_secret, token)
        services.switch_on(connected)
        rounds = wiring.rounds()
        rounds.start()
        there: list[float] = []
        try:
            for number in range(edits):
                name = f"Lag {number}"
                reminders.create(member.pk, checked(name=name))
                began = time.perf_counter()
                eventually(lambda name=name: clients.subjects(org, name)[name] > 0, "its arrival")
                there.append(time.perf_counter() - began)
                time.sleep(draw.uniform(0.05, 0.4))
            back = _back(org, draw, Link.objects.filter(member=member), edits // 5)
        finally:
            rounds.stop()
    return {"there": there, "back": back}


def _back(org: ServedOrg, draw: random.Random, links: Any, edits: int) -> list[float]:
    """Edits in Salesforce at random moments; how long each took to be seen here."""
    pairs = list(links.exclude(sf_id=None).values_list("sf_id", "reminder_id")[:edits])
    made: dict[int, float] = {}
    took: list[float] = []
    for sf_id, reminder in pairs:
        org.people("PATCH", f"sobjects/Task/{sf_id}", json={"Description": f"back {reminder}"})
        made[reminder] = time.perf_counter()
        until = time.perf_counter() + draw.uniform(1, 12)
        while time.perf_counter() < until:
            took += _arrived(made, Reminder)
            time.sleep(0.1)
    eventually(lambda: bool(took.extend(_arrived(made, Reminder)) or not made), "the last edit's arrival")
    return took


def _arrived(made: dict[int, float], reminders: Any) -> list[float]:
    now = time.perf_counter()
    here = reminders.objects.filter(pk__in=made, details__startswith="back").values_list("pk", flat=True)
    return [now - made.pop(pk) for pk in list(here)]


# --- all of it ------------------------------------------------------------------------------------------------------------


def _delayed(org: ServedOrg, delay: float) -> None:
    if delay:
        org.fault("delay", seconds=delay)


def _say(row: dict[str, Any]) -> None:
    print(
        {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()},
        flush=True,
    )


def main() -> None:
    given = stage.asked(QUICK=0, EMAILS=10_000, BROKEN=1_000, EDITS=100)
    emails, broken, edits = int(given["EMAILS"]), int(given["BROKEN"]), int(given["EDITS"])
    if given["QUICK"]:
        emails, broken, edits = emails // 10, broken // 5, edits // 5
    machine = stage.machine()
    home = stage.make_tables()
    result = {
        "machine": machine,
        "busy": stage.busy(machine),
        "quick": bool(given["QUICK"]),
        "rates": rates(home, emails),
        "breaks": breaks(home, broken),
        "lag": lag(home, edits),
    }
    print(stage.keep("bench", result))


if __name__ == "__main__":
    main()

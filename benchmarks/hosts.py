"""Many orgs in one process, for the scale experiment: python -m benchmarks.hosts FIRST COUNT MEMBERS LINKS

Prints one JSON line about each org, then serves until its input ends. Asked by a line "tell", it answers with the API calls
and with every value that reached an org since, and when (seconds of the machine's clock).
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from typing import Any

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.schema import Field
from orgbox.server import RunningOrg

KEY = Field("Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True)


class Host:
    """One org that writes down when each Description was written."""

    def __init__(self, number: int, members: int, links: int) -> None:
        self.org = Org(RealClock(), seed=number, task_fields=[KEY])
        self.seen: list[tuple[str, float]] = []
        self.number = number
        self.users = [
            self.org.insert(
                "User",
                {"LastName": f"user{n}", "Username": f"u{n}@o{number}.example", "Email": f"u{n}@o.example"},
            )
            for n in range(members)
        ]
        with self.org.transaction() as tx:
            for n in range(links):
                values = {
                    "Subject": f"task {number}.{n}",
                    "Description": "old",
                    "OwnerId": self.users[n % members],
                }
                tx.insert("Task", values)
        self.org.triggers.append(self._note)
        self.running = RunningOrg(self.org, daily_api_requests=1_000_000)

    def _note(self, change: Any) -> None:
        text = change.values.get("Description")
        if text:
            self.seen.append((text, time.time()))

    def told(self) -> dict[str, Any]:
        oauth = self.running.app.state.oauth
        tokens = {user: self.running.call(lambda user=user: oauth.authorise(user)) for user in self.users}
        admin = self.running.call(lambda: oauth.open_session(self.org.admin_id))
        app = oauth.app
        return {
            "number": self.number,
            "url": self.running.url,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "tokens": tokens,
            "admin": admin,
        }

    def news(self) -> dict[str, Any]:
        seen, self.seen = self.seen, []
        return {"number": self.number, "calls": self.running.app.state.journal.metered, "seen": seen}


def main() -> None:
    first, count, members, links = (int(word) for word in sys.argv[1:5])
    with ExitStack() as stack:
        hosts = [Host(number, members, links) for number in range(first, first + count)]
        for host in hosts:
            stack.enter_context(host.running)
            print(json.dumps(host.told()), flush=True)
        for line in sys.stdin:
            if line.strip() == "tell":
                print(json.dumps([host.news() for host in hosts]), flush=True)


if __name__ == "__main__":
    main()

"""What do people do while workers die? Members in Tandem and users in Salesforce, drawn from a seed.

Each text is a token that nobody wrote before, so that a value graph (tests/simulation) knows who knowingly replaced
what. Seeing and writing are one: here by a locked row, there by one composite call, which orgbox answers in one go.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tests.scale.processes import PEOPLE_SPEAK, ServedOrg
from tests.simulation.graph import Graph

STATUSES = ("Not Started", "In Progress", "Completed", "Deferred")


@dataclass
class Item:
    """One task as people think of it; its name never changes, so that a second one is seen."""

    name: str
    seat: Connection
    org: ServedOrg
    reminder: int | None = None
    task: str | None = None
    graph: Graph = field(default_factory=Graph)


class People:
    """Everybody, one act at a time."""

    def __init__(self, chance: random.Random, seats: list[tuple[Connection, ServedOrg]]) -> None:
        self._chance = chance
        self._seats = seats
        self._tokens = 0
        self.items: list[Item] = []
        self.acts: Counter[str] = Counter()

    def act(self) -> None:
        """Somebody does something; what the other side has taken away meanwhile does not happen."""
        acts: tuple[Callable[[], str], ...] = (
            *[self.create_here] * 3,
            *[self.create_there] * 3,
            *[self._edit_here] * 5,
            *[self._edit_there] * 5,
            *[self._tick_here] * 2,
            *[self._set_status_there] * 2,
            self._delete_here,
            self._delete_there,
        )
        self.acts[self._chance.choice(acts)()] += 1

    def _token(self, letter: str) -> str:
        self._tokens += 1
        return f"{letter}{self._tokens}"

    # --- here ----------------------------------------------------------------------------------------------------

    def create_here(self) -> str:
        seat, org = self._chance.choice(self._seats)
        item = Item(f"item {len(self.items)} made here", seat, org)
        details = self._token("h")
        item.graph.wrote("", details)
        item.reminder = reminders.create(seat.member_id, checked(name=item.name, details=details)).pk
        self.items.append(item)
        return "made here"

    def _edit_here(self) -> str:
        def edit(item: Item, row: Reminder) -> None:
            new = self._token("h")
            item.graph.wrote(row.details, new)
            reminders.edit(item.seat.member_id, row.pk, {"details": new})

        return self._here(edit, "edited here")

    def _tick_here(self) -> str:
        def tick(item: Item, row: Reminder) -> None:
            change = reminders.reopen if row.status == "done" else reminders.complete
            change(item.seat.member_id, row.pk)

        return self._here(tick, "ticked here")

    def _delete_here(self) -> str:
        def delete(item: Item, row: Reminder) -> None:
            item.graph.killed_here.add(row.details)
            reminders.delete(item.seat.member_id, row.pk)

        return self._here(delete, "deleted here")

    def _here(self, act: Callable[[Item, Reminder], None], what: str) -> str:
        item = self._chance.choice(self.items)
        with transaction.atomic():
            row = (
                Reminder.objects.select_for_update(no_key=True)
                .filter(name=item.name, deleted_at=None)
                .first()
            )
            if row is None:
                return "not here"
            act(item, row)
        return what

    # --- there ---------------------------------------------------------------------------------------------------

    def create_there(self) -> str:
        seat, org = self._chance.choice(self._seats)
        item = Item(f"item {len(self.items)} made there", seat, org)
        details = self._token("t")
        item.graph.wrote("", details)
        fields = {"Subject": item.name, "OwnerId": seat.user, "Description": details, "Status": "Not Started"}
        answer = org.people("POST", "sobjects/Task", json=fields)
        assert answer.status_code == 201, answer.text
        item.task = answer.json()["id"]
        self.items.append(item)
        return "made there"

    def _edit_there(self) -> str:
        new = self._token("t")
        return self._there(
            "PATCH", {"Description": new}, lambda item, seen: item.graph.wrote(seen, new), "edited there"
        )

    def _set_status_there(self) -> str:
        body = {"Status": self._chance.choice(STATUSES)}
        return self._there("PATCH", body, lambda item, seen: None, "status set there")

    def _delete_there(self) -> str:
        return self._there(
            "DELETE", None, lambda item, seen: item.graph.killed_there.add(seen), "deleted there"
        )

    def _there(self, method: str, body: Any, told: Callable[[Item, str], None], what: str) -> str:
        item = self._chance.choice(self.items)
        if item.task is None:
            found = [task["Id"] for task in item.org.tasks() if task["Subject"] == item.name]
            if not found:
                return "not there"
            item.task = found[0]
        url = f"/services/data/{PEOPLE_SPEAK}/sobjects/Task/{item.task}"
        act = {"method": method, "url": url, "referenceId": "act"}
        if body is not None:
            act["body"] = body
        look = {"method": "GET", "url": f"{url}?fields=Description", "referenceId": "look"}
        answer = item.org.people("POST", "composite", json={"compositeRequest": [look, act]})
        assert answer.status_code == 200, answer.text
        seen, done = answer.json()["compositeResponse"]
        if done["httpStatusCode"] != 204:
            return "not there"
        told(item, seen["body"]["Description"] or "")
        return what

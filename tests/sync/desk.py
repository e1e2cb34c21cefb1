"""A desk for the engine's tests: an orgbox over real HTTP, members connected to it, both clocks in our hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.schema.types import Field
from orgbox.server import RunningOrg
from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.services import create_member
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.models import Conflict, Link, TaskSync
from tandem.sync.round import Report

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY_FIELD = Field(
    "Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True
)


@dataclass
class Desk:
    """One org, its members, and shorthand for what people do on both sides."""

    running: RunningOrg
    clock: VirtualClock
    connections: dict[str, Connection] = field(default_factory=dict)

    @property
    def org(self) -> Org:
        return self.running.org

    # --- people and connections ---

    def join(self, name: str = "anna", *, team: bool = False, **member: Any) -> Connection:
        """A member with a User of their own in the org, connected by a refresh token."""
        user = self.running.call(
            lambda: self.org.insert(
                "User",
                {
                    "LastName": name,
                    "Username": f"{name}@org.example",
                    "Email": f"{name}@org.example",
                    "Alias": name[:8],
                },
            )
        )
        token = self.running.call(lambda: self.running.app.state.oauth.authorise(user))
        app = self.running.app.state.oauth.app
        person = create_member(email=f"{name}@tandem.example", name=name.title(), **member)
        connection = connections.connect(person, self.running.url, app.client_id, app.client_secret, token)
        if team:
            connections.read_for_team(connection)
        self.connections[name] = connection
        return connection

    def switch_on(self, name: str = "anna") -> TaskSync:
        return services.switch_on(self.connections[name])

    def member(self, name: str = "anna") -> Member:
        return self.connections[name].member

    # --- the passing of time, and rounds ---

    def wait(self, **span: float) -> None:
        """Both clocks go on."""
        self.clock.advance(timedelta(**span).total_seconds())

    def round(self, name: str = "anna") -> Report:
        """One round of the org; it must have run."""
        report = wiring.run(self.connections[name].org_id)
        assert report is not None, "another worker has the org, or it is paused"
        return report

    def settle(self, rounds: int = 20) -> Report:
        """Rounds until silence, letting every wait pass."""
        for _ in range(rounds):
            report = self.round()
            if not report.wrote and report.next_due is None and not report.trouble_code:
                return report
            self.wait(seconds=11)
        raise AssertionError(f"no silence after {rounds} rounds: {report}")

    # --- what people do here ---

    def create(self, name: str = "Call Ann", owner: str = "anna", **values: Any) -> Reminder:
        return reminders.create(self.member(owner).pk, checked(name=name, **values))

    def edit(self, reminder: Reminder, owner: str = "anna", **changes: Any) -> None:
        reminders.edit(self.member(owner).pk, reminder.pk, changes)

    def here(self, **where: Any) -> Reminder:
        return Reminder.objects.get(**where)

    # --- what people do there ---

    def task(self, sf_id: str) -> dict[str, Any]:
        return whole(self.running.call(lambda: self.org.get("Task", sf_id, deleted=True)))

    def tasks(self) -> list[dict[str, Any]]:
        return self.running.call(lambda: [whole(record) for record in self.org.scan("Task")])

    def insert(self, subject: str = "Call Ann", owner: str = "anna", **values: Any) -> str:
        made = {"Subject": subject, "OwnerId": self.connections[owner].user, **values}
        return self.running.call(lambda: self.org.insert("Task", made))

    def plant(self, subject: str = "Call Ann", owner: str = "anna", **values: Any) -> str:
        made = {"Subject": subject, "OwnerId": self.connections[owner].user, **values}
        return self.running.call(lambda: self.org.plant("Task", made))

    def update(self, sf_id: str, **values: Any) -> None:
        self.running.call(lambda: self.org.update("Task", sf_id, values))

    def delete(self, sf_id: str) -> None:
        self.running.call(lambda: self.org.delete("Task", sf_id))

    # --- what happened ---

    def link(self, reminder: Reminder) -> Link:
        return Link.objects.get(reminder=reminder)

    def there(self, reminder: Reminder) -> dict[str, Any]:
        """The Task of this Reminder."""
        sf_id = self.link(reminder).sf_id
        assert sf_id is not None, "it has not reached Salesforce"
        return self.task(sf_id)

    def twin(self, sf_id: str) -> Reminder:
        """The Reminder of this Task."""
        link = Link.objects.select_related("reminder").get(sf_id=sf_id)
        assert link.reminder is not None
        return link.reminder

    def conflicts(self) -> list[Conflict]:
        return list(Conflict.objects.order_by("pk"))

    def fault(self, name: str, **what: Any) -> None:
        """Something goes wrong in the org from now on (orgbox.faults)."""
        self.running.call(lambda: self.running.app.state.faults.add(name, **what))

    def cure(self) -> None:
        self.running.call(self.running.app.state.faults.clear)

    @property
    def calls(self) -> int:
        """Metered API calls the org has answered."""
        return int(self.running.call(lambda: self.running.app.state.journal.metered))


@contextmanager
def open_desk(
    monkeypatch: pytest.MonkeyPatch, *, start: datetime = START, unique_key: bool = True, **options: Any
) -> Iterator[Desk]:
    """A desk whose two clocks stand at `start`."""
    virtual = VirtualClock(start)
    org = Org(virtual, seed=3, task_fields=[KEY_FIELD] if unique_key else [])
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    monkeypatch.setattr(clock, "now", virtual.now)
    with RunningOrg(org, **options) as running:
        yield Desk(running, virtual)


def whole(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a record in which an empty field is None."""
    return defaultdict(lambda: None, record)


def day(offset: int = 0) -> date:
    """A date so many days from the start."""
    return (START + timedelta(days=offset)).date()

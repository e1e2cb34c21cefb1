"""What may people do in Tandem? The production services, and the rows read again after each act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.db.models import F

from tandem import clock
from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.values import checked
from tandem.sync import models, orgs, services
from tandem.sync.pair import Link, Values
from tandem.sync.ports import Seat
from tandem.sync.round import Report
from tandem.sync.routes import seat_of
from tests.simulation.store_django import CopiedStore
from tests.simulation.tables import ORG, Reminder


class DjangoTandem:
    """Each method is one act of a member or an admin, whole at once."""

    def __init__(self, store: CopiedStore) -> None:
        self._store = store

    def create(self, member: int, values: Values) -> Reminder:
        return self._told(reminders.create(member, checked(**values)).pk)

    def edit(self, row: Reminder, changes: Mapping[str, str]) -> Reminder:
        assert row.owner is not None
        if changes.keys() == {"status"}:  # the tick beside a task
            act = reminders.complete if changes["status"] == "done" else reminders.reopen
            act(row.owner, row.id)
        else:
            reminders.edit(row.owner, row.id, changes, seen=asdict(checked(**row.values)))
        return self._told(row.id)

    def delete(self, row: Reminder) -> None:
        assert row.owner is not None
        reminders.delete(row.owner, row.id)
        self._store.copy()

    def take_back(self, row: Reminder) -> None:
        assert row.owner is not None
        reminders.undo(row.owner, row.id, row.rev)
        self._store.copy()

    def _told(self, reminder: int) -> Reminder:
        self._store.copy()
        return self._store.reminders[reminder]

    def switch_on(self, member: int) -> None:
        services.switch_on(_connection(member))
        self._store.copy()

    def switch_off(self, member: int) -> None:
        """What was made while sync was on gets its link: judged as if the engine had done it."""
        with self._store.judged():
            services.switch_off(_connection(member))

    def pause(self, member: int) -> None:
        services.pause(_connection(member))
        self._store.copy()

    def resume(self, member: int) -> None:
        services.resume(_connection(member))
        self._store.copy()

    def set_template(self, template: str) -> None:
        services.set_subject_template(ORG, template)
        self._store.team.template = template
        self._store.copy()

    def asked_seat(self, member: int) -> Seat:
        """As wiring asks for a preview."""
        sync = models.TaskSync.objects.select_related("connection").get(connection=member)
        return seat_of(sync, rejoin=sync.enabled_at is not None)

    def sign_in_again(self) -> None:
        """Whoever was asked to reconnect does; what connections.services stores of it for the engine."""
        asked = Connection.objects.filter(state=Connection.State.RECONNECT)
        asked.update(state=Connection.State.CONNECTED, sign_in=F("sign_in") + 1)
        self._store.copy()

    def owe_audit(self) -> None:
        orgs.owe_audit(ORG, clock.now())
        self._store.copy()

    def round_ended(self, report: Report) -> None:
        """As wiring notes it."""
        orgs.note_round(ORG, report)
        self._store.copy()

    def approve_deletions(self) -> None:
        services.approve_deletions(ORG)
        self._store.copy()

    def retry(self, link: Link) -> None:
        services.retry(models.Link.objects.get(pk=link.id))
        self._store.copy()


def _connection(member: int) -> Connection:
    return Connection.objects.get(member=member)

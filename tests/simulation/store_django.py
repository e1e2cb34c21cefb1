"""Is the store of production the store that the histories were proved on? sync.store itself, paused where that one is.

Every method runs the production code between a pause and a commit. After each commit the rows are read from the
database again and laid into the tables that the oracle reads; what has changed in them is the journal. A crash strikes
before the commit, with everything written: SQLite rolls it back, and the tables have never heard of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from datetime import timedelta
from functools import wraps
from typing import Any
from unittest.mock import patch

from tandem import clock as our_clock
from tandem import jobs
from tandem.accounts.services import create_member
from tandem.connections.models import Connection, Org
from tandem.reminders import models as reminders
from tandem.reminders import undo
from tandem.sync import models
from tandem.sync.link_rows import intent_of, link_of
from tandem.sync.pair import Lost
from tandem.sync.ports import Clock
from tandem.sync.routes import seat_of
from tandem.sync.store import DjangoStore
from tandem.sync.tally import Counts
from tests.simulation.django_database import database
from tests.simulation.tables import ORG, Change, OrgRow, Reminder, Tables, Team

# The Undo of a history has no end: more may come back than in production.
_NO_END = timedelta(days=365)


def _looks(method: Callable[..., Any], label: str) -> Callable[..., Any]:
    """A read: by itself outside a transaction."""

    @wraps(method)
    def paused(self: CopiedStore, *given: Any, **named: Any) -> Any:
        self.look(label)
        return method(self, *given, **named)

    return paused


def _alone(method: Callable[..., Any], label: str) -> Callable[..., Any]:
    """A change: a transaction by itself outside one."""

    @wraps(method)
    def paused(self: CopiedStore, *given: Any, **named: Any) -> Any:
        with nullcontext() if self.open else self.whole(label):
            return method(self, *given, **named)

    return paused


def _within(method: Callable[..., Any], what: str) -> Callable[..., Any]:
    """What only makes sense inside a transaction."""

    @wraps(method)
    def checked(self: CopiedStore, *given: Any, **named: Any) -> Any:
        self.must_be_open(what)
        return method(self, *given, **named)

    return checked


class CopiedStore(Tables, DjangoStore):
    """The production store, and the rows it has committed."""

    def __init__(self, team: Team, clock: Clock) -> None:
        Tables.__init__(self, team, clock)
        DjangoStore.__init__(self, pace=lambda org: team.pace)
        self._database = database()
        self._written = self._database.written

    @contextmanager
    def in_use(self) -> Iterator[None]:
        with (
            self._database.emptied(),
            patch.multiple(our_clock, now=self.clock.now, new_key=self.clock.new_key),
            patch.object(undo, "UNDO_FOR", _NO_END),
            patch.dict(jobs._jobs, clear=True),  # every wake is lost: it was only a hint
        ):
            self._connect_everybody()
            yield

    def _connect_everybody(self) -> None:
        team = self.team
        org = Org.objects.create(
            pk=ORG,
            sf_id="00D000000000001AAA",
            key_is_unique=team.unique_key,
            statuses=sorted(team.statuses),
        )
        for member, user in team.users.items():
            person = create_member(email=f"member{member}@tandem.example", name=f"member {member}")
            connection = Connection.objects.create(member=person, org=org, user=user)
            sync = models.TaskSync.objects.create(connection=connection)
            assert person.pk == connection.pk == sync.pk == member
        if team.team_route:
            Org.objects.update(team_connection=1)
        models.OrgSync.objects.create(org=org, subject_template=team.template)
        self.copy()

    # --- transactions --------------------------------------------------------------------------------------------

    def transaction(self) -> Any:
        return self.whole("transaction")

    @contextmanager
    def whole(self, label: str) -> Iterator[None]:
        """A transaction, from its pause to what the oracle says of it."""
        self.begin(label)
        try:
            with super().transaction():
                yield
                after = self._changes()
                self.edge()
        except BaseException:
            self.journal = []
            self._written.clear()  # rolled back
            raise
        finally:
            self.open = False
        journal, self.journal = self.journal, []
        self._take_over(after)
        if journal:
            self.committed(journal)

    claim = _alone(DjangoStore.claim, "claim")
    renew = _alone(DjangoStore.renew, "renew")
    release = _alone(DjangoStore.release, "release")
    pause = _alone(DjangoStore.pause, "pause the org")
    ask_to_reconnect = _alone(DjangoStore.ask_to_reconnect, "ask to reconnect")
    set_deletions = _alone(DjangoStore.set_deletions, "set deletions")
    save_seat = _alone(DjangoStore.save_seat, "save seat")

    org = _looks(DjangoStore.org, "read the org")
    progress = _looks(DjangoStore.progress, "progress")

    def count(self, org: int, lease: str, counts: Counts) -> None:
        pass  # statistics: no promise is about them

    owed = _looks(DjangoStore.owed, "what is owed")
    doubtful = _looks(DjangoStore.doubtful, "what is in doubt")
    gone_there = _looks(DjangoStore.gone_there, "what is gone there")
    open_links = _looks(DjangoStore.open_links, "open links")
    count_live = _looks(DjangoStore.count_live, "count live")
    unlinked = _looks(DjangoStore.unlinked, "unlinked")

    pairs = _within(DjangoStore.pairs, "select for update")
    save = _within(DjangoStore.save, "a link written")
    save_with_intent = _within(DjangoStore.save_with_intent, "a link written")
    link_reminder = _within(DjangoStore.link_reminder, "a link made")
    import_row = _within(DjangoStore.import_row, "a link made")
    change_reminder = _within(DjangoStore.change_reminder, "a reminder changed")
    log_lost = _within(DjangoStore.log_lost, "a conflict logged")
    log_once = _within(DjangoStore.log_once, "a conflict logged")

    # --- the tables ----------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Read again what people have written."""
        self._take_over(self._changes())
        self.journal = []

    @contextmanager
    def judged(self) -> Iterator[None]:
        """An act of people that does the engine's work."""
        self.begin("transaction")
        try:
            yield
        finally:
            self.open = False
        self._take_over(self._changes())
        journal, self.journal = self.journal, []
        if any(table is self.links for table, _, _ in journal):
            self.committed(journal)

    def _changes(self) -> list[tuple[dict[Any, Any], dict[Any, Any]]]:
        """The tables that were written, each with its rows as they are now; notes what they were in the journal."""
        found: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        for name, rows in _ROWS.items():
            if self._written[name]:
                found += [(getattr(self, table), new) for table, new in rows().items()]
        for table, new in found:
            self.journal += _difference(table, new)
        if self._written["sync_orgsync"] and not any(table is self.orgs for table, _, _ in self.journal):
            self.journal.append((self.orgs, ORG, self.orgs[ORG]))  # written, as it was
        return found

    def _take_over(self, found: list[tuple[dict[Any, Any], dict[Any, Any]]]) -> None:
        for table, new in found:
            table.clear()
            table.update(new)
        if self._written["sync_tasksync"]:
            on = models.TaskSync.objects.filter(enabled=True)
            self.team.enabled = set(on.values_list("pk", flat=True))
            self.team.paused = set(on.filter(paused=True).values_list("pk", flat=True))
        if self._written["connections_connection"]:
            asked = Connection.objects.filter(state=Connection.State.RECONNECT)
            self.team.reconnect = set(asked.values_list("pk", flat=True))
        self._written.clear()


def _difference(table: dict[Any, Any], new: dict[Any, Any]) -> Iterator[Change]:
    for key in table.keys() | new.keys():
        before = table.get(key)
        if before != new.get(key):
            yield table, key, before


# --- rows as the tables have them -----------------------------------------------------------------------------------


def _orgs() -> dict[str, dict[Any, Any]]:
    columns = [column.name for column in fields(OrgRow)]
    return {"orgs": {row[0]: OrgRow(*row[1:]) for row in models.OrgSync.objects.values_list("pk", *columns)}}


def _seats() -> dict[str, dict[Any, Any]]:
    on = models.TaskSync.objects.exclude(enabled_at=None).select_related("connection")
    return {"seats": {sync.pk: seat_of(sync) for sync in on.order_by("pk")}}


def _reminders() -> dict[str, dict[Any, Any]]:
    return {"reminders": {row.pk: _reminder(row) for row in reminders.Reminder.objects.order_by("pk")}}


def _reminder(row: reminders.Reminder) -> Reminder:
    return Reminder(
        id=row.pk,
        owner=row.owner_id,
        values={
            "name": row.name,
            "status": row.status,
            "priority": row.priority,
            "due": row.due.isoformat() if row.due else "",
            "details": row.details,
        },
        rev=row.rev,
        deleted_at=row.deleted_at,
        about=row.about,
        can_undo_delete=row.undo is not None and row.undo["what"] == "delete",
    )


def _links() -> dict[str, dict[Any, Any]]:
    rows = list(models.Link.objects.order_by("pk"))
    return {
        "links": {row.pk: link_of(row) for row in rows},
        "intents": {row.pk: intent for row in rows if (intent := intent_of(row)) is not None},
        "carrier": {row.pk: row.member_id for row in rows},
        "by_key": {row.key: row.pk for row in rows},
        "by_sf_id": {row.sf_id: row.pk for row in rows if row.sf_id is not None},
        "by_reminder": {row.reminder_id: row.pk for row in rows if row.reminder_id is not None},
    }


def _conflicts() -> dict[str, dict[Any, Any]]:
    columns = ("field", "side", "value", "won", "rule")
    rows = models.Conflict.objects.order_by("pk").values("pk", "link_id", *columns)
    return {
        "conflicts": {
            row["pk"]: (row["link_id"], Lost(**{name: row[name] for name in columns})) for row in rows
        }
    }


_ROWS: dict[str, Callable[[], dict[str, dict[Any, Any]]]] = {
    "sync_orgsync": _orgs,
    "sync_tasksync": _seats,
    "reminders_reminder": _reminders,
    "sync_link": _links,
    "sync_conflict": _conflicts,
}

"""Which database does a history run on? Each is a store for the engine, and the acts of people on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tandem.sync.activity_ports import Journal
from tandem.sync.pair import Link, Values
from tandem.sync.ports import Clock, Seat
from tests.simulation.journal_memory import MemoryJournal
from tests.simulation.store_memory import MemoryStore
from tests.simulation.tables import Reminder, Tables, Team
from tests.simulation.tandem_memory import MemoryTandem


class Tandem(Protocol):
    """What people may do in Tandem; each method is one act."""

    def create(self, member: int, values: Values) -> Reminder: ...
    def edit(self, row: Reminder, changes: Mapping[str, str]) -> Reminder: ...
    def delete(self, row: Reminder) -> None: ...
    def take_back(self, row: Reminder) -> None: ...
    def switch_on(self, member: int) -> None: ...
    def switch_off(self, member: int) -> None: ...
    def pause(self, member: int) -> None: ...
    def resume(self, member: int) -> None: ...
    def set_template(self, template: str) -> None: ...
    def asked_seat(self, member: int) -> Seat: ...
    def sign_in_again(self) -> None: ...
    def approve_deletions(self) -> None: ...
    def retry(self, link: Link) -> None: ...


# The tables are the engine's Store, too.
Database = Callable[[Team, Clock], tuple[Tables, Tandem, Journal | None]]


def in_memory(team: Team, clock: Clock) -> tuple[Tables, Tandem, Journal]:
    """The store in memory: thousands of histories a minute."""
    store = MemoryStore(team, clock)
    return store, MemoryTandem(store), MemoryJournal(store)


def in_django(team: Team, clock: Clock) -> tuple[Tables, Tandem, None]:
    """The production store and services over SQLite: every statement and every constraint is the real one.

    Tasks alone: emails and calls have their own tests over production's Journal (tests/activities).
    """
    from tests.simulation.django_database import set_up

    set_up()
    from tests.simulation.store_django import CopiedStore
    from tests.simulation.tandem_django import DjangoTandem

    store = CopiedStore(team, clock)
    return store, DjangoTandem(store), None


DATABASES: dict[str, Database] = {"memory": in_memory, "django": in_django}

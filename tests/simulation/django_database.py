"""On which SQLite does a history run? One in memory, made once a process, and emptied before each history.

Fibers are greenlets of one thread, so they share this one connection, and Django's note of which transaction is open is
one for all of them. That is safe because no fiber ever pauses inside a transaction: whoever begins one is alone until it
commits, dies at its edge or is rolled back. It is also what SQLite does in production, where BEGIN IMMEDIATE lets one
writer in at a time. What two transactions do to each other while both are open is PostgreSQL's business, and asked in
tests/scale with real processes.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_WRITES = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


def set_up() -> None:
    """Django, where nobody has set it up yet (the driver; pytest has)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.config.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


class SimulatedDatabase:
    """The connection. written: how many rows of each table were written since somebody looked."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.db import connections
        from django.db.utils import load_backend

        engine = "django.db.backends.sqlite3"
        settings = {
            **connections.settings["default"],
            "ENGINE": engine,
            "NAME": ":memory:",
            "CONN_MAX_AGE": None,
        }
        settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
        self.written: Counter[str] = Counter()
        self._connection = load_backend(engine).DatabaseWrapper(settings, "default")
        self._empty = sqlite3.connect(":memory:")
        with self._instead():
            call_command("migrate", verbosity=0)
            self._connection.connection.backup(self._empty)
        self._connection.execute_wrappers.append(self._note)

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Django's default database is this one while the block lasts, and empty at its beginning."""
        with self._instead():
            self._empty.backup(self._connection.connection)
            self.written.clear()
            yield

    @contextmanager
    def _instead(self) -> Iterator[None]:
        from django.db import connections

        before = connections["default"]
        connections["default"] = self._connection
        try:
            yield
        finally:
            connections["default"] = before

    def _note(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if found := _WRITES.match(sql):
            # An INSERT that returns its id does not know its count before that is fetched.
            self.written[found[2]] += 1 if found[1] == "INSERT INTO" else context["cursor"].rowcount
        return done


@cache
def database() -> SimulatedDatabase:
    """This process' own."""
    return SimulatedDatabase()

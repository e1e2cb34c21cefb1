"""Bring the database up to date, one process at a time, however many start at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

# Any number will do, as long as every Tandem uses the same.
_LOCK = 7_341_905


def migrate() -> None:
    """Apply what is not applied yet; waits for another process that is doing so."""
    with _alone():
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor == "postgresql":  # other machines may start too
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    home = Path(settings.TANDEM_HOME)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

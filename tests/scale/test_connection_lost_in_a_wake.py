"""A connection that is lost while a wake is stored takes the edit with it: then nobody may be told that it was saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from tandem import jobs
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked


def end_the_backend() -> None:
    """What becomes of every connection when PostgreSQL goes down."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    other.close()


def test_an_edit_whose_connection_is_lost_while_its_wake_is_stored_is_not_called_saved(
    transactional_db: None, member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem import queue  # it needs PostgreSQL

    configure = queue._round.configure

    def lost(**what: Any) -> Any:
        end_the_backend()
        return configure(**what)

    monkeypatch.setattr(queue._round, "configure", lost)
    monkeypatch.setitem(jobs._jobs, "reminder-changed", (lambda member: queue.put(1), True))
    with pytest.raises(OperationalError):
        reminders.create(member.pk, checked(name="Lost with its wake"))
    assert not Reminder.objects.exists()
    queue.put(1)  # nobody's transaction: only a hint is lost


def test_an_edit_whose_wake_is_refused_is_saved(
    transactional_db: None, member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem import queue  # it needs PostgreSQL

    def refused(**what: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(queue._round, "configure", refused)
    monkeypatch.setitem(jobs._jobs, "reminder-changed", (lambda member: queue.put(1), True))
    reminders.create(member.pk, checked(name="Saved without its wake"))
    assert Reminder.objects.get().name == "Saved without its wake"

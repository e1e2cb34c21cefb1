"""The edit is saved and then the session is refused: what is said, and what is true, must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tandem.reminders.models import Reminder

TYPED = {"name": "Typed", "details": "", "priority": "normal", "status": "open", "due": ""}


@contextmanager
def no_room_for_sessions() -> Iterator[list[str]]:
    """The database refuses every session, as on a full disk. Yields what it refused."""
    refused: list[str] = []

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "django_session" in sql and sql.startswith(("UPDATE", "INSERT")):
            refused.append(sql)
            raise OperationalError("could not extend file: No space left on device")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield refused


@pytest.fixture
def anna(member: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(member)
    return client


def test_a_task_that_was_saved_is_not_called_refused_because_its_toast_has_no_room(anna: Client) -> None:
    with no_room_for_sessions() as refused:
        answer = anna.post(reverse("new-task"), TYPED)
    assert refused
    assert answer.status_code == 302
    assert Reminder.objects.get().name == "Typed"
    assert "Typed" in anna.get(reverse("command-center") + "?show=all").content.decode()


def test_a_page_that_cannot_forget_the_toast_it_shows_is_shown(anna: Client) -> None:
    anna.post(reverse("new-task"), TYPED)
    with no_room_for_sessions() as refused:
        answer = anna.get(reverse("command-center"))
    assert refused
    assert answer.status_code == 200


def test_a_sign_in_without_room_for_its_session_is_refused_in_words(member: Any) -> None:
    member.set_password("a sentence only Anna knows")
    member.save()
    stranger = Client(raise_request_exception=False)
    with no_room_for_sessions() as refused:
        answer = stranger.post(
            reverse("account_login"), {"login": member.email, "password": "a sentence only Anna knows"}
        )
    assert refused
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()

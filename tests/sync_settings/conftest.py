"""Fixtures of the settings' tests: a real org over HTTP, an admin and a member connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tandem.config import wiring
from tests.sync.desk import Desk, open_desk


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, an admin, and Ben, a user, are connected to one org; nobody has saved anything."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        desk.join("ben")
        wiring.register_answers()
        yield desk


@pytest.fixture
def visit(desk: Desk) -> Callable[[str], Client]:
    """visit("ben"): Ben's browser, without JavaScript."""

    def of(name: str) -> Client:
        client = Client()
        client.force_login(desk.member(name))
        return client

    return of

"""Fixtures of connecting: an office with two members and an org over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connections.trip import Office, open_office


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(monkeypatch) as opened:
        yield opened

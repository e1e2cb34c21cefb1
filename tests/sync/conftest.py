"""Fixtures of the engine's tests over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sync.desk import Desk, open_desk


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna is connected to an org whose Task has our unique key field; sync is off."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna")
        yield desk

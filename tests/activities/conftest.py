"""Fixtures of the tests of logging over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.activities.office import Office, open_office


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna is connected to an org whose Task has our unique key field; emails are logged by the usual rules."""
    with open_office(monkeypatch) as office:
        office.rules()
        yield office

"""Which database do these tests need? PostgreSQL: only it has several workers."""

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def _only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL part of the tests: python -m tests.postgresql pytest tests/scale")

"""Where what the contract tests install is kept, and what they do when it cannot be had."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

KEPT = Path(__file__).parents[2] / "var"
ALL_CLIENTS = "ORGBOX_CLIENTS"


def only_with_all_clients() -> None:
    """Skip what is too heavy for a newcomer's run: CI and `make contract-clients` ask for it."""
    if os.environ.get(ALL_CLIENTS) != "all":
        pytest.skip("heavy to install; `make contract-clients` runs it")


def cannot(reason: str) -> NoReturn:
    """Skip, or fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

"""What every test of this project may use."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

CHROMIUM = Path("/usr/bin/chromium-headless-shell")

#: Files that take longest, begun first: two processes share the files, and neither shall wait for the other's last.
LONGEST = (
    "test_mutants.py",
    "test_kill_nine.py",
    "test_every_page.py",
    "test_once.py",
    "test_when_connecting_fails.py",
)

# Playwright's blocking API runs an event loop in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of the files; within each it stays as it is."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A database for each test process; SQLite's on a file, as Tandem's is: in memory, threads would share one
    connection and no locks."""
    from django.db import connections

    default = connections["default"]
    if default.vendor == "sqlite":
        default.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "tandem.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def nobody_here_reads_permissions() -> Iterator[None]:
    """Emptying the tables after a test would make Django's permissions and content types anew, 100 ms each time."""
    with patch("django.core.management.commands.flush.emit_post_migrate_signal"):
        yield


@pytest.fixture
def member(db: None) -> Any:
    """Anna, an admin in Amsterdam who reads English."""
    from tandem.accounts.services import create_member

    return create_member(
        email="anna@acme.example", name="Anna Bos", role="admin", time_zone="Europe/Amsterdam"
    )


@pytest.fixture
def colleague(db: None) -> Any:
    """Ben, who works beside Anna and must never see her tasks."""
    from tandem.accounts.services import create_member

    return create_member(email="ben@acme.example", name="Ben Visser", time_zone="Europe/Amsterdam")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, the build that has no window and costs half as much to drive. Where it is missing, browser tests are skipped, but never in CI."""
    if not CHROMIUM.exists():
        missing = "Chromium is missing: apt-get install --no-install-recommends chromium-headless-shell fonts-liberation"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    sandbox = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": [*sandbox, *quiet]}

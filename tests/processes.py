"""How does a process of its own get to the test's database, and to its keys?"""

from __future__ import annotations

import os

from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The test database."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def environment() -> dict[str, str]:
    """What a `tandem` command of the test runs in."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "TANDEM_HOME": str(settings.TANDEM_HOME),
        "TANDEM_ALLOW_ORGBOX": "1",
    }

"""What every command needs: a database that is up to date, how it was called, and a way to end badly."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn


def prepare() -> None:
    """Django, its tables, and what each wake does."""
    set_django_up()
    from tandem.config import wiring
    from tandem.config.migrating import migrate

    migrate()
    wiring.register_wakes()


def set_django_up() -> None:
    """Django without its database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.config.settings")
    import django

    django.setup()


def myself() -> str:
    """How this command was called, so that what is printed can be copied."""
    return sys.argv[0] if Path(sys.argv[0]).name == "tandem" else "tandem"


def end_with(sentence: str) -> NoReturn:
    """Say what happened, on standard error, and end with exit code 1."""
    print(sentence, file=sys.stderr)
    sys.exit(1)

"""What time is it, and what is a key nobody used before?

The one clock of the program and its one source of randomness. Nothing else may ask the wall clock or a random
generator (CONTRIBUTING.md, contract 7; a test enforces it), so that freezing these two functions freezes the program.
"""

from datetime import UTC, datetime
from uuid import uuid4


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def new_key() -> str:
    """A key never given before: a random UUID, 36 characters of text."""
    return str(uuid4())

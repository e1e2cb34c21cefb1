"""What time is it, and what is a key nobody used before, or a secret nobody can guess?

The one clock of the program and its one source of randomness. Nothing else may ask the wall clock or a random
generator (CONTRIBUTING.md, contract 7; a test enforces it), so that freezing these functions freezes the program.
"""

import secrets
from datetime import UTC, datetime
from uuid import uuid4


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def new_key() -> str:
    """A key never given before: a random UUID, 36 characters of text."""
    return str(uuid4())


def new_secret() -> str:
    """A secret nobody can guess: 64 random bytes as 86 characters of A-Z a-z 0-9 - _ (a PKCE verifier, RFC 7636, 4.1)."""
    return secrets.token_urlsafe(64)

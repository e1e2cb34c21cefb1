"""How secrets lie in the database: encrypted, and unreadable without the key (docs/decisions/0012).

Keys are Fernet keys, from TANDEM_ENCRYPTION_KEYS (comma list, the first one encrypts) or the file TANDEM_HOME/keys,
which is made on first use. A wrong key raises; it never shows cipher text as if it were the secret.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

_PREFIX = "v1:"


class WrongKey(Exception):
    """A stored secret cannot be read with the keys that are configured.

    Nothing was changed. Put the key that encrypted it into TANDEM_ENCRYPTION_KEYS (or the file TANDEM_HOME/keys), or
    connect to Salesforce again.
    """

    def __str__(self) -> str:
        return " ".join((self.__doc__ or "").split())


def keys() -> MultiFernet:
    """The keys in force; made once and kept readable by their owner only."""
    text = os.environ.get("TANDEM_ENCRYPTION_KEYS") or _stored(Path(settings.TANDEM_HOME) / "keys")
    return _fernet(text)


@lru_cache(maxsize=4)
def _fernet(text: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in text.replace("\n", ",").split(",") if key.strip()])


def _stored(place: Path) -> str:
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f"keys.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
        try:
            os.link(draft, place)  # two first starts at once: one key wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return place.read_text()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted at rest; "" stays "", so that "no secret" can be asked for."""

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return value
        return _PREFIX + keys().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        if not value:
            return value
        try:
            return keys().decrypt(str(value).removeprefix(_PREFIX).encode()).decode()
        except InvalidToken as error:
            raise WrongKey from error

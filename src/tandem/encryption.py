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


class KeyTrouble(Exception):
    """Secrets cannot be read or written, because of the encryption keys. The docstring is the sentence for people."""

    def __str__(self) -> str:
        return " ".join((self.__doc__ or "").split())


class WrongKey(KeyTrouble):
    """A stored secret cannot be read with the keys that are configured. Nothing was changed and nothing is lost. Put
    the key that encrypted it into TANDEM_ENCRYPTION_KEYS (or into the file TANDEM_HOME/keys, from your backup). If that
    key is lost for good, run `tandem rotate-keys --forget-lost`: whoever is concerned then connects again.
    """


class BrokenKey(KeyTrouble):
    """The encryption keys cannot be read: there is none, or one is not 32 bytes in url-safe base64. Nothing was
    changed. Correct TANDEM_ENCRYPTION_KEYS (keys with commas, the first one encrypts), or restore the file
    TANDEM_HOME/keys from your backup.
    """


def keys() -> MultiFernet:
    """The keys in force; made once and kept readable by their owner only. Raises BrokenKey."""
    return _fernet(os.environ.get("TANDEM_ENCRYPTION_KEYS") or _stored(key_file()))


def key_file() -> Path:
    """Where the keys lie unless the environment gives them."""
    return Path(settings.TANDEM_HOME) / "keys"


def add_key() -> bool:
    """Put a new key first in the key file; older ones stay to read with. False when the environment gives the keys."""
    if os.environ.get("TANDEM_ENCRYPTION_KEYS"):
        return False
    place = key_file()
    held = _stored(place)
    _fernet(held)
    draft = _draft(place, Fernet.generate_key() + b"\n" + held.strip().encode() + b"\n")
    draft.replace(place)  # whole or not at all
    return True


@lru_cache(maxsize=4)
def _fernet(text: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in text.replace("\n", ",").split(",") if key.strip()])
    except ValueError:
        pass
    raise BrokenKey  # outside the handler: its cause would quote the key


def _stored(place: Path) -> str:
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(place, Fernet.generate_key())
        try:
            os.link(draft, place)  # two first starts at once: one key wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return place.read_text()


def _draft(place: Path, content: bytes) -> Path:
    """A file beside `place` that only its owner can read."""
    draft = place.with_name(f"keys.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return draft


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted at rest; "" stays "", so that "no secret" can be asked for."""

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return value
        return _PREFIX + keys().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        return value and decrypted(str(value))


def decrypted(stored: str) -> str:
    """What a stored secret says. Raises WrongKey."""
    try:
        return keys().decrypt(stored.removeprefix(_PREFIX).encode()).decode()
    except InvalidToken as error:
        raise WrongKey from error

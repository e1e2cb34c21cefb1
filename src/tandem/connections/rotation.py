"""How do all stored secrets come under the newest key?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from tandem.connections.models import Connection
from tandem.encryption import EncryptedTextField, WrongKey, decrypted


@dataclass(frozen=True)
class Rotation:
    """How many secrets are encrypted with the newest key now, and how many nobody can read were forgotten."""

    renewed: int
    forgotten: int


@transaction.atomic
def rotate_secrets(*, forget_lost: bool = False) -> Rotation:
    """Encrypt every secret of every model anew: all of them, or none when one cannot be read (WrongKey).

    With `forget_lost` a secret whose key is gone becomes empty, and its member is asked to connect again.
    """
    renewed = forgotten = 0
    for model, field in _secret_columns():
        held = model._default_manager.select_for_update().exclude(**{field: ""})
        # Cast, because the column itself would be decrypted while it is read, and the first lost one would end it.
        for pk, stored in held.annotate(stored=Cast(field, models.TextField())).values_list("pk", "stored"):
            row = model._default_manager.filter(pk=pk)
            try:
                secret = decrypted(stored)
            except WrongKey:
                if not forget_lost:
                    raise
                row.update(**{field: ""})
                forgotten += 1
                if model is Connection:
                    _ask_to_reconnect(pk)
            else:
                row.update(**{field: secret})
                renewed += 1
    return Rotation(renewed, forgotten)


def _secret_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def _ask_to_reconnect(pk: int) -> None:
    lost = Connection.objects.filter(pk=pk).exclude(state=Connection.State.DISCONNECTED)
    lost.update(
        state=Connection.State.RECONNECT,
        trouble_code="KEY_LOST",
        trouble_text="The key that encrypted this sign-in is gone. Nothing was lost in your tasks. Connect again.",
    )

"""How do the secrets of second factors lie in the database? Encrypted as the tokens are (docs/decisions/0012).

In config, because it ties allauth, which accounts set up, to the keys, which belong to connections.
"""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from tandem.encryption import WrongKey, decrypted, encrypted

#: What an authenticator's data calls its secrets: one of an app, the seed of recovery codes.
_SECRETS = ("secret", "seed")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's own answers, but for the encryption and for the name that a passkey is kept under."""

    def encrypt(self, text: str) -> str:
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypted(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Tandem"}


@transaction.atomic
def rotate_second_factors(*, forget_lost: bool = False) -> tuple[int, int]:
    """Encrypt every secret anew: how many were, and how many were forgotten because their key is gone.

    Raises WrongKey, unless `forget_lost`: then such a second factor is removed, and its member signs in without.
    """
    renewed = forgotten = 0
    for row in Authenticator.objects.select_for_update():
        held = {name: row.data[name] for name in _SECRETS if name in row.data}
        try:
            row.data |= {name: encrypted(decrypted(secret)) for name, secret in held.items()}
        except WrongKey:
            if not forget_lost:
                raise
            row.delete()
            forgotten += len(held)
        else:
            row.save(update_fields=["data"])
            renewed += len(held)
    return renewed, forgotten

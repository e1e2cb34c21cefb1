"""A passkey as a device would have made it, for tests without a browser."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from tandem.accounts.models import Member

_USER_PRESENT_AND_VERIFIED_WITH_KEY = 0x45


def add_passkey(member: Member, name: str) -> Authenticator:
    """Stored as allauth stores it, with a public key that nobody has the other half of."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    key = AttestedCredentialData.create(Aaguid(bytes(16)), sha256(name.encode()).digest(), public)
    rp = sha256(b"testserver").digest()
    said = AuthenticatorData.create(rp, _USER_PRESENT_AND_VERIFIED_WITH_KEY, 0, key)
    client = CollectedClientData.create("webauthn.create", bytes(32), "https://testserver")
    credential: dict[str, Any] = {
        "id": websafe_encode(key.credential_id),
        "rawId": websafe_encode(key.credential_id),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", said, {})),
        },
    }
    held: Authenticator = Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": credential}
    )
    return held

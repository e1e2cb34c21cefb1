"""Whom does a signed assertion speak for? The JWT bearer flow (docs/salesforce.md §1.4).

The app proves itself with the private key of a certificate that an admin gave the org, and names a user. Every user of
an orgbox counts as approved by that admin.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from orgbox.http.authorize import user_named
from orgbox.http.oauth import ClientApp, OAuth, TokenError

_AUDIENCES = frozenset({"login.salesforce.com", "test.salesforce.com"})
_LEEWAY = 60


class UnreadableCertificate(ValueError):
    """That is neither a PEM certificate nor a PEM public key of RSA; make one with `openssl req -x509 -newkey rsa:2048`."""


def certified(pem: bytes) -> RSAPublicKey:
    """The public key of a certificate, or a public key by itself. Raises UnreadableCertificate."""
    try:
        held = x509.load_pem_x509_certificate(pem) if b"CERTIFICATE" in pem else None
        key: object = load_pem_public_key(pem) if held is None else held.public_key()
    except ValueError as error:
        raise UnreadableCertificate(str(error)) from None
    if not isinstance(key, RSAPublicKey):
        raise UnreadableCertificate("The certificate's key is not RSA, which RS256 needs.")
    return key


def vouched_for(oauth: OAuth, assertion: str, base_url: str) -> tuple[ClientApp, str]:
    """(the app that signed, the user it names). Raises TokenError."""
    signed, claims, signature = _parts(assertion)
    app = oauth.client(str(claims.get("iss", "")), None, secret_needed=False)
    if app.certificate is None:
        raise TokenError("invalid_grant", "invalid assertion")
    try:
        certified(app.certificate).verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise TokenError("invalid_grant", "invalid assertion") from None
    if not _is_here(claims.get("aud"), base_url):
        raise TokenError("invalid_grant", "Audience validation failed")
    until, now = _seconds(claims.get("exp")), oauth.now().timestamp()
    if (
        until < now - _LEEWAY
    ):  # how far ahead it lies is not looked at: Salesforce's own `sf` sends milliseconds
        raise TokenError("invalid_grant", "expired authorization code")
    user_id = user_named(oauth.org, str(claims.get("sub", "")))
    if user_id is None:
        raise TokenError("invalid_grant", "user hasn't approved this consumer")
    return app, user_id


def _parts(assertion: str) -> tuple[bytes, dict[str, Any], bytes]:
    """(what is signed, the claims, the signature)."""
    signed, _, signature = assertion.rpartition(".")
    head, _, body = signed.partition(".")
    try:
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        raw = _decoded(signature)
    except (ValueError, RecursionError):
        raise TokenError("invalid_grant", "invalid assertion") from None
    if not isinstance(header, dict) or header.get("alg") != "RS256" or not isinstance(claims, dict):
        raise TokenError("invalid_grant", "invalid assertion")
    return signed.encode(), claims, raw


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _seconds(given: Any) -> float:
    """A moment of a claim; some libraries send it as a text."""
    try:
        return float(given)
    except (TypeError, ValueError):
        raise TokenError("invalid_grant", "invalid assertion") from None


def _is_here(audience: Any, base_url: str) -> bool:
    """Whether an audience, or one of a list, is a log-in host of Salesforce or this org itself."""
    given = audience if isinstance(audience, list) else [audience]
    hosts = {urlsplit(each).netloc for each in given if isinstance(each, str)}
    return not hosts.isdisjoint(_AUDIENCES | {urlsplit(base_url).netloc})

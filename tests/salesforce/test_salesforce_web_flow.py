"""The web-server flow as it goes over the wire: what is asked, what is exchanged, and what ends it."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from tests.salesforce.scripted import APP, TOKENS, answer

from tandem.salesforce import (
    App,
    BadInput,
    Consent,
    OutcomeUnknown,
    SalesforceError,
    SignInNeeded,
    Unreachable,
    authorize_url,
    code_challenge,
    exchange_code,
    revoke,
)

CONSENT = Consent("the-code", "the-verifier", "https://tandem.example/callback")


def sent_by(step: httpx2.Response | Exception) -> tuple[httpx2.MockTransport, list[httpx2.Request]]:
    """A Salesforce that answers once, and what it was asked."""
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if isinstance(step, Exception):
            raise step
        return step

    return httpx2.MockTransport(respond), asked


def form(request: httpx2.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_person_is_sent_with_least_scopes_and_without_a_secret() -> None:
    url = authorize_url(APP, CONSENT.redirect_uri, "the state", "the-challenge")
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://login.salesforce.com/services/oauth2/authorize"
    )
    assert dict(parse_qsl(parts.query)) == {
        "response_type": "code",
        "client_id": "the-client-id",
        "redirect_uri": "https://tandem.example/callback",
        "scope": "api refresh_token",
        "state": "the state",
        "code_challenge": "the-challenge",
        "code_challenge_method": "S256",
    }


def test_nobody_is_sent_to_an_address_that_is_not_salesforces() -> None:
    with pytest.raises(BadInput):
        authorize_url(App("id", None, "https://evil.example"), "https://t.example/", "s", "c")


def test_a_code_is_exchanged_with_its_verifier() -> None:
    fresh = {
        "access_token": "new-access",
        "refresh_token": "new-refresh",
        "instance_url": TOKENS.instance_url,
        "id": TOKENS.identity_url,
    }
    transport, asked = sent_by(answer(200, fresh))
    tokens = exchange_code(APP, CONSENT, transport=transport)
    assert (tokens.access_token, tokens.refresh_token) == ("new-access", "new-refresh")
    assert (tokens.org_id, tokens.user_id) == ("00DAb0000000001MAA", "005Ab0000000001IAA")
    assert form(asked[0]) == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "client_id": "the-client-id",
        "client_secret": "the-client-secret",
        "redirect_uri": "https://tandem.example/callback",
        "code_verifier": "the-verifier",
    }


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": "expired"}), SignInNeeded),
        (answer(503), OutcomeUnknown),
        (httpx2.ConnectError("no"), Unreachable),
        (httpx2.ReadTimeout("slow"), OutcomeUnknown),
    ],
)
def test_a_refused_code_says_why_and_shows_no_secret(
    step: httpx2.Response | Exception,
    kind: type[SalesforceError],
) -> None:
    transport, asked = sent_by(step)
    with pytest.raises(kind) as told:
        exchange_code(APP, CONSENT, transport=transport)
    assert len(asked) == 1
    assert not any(
        secret in f"{told.value!r}{told.value.sentence()}" for secret in ("the-code", "the-verifier")
    )


@pytest.mark.parametrize(
    "step",
    [
        httpx2.Response(200),
        httpx2.Response(400, content=b"error=invalid_token&error_description=gone"),
        httpx2.Response(400, content=b"error=unsupported_token_type&error_description=gone"),
    ],
)
def test_a_token_that_is_dead_already_is_revoked(step: httpx2.Response) -> None:
    transport, asked = sent_by(step)
    revoke(APP, "the-refresh-token", transport=transport)
    assert str(asked[0].url) == "https://login.salesforce.com/services/oauth2/revoke"
    assert form(asked[0]) == {"token": "the-refresh-token"}


@pytest.mark.parametrize(
    "step", [httpx2.Response(503), httpx2.Response(400, content=b"error=odd"), httpx2.ConnectError("no")]
)
def test_a_revocation_that_failed_is_told(step: httpx2.Response | Exception) -> None:
    transport, _ = sent_by(step)
    with pytest.raises(SalesforceError):
        revoke(APP, "the-refresh-token", transport=transport)

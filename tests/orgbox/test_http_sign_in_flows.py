"""Signing in without a browser: signed assertions, passwords, SOAP; and what an app may ask about its tokens."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from orgbox.clock import VirtualClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.http.oauth import OAuth
from orgbox.org import Org
from orgbox.server import RunningOrg

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def oauth(running: RunningOrg, key: RSAPrivateKey) -> OAuth:
    oauth: OAuth = running.app.state.oauth
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    running.call(lambda: oauth.trust(pem))
    return oauth


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def assertion(key: RSAPrivateKey, claims: dict[str, Any], algorithm: str = "RS256") -> str:
    head = encoded(json.dumps({"alg": algorithm}).encode())
    signed = f"{head}.{encoded(json.dumps(claims).encode())}"
    return f"{signed}.{encoded(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def ask(running: RunningOrg, **form: Any) -> httpx2.Response:
    return httpx2.post(f"{running.url}/services/oauth2/token", data=form)


def works(running: RunningOrg, token: str) -> bool:
    limits = f"{running.url}/services/data/v67.0/limits"
    return httpx2.get(limits, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def claims_of(oauth: OAuth, org: Org, clock: VirtualClock, **other: Any) -> dict[str, Any]:
    username = org.get("User", org.admin_id)["Username"]
    until = clock.now().timestamp() + 180
    return {
        "iss": oauth.app.client_id,
        "sub": username,
        "aud": "https://login.salesforce.com",
        "exp": until,
    } | other


def test_an_app_signs_for_a_user_and_gets_a_session_but_no_refresh_token(
    running: RunningOrg, org: Org, clock: VirtualClock, oauth: OAuth, key: RSAPrivateKey
) -> None:
    for audience in ("https://login.salesforce.com", running.url, [running.url]):
        signed = assertion(key, claims_of(oauth, org, clock, aud=audience))
        answer = ask(running, grant_type=JWT, assertion=signed).json()
        assert "refresh_token" not in answer
        assert works(running, answer["access_token"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"aud": "https://elsewhere.example"}, "Audience validation failed"),
        ({"exp": 1}, "expired authorization code"),
        ({"exp": "soon"}, "invalid assertion"),
        ({"sub": "nobody@x.example"}, "user hasn't approved this consumer"),
        ({"iss": "another app"}, "client identifier invalid"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    running: RunningOrg,
    org: Org,
    clock: VirtualClock,
    oauth: OAuth,
    key: RSAPrivateKey,
    change: dict[str, Any],
    said: str,
) -> None:
    signed = assertion(key, claims_of(oauth, org, clock, **change))
    answer = ask(running, grant_type=JWT, assertion=signed)
    assert (answer.status_code, answer.json()["error_description"]) == (400, said)
    assert answer.headers["cache-control"] == "no-store"


def test_an_assertion_that_somebody_else_signed_is_refused(
    running: RunningOrg, org: Org, clock: VirtualClock, oauth: OAuth, key: RSAPrivateKey
) -> None:
    claims = claims_of(oauth, org, clock)
    stranger = generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = assertion(key, claims, algorithm="none")
    for wrong in (assertion(stranger, claims), unsigned, "", "a.b.c", f"{unsigned}x", "é.é.é"):
        answer = ask(running, grant_type=JWT, assertion=wrong)
        assert answer.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_a_user_signs_in_by_password_if_it_is_right(running: RunningOrg, org: Org, oauth: OAuth) -> None:
    username = org.get("User", org.admin_id)["Username"]
    form = {
        "grant_type": "password",
        "client_id": oauth.app.client_id,
        "client_secret": oauth.app.client_secret,
        "username": username,
    }
    assert works(running, ask(running, **form, password=DEMO_PASSWORD).json()["access_token"])
    refused = ask(running, **form, password="wrong")
    assert (refused.status_code, refused.json()["error_description"]) == (400, "authentication failure")


def envelope(username: str, password: str) -> str:
    return (
        '<?xml version="1.0"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        f'<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{username}</n1:username>'
        f"<n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"
    )


def soap(running: RunningOrg, body: str, version: str = "59.0") -> httpx2.Response:
    return httpx2.post(
        f"{running.url}/services/Soap/u/{version}", content=body, headers={"Content-Type": "text/xml"}
    )


def between(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


def test_soap_login_gives_a_session_until_version_64(running: RunningOrg, org: Org) -> None:
    username = str(org.get("User", org.admin_id)["Username"])
    answer = soap(running, envelope(username, DEMO_PASSWORD)).text
    assert works(running, between(answer, "sessionId"))
    assert between(answer, "serverUrl").startswith(f"{running.url}/services/Soap/u/59.0/")
    assert between(answer, "organizationId") == org.id
    newest = soap(running, envelope(username, DEMO_PASSWORD), "65.0")
    assert (newest.status_code, between(newest.text, "sf:exceptionCode")) == (500, "UNSUPPORTED_API_VERSION")


def test_a_soap_login_that_is_wrong_is_a_fault(running: RunningOrg) -> None:
    wrong = soap(running, envelope("nobody", "x"))
    assert (wrong.status_code, between(wrong.text, "sf:exceptionCode")) == (500, "INVALID_LOGIN")
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    for body in ("", "<x", "no xml", entities, "<x/>"):
        assert soap(running, body).status_code == 500


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_an_app_learns_what_its_token_is_and_that_it_ended(
    running: RunningOrg, org: Org, oauth: OAuth, kind: str
) -> None:
    refresh = running.call(lambda: oauth.authorise(org.admin_id))
    access = running.call(lambda: oauth.open_session(org.admin_id, oauth.grants[refresh]))
    app = {"client_id": oauth.app.client_id, "client_secret": oauth.app.client_secret}

    def told(token: str) -> dict[str, Any]:
        answer: dict[str, Any] = httpx2.post(
            f"{running.url}/services/oauth2/introspect", data=app | {"token": token}
        ).json()
        return answer

    token = {"access_token": access, "refresh_token": refresh}[kind]
    assert told(token)["active"]
    assert told(token)["token_type"] == kind
    assert told(token)["scope"] == "refresh_token api"
    httpx2.post(f"{running.url}/services/oauth2/revoke", data={"token": refresh})
    assert told(token) == {"active": False}


@pytest.mark.parametrize("version", ["v31.0", "v44.0", "v59.0", "v68.0"])
def test_every_version_answers_whatever_the_slashes_and_the_case_of_names(
    running: RunningOrg, org: Org, version: str
) -> None:
    token = running.call(lambda: running.app.state.oauth.open_session(org.admin_id))
    headers = {"Authorization": f"Bearer {token}"}
    plain = f"/services/data/{version}/sobjects/tAsK/describe"
    for path in (plain, f"/{plain}", f"{plain}/", plain.replace("/sobjects", "//sobjects//")):
        answer = httpx2.get(running.url + path, headers=headers)
        assert answer.json()["name"] == "Task", path

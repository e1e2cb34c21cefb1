"""How a person allows an app: log-in, consent, code, PKCE; and how that ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from orgbox.clock import VirtualClock
from orgbox.faults import SIGN_IN_ANSWERS
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.http.codes import challenge_of
from orgbox.http.oauth import ClientApp
from orgbox.org import Org
from orgbox.server import RunningOrg

CALLBACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 64


@pytest.fixture
def running(org: Org) -> Iterator[RunningOrg]:
    with RunningOrg(org, callbacks=[CALLBACK]) as served:
        yield served


@pytest.fixture
def person(running: RunningOrg) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=running.url, trust_env=False) as client:
        yield client


def app_of(running: RunningOrg) -> ClientApp:
    app: ClientApp = running.app.state.oauth.app
    return app


def asked(running: RunningOrg, **more: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": app_of(running).client_id,
        "redirect_uri": CALLBACK,
        "scope": "api refresh_token",
        "state": "s1",
        "code_challenge": challenge_of(VERIFIER),
    } | more


def admin(org: Org) -> str:
    return str(org.get("User", org.admin_id)["Username"])


def authorize(person: httpx2.Client, **params: str) -> httpx2.Response:
    return person.get("/services/oauth2/authorize", params=params)


def log_in(person: httpx2.Client, org: Org, params: dict[str, str], password: str = DEMO_PASSWORD) -> Any:
    page = authorize(person, **params)
    wanted = re.search('name="startURL" value="([^"]*)"', page.text)
    assert wanted is not None, page.text
    start = wanted.group(1).replace("&amp;", "&")
    return person.post("/login", data={"startURL": start, "username": admin(org), "pw": password})


def allow(person: httpx2.Client, org: Org, params: dict[str, str], decision: str = "allow") -> dict[str, str]:
    """What comes back at the callback after log-in and decision."""
    log_in(person, org, params)
    done = person.post("/services/oauth2/authorize", data=params | {"decision": decision})
    return came_back(done)


def came_back(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    address = answer.headers["location"]
    assert address.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(address).query))


def redeem(running: RunningOrg, code: str, **more: str) -> httpx2.Response:
    app = app_of(running)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    } | more
    return httpx2.post(
        f"{running.url}/services/oauth2/token", data={name: value for name, value in form.items() if value}
    )


def test_log_in_consent_and_code_give_tokens(running: RunningOrg, person: httpx2.Client, org: Org) -> None:
    params = asked(running)
    back = allow(person, org, params)
    assert back["state"] == "s1"
    answer = redeem(running, back["code"]).json()
    assert answer.keys() == {
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert answer["id"] == f"{running.url}/id/{org.id}/{org.admin_id}"
    assert answer["scope"] == "api refresh_token"
    who = httpx2.get(answer["id"], headers={"Authorization": f"Bearer {answer['access_token']}"}).json()
    assert (who["organization_id"], who["username"]) == (org.id, admin(org))


def test_what_was_allowed_once_is_not_asked_again_until_it_is_taken_back(
    running: RunningOrg, person: httpx2.Client, org: Org
) -> None:
    params = asked(running)
    token = redeem(running, allow(person, org, params)["code"]).json()["refresh_token"]
    assert "code" in came_back(authorize(person, **params))
    assert "Allow access?" in authorize(person, **params, prompt="consent").text
    httpx2.post(f"{running.url}/services/oauth2/revoke", data={"token": token})
    assert "Allow access?" in authorize(person, **params).text


def test_a_wrong_password_stays_on_the_page_and_says_so(
    running: RunningOrg, person: httpx2.Client, org: Org
) -> None:
    page = log_in(person, org, asked(running), password="guess")
    assert "Please check your username and password" in page.text
    assert "set-cookie" not in page.headers


def test_the_log_in_goes_on_only_to_the_authorize_page(person: httpx2.Client) -> None:
    page = person.post("/login", data={"startURL": "https://evil.example/", "username": "x", "pw": "y"})
    assert page.status_code == 400


def test_a_denial_comes_back_with_the_state(running: RunningOrg, person: httpx2.Client, org: Org) -> None:
    back = allow(person, org, asked(running), decision="deny")
    assert back == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "s1",
    }


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "?"}, "invalid_client_id"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, "redirect_uri_missing"),
    ],
)
def test_an_address_nobody_registered_is_never_gone_to(
    running: RunningOrg, person: httpx2.Client, wrong: dict[str, str], error: str
) -> None:
    page = authorize(person, **(asked(running) | wrong))
    assert page.status_code == 400
    assert f"error={error}" in page.text
    assert "location" not in page.headers


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "api openid"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "immediate_unsuccessful"),
    ],
)
def test_other_mistakes_are_told_at_the_callback(
    running: RunningOrg, person: httpx2.Client, wrong: dict[str, str], error: str
) -> None:
    assert came_back(authorize(person, **(asked(running) | wrong)))["error"] == error


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"code": "made-up"}, "invalid_grant"),
    ],
)
def test_a_code_is_redeemed_only_by_whom_it_was_made_for(
    running: RunningOrg, person: httpx2.Client, org: Org, wrong: dict[str, str], error: str
) -> None:
    code = allow(person, org, asked(running))["code"]
    answer = redeem(running, **({"code": code} | wrong))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_code_works_once_and_for_fifteen_minutes(
    running: RunningOrg, person: httpx2.Client, org: Org, clock: VirtualClock
) -> None:
    params = asked(running)
    code = allow(person, org, params)["code"]
    assert redeem(running, code).status_code == 200
    assert redeem(running, code).json()["error"] == "invalid_grant"
    late = came_back(authorize(person, **params))["code"]
    clock.advance(15 * 60)
    assert redeem(running, late).json()["error_description"] == "expired authorization code"


def test_without_the_scope_there_is_no_refresh_token(
    running: RunningOrg, person: httpx2.Client, org: Org
) -> None:
    answer = redeem(running, allow(person, org, asked(running, scope="api"))["code"]).json()
    assert answer["scope"] == "api"
    assert "refresh_token" not in answer


def test_revoking_the_refresh_token_ends_its_sessions_too(
    running: RunningOrg, person: httpx2.Client, org: Org
) -> None:
    answer = redeem(running, allow(person, org, asked(running))["code"]).json()
    app = app_of(running)

    def active() -> bool:
        form = {
            "token": answer["access_token"],
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        return bool(httpx2.post(f"{running.url}/services/oauth2/introspect", data=form).json()["active"])

    assert active()
    token = {"token": answer["refresh_token"]}
    assert httpx2.get(f"{running.url}/services/oauth2/revoke", params=token).status_code == 200
    assert not active()
    again = httpx2.post(f"{running.url}/services/oauth2/revoke", data=token)
    assert (again.status_code, dict(parse_qsl(again.text))["error"]) == (400, "invalid_token")


def test_userinfo_and_identity_refuse_a_dead_token_in_plain_text(running: RunningOrg, org: Org) -> None:
    for path in ("/services/oauth2/userinfo", f"/id/{org.id}/{org.admin_id}"):
        answer = httpx2.get(running.url + path, headers={"Authorization": "Bearer dead"})
        assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")


def test_discovery_names_where_everything_is(running: RunningOrg) -> None:
    found = httpx2.get(f"{running.url}/.well-known/openid-configuration").json()
    assert found["authorization_endpoint"] == f"{running.url}/services/oauth2/authorize"
    assert found["revocation_endpoint"] == f"{running.url}/services/oauth2/revoke"


@pytest.mark.parametrize("name", SIGN_IN_ANSWERS)
def test_each_refusal_of_a_sign_in_can_be_had_by_name(
    running: RunningOrg, person: httpx2.Client, org: Org, name: str
) -> None:
    path, error, said = SIGN_IN_ANSWERS[name]
    httpx2.post(f"{running.url}/orgbox/faults", json={"name": name}).raise_for_status()
    if path.endswith("token"):
        told = redeem(running, "any").json()
    else:
        told = came_back(authorize(person, **asked(running)))
        assert told.pop("state") == "s1"
    assert told == {"error": error, "error_description": said}
    assert "Log in" in authorize(person, **asked(running)).text  # once, and not again


def test_a_person_logs_in_and_allows_in_a_browser(page: Page, running: RunningOrg, org: Org) -> None:
    page.goto(str(httpx2.URL(f"{running.url}/services/oauth2/authorize", params=asked(running))))
    expect(page.get_by_label("Username")).to_be_focused()
    assert Axe().run(page).violations_count == 0
    page.keyboard.type(admin(org))
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Allow access?")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    with page.expect_request(f"{CALLBACK}*") as back_at_the_app:
        page.get_by_role("button", name="Allow").click()
    told = dict(parse_qsl(urlsplit(back_at_the_app.value.url).query))
    assert redeem(running, told["code"]).status_code == 200

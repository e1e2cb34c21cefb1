"""Who may come in: tokens, their rotation, and sessions that end."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg


def ask(running: RunningOrg, **form: Any) -> httpx2.Response:
    return httpx2.post(f"{running.url}/services/oauth2/token", data=form)


def refresh(running: RunningOrg, token: str) -> httpx2.Response:
    client_id = running.app.state.oauth.app.client_id
    return ask(running, grant_type="refresh_token", refresh_token=token, client_id=client_id)


def limits(running: RunningOrg, token: str) -> httpx2.Response:
    return httpx2.get(
        f"{running.url}/services/data/v67.0/limits", headers={"Authorization": f"Bearer {token}"}
    )


def test_a_refresh_token_opens_a_session_again_and_again(running: RunningOrg, org: Org) -> None:
    token = running.call(lambda: running.app.state.oauth.authorise(org.admin_id))
    first, second = refresh(running, token).json(), refresh(running, token).json()
    assert first.keys() == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert first["instance_url"] == running.url
    assert first["id"] == f"{running.url}/id/{org.id}/{org.admin_id}"
    assert first["issued_at"] == str(int(org.clock.now().timestamp() * 1000))
    assert first["access_token"].startswith(f"{org.id[:15]}!")
    assert limits(running, first["access_token"]).status_code == 200
    assert limits(running, second["access_token"]).status_code == 200


def test_the_session_belongs_to_the_user_who_consented(running: RunningOrg, org: Org) -> None:
    values = {"LastName": "B", "Username": "b@x.example", "Email": "b@x.example"}
    user = running.call(lambda: org.insert("User", values))
    token = running.call(lambda: running.app.state.oauth.authorise(user))
    access = refresh(running, token).json()["access_token"]
    made = httpx2.post(
        f"{running.url}/services/data/v67.0/sobjects/Task",
        json={},
        headers={"Authorization": f"Bearer {access}"},
    ).json()["id"]
    assert org.get("Task", made)["OwnerId"] == org.get("Task", made)["CreatedById"] == user


def test_rotation_kills_the_old_token_and_a_replay_kills_them_all(org: Org) -> None:
    with RunningOrg(org, rotate_tokens=True) as running:
        old = running.call(lambda: running.app.state.oauth.authorise(org.admin_id))
        other = running.call(lambda: running.app.state.oauth.authorise(org.admin_id))
        answer = refresh(running, old).json()
        new, access = answer["refresh_token"], answer["access_token"]
        assert new != old
        assert limits(running, access).status_code == 200
        replay = refresh(running, old)
        assert (replay.status_code, replay.json()) == (
            400,
            {"error": "invalid_grant", "error_description": "expired access/refresh token"},
        )
        assert refresh(running, new).json()["error"] == "invalid_grant"
        assert limits(running, access).status_code == 401
        assert refresh(running, other).status_code == 200  # another consent lives on


def test_client_credentials_come_by_basic_or_in_the_form(running: RunningOrg, org: Org) -> None:
    app = running.app.state.oauth.app
    in_form = ask(
        running, grant_type="client_credentials", client_id=app.client_id, client_secret=app.client_secret
    )
    by_basic = httpx2.post(
        f"{running.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(app.client_id, app.client_secret),
    )
    for answer in (in_form.json(), by_basic.json()):
        assert "refresh_token" not in answer
        assert limits(running, answer["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_client_id"),
        ({"grant_type": "refresh_token", "client_id": "?"}, "invalid_client_id"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_id": "app"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "app"}, "invalid_client"),
        (
            {"grant_type": "client_credentials", "client_id": "app", "client_secret": "wrong"},
            "invalid_client",
        ),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_request_for_a_token_is_refused(
    running: RunningOrg, form: dict[str, str], error: str
) -> None:
    if form.get("client_id") == "app":
        form = form | {"client_id": running.app.state.oauth.app.client_id}
    answer = ask(running, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json().keys() == {"error", "error_description"}


def test_a_session_that_is_gone_answers_401_in_the_known_words(running: RunningOrg, org: Org) -> None:
    token = running.call(lambda: running.app.state.oauth.open_session(org.admin_id))
    httpx2.post(f"{running.url}/orgbox/sessions/expire")
    answer = limits(running, token)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert "sforce-limit-info" not in answer.headers
    odd = httpx2.get(f"{running.url}/services/data/v67.0/limits", headers={"Authorization": "Digest x"})
    assert (odd.status_code, odd.json()[0]["errorCode"]) == (401, "INVALID_AUTH_HEADER")
    assert httpx2.get(f"{running.url}/services/data/v67.0/limits").status_code == 401


def test_a_session_lives_two_hours_after_its_last_use(
    running: RunningOrg, org: Org, clock: VirtualClock
) -> None:
    token = running.call(lambda: running.app.state.oauth.open_session(org.admin_id))
    for _ in range(3):
        clock.advance(7_000)
        assert limits(running, token).status_code == 200
    clock.advance(7_201)
    assert limits(running, token).status_code == 401

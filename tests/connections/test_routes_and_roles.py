"""Who may ask for what: every address of the Salesforce page, for a stranger, a user and an admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from tandem.connections import urls
from tandem.connections.models import Connection, TeamApp
from tests.connections.trip import Office

APP = {"target": "production", "client_id": "crafted", "client_secret": "crafted"}
PAGE, FILE = (302, 200, 200), (302, 200, 200)
ELSEWHERE, FORBIDDEN, NO_SUCH = (302, 302, 302), (302, 403, 302), (302, 405, 405)

# Stranger, user, admin. A stranger is always sent to the sign-in.
TABLE = {
    ("GET", "/settings"): ELSEWHERE,
    ("GET", "/settings/salesforce"): PAGE,
    ("POST", "/settings/salesforce"): NO_SUCH,
    ("GET", "/settings/salesforce/app"): NO_SUCH,
    ("POST", "/settings/salesforce/app"): FORBIDDEN,
    ("GET", "/settings/salesforce/connect"): NO_SUCH,
    ("POST", "/settings/salesforce/connect"): PAGE,
    ("GET", "/settings/salesforce/callback"): ELSEWHERE,
    ("POST", "/settings/salesforce/callback"): NO_SUCH,
    ("GET", "/settings/salesforce/not-connected"): ELSEWHERE,
    ("POST", "/settings/salesforce/not-connected"): NO_SUCH,
    ("GET", "/settings/salesforce/disconnect"): PAGE,
    ("POST", "/settings/salesforce/disconnect"): ELSEWHERE,
    ("GET", "/settings/salesforce/check"): ELSEWHERE,
    ("POST", "/settings/salesforce/check"): PAGE,
    ("GET", "/settings/salesforce/key-fields.zip"): FILE,
    ("GET", "/settings/salesforce/sales-fields.zip"): FILE,
    ("POST", "/settings/salesforce/key-fields.zip"): NO_SUCH,
    ("GET", "/settings/salesforce/other-fields.zip"): (302, 404, 404),
}


def test_the_table_names_every_address() -> None:
    named = {get_resolver().resolve(path).url_name for _, path in TABLE}
    assert named == {pattern.name for pattern in urls.urlpatterns}


@pytest.mark.parametrize("role", [0, 1, 2], ids=["stranger", "user", "admin"])
@pytest.mark.parametrize(("method", "path"), TABLE, ids=" ".join)
def test_every_address_for_every_role(office: Office, method: str, path: str, role: int) -> None:
    client = Client()
    if role:
        member = (office.user, office.admin)[role - 1]
        office.connect(member)
        client.force_login(member)
    answer = client.generic(method, path) if method == "GET" else client.post(path, APP)
    assert answer.status_code == TABLE[method, path][role]
    if not role:
        assert answer["Location"].startswith("/sign-in?next=")
    elif answer.status_code == 200:
        assert "no-store" in answer.get("Cache-Control", "no-store" if path.endswith(".zip") else "")


def test_a_post_without_its_token_is_refused(office: Office) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.admin)
    for method, path in TABLE:
        if method == "POST" and TABLE[method, path] != NO_SUCH:
            assert client.post(path, APP).status_code == 403, path


def test_a_user_who_crafts_an_admins_request_changes_nothing(office: Office) -> None:
    before = TeamApp.objects.values().get()
    assert office.browser(office.user).post("/settings/salesforce/app", APP).status_code == 403
    assert TeamApp.objects.values().get() == before


def test_a_user_sees_nothing_of_the_teams_app(office: Office) -> None:
    page = office.browser(office.user).get("/settings/salesforce").content.decode()
    assert "Admin Settings" not in page
    assert "My Account" in page
    assert office.running.app.state.oauth.app.client_id not in page
    assert "Consumer secret" not in page


def test_an_admin_sees_admin_settings_and_never_the_secret(office: Office) -> None:
    page = office.browser(office.admin).get("/settings/salesforce").content.decode()
    assert "Admin Settings" in page
    assert page.index("Admin Settings") < page.index('href="/settings/salesforce"')
    assert office.running.app.state.oauth.app.client_id in page
    assert office.running.app.state.oauth.app.client_secret not in page


def test_nobody_sees_or_ends_a_colleagues_connection(office: Office) -> None:
    office.connect(office.admin)
    mine = Connection.objects.get()
    ben = office.browser(office.user)
    crafted = {"connection": mine.pk, "id": mine.pk, "member": office.admin.pk, "email": office.admin.email}
    for method, path in TABLE:
        answer = ben.get(path, crafted) if method == "GET" else ben.post(path, crafted | APP)
        assert office.admin.email.encode() not in answer.content, path
    after = Connection.objects.get()
    assert (after.pk, after.state, after.refresh_token) == (mine.pk, "connected", mine.refresh_token)
    assert office.grants() == [mine.refresh_token]

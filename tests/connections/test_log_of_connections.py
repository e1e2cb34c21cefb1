"""Connections and the team's app in the log of changes: who, when, before, after, and never a secret."""

from __future__ import annotations

from typing import Any

import pytest

from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.audit.models import Change
from tandem.connections import services
from tandem.connections.models import Connection
from tests.connections.trip import CALLBACK, Office
from tests.sync.desk import KEY_FIELD, START


def told(section: str) -> list[tuple[str, Any, Any, Any]]:
    """Who, whose, before, after; the oldest first, without what setting the office up has left."""
    return [
        (str(change.by), change.member and change.member.name, change.before, change.after)
        for change in Change.objects.filter(section=section).select_related("by", "member").order_by("pk")
    ]


def test_connecting_connecting_again_and_disconnecting_are_told(office: Office) -> None:
    browser = office.browser(office.user)
    office.connect(office.user, browser)
    Connection.objects.update(state="reconnect")
    office.connect(office.user, browser)
    browser.post("/settings/salesforce/disconnect")
    first = {"state": "connected", "org": "Orgbox", "user": "ben@tandem.example", "sign_in": 1}
    second = {**first, "sign_in": 2}
    assert told("connection") == [
        ("Ben Visser", "Ben Visser", None, first),
        ("Ben Visser", "Ben Visser", {**first, "state": "reconnect"}, second),
        ("Ben Visser", "Ben Visser", second, {**second, "state": "disconnected"}),
    ]
    assert [change.at for change in Change.objects.filter(section="connection")] == [START] * 3


def test_another_org_ends_the_first_connection_and_both_are_told(office: Office) -> None:
    office.connect(office.user)
    with RunningOrg(Org(office.clock, seed=9, task_fields=[KEY_FIELD]), callbacks=[CALLBACK]) as other:
        office.hire(office.user, other)
        office.use(other)
        office.connect(office.user)
    states = [after["state"] for *_, after in told("connection")]
    assert states == ["connected", "connected", "disconnected"]


def test_a_sign_in_that_is_a_colleagues_is_refused_and_told_with_the_name_that_was_tried(
    office: Office,
) -> None:
    office.connect(office.admin)
    office.connect(office.user, username=office.admin.email)
    *_, (by, of, before, after) = told("connection")
    assert (by, of, before) == ("Ben Visser", "Ben Visser", None)
    assert after == {"refused": "taken", "tried": "anna@tandem.example"}


def test_another_user_of_the_same_org_is_refused_and_told(office: Office) -> None:
    office.connect(office.user)
    office.connect(office.user, username=office.admin.email)
    *_, (_by, _of, before, after) = told("connection")
    assert after == {**before, "refused": "ANOTHER_USER", "tried": "anna@tandem.example"}
    assert Connection.objects.get().state == "connected"


def test_the_teams_connection_is_told_as_set_at_the_command_line(office: Office) -> None:
    office.connect(office.admin)
    services.read_for_team(office.connection(office.admin))
    assert told("connection")[-1] == ("None", None, None, {"carrier": "Anna Bos"})


def test_what_is_changed_of_the_app_is_told_and_of_its_secret_only_that_it_is_another(office: Office) -> None:
    Change.objects.filter(section="app")
    app = {"target": "production", "my_domain": "", "client_id": "one"}
    browser = office.browser(office.admin)
    for secret in ("first-secret", "", "second-secret"):
        browser.post("/settings/salesforce/app", {**app, "client_secret": secret})
    *_, new, replaced = told("app")  # the empty one changed nothing
    assert new[0] == "Anna Bos"
    assert (new[2]["client_id"], new[3]["client_id"]) == (office.running.app.state.oauth.app.client_id, "one")
    assert new[3]["client_secret"] == "replaced"
    assert (replaced[2]["client_secret"], replaced[3]["client_secret"]) == ("set", "replaced")
    page = browser.get("/settings/audit").content.decode()
    assert "secret-" not in page
    assert "first-secret" not in page + str(told("app"))
    assert "another one" in page


@pytest.mark.parametrize(("language", "words"), [("en", "asks to be connected again"), ("nl", "opnieuw")])
def test_the_page_says_it_in_the_readers_words(office: Office, language: str, words: str) -> None:
    office.connect(office.user)
    Connection.objects.update(state="reconnect")
    office.connect(office.user)
    type(office.admin).objects.update(language=language)
    page = office.browser(office.admin).get("/settings/audit").content.decode()
    assert words in page
    assert "ben@tandem.example" in page
    assert office.browser(office.user).get("/settings/audit").status_code == 403

"""jsforce, unmodified, on plain http: logging in, records one and many, queries, Bulk 1 and 2, descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from orgbox.clock import RealClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.contract import node
from tests.contract.table import documented
from tests.orgbox.box import KEY


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, str]]:
    """What became of each command."""
    node.node_modules()
    org = Org(RealClock(), seed=6, task_fields=[KEY])
    with RunningOrg(org) as running:
        oauth = running.app.state.oauth
        given = {
            "url": running.url,
            "token": running.call(lambda: oauth.open_session(org.admin_id)),
            "clientId": oauth.app.client_id,
            "clientSecret": oauth.app.client_secret,
            "refreshToken": running.call(lambda: oauth.authorise(org.admin_id)),
            "username": org.get("User", org.admin_id)["Username"],
            "password": DEMO_PASSWORD,
        }
        yield json.loads(node.run("jsforce_session.cjs", json.dumps(given)))


@pytest.mark.parametrize("command", documented("jsforce"))
def test_jsforce_takes_the_box_for_an_org(told: dict[str, str], command: str) -> None:
    assert told.pop(command) == "passed"


def test_every_command_that_was_tried_is_documented(told: dict[str, str]) -> None:
    assert told == {}

"""A contract test leaves a real org as it found it, and keeps out of one that people work in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.server import RunningOrg
from orgbox.state import Change
from tests.contract.asked import LeftBehind, NotToBeAsked, check, real

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TASK = {"attributes": {"type": "Task"}, "Subject": "x"}


@pytest.fixture
def served() -> Iterator[Callable[..., tuple[RunningOrg, str]]]:
    """Starts an org as if it were a real one: it, and a session there."""
    open_now: list[RunningOrg] = []

    def serve(**how: Any) -> tuple[RunningOrg, str]:
        running = RunningOrg(Org(VirtualClock(START), seed=9, **how))
        running.__enter__()
        open_now.append(running)
        return running, running.call(lambda: running.app.state.oauth.open_session(running.org.admin_id))

    yield serve
    for running in open_now:
        running.__exit__(None, None, None)


def live(org: Org) -> list[str]:
    """The ids of all records that a person could find."""
    sobjects = ("Account", "Contact", "Lead", "Task")
    return [row["Id"] for sobject in sobjects for row in org.scan(sobject)]


def test_what_was_made_by_any_way_is_gone_afterwards_even_when_a_test_fails(served: Any) -> None:
    running, token = served()
    own = running.call(lambda: running.org.insert("Task", {"Subject": "somebody's own"}))
    sub = {"method": "POST", "url": "/services/data/v62.0/sobjects/Task", "referenceId": "a", "body": {}}
    tree = {"records": [{"attributes": {"type": "Account", "referenceId": "a"}, "Name": "A"}]}
    person = running.call(
        lambda: running.org.insert("Contact", {"LastName": "Own", "Email": "own@x.example"})
    )

    def fails() -> None:
        with real(running.url, token) as asked:
            contact = asked.make("Contact", LastName="C")
            asked.make("Task", WhoId=contact)
            asked.send("POST", "/composite/sobjects", json={"records": [TASK, TASK | {"Nope__c": 1}]})
            asked.send("POST", "/composite", json={"compositeRequest": [sub]})
            asked.send("POST", "/composite/tree/Account", json=tree)
            for email in ("new@x.example", "own@x.example"):
                asked.send("PATCH", f"/sobjects/Contact/Email/{email}", json={"LastName": "New"})
            assert len(live(running.org)) == 8
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert live(running.org) == [person, own]


def test_what_cannot_be_deleted_is_named(served: Any) -> None:
    def never(change: Change) -> None:
        if change.operation == "delete":
            raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Nobody deletes here")

    running, token = served()
    running.call(lambda: running.org.triggers.append(never))
    task = ""
    with pytest.raises(LeftBehind, match="Nobody deletes here") as left, real(running.url, token) as asked:
        task = asked.make("Task", Subject="x")
    assert task in str(left.value)


def test_an_org_that_people_work_in_is_not_asked(served: Any) -> None:
    running, token = served(edition="Enterprise Edition", name="Acme")
    with (
        real(running.url, token) as asked,
        pytest.raises(NotToBeAsked, match="Acme is a Enterprise Edition org"),
    ):
        check(asked)
    running, token = served()
    with real(running.url, token) as asked:
        assert "deleted again" in check(asked)
        assert asked.made == {}


@pytest.mark.parametrize(
    ("url", "token"), [("http://x.my.salesforce.com", "t"), ("https://x.my.salesforce.com", "")]
)
def test_no_session_goes_out_in_the_clear_and_none_is_made_up(url: str, token: str) -> None:
    with pytest.raises(NotToBeAsked, match="Nothing was sent"), real(url, token):
        pass


def test_a_session_that_the_org_does_not_know_ends_it(served: Any) -> None:
    running, _ = served()
    with real(running.url, "nonsense") as asked, pytest.raises(NotToBeAsked, match="401"):
        check(asked)

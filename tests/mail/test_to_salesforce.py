"""From a real mail server to Salesforce: whatever way an email is seen, it is one activity there, and so is each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.accounts.models import Member
from tandem.api import services as api
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.sync_settings import services as settings
from tests.activities.office import REPLIED, STATUS
from tests.mail.conftest import Door, Office
from tests.mail.servers import GHOST, eventually
from tests.mail.test_relay import WRITTEN
from tests.mail.test_there_and_back import answer
from tests.sync.desk import KEY_FIELD

JAN, JAN_AT_HOME = "jan@veldkamp.example", "j.devries@home.example"


class Selling:
    """Anna's Tandem between her real mail servers and her org."""

    def __init__(self, office: Office, running: RunningOrg, connection: Connection) -> None:
        self.office, self.running, self.connection = office, running, connection

    def lead(self, address: str) -> str:
        made = {"LastName": "de Vries", "Company": "Veldkamp", "Email": address}
        return str(self.running.call(lambda: self.running.org.insert("Lead", made)))

    def round(self) -> None:
        assert wiring.run(self.connection.org_id) is not None

    def tasks(self) -> list[dict[str, Any]]:
        return self.running.call(lambda: [dict(task) for task in self.running.org.scan("Task")])


@pytest.fixture
def selling(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Selling]:
    """Anna, an admin, connected; her emails and the answers to them are logged."""
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    Member.objects.filter(pk=office.anna.pk).update(role="admin")
    office.anna.refresh_from_db()
    org = Org(RealClock(), seed=1, task_fields=[KEY_FIELD, STATUS, REPLIED])
    with RunningOrg(org) as running:
        made = {"LastName": "Bos", "Username": "anna@org.example", "Email": "anna@org.example"}
        user = running.call(lambda: org.insert("User", made))
        oauth = running.app.state.oauth
        token = running.call(lambda: oauth.authorise(user))
        there = connections.connect(
            office.anna, running.url, oauth.app.client_id, oauth.app.client_secret, token
        )
        settings.save_email_api(office.anna, {"emails": True, "replies": True})
        yield Selling(office, running, there)


def test_the_same_email_by_relay_by_sent_folder_and_by_api_is_one_activity(
    door: Door, selling: Selling
) -> None:
    lead, secret = selling.lead(JAN), api.make_token(selling.office.anna, "a tool").secret
    told = {"content_type": "message/rfc822", "HTTP_AUTHORIZATION": f"Bearer {secret}"}
    with door.client() as client:
        client.sendmail("anna@acme.example", [JAN], WRITTEN)
    selling.round()
    selling.office.world.file_away("anna@acme.example", "Sent", WRITTEN)
    selling.office.look()
    selling.round()
    answered = Client().post("/api/v1/emails", WRITTEN, **told)
    assert answered.status_code == 200, "known already"
    selling.round()
    (task,) = selling.tasks()
    assert (task["WhoId"], task["Subject"]) == (lead, "Café")
    said = Client().get(
        f"/api/v1/emails/{answered.json()['id']}", HTTP_AUTHORIZATION=told["HTTP_AUTHORIZATION"]
    )
    assert [place["task"] for place in said.json()["salesforce"]["logged_on"]] == [task["Id"]]


def test_a_reply_from_another_address_and_a_bounce_reach_the_records_of_the_email(selling: Selling) -> None:
    lead, ghost = selling.lead(JAN), selling.lead(GHOST)
    office = selling.office
    office.send(to=f"{JAN}, {GHOST}", subject="Voorstel: 100 % café €5")
    selling.round()
    assert {task["WhoId"] for task in selling.tasks()} == {lead, ghost}
    office.arrived("anna@acme.example")  # the bounce
    office.world.deliver(JAN_AT_HOME, "anna@acme.example", answer(office.arrived(JAN), JAN_AT_HOME, "Prima!"))
    eventually(lambda: len(office.world.inbox("anna@acme.example")) == 2, "the bounce and the answer")
    office.look()
    selling.round()
    by_subject: dict[str, list[dict[str, Any]]] = {}
    for task in selling.tasks():
        by_subject.setdefault(task["Subject"], []).append(task)
    sent, replies = by_subject["Voorstel: 100 % café €5"], by_subject["Reply: Voorstel: 100 % café €5"]
    assert [(task[STATUS.name], task[REPLIED.name]) for task in sent] == [("bounced", True)] * 2
    assert {task["WhoId"] for task in replies} == {lead, ghost}
    assert all("Prima!" in task["Description"] for task in replies)
    selling.round()
    assert len(selling.tasks()) == 4

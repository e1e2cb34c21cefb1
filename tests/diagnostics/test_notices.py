"""Who is told by mail that something needs them: once for each cause, never a flood, in their own language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from tandem.accounts import mail as accounts_mail
from tandem.accounts.errors import MailNotSent
from tandem.accounts.models import Member
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.diagnostics import notices
from tandem.diagnostics.models import Notice
from tandem.sync import cures
from tandem.sync.models import Link
from tests.activities.office import Office, open_office
from tests.sync.desk import Desk

RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, an admin, and Ben, a user; their tasks are synced."""
    with open_office(monkeypatch) as office:
        desk = office.desk
        desk.join("ben")
        for name in ("anna", "ben"):
            desk.switch_on(name)
        desk.settle()
        yield desk


def refuse(desk: Desk, *names: str, owner: str = "anna", code: str = RULE) -> None:
    """Tasks that Salesforce refuses."""
    desk.fault(code, at="row", path="Task", times=None)
    for name in names:
        desk.create(name, owner=owner)
    desk.round()


def later(desk: Desk, **span: float) -> None:
    """Time goes by, with a round a minute for the next three."""
    desk.wait(**span)
    for _ in range(3):
        desk.wait(minutes=1)
        desk.round()


def told(to: str = "anna") -> list[Any]:
    return [message for message in mail.outbox if message.to == [f"{to}@tandem.example"]]


def test_a_hundred_refusals_of_one_cause_are_one_mail(desk: Desk) -> None:
    refuse(desk, *(f"Call {n}" for n in range(100)))
    later(desk)
    (message,) = told()
    assert message.subject == "Tandem: 1 thing needs you"
    assert "A validation rule of your org does not allow this. (100 items)" in message.body
    assert RULE in message.body
    assert told("ben") == []
    later(desk, days=3)
    assert len(told()) == 1, "not again while it lasts"


def test_a_second_cause_waits_for_an_hour_and_then_comes_alone(desk: Desk) -> None:
    refuse(desk, "one")
    later(desk)
    desk.cure()
    refuse(desk, "two", code="REQUIRED_FIELD_MISSING")
    later(desk, minutes=10)
    assert len(told()) == 1
    later(desk, minutes=60)
    assert len(told()) == 2
    assert "REQUIRED_FIELD_MISSING" in told()[1].body
    assert RULE not in told()[1].body


def test_what_was_cured_and_comes_back_is_told_again(desk: Desk) -> None:
    refuse(desk, "one")
    later(desk)
    desk.cure()
    cures.retry_links(Link.objects.all())
    later(desk, hours=2)
    assert not Notice.objects.exists()
    refuse(desk, "two")
    later(desk)
    assert len(told()) == 2


def test_what_passes_within_two_minutes_and_what_is_skipped_is_told_to_nobody(desk: Desk) -> None:
    refuse(desk, "one")
    for link in Link.objects.filter(parked=True):
        cures.skip(link)
    later(desk, hours=1)
    desk.cure()
    refuse(desk, "two")
    desk.cure()
    cures.retry_links(Link.objects.filter(parked=True, skipped_rev=None))
    later(desk, hours=1)
    assert mail.outbox == []


def test_each_is_told_of_their_own_in_their_own_language(desk: Desk, settings: Any) -> None:
    settings.ADDRESS = "https://tandem.example"
    Member.objects.filter(email="ben@tandem.example").update(language="nl")
    refuse(desk, "Anna's", owner="anna")
    refuse(desk, "Ben's secret", owner="ben")
    later(desk)
    (bens,) = told("ben")
    assert bens.subject == "Tandem: 1 ding vraagt je aandacht"
    assert "Een validatieregel van je org" in bens.body
    assert "https://tandem.example/settings/diagnostics" in bens.body
    assert "Ben's secret" not in bens.body, "a mail may be read by others"
    assert len(told("anna")) == 1


def test_a_lost_connection_is_told_at_once_and_once_and_its_next_loss_again(desk: Desk) -> None:
    desk.fault("INVALID_GRANT", at="sign_in", times=None)
    _expire(desk)
    desk.create("Waits", owner="ben")
    desk.round()
    later(desk, hours=3)
    (message,) = told("ben")
    assert message.subject == "Tandem is no longer connected to Salesforce"
    assert "Nothing is lost" in message.body
    desk.cure()
    held = Connection.with_secrets.get(pk=desk.connections["ben"].pk)
    token = desk.running.call(lambda: desk.running.app.state.oauth.authorise(held.user))
    app = desk.running.app.state.oauth.app
    connections.connect(held.member, desk.running.url, app.client_id, app.client_secret, token)
    desk.round()
    assert not Notice.objects.filter(member=held.member).exists()
    Connection.objects.filter(pk=held.pk).update(
        state=Connection.State.RECONNECT, trouble_code="EXPIRED_ACCESS"
    )
    desk.round()
    assert len(told("ben")) == 2


def _expire(desk: Desk) -> None:
    Connection.objects.filter(pk=desk.connections["ben"].pk).update(
        state=Connection.State.RECONNECT, trouble_code="INVALID_GRANT", trouble_text="ip restricted"
    )


def test_what_is_nobodys_own_is_told_to_admins(desk: Desk) -> None:
    from tandem.people import services as people

    office = Office(desk)
    office.lead("lena@lam.example")
    desk.fault("INSUFFICIENT_ACCESS_OR_READONLY", at="row", method="UPDATE", path="Lead", times=None)
    people.unsubscribe(desk.member("ben"), "lena@lam.example")
    desk.round()
    later(desk)
    assert "INSUFFICIENT_ACCESS_OR_READONLY" in told("anna")[0].body
    assert told("ben") == []


def test_a_mail_server_that_refuses_is_tried_again_a_quarter_of_an_hour_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_message: Any) -> None:
        raise MailNotSent

    refuse(desk, "one")
    with monkeypatch.context() as down:
        down.setattr(accounts_mail, "send", refuses)
        later(desk)
    assert mail.outbox == []
    later(desk, minutes=5)
    assert mail.outbox == []
    later(desk, minutes=15)
    assert len(told()) == 1


def test_a_worker_that_dies_while_it_mails_leaves_it_owed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_message: Any) -> None:
        raise SystemExit

    refuse(desk, "one")
    desk.wait(minutes=3)
    with monkeypatch.context() as dying:
        dying.setattr(accounts_mail, "send", dies)
        with pytest.raises(SystemExit):
            notices.tell()
    notices.tell()
    assert mail.outbox == [], "another may be at it still"
    later(desk, minutes=20)
    assert len(told()) == 1


def test_of_two_processes_one_mails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(desk, "one")
    desk.wait(minutes=3)
    sent = accounts_mail.send

    def and_meanwhile(message: Any) -> None:
        with monkeypatch.context() as once:
            once.setattr(accounts_mail, "send", sent)
            notices.tell()
        sent(message)

    monkeypatch.setattr(accounts_mail, "send", and_meanwhile)
    notices.tell()
    assert len(told()) == 1


def test_a_member_who_left_is_told_nothing(desk: Desk) -> None:
    refuse(desk, "one", owner="ben")
    with transaction.atomic():
        Member.objects.filter(email="ben@tandem.example").update(is_active=False)
    later(desk)
    assert told("ben") == []

"""The second envelope: who gets one, and what a worker that dies, a refusal or a bounce leaves behind. Never touches the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tandem.accounts.models import Member
from tandem.emails import outbox, second_envelope, second_sending, sending, services
from tandem.emails.errors import NotNow
from tandem.emails.models import Email, MailAccount, SecondEnvelope, Source
from tandem.emails.second_rules import (
    AFTER_REFUSAL,
    BOUNCES_WITHIN,
    KEPT_FOR,
    again_at,
    goes_twice,
    is_salesforce,
    reason_of,
    sentence,
)
from tandem.emails.values import checked
from tests.emails.conftest import NOW, Server

BCC = "emailtosalesforce@k7s9.1v-2eai.eu9.le.salesforce.com"
WAYS = ("composed", "relay")


@pytest.fixture
def email(member: Member, account: MailAccount, server: Server, clock: time_machine.Coordinates) -> Email:
    """An email of Anna's that is out; its copy is owed."""
    second_envelope.send_copies(member, BCC)
    made = services.send_soon(services.draft(member, checked(to="jan@veldkamp.example", subject="Proposal")))
    clock.shift(timedelta(seconds=11))
    sending.send(made.pk)
    server.taken.clear()
    return Email.objects.get(pk=made.pk)


def now() -> Any:
    from tandem import clock

    return clock.now()


def work(clock: time_machine.Coordinates, minutes: float = 0) -> SecondEnvelope:
    """Time passes, and a worker does what is due."""
    clock.shift(timedelta(minutes=minutes))
    for due in second_envelope.due(now()):
        second_sending.send(due)
    return SecondEnvelope.objects.get()


def claimed(email: Email, token: str = "dead") -> SecondEnvelope:
    found = second_envelope.claim(email.pk, token, now() + sending.LEASE)
    assert found is not None
    return found


# --- the decisions alone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "way", "log", "address", "twice"),
    [
        ("sent", "composed", True, BCC, True),
        ("sent", "relay", True, BCC, True),
        ("sent", "api", True, BCC, False),
        ("sent", "sent-folder", True, BCC, False),
        ("reply", "inbox", True, BCC, False),
        ("sent", "composed", False, BCC, False),
        ("sent", "composed", True, "", False),
    ],
)
def test_who_gets_a_second_envelope(kind: str, way: str, log: bool, address: str, twice: bool) -> None:
    assert goes_twice(kind=kind, way=way, log=log, address=address, ways=WAYS) is twice


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.7.1 The sender anna@acme.example is not authorized", "sender"),
        ("host le.salesforce.com said: 550 5.1.1 <x>: there is no such address", "address"),
        ("550 5.7.1 Email to Salesforce is not active in this organization", "inactive"),
        ("550 5.7.26 The sending server is not verified for acme.example", "unverified"),
        ("552 5.3.4 The attachments are larger than 25 MB together", "size"),
        ("554 go away", "other"),
    ],
)
def test_each_refusal_says_what_to_do_and_that_the_email_itself_arrived(words: str, reason: Any) -> None:
    assert reason_of(words) == reason
    said = sentence(reason, "anna@acme.example")
    assert "It reached everybody it was written to" in said
    assert ("My Acceptable Email Addresses" in said) == (reason == "sender")


def test_a_lasting_refusal_waits_longer_each_time_and_then_for_a_person() -> None:
    waits = [again_at(attempts=0, refusals=n, lasting=True, now=NOW) for n in range(len(AFTER_REFUSAL) + 1)]
    assert waits == [*(NOW + wait for wait in AFTER_REFUSAL), None]
    assert again_at(attempts=3, refusals=4, lasting=False, now=NOW) == NOW + timedelta(minutes=8)


def test_a_bounce_of_an_address_that_was_changed_since_is_still_salesforces() -> None:
    assert is_salesforce("EmailToSalesforce@old.1v-2eai.le.salesforce.com")
    assert not is_salesforce("jan@salesforce.com")


# --- owed with the first -------------------------------------------------------------------------------------------------


def test_it_is_owed_in_the_transaction_that_notes_the_first_as_accepted(
    member: Member,
    account: MailAccount,
    clock: time_machine.Coordinates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_envelope.send_copies(member, BCC)
    made = services.send_soon(services.draft(member, checked(to="jan@veldkamp.example", subject="Proposal")))
    clock.shift(timedelta(seconds=11))
    first = outbox.claim(made.pk, "worker", now() + sending.LEASE)
    assert first is not None
    assert outbox.hand_over(first)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "news", lambda _email: 1 // 0)
        with pytest.raises(ZeroDivisionError):  # it dies before the commit
            outbox.delivered(first)
    assert not SecondEnvelope.objects.exists()
    assert Email.objects.get().state == "sending"
    outbox.delivered(first)
    assert SecondEnvelope.objects.get().state == "owed"
    assert Source.objects.exists()
    outbox.delivered(first)
    assert SecondEnvelope.objects.count() == 1


def test_a_private_email_goes_once_and_its_bytes_are_not_kept(
    member: Member, account: MailAccount, server: Server, clock: time_machine.Coordinates
) -> None:
    second_envelope.send_copies(member, BCC)
    draft = services.draft(member, checked(to="jan@veldkamp.example", subject="Private", log=False))
    services.send_soon(draft)
    clock.shift(timedelta(seconds=11))
    sending.send(draft.pk)
    assert len(server.taken) == 1
    assert not SecondEnvelope.objects.exists()
    assert not Source.objects.exists()


def test_it_goes_out_once_and_its_bytes_stay_as_long_as_a_bounce_may_come(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    content = bytes(email.source.content)
    assert work(clock).state == "sent"
    work(clock, minutes=60)
    (taken,) = server.taken
    assert (taken.mail_from, taken.rcpt_tos) == ("anna@acme.example", [BCC])
    assert taken.original_content == content
    assert Source.objects.exists()
    clock.shift(BOUNCES_WITHIN)
    second_envelope.forget()
    assert not Source.objects.exists()


def test_once_salesforce_has_it_its_bytes_go_at_once(email: Email, clock: time_machine.Coordinates) -> None:
    work(clock)
    second_envelope.arrived([email.pk])
    assert not Source.objects.exists()
    with pytest.raises(NotNow):
        second_envelope.try_again(email)


# --- crashes ------------------------------------------------------------------------------------------------------------


def test_a_worker_that_dies_before_the_hand_over_is_replaced_and_it_goes_out_once(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    claimed(email)
    assert work(clock, minutes=14).state == "owed"
    assert work(clock, minutes=2).state == "sent"
    assert len(server.taken) == 1


def test_a_worker_that_dies_after_the_hand_over_leaves_it_in_doubt_and_it_is_not_sent_again_by_itself(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    assert second_envelope.hand_over(claimed(email))
    assert work(clock, minutes=16).state == "doubt"
    assert work(clock, minutes=600).state == "doubt"
    assert server.taken == []


def test_one_in_doubt_is_settled_by_what_salesforce_has(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    server.hangs_up = True
    assert work(clock).state == "doubt"
    server.hangs_up = False
    second_envelope.never_arrived([email.pk])
    assert work(clock).state == "sent"
    second_envelope.never_arrived([email.pk])
    assert work(clock, minutes=9).state == "sent", "only a doubt is settled so"
    assert len(server.taken) == 2


def test_one_in_doubt_that_salesforce_has_is_sent(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    server.hangs_up = True
    work(clock)
    second_envelope.arrived([email.pk])
    assert work(clock, minutes=9).state == "sent"
    assert len(server.taken) == 1


def test_a_late_yes_still_counts_and_a_worker_that_was_replaced_hands_nothing_over(
    email: Email, clock: time_machine.Coordinates
) -> None:
    slow = claimed(email, "slow")
    assert second_envelope.hand_over(slow)
    assert work(clock, minutes=16).state == "doubt"
    second_envelope.sent(slow)
    assert work(clock).state == "sent"
    assert not second_envelope.hand_over(slow)


def test_of_two_workers_one_gets_it(email: Email) -> None:
    claimed(email)
    assert second_envelope.claim(email.pk, "other", now() + sending.LEASE) is None


# --- refusals -----------------------------------------------------------------------------------------------------------


def test_a_passing_trouble_is_tried_again_in_a_minute(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    server.rcpt[BCC] = "451 4.7.1 later"
    assert (work(clock).state, SecondEnvelope.objects.get().attempts) == ("owed", 1)
    server.rcpt.clear()
    assert work(clock, minutes=0.5).state == "owed"
    assert work(clock, minutes=0.6).state == "sent"


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_refused_sender_is_told_to_add_the_address_and_tried_until_a_person_is_needed(
    email: Email, server: Server, clock: time_machine.Coordinates, where: str
) -> None:
    said = "550 5.7.1 The sender is not authorized"
    if where == "rcpt":
        server.rcpt[BCC] = said
    else:
        server.data = said
    waiting = work(clock)
    assert (waiting.state, waiting.said) == ("owed", said)
    assert "add anna@acme.example to “My Acceptable Email Addresses”" in waiting.trouble
    for wait in AFTER_REFUSAL:
        waiting = work(clock, minutes=wait.total_seconds() / 60)
    assert (waiting.state, waiting.refusals) == ("failed", 5)
    server.rcpt, server.data = {}, "250 OK"
    second_envelope.try_again(email)
    assert work(clock).state == "sent"
    email.refresh_from_db()
    assert (email.state, email.trouble) == ("delivered", "")


def test_a_bounce_marks_the_copy_and_not_whom_the_email_was_written_to(
    email: Email, clock: time_machine.Coordinates
) -> None:
    work(clock)
    services.bounced(email.message_id, BCC.upper(), "550 5.1.1 no such address")
    waiting = SecondEnvelope.objects.get()
    assert (waiting.state, waiting.refusals, waiting.not_before) == ("owed", 1, now() + AFTER_REFUSAL[0])
    email.refresh_from_db()
    assert email.state == "delivered"
    assert not email.recipients.exclude(bounced="").exists()
    services.bounced(email.message_id, "jan@veldkamp.example", "550 gone")
    email.refresh_from_db()
    assert email.state == "bounced"


def test_a_bounce_after_the_bytes_are_gone_is_shown_and_not_retried(
    email: Email, clock: time_machine.Coordinates
) -> None:
    work(clock)
    clock.shift(KEPT_FOR)
    second_envelope.forget()
    services.bounced(email.message_id, BCC, "554 expired")
    assert SecondEnvelope.objects.get().state == "failed"


def test_an_account_that_was_forgotten_is_told(email: Email, clock: time_machine.Coordinates) -> None:
    MailAccount.objects.all().delete()
    assert "no mail account any more" in work(clock).trouble


def test_deactivated_while_a_worker_has_it_nothing_is_handed_over(
    member: Member, email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    late = claimed(email)
    second_envelope.stop_copies(member)
    assert not second_envelope.hand_over(late)
    second_envelope.send_copies(member, BCC)
    assert work(clock, minutes=60).state == "off"
    with pytest.raises(NotNow):
        second_envelope.try_again(email)
    assert server.taken == []

"""An email goes out once: in its time, by one worker, and never twice when something breaks."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections

from tandem.accounts.models import Member
from tandem.emails import outbox, sending, services, troubles
from tandem.emails.errors import InvalidDraft, NotNow
from tandem.emails.models import Email, MailAccount
from tandem.emails.troubles import Go, MailTrouble, judge, next_try
from tandem.emails.values import checked
from tests.emails.conftest import NOW, Server


@pytest.fixture
def email(member: Member, account: MailAccount, clock: time_machine.Coordinates) -> Email:
    """An email to Jan and Mara, in its undo window."""
    to = "Jan de Vries <jan@veldkamp.example>, mara@noord.example"
    return services.send_soon(services.draft(member, checked(to=to, subject="Proposal", text="Hello")))


def again(email: Email) -> Email:
    return Email.objects.get(pk=email.pk)


def run(clock: time_machine.Coordinates, minutes: float = 1) -> None:
    """Time passes, and a worker does what is due."""
    clock.shift(timedelta(minutes=minutes))
    for due in outbox.due(NOW + timedelta(days=3)):
        if due in outbox.due(_now()):
            sending.send(due)


def _now() -> Any:
    from tandem import clock

    return clock.now()


def test_it_waits_ten_seconds_in_which_it_can_be_taken_back(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(seconds=9))
    assert outbox.due(_now()) == []
    services.undo_send(email)
    clock.shift(timedelta(minutes=1))
    assert outbox.due(_now()) == []
    assert (again(email).state, server.taken) == ("draft", [])


def test_what_has_gone_out_cannot_be_taken_back_changed_or_deleted(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    run(clock)
    assert again(email).state == "delivered"
    for done in (services.undo_send, services.delete_draft, services.retry):
        with pytest.raises(NotNow):
            done(again(email))
    with pytest.raises(NotNow):
        services.edit_draft(email, checked(to="x@y.example", subject="Other"))


def test_a_scheduled_email_goes_out_in_its_time(
    member: Member, server: Server, clock: time_machine.Coordinates
) -> None:
    email = services.draft(member, checked(to="jan@veldkamp.example", subject="Later"))
    with pytest.raises(InvalidDraft):
        services.schedule(email, NOW)
    services.schedule(email, NOW + timedelta(hours=2))
    run(clock, minutes=119)
    assert again(email).state == "scheduled"
    run(clock, minutes=2)
    assert again(email).state == "delivered"
    assert b"Date: Mon, 23 Nov 2026 11:00:00" in (server.taken[0].original_content or b"")


def test_a_scheduled_email_that_is_edited_is_a_draft_until_it_is_scheduled_again(
    member: Member, account: MailAccount, clock: time_machine.Coordinates
) -> None:
    email = services.schedule(
        services.draft(member, checked(to="jan@veldkamp.example", subject="Later")), NOW + timedelta(hours=2)
    )
    services.edit_draft(email, checked(to="jan@veldkamp.example", subject="Other"))
    assert (again(email).state, again(email).subject, again(email).not_before) == ("draft", "Other", None)


def test_what_was_scheduled_waits_while_its_writers_account_is_closed(
    member: Member, email: Email, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(minutes=1))
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert outbox.due(_now()) == []
    Member.objects.filter(pk=member.pk).update(is_active=True)
    assert outbox.due(_now()) == [email.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends_it(email: Email, server: Server, clock: time_machine.Coordinates) -> None:
    clock.shift(timedelta(minutes=1))
    both = threading.Barrier(2)

    def work() -> None:
        both.wait()
        sending.send(email.pk)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.taken) == 1
    assert again(email).state == "delivered"


def test_a_worker_that_died_before_the_hand_over_is_replaced_and_it_goes_out_once(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(minutes=1))
    assert outbox.claim(email.pk, "dead", _now() + sending.LEASE)
    run(clock, minutes=14)
    assert server.taken == []
    run(clock, minutes=2)
    assert (again(email).state, len(server.taken)) == ("delivered", 1)


def test_a_worker_that_died_after_the_hand_over_leaves_it_to_a_person(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(minutes=1))
    dead = outbox.claim(email.pk, "dead", _now() + sending.LEASE)
    assert dead is not None
    assert outbox.hand_over(dead)
    run(clock, minutes=16)
    kept = again(email)
    assert (kept.state, server.taken) == ("failed", [])
    assert "nobody knows" in kept.trouble
    services.retry(kept)
    run(clock)
    assert (again(email).state, len(server.taken)) == ("delivered", 1)


def test_a_worker_that_comes_back_after_another_took_over_hands_nothing_over(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(minutes=1))
    late = outbox.claim(email.pk, "late", _now() + sending.LEASE)
    assert late is not None
    run(clock, minutes=16)
    assert again(email).state == "delivered"
    assert not outbox.hand_over(late)
    outbox.failed(late, "too late")
    outbox.postponed(late, "too late", _now())
    assert again(email).state == "delivered"


def test_a_late_yes_after_the_doubt_still_counts(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    clock.shift(timedelta(minutes=1))
    slow = outbox.claim(email.pk, "slow", _now() + sending.LEASE)
    assert slow is not None
    assert outbox.hand_over(slow)
    run(clock, minutes=16)
    assert again(email).state == "failed"
    outbox.delivered(slow)
    assert (again(email).state, again(email).trouble, server.taken) == ("delivered", "", [])


def test_a_connection_that_breaks_after_the_text_leaves_it_in_doubt_and_it_is_not_sent_again(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    server.hangs_up = True
    run(clock)
    server.hangs_up = False
    run(clock, minutes=60 * 48)
    assert (again(email).state, len(server.taken)) == ("failed", 1)
    assert again(email).handed_over_at is not None


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_passing_refusal_is_tried_again_and_goes_to_everybody_once(
    email: Email, server: Server, clock: time_machine.Coordinates, where: str
) -> None:
    if where == "rcpt":
        server.rcpt["mara@noord.example"] = "451 greylisted"
    else:
        server.data = "452 full"
    run(clock)
    waiting = again(email)
    assert (waiting.state, waiting.attempts, waiting.handed_over_at) == ("sending", 1, None)
    assert "tried again by itself" in waiting.trouble
    server.rcpt, server.data = {}, "250 OK"
    run(clock, minutes=2)
    assert again(email).state == "delivered"
    assert server.taken[-1].rcpt_tos == ["jan@veldkamp.example", "mara@noord.example"]


def test_what_waits_for_another_try_can_be_taken_back(
    email: Email, server: Server, clock: time_machine.Coordinates
) -> None:
    server.data = "452 full"
    run(clock)
    services.undo_send(email)
    assert again(email).state == "draft"


@pytest.mark.parametrize(
    ("data", "says"),
    [("554 spam", "Its words say why"), ("552 5.3.4 too big", "too large"), ("550 no", "550 no")],
)
def test_a_lasting_refusal_fails_at_once_with_the_servers_words(
    email: Email, server: Server, clock: time_machine.Coordinates, data: str, says: str
) -> None:
    server.data = data
    run(clock)
    kept = again(email)
    assert (kept.state, kept.news, kept.handed_over_at) == ("failed", False, None)
    assert says in kept.trouble


def test_without_a_mail_account_nothing_is_sent_and_the_draft_stays(member: Member) -> None:
    email = services.draft(member, checked(to="jan@veldkamp.example", subject="Hi"))
    with pytest.raises(InvalidDraft) as refused:
        services.send_soon(email)
    assert "My Account › Email" in str(refused.value)
    assert again(email).state == "draft"


def test_a_letter_that_only_looks_like_an_ascii_one_is_refused_before_smtp_does() -> None:
    with pytest.raises(InvalidDraft, match="is not an email address"):
        checked(to="\N{LATIN SMALL LETTER LONG S}am@veldkamp.example", subject="Hi")


# --- the decisions alone ---------------------------------------------------------------------------------------------


def test_one_refused_for_good_does_not_hold_the_others_back() -> None:
    answers = {"a@x": (250, "ok"), "b@x": (550, "no such user")}
    assert judge(answers, 0) == Go({"b@x": "550 no such user"})


def test_on_the_last_attempt_a_passing_refusal_counts_as_lasting() -> None:
    answers = {"a@x": (250, "ok"), "b@x": (451, "later")}
    with pytest.raises(MailTrouble) as met:
        judge(answers, 0)
    assert not met.value.lasting
    assert judge(answers, troubles.LAST_ATTEMPT) == Go({"b@x": "451 later"})


def test_tries_grow_apart_up_to_an_hour_and_end_within_a_day() -> None:
    waits = []
    attempts, now = 0, NOW
    while (then := next_try(attempts, now)) is not None:
        waits.append((then - now).total_seconds() / 60)
        attempts, now = attempts + 1, then
    assert waits[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert max(waits) == 60
    assert timedelta(hours=22) < now - NOW < timedelta(days=1)


@pytest.mark.parametrize(
    ("error", "lasting", "says"),
    [
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 bad"), True, "does not accept this user name"),
        (smtplib.SMTPConnectError(421, "busy"), False, "tried again by itself"),
        (smtplib.SMTPServerDisconnected("gone"), False, "broke"),
        (ConnectionRefusedError(), False, "Nobody listens"),
        (TimeoutError(), False, "does not answer"),
    ],
)
def test_each_trouble_says_what_happened_and_whether_it_passes(
    error: Exception, lasting: bool, says: str
) -> None:
    trouble = troubles.of_error(error, "mx.example:587")
    assert trouble.lasting == lasting
    assert says in trouble.sentence()
    assert "Nothing was sent" in trouble.sentence()


def test_the_place_holders_of_a_name_as_directories_write_it() -> None:
    from tandem.emails.merging import Between, merged, missing_fields, wrong_fields

    two = Between("Vries, Jan de", "jan@x.example", "Anna Bos", "anna@acme.example")
    assert merged("{{first_name}}|{{ last_name }}|{{email}}|{{my_first_name}}|{{odd}}", two) == (
        "Jan|de Vries|jan@x.example|Anna|{{odd}}"
    )
    assert "{{odd}}" in wrong_fields("Hi {{odd}}")
    assert wrong_fields("Hi {{ my_name }}") == ""
    assert "jan@x.example" in missing_fields(
        "{{first_name}}", Between("", "jan@x.example", "", "a@b.example")
    )

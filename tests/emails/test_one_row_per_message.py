"""Whatever way a message comes in, and however often, it is one email; and its answers find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tandem.accounts.models import Member
from tandem.emails import services
from tandem.emails.errors import InvalidEmail, ToldBySomebodyElse
from tandem.emails.mime import Named, parse
from tandem.emails.models import Email
from tests.emails.conftest import NOW

Way = Email.Way


@pytest.mark.usefixtures("clock")
def test_the_same_message_by_relay_sent_folder_and_api_is_one_email_row(
    member: Member, mail: Callable[..., bytes]
) -> None:
    first = services.told(member, message=mail(), way=Way.RELAY)
    again = [services.told(member, message=mail(), way=way) for way in (Way.SENT_FOLDER, Way.API)]
    assert [email.pk for email in again] == [first.pk, first.pk]
    assert Email.objects.count() == 1
    kept = Email.objects.get()
    assert (kept.came_by, kept.state, kept.log, kept.news) == ("relay", "delivered", True, True)
    assert [(one.role, one.address, one.name) for one in kept.recipients.all()] == [
        ("to", "jan@veldkamp.example", "Jan de Vries")
    ]
    assert kept.at is not None
    assert kept.at < NOW


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 +0000", "Fri, 31 Dec 9999 23:00:00 +0000", ""])
def test_an_email_that_a_broken_clock_dated_was_sent_when_it_is_told(
    member: Member, mail: Callable[..., bytes], date: str
) -> None:
    assert services.told(member, message=mail(Date=date), way=Way.API).at == NOW


def test_somebody_who_is_named_twice_is_one_recipient_with_the_name_that_somebody_wrote(
    member: Member, mail: Callable[..., bytes]
) -> None:
    said = parse(mail(Cc="jan@veldkamp.example"))
    twice = [
        Named("to", "mara@x.example"),
        Named("to", "mara@x.example", "Mara"),
        Named("bcc", "mara@x.example"),
    ]
    email = services.told(member, message=replace(said, recipients=(*said.recipients, *twice)), way=Way.API)
    assert [(one.role, one.address, one.name) for one in email.recipients.order_by("pk")] == [
        ("to", "jan@veldkamp.example", "Jan de Vries"),
        ("cc", "jan@veldkamp.example", ""),
        ("to", "mara@x.example", "Mara"),
        ("bcc", "mara@x.example", ""),
    ]


def test_an_email_that_finishes_wakes_whoever_logs_and_once_looked_at_is_no_news(
    member: Member,
    mail: Callable[..., bytes],
    woken: list[tuple[str, int]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        email = services.told(member, message=mail(), way=Way.API)
    assert woken == [("activity-finished", member.pk)]
    services.looked_at([email.pk])
    services.told(member, message=mail(), way=Way.API)
    assert not Email.objects.get().news


def test_a_colleagues_email_is_not_shown_to_whoever_guesses_its_message_id(
    member: Member, colleague: Member, mail: Callable[..., bytes]
) -> None:
    services.told(member, message=mail(), way=Way.API)
    with pytest.raises(ToldBySomebodyElse):
        services.told(colleague, message=mail(), way=Way.API)


@pytest.mark.parametrize("missing", ["Message_ID", "From", "To"])
def test_a_message_that_lacks_what_an_email_needs_is_refused_whole(
    member: Member, mail: Callable[..., bytes], missing: str
) -> None:
    with pytest.raises(InvalidEmail, match="Nothing was stored"):
        services.told(member, message=mail(**{missing: ""}), way=Way.API)
    assert not Email.objects.exists()


def test_rp_2_a_reply_from_another_address_of_the_thread_answers_the_email(
    member: Member, colleague: Member, mail: Callable[..., bytes]
) -> None:
    sent = services.told(member, message=mail(), way=Way.RELAY, log=False)
    services.looked_at([sent.pk])
    reply = parse(
        mail(
            "Akkoord.\n\nOp ma 23 nov. 2026 om 09:12 schreef Anna Bos <anna@acme.example>:\n> Beste Jan\n",
            From="J <j.devries@home.example>",
            To="anna@acme.example, ben@acme.example",
            Message_ID="<two@home.example>",
            References="<one@acme.example> <unknown@x>",
        )
    )
    first = services.received_reply(colleague, reply)
    second = services.received_reply(member, reply)
    assert first is not None
    assert second == first
    assert (first.kind, first.answers, first.member, first.text) == ("reply", sent, member, "Akkoord.")
    assert (first.news, first.log) == (True, False)
    assert Email.objects.get(pk=sent.pk).news, "the answered email has news, too"


def test_an_answer_to_an_answer_answers_the_email_it_began_with(
    member: Member, mail: Callable[..., bytes]
) -> None:
    sent = services.told(member, message=mail(), way=Way.RELAY)
    jan = {"From": "jan@veldkamp.example", "To": "anna@acme.example"}
    services.received_reply(
        member, parse(mail(Message_ID="<two@v>", In_Reply_To="<one@acme.example>", **jan))
    )
    third = services.received_reply(member, parse(mail(Message_ID="<three@v>", In_Reply_To="<two@v>", **jan)))
    assert third is not None
    assert third.answers == sent


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<unknown@x>"},
        {"Auto_Submitted": "auto-replied"},
        {"From": "ben@acme.example"},
        {"Message_ID": "<one@acme.example>"},
    ],
    ids=["of another thread", "an absence note", "a colleague's", "our own copy"],
)
def test_what_is_no_reply_is_left_alone(
    member: Member, colleague: Member, mail: Callable[..., bytes], headers: dict[str, str]
) -> None:
    services.told(member, message=mail(), way=Way.RELAY)
    plain = {"From": "jan@veldkamp.example", "Message_ID": "<two@v>", "In_Reply_To": "<one@acme.example>"}
    assert services.received_reply(member, parse(mail(**{**plain, **headers}))) is None
    assert Email.objects.count() == 1


def test_rp_5_a_bounce_marks_the_recipient_and_the_email_once(
    member: Member, mail: Callable[..., bytes]
) -> None:
    sent = services.told(member, message=mail(Cc="mara@noord.example"), way=Way.RELAY)
    services.looked_at([sent.pk])
    assert services.bounced("one@acme.example", "MARA@noord.example", "550 no such user") is not None
    kept = Email.objects.get()
    assert (kept.state, kept.news, kept.trouble) == ("bounced", True, "550 no such user")
    assert {one.address: one.bounced for one in kept.recipients.all()} == {
        "jan@veldkamp.example": "",
        "mara@noord.example": "550 no such user",
    }
    services.looked_at([sent.pk])
    services.bounced("one@acme.example", "mara@noord.example", "again")
    assert not Email.objects.get().news
    assert services.bounced("unknown@x", "mara@noord.example", "550") is None

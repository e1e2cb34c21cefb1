"""Tandem → Postfix → Dovecot and back, as people see it at both ends."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tandem.accounts.models import Member
from tandem.emails import sending, services
from tandem.emails.mime import Attachment, parse
from tandem.emails.models import Email, Source
from tests.mail.conftest import Office
from tests.mail.servers import GHOST, eventually

JAN, JAN_AT_HOME = "jan@veldkamp.example", "j.devries@home.example"


def answer(to: bytes, sender: str, text: str, **more: str) -> bytes:
    """What a mail program makes of “Reply”."""
    asked = message_from_bytes(to, policy=policy.default)
    message = EmailMessage()
    message["From"], message["To"] = sender, str(asked["From"])
    message["Subject"] = f"Re: {asked['Subject']}"
    message["In-Reply-To"] = message["References"] = str(asked["Message-ID"])
    message["Message-ID"] = f"<answer-from-{sender}>"
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def test_an_email_arrives_as_it_was_written_and_is_delivered_here(office: Office) -> None:
    email = office.send(
        to="Jan de Vries <jan@veldkamp.example>",
        bcc="ben@acme.example",
        subject="Voorstel voor {{first_name}}: 100 % café €5",
        text="Beste {{first_name}},\n\nMet vriendelijke groet,\n{{my_name}}",
    )
    assert (email.state, email.trouble, email.news) == ("delivered", "", True)
    assert not Source.objects.exists()
    said = parse(office.arrived(JAN))
    assert said.subject == "Voorstel voor Jan: 100 % café €5"
    assert said.text.strip() == "Beste Jan,\n\nMet vriendelijke groet,\nAnna Bos"
    assert (said.message_id, said.sender, said.sender_name) == (
        email.message_id,
        "anna@acme.example",
        "Anna Bos",
    )
    assert b"ben@" not in office.arrived("ben@acme.example").split(b"\r\nFrom:")[1]


def test_an_attachment_of_20_mb_arrives_whole(office: Office) -> None:
    content = bytes(range(256)) * (20 * 1024 * 4)
    assert len(content) == 20 * 1024 * 1024
    email = office.send(to=JAN, subject="Film", attachments=[Attachment("prijs€lijst.bin", content)])
    assert email.state == "delivered"
    message = message_from_bytes(office.arrived(JAN), policy=policy.default)
    (part,) = message.iter_attachments()
    assert part.get_filename() == "prijs€lijst.bin"
    assert part.get_content() == content


def test_a_dutch_reply_from_another_address_is_kept_without_what_it_quotes(office: Office) -> None:
    email = office.send(to=JAN, subject="Voorstel", text="Zullen we dinsdag bellen?")
    quoted = (
        "\n\nOp ma 23 nov. 2026 om 09:12 schreef Anna Bos <anna@acme.example>:\n> Zullen we dinsdag bellen?\n"
    )
    reply = answer(office.arrived(JAN), JAN_AT_HOME, "Prima, dinsdag om 10 uur.\n\nGroet, Jan" + quoted)
    office.world.deliver(JAN_AT_HOME, "anna@acme.example", reply)
    office.arrived("anna@acme.example")
    unseen = office.world.unseen("anna@acme.example")
    office.look()
    office.look()
    (kept,) = Email.objects.filter(kind="reply")
    assert (kept.answers, kept.member, kept.sender) == (email, office.anna, JAN_AT_HOME)
    assert kept.text == "Prima, dinsdag om 10 uur.\n\nGroet, Jan"
    assert kept.news
    assert unseen == office.world.unseen("anna@acme.example") == 1, "looking marks nothing as read"


def test_an_absence_note_and_private_mail_are_left_alone(office: Office) -> None:
    office.send(to=JAN, subject="Voorstel")
    note = answer(office.arrived(JAN), JAN, "Ik ben er niet.", Auto_Submitted="auto-replied")
    office.world.deliver(JAN, "anna@acme.example", note)
    office.world.deliver(
        "dokter@home.example",
        "anna@acme.example",
        b"From: dokter@home.example\r\nSubject: Uitslag\r\n\r\nGeheim\r\n",
    )
    eventually(lambda: len(office.world.inbox("anna@acme.example")) == 2, "both messages")
    office.look()
    assert Email.objects.count() == 1


def test_a_bounce_marks_whom_the_email_did_not_reach(office: Office) -> None:
    email = office.send(to=f"{JAN}, {GHOST}", subject="Voorstel")
    assert email.state == "delivered"
    services.looked_at([email.pk])
    office.arrived("anna@acme.example")
    office.look()
    email.refresh_from_db()
    assert (email.state, email.news) == ("bounced", True)
    reasons = {one.address: one.bounced for one in email.recipients.all()}
    assert reasons[JAN] == ""
    assert "User doesn't exist" in reasons[GHOST]


def test_an_address_that_the_server_refuses_bounces_at_once_and_the_others_get_theirs(office: Office) -> None:
    email = office.send(to=f"{JAN}, nobody@acme.example", subject="Voorstel")
    assert email.state == "bounced"
    reasons = {one.address: one.bounced for one in email.recipients.all()}
    assert reasons[JAN] == ""
    assert reasons["nobody@acme.example"].startswith("550")
    office.arrived(JAN)


def test_an_email_that_reaches_nobody_fails_with_the_servers_words(office: Office) -> None:
    email = office.send(to="nobody@acme.example", subject="Voorstel")
    assert (email.state, email.news) == ("failed", False)
    assert "User unknown" in email.trouble
    assert Source.objects.exists(), "it can be tried again"


def test_what_went_out_by_another_mail_program_is_found_in_the_sent_folder_and_ours_is_not_taken_twice(
    office: Office,
) -> None:
    email = office.send(to=JAN, subject="From Tandem")
    office.world.file_away("anna@acme.example", "Sent", office.arrived(JAN))
    by_hand = b"From: anna@acme.example\r\nTo: jan@veldkamp.example\r\nSubject: By hand\r\nMessage-ID: <hand@acme.example>\r\n\r\nHi\r\n"
    office.world.file_away("anna@acme.example", "Sent", by_hand)
    office.look()
    office.look()
    assert list(Email.objects.order_by("pk").values_list("subject", "came_by")) == [
        ("From Tandem", "composed"),
        ("By hand", "sent-folder"),
    ]
    assert Email.objects.get(subject="From Tandem") == email


def test_a_message_that_breaks_something_here_does_not_hide_those_behind_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = services.told

    def told(member: Member, *, message: Any, way: str) -> Email:
        if b"Odd" in message:
            raise ValueError("something nobody thought of")
        return plain(member, message=message, way=way)

    monkeypatch.setattr(services, "told", told)
    office.look()
    for number, subject in enumerate(("Odd", "Voorstel")):
        content = (
            f"From: anna@acme.example\r\nTo: {JAN}\r\nSubject: {subject}\r\n"
            f"Message-ID: <s{number}@acme.example>\r\n\r\nDag"
        )
        office.world.file_away("anna@acme.example", "Sent", content.encode())
    office.look()
    assert [email.subject for email in Email.objects.all()] == ["Voorstel"]
    assert "could not be taken in" in caplog.text
    office.look()
    assert Email.objects.count() == 1


def test_one_in_doubt_that_lies_in_the_sent_folder_is_known_to_have_gone_out(office: Office) -> None:
    email = office.compose(to=JAN, subject="Doubtful")
    content = bytes(email.source.content)
    Email.objects.filter(pk=email.pk).update(
        state="sending", sender_token="gone", sending_until=email.created_at, handed_over_at=email.created_at
    )
    sending.send(email.pk)
    email.refresh_from_db()
    assert email.state == "failed"
    assert "nobody knows" in email.trouble
    office.world.file_away("anna@acme.example", "Sent", content)
    office.look()
    email.refresh_from_db()
    assert (email.state, email.trouble) == ("delivered", "")
    assert office.world.inbox(JAN) == []


def test_a_renumbered_folder_is_looked_through_again_and_gives_nothing_twice(office: Office) -> None:
    office.send(to=JAN, subject="Voorstel")
    office.world.deliver(JAN, "anna@acme.example", answer(office.arrived(JAN), JAN, "Prima."))
    office.arrived("anna@acme.example")
    office.look()
    office.account.folders.update(uid_validity=1)
    office.look()
    assert Email.objects.filter(kind="reply").count() == 1

"""What a message says, read from the bytes of many programs; and what we write, read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.emails import body
from tandem.emails.errors import InvalidEmail
from tandem.emails.mime import Attached, Attachment, Named, build, files, parse, with_message_id

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
JAN = Named("to", "jan@veldkamp.example", "Jan de Vries")


def test_a_message_we_write_says_the_same_when_it_is_read() -> None:
    content = build(
        message_id="1@acme.example",
        sender="anna@acme.example",
        sender_name="Zoë Bos",
        recipients=[JAN, Named("cc", "mara@noord.example", "Smit, Mara"), Named("bcc", "boss@acme.example")],
        subject="Voorstel: 100 % café\r\nBcc: evil@example.com",
        text="Beste Jan,\n\nMet vriendelijke groet — Zoë\n.\n" + "x" * 2000,
        at=AT,
        attachments=[Attachment("prijs€lijst.pdf", b"%PDF" * 999), Attachment("old.eml", b"From: x\n\nhi")],
    )
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    said = parse(content)
    assert (said.message_id, said.sender, said.sender_name) == (
        "1@acme.example",
        "anna@acme.example",
        "Zoë Bos",
    )
    assert said.recipients == (JAN, Named("cc", "mara@noord.example", "Smit, Mara"))
    assert said.subject == "Voorstel: 100 % café Bcc: evil@example.com"
    assert said.text.rstrip() == ("Beste Jan,\n\nMet vriendelijke groet — Zoë\n.\n" + "x" * 2000)
    assert said.date == AT
    assert said.attachments == (Attached("prijs€lijst.pdf", 3996), Attached("old.eml", 11))
    assert files(content) == [
        Attachment("prijs€lijst.pdf", b"%PDF" * 999),
        Attachment("old.eml", b"From: x\n\nhi"),
    ]


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Offerte_voor_caf=C3=A9?=", "Offerte voor café"),
        (b"=?iso-8859-1?b?Q2Fm6Q==?=\r\n =?utf-8?q?_=E2=82=AC5?=", "Café €5"),
        ("Prijs €5".encode(), "Prijs €5"),
        (b"=?utf-8?b?broken!?=", "=?utf-8?b?broken!?="),
        (b"=?no-such-charset?q?x?=", "=?no-such-charset?q?x?="),
        (b"half\xff", "half\ufffd"),
    ],
)
def test_a_subject_in_any_script_is_read(raw: bytes, subject: str) -> None:
    assert parse(b"From: a@b.example\r\nSubject: " + raw + b"\r\n\r\n").subject == subject


def test_the_ids_of_a_thread_are_read_without_brackets(mail: Callable[..., bytes]) -> None:
    said = parse(mail(In_Reply_To="<b@x>", References="<a@x> <b@x>"))
    assert (said.message_id, said.in_reply_to, said.references) == (
        "one@acme.example",
        ("b@x",),
        ("a@x", "b@x"),
    )


def test_a_forwarded_message_is_an_attachment_and_its_text_is_not_ours() -> None:
    said = parse(
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="q"\r\n\r\n'
        b"--q\r\nContent-Type: message/rfc822\r\n\r\nFrom: secret@x.example\r\n\r\nnot ours\r\n"
        b"--q\r\nContent-Type: text/plain\r\n\r\nours\r\n--q--\r\n"
    )
    assert said.text.strip() == "ours"
    assert len(said.attachments) == 1


def test_a_date_without_a_zone_is_utc_and_nonsense_is_none() -> None:
    assert parse(b"From: a@b.example\r\nDate: 23 Nov 2026 09:00:00\r\n\r\n").date == AT
    assert parse(b"From: a@b.example\r\nDate: yesterday\r\n\r\n").date is None
    assert parse(b"From: a@b.example\r\nDate: Mon, 99 Nov 20260 09:00:00 +9999\r\n\r\n").date is None


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\0\0", b"To: somebody@example.com\r\n\r\n"])
def test_what_is_no_email_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(InvalidEmail) as refused:
        parse(content)
    assert "Nothing was stored" in refused.value.sentence


BROKEN = (
    b"From: =?utf-8?q?J=C3=B6?= <a@b.example>\r\nTo: x <y@z.example>, undisclosed:;\r\nMessage-ID: <1@2>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nReferences: <a@b> <c@d>\r\n"
    b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\nContent-Type: text/plain; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\naGFsbG8=\r\n--q\r\n"
    b"Content-Type: application/pdf; name*0*=utf-8''a%20; name*1=b.pdf\r\n\r\nabc\r\n--q--\r\n"
)


@given(
    st.lists(st.tuples(st.integers(0, len(BROKEN)), st.integers(0, 20), st.binary(max_size=8)), max_size=10)
)
def test_bad_mail_is_read_or_refused_and_nothing_else(edits: list[tuple[int, int, bytes]]) -> None:
    content = BROKEN
    for where, length, instead in edits:
        content = content[:where] + instead + content[where + length :]
    try:
        said = parse(content)
    except InvalidEmail:
        return
    written = "".join((said.subject, said.text, said.sender, said.sender_name, said.message_id))
    assert "\0" not in written
    written.encode()  # no half characters: every database can keep it


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "bulk"},
        {"From": "MAILER-DAEMON@mx.example"},
        {"Subject": "Automatisch antwoord: Proposal"},
        {"Subject": "Out of office"},
        {"List_Id": "<news.example>"},
    ],
)
def test_what_a_machine_wrote_is_told_apart(mail: Callable[..., bytes], headers: dict[str, str]) -> None:
    assert parse(mail(**headers)).auto


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "no"}, {"Subject": "Re: Automatic doors"}])
def test_what_a_person_wrote_is_a_persons(mail: Callable[..., bytes], headers: dict[str, str]) -> None:
    assert not parse(mail(**headers)).auto


def test_a_message_id_is_put_on_top_and_the_bytes_stay_as_they_were(mail: Callable[..., bytes]) -> None:
    bare = mail(Message_ID="")
    content = with_message_id(bare, "new@acme.example")
    assert content.endswith(bare)
    assert parse(content).message_id == "new@acme.example"


@pytest.mark.parametrize(
    "quoted",
    [
        "\n\nOp ma 23 nov. 2026 om 09:12 schreef Anna Bos <anna@acme.example>:\n> Beste Jan,\n> Hierbij.\n",
        "\n\nVan: Anna Bos <anna@acme.example>\nVerzonden: maandag 23 november 2026 09:12\n"
        "Aan: Jan <jan@veldkamp.example>\nOnderwerp: Voorstel\n\nBeste Jan,\n",
        "\n\nOp 23 nov 2026, om 09:12 heeft Anna Bos <anna@acme.example> het volgende geschreven:\n\n> Beste Jan\n",
        "\n\n-----Oorspronkelijk bericht-----\nVan: Anna <anna@acme.example>\nAan: Jan\nOnderwerp: x\n\nhoi\n",
        "\n\nOn Mon, Nov 23, 2026 at 9:12 AM Anna Bos <anna@acme.example> wrote:\n\n> Hi\n",
        "\n\nFrom: Anna Bos <anna@acme.example>\nSent: Monday, November 23, 2026 9:12 AM\nTo: Jan\nSubject: x\n\nhi",
    ],
)
def test_quoted_mail_is_cut_from_a_dutch_or_english_reply(quoted: str) -> None:
    assert body.without_quotes("Prima, akkoord.\n\nGroet, Jan" + quoted) == "Prima, akkoord.\n\nGroet, Jan"


def test_answers_between_the_quoted_lines_stay() -> None:
    between = "> Wanneer?\nMorgen.\n> Hoe laat?\n10 uur."
    assert body.without_quotes(between) == between


def test_html_is_made_safe_and_read_as_text() -> None:
    html = (
        "<p onclick=x>Hallo <b>Jan</b></p><script>alert(1)</script><img src=https://spy.example/1.gif>"
        '<a href="javascript:x">link</a><ul><li>een</li></ul>'
    )
    safe = body.safe(html)
    assert "<b>Jan</b>" in safe
    assert not any(bad in safe for bad in ("onclick", "script", "img", "alert"))
    assert body.plain("", html).startswith("Hallo Jan")
    assert body.plain("plain wins", html) == "plain wins"

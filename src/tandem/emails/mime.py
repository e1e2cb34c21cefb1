"""What does a message say, and how is one written? Pure: bytes in, values out, and back.

Reading never fails on bad mail: what cannot be understood is left out, and only what is no email at all is refused.
The older of the two header readers of the standard library (compat32) is used for that: the newer one raises on what
real mailboxes hold. Writing uses the newer one.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime
from typing import Literal

from django.utils.translation import gettext as _

from tandem.emails import headers
from tandem.emails.errors import InvalidEmail
from tandem.emails.headers import one_line, storable

Role = Literal["to", "cc", "bcc"]
ROLES: tuple[Role, ...] = ("to", "cc", "bcc")

_AWAY = re.compile(
    r"^\s*(automatic reply|auto(matic)? ?response|out of (the )?office|automatisch antwoord|afwezig|niet aanwezig)",
    re.IGNORECASE,
)
_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """One address of a header: in lower case, with the name beside it, or "" ."""

    role: Role
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """What is known of an attachment without keeping it. size: bytes, decoded."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """A message as its bytes tell it. Message-IDs are without angle brackets; "" and None where it says nothing."""

    message_id: str
    sender: str
    sender_name: str = ""
    recipients: tuple[Named, ...] = ()
    subject: str = ""
    #: The first plain part, line ends as "\n"; quoted text is still in it.
    text: str = ""
    #: The first HTML part as it came: not safe to show.
    html: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    #: A machine wrote it: an absence note, a bounce, a newsletter.
    auto: bool = False
    attachments: tuple[Attached, ...] = ()


def parse(content: bytes) -> ParsedMessage:
    """Read a message. Raises InvalidEmail, and nothing else, when these bytes are no email."""
    message = message_from_bytes(content)
    sender = next(headers.addresses(message, "From"), ("", ""))
    message_id = next(iter(headers.ids(message, "Message-ID")), "")
    if not sender[1] and not message_id:
        raise InvalidEmail(
            _(
                "This is not an email: it has neither a sender nor a Message-ID. Nothing was stored. Give the whole message, with its headers."
            )
        )
    text = html = None
    attached = []
    for part in _leaves(message):
        kind = part.get_content_type()
        name = _file_name(part)
        inline = not name and part.get_content_disposition() != "attachment"
        if inline and kind == "text/plain" and text is None:
            text = _text(part)
        elif inline and kind == "text/html" and html is None:
            html = _text(part)
        elif not inline or not kind.startswith("text/"):
            attached.append(Attached(name, len(_bytes(part))))
    subject = headers.header(message, "Subject")
    return ParsedMessage(
        message_id=message_id,
        sender=sender[1],
        sender_name=sender[0],
        recipients=tuple(_recipients(message)),
        subject=subject,
        text=text or "",
        html=html or "",
        date=headers.date_of(message),
        in_reply_to=tuple(headers.ids(message, "In-Reply-To")),
        references=tuple(headers.ids(message, "References")),
        auto=_auto(message, sender[1], subject),
        attachments=tuple(attached),
    )


def files(content: bytes) -> list[Attachment]:
    """The files that a message we wrote carries."""
    return [
        Attachment(name, _bytes(part))
        for part in _leaves(message_from_bytes(content))
        if (name := _file_name(part))
    ]


def build(
    *,
    message_id: str,
    sender: str,
    sender_name: str,
    recipients: Sequence[Named],
    subject: str,
    text: str,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Write a message, ready for SMTP. Bcc recipients are in no header: whoever sends it names them in the envelope.

    Raises InvalidEmail when an address cannot stand in a header.
    """
    # 7-bit, so that the message looks the same behind every server, whatever that one can carry.
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message["From"] = _address(sender_name, sender)
    for role in ("to", "cc"):
        named = [_address(one.name, one.address) for one in recipients if one.role == role]
        if named:
            message[role.title()] = named
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}>"
    message.set_content(text, charset="utf-8")
    for file in attachments:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind.startswith(("message/", "multipart/")):  # kept as it is, not taken apart
            kind = "application/octet-stream"
        major, _slash, minor = kind.partition("/")
        message.add_attachment(file.content, maintype=major, subtype=minor, filename=one_line(file.name))
    return message.as_bytes()


def with_message_id(content: bytes, message_id: str) -> bytes:
    """The same bytes with a Message-ID on top: for a message that has none."""
    return f"Message-ID: <{message_id}>\r\n".encode("ascii") + content


# --- reading --------------------------------------------------------------------------------------------------------


def _recipients(message: Message) -> Iterator[Named]:
    seen = set()
    for role in ROLES:
        for name, address in headers.addresses(message, role):
            if (role, address) not in seen:
                seen.add((role, address))
                yield Named(role, address, name)


def _auto(message: Message, sender: str, subject: str) -> bool:
    """RFC 3834, and what Exchange, list servers and absence notes do beside it."""
    submitted = headers.header(message, "Auto-Submitted").lower()
    return bool(
        (submitted and submitted != "no")
        or any(
            message.get(name)
            for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id")
        )
        or headers.header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")
        or headers.header(message, "Return-Path") == "<>"
        or message.get_content_type() == "multipart/report"
        or _ROBOTS.match(sender)
        or _AWAY.match(subject)
    )


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold something; a forwarded message is one part, and its own parts are not ours."""
    if message.get_content_maintype() == "multipart" and message.is_multipart() and depth < 50:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part, depth + 1)
    else:
        yield message


def _file_name(part: Message) -> str:
    try:
        return headers.decoded(part.get_filename() or "")[:255]
    except (TypeError, ValueError, LookupError):
        return ""


def _bytes(part: Message) -> bytes:
    if part.is_multipart():  # a forwarded message
        return b"".join(inner.as_bytes() for inner in part.get_payload() if isinstance(inner, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    content = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "windows-1252"):
        try:
            text = content.decode(charset)
        except (LookupError, ValueError):  # a charset that nobody knows, or that the bytes are not in
            continue
        return storable(text.replace("\r\n", "\n").replace("\r", "\n"))
    return storable(content.decode("latin-1"))


def _address(name: str, address: str) -> Address:
    user, _at, domain = address.rpartition("@")
    try:
        return Address(one_line(name), user, domain)
    except (ValueError, MessageError, IndexError):
        raise InvalidEmail(
            _("“%(address)s” is not an address that email can be sent to. Nothing was sent. Correct it.")
            % {"address": address}
        ) from None

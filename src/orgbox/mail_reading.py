"""What does Email to Salesforce see of a message? Pure: bytes in, a Letter out (docs/salesforce.md §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from html import unescape
from typing import cast

#: The tag has to lie whole within the first 5,000 characters of the body.
REF_WITHIN = 5_000
_ID = "[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?"
_REF = re.compile(rf"\(\s*ref:\s*({_ID}(?:\s*,\s*{_ID})*)\s*\)", re.IGNORECASE)
_FORWARDED = re.compile(r"^>?\s*\*?(?:From|To|Cc):\*?\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Letter:
    """addresses: of To and Cc, in lower case, once each. refs: the ids of `(ref: …)`. attached: bytes, decoded."""

    sender: str
    addresses: tuple[str, ...]
    to: str = ""
    cc: str = ""
    subject: str = ""
    body: str = ""
    refs: tuple[str, ...] = ()
    attached: int = 0


def read(content: bytes, delivered_to: str) -> Letter:
    """The message, as it came to the Email to Salesforce address `delivered_to`. Never fails: what is odd is left out."""
    message = message_from_bytes(content, policy=policy.default)
    body = _body(message)
    to, cc = _line(message, "To"), _line(message, "Cc")
    named = _once(_addresses([to, cc]))
    others = tuple(address for address in named if address != delivered_to)
    if not others:  # sent to this address alone: a forwarded message, whose own head lies in the body
        others = tuple(each for each in _once(_addresses(_FORWARDED.findall(body))) if each != delivered_to)
    return Letter(
        sender=next(_addresses([_line(message, "From")]), ""),
        addresses=others,
        to=to,
        cc=cc,
        subject=_line(message, "Subject"),
        body=body,
        refs=refs(body),
        attached=sum(len(_decoded(part)) for part in message.iter_attachments())
        if message.is_multipart()
        else 0,
    )


def refs(body: str) -> tuple[str, ...]:
    """The record ids that `(ref: id, id)` names, once each."""
    found = (each.strip() for tag in _REF.findall(body[:REF_WITHIN]) for each in tag.split(","))
    return tuple(dict.fromkeys(found))


def _line(message: EmailMessage, name: str) -> str:
    return ", ".join(" ".join(str(value).split()) for value in message.get_all(name, []))


def _addresses(lines: Iterable[str]) -> Iterator[str]:
    for _name, address in getaddresses(list(lines)):
        if "@" in address:
            yield address.strip().lower()


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    text = _decoded(part).decode(part.get_content_charset() or "utf-8", "replace")
    if part.get_content_subtype() == "html":
        text = unescape(_TAGS.sub(" ", text))
    return text.replace("\r\n", "\n").strip()


def _decoded(part: object) -> bytes:
    content = cast(EmailMessage, part).get_payload(decode=True)
    return content if isinstance(content, bytes) else b""

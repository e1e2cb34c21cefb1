"""Whom did a bounce not reach, and which email was it? Pure, over flufl.bounce."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flufl.bounce import scan_message

_ID = re.compile(rb"^Message-ID:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_REASON = re.compile(r"^Diagnostic-Code:\s*(?:smtp;\s*)?(.+(?:\n[ \t]+.+)*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """message_ids: every message that the bounce holds or names, but for itself. reason: the server's words, or ""."""

    message_ids: tuple[str, ...]
    addresses: tuple[str, ...]
    reason: str


def read(content: bytes) -> Bounce | None:
    """What a bounce says for good; None for every other message, and for one that is only late (RFC 3464)."""
    message = message_from_bytes(content)
    addresses = sorted(address.decode("utf-8", "replace").lower() for address in scan_message(message))
    if not addresses:
        return None
    _head, _blank, rest = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    ids = dict.fromkeys(found.decode("utf-8", "replace") for found in _ID.findall(rest))
    return Bounce(tuple(ids), tuple(addresses), _reason(message))


def _reason(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            found = _REASON.search(part.as_string())
            if found:
                return " ".join(found[1].split())[:500]
    return ""

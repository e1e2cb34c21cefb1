"""What does a header of a message say? Pure, and never fails: what cannot be understood is left out.

The older of the two header readers of the standard library (compat32) hands the text over as it came; the newer one raises
on what real mailboxes hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

_ID = re.compile(r"<\s*([^<>\s]+)\s*>")
_HALF = re.compile("[\0\ud800-\udfff]")


def one_line(text: str) -> str:
    """Header text: no line breaks, nothing that cannot be stored or sent."""
    return " ".join(storable(text).split())


def storable(text: str) -> str:
    """Without NUL and half characters: no database keeps them, and mail holds them only by mistake."""
    return _HALF.sub("", text)


def raw(message: Message, name: str) -> Iterator[str]:
    """A header as it came, unfolded; raw UTF-8 in it is read as such (RFC 6532)."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            plain = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            yield re.sub(r"\r?\n(?=[ \t])", "", plain)


def header(message: Message, name: str) -> str:
    return decoded(next(raw(message, name), ""))


def decoded(text: str) -> str:
    """RFC 2047 words made text; what cannot be decoded stays as it is."""
    try:
        return one_line(str(make_header(decode_header(text))))
    except (HeaderParseError, LookupError, ValueError, MessageError):
        return one_line(text)


def addresses(message: Message, name: str) -> Iterator[tuple[str, str]]:
    """(name, address in lower case) of every address in a header that looks like one."""
    for display, address in getaddresses(list(raw(message, name))):
        canonical = one_line(address).lower()
        if re.fullmatch(r"[^@\s]+@[^@\s]+", canonical) and len(canonical) <= 254:
            yield decoded(display)[:255], canonical


def ids(message: Message, name: str) -> Iterator[str]:
    for value in raw(message, name):
        found = _ID.findall(value)
        if found:
            yield from (storable(one) for one in found)
        elif value.strip() and " " not in value.strip():
            yield storable(value.strip())  # some programs forget the brackets


def date_of(message: Message) -> datetime | None:
    try:
        told = parsedate_to_datetime(next(raw(message, "Date"), ""))
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None

"""What a literal in a query is worth: strings with SOQL's escapes, LIKE patterns, dates and times.

Salesforce: "Quoted String Escape Sequences", "Date Formats and Date Literals in WHERE".
A `ValueError` carries the sentence that Salesforce would add to its MALFORMED_QUERY.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

LONGEST_STRING = 4_000

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'", re.DOTALL)
_PIECE = re.compile(r"\\[uU][0-9A-Fa-f]{4}|\\.|[^\\]")
_EARLIEST, _LATEST = date(1700, 1, 1), date(4000, 12, 31)


def blanked(query: str) -> str:
    """The query with its quoted strings blotted out, so that nothing in them is taken for a word of it; as long as before."""
    return _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), query)


def text(quoted: str) -> str:
    """The value of a quoted string."""
    return "".join(character for character, _ in _characters(quoted))


def pattern(quoted: str) -> str:
    """The regular expression of a LIKE string: % is any run of characters, _ any one, escaped ones themselves."""
    segments = [""]
    for character, escaped in _characters(quoted, "%_"):
        if character == "%" and not escaped:
            segments.append("")
        else:
            segments[-1] += "." if character == "_" and not escaped else re.escape(character)
    if len(segments) == 1:
        return segments[0]
    first, *middle, last = segments
    # The first fit of a segment between two % is as good as any later one, so (?>) forbids to look again: without
    # it, '%a%a%a%b' takes time without end.
    return first + "".join(f"(?>.*?{segment})" for segment in middle) + ".*" + last


def number(written: str) -> int | float:
    return float(written) if "." in written else int(written)


def day(written: str) -> date:
    """YYYY-MM-DD, from 1700 to 4000 ("Minimum and Maximum Dates")."""
    try:
        value = date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"Invalid date: {written}") from None
    if not _EARLIEST <= value <= _LATEST:
        raise ValueError(f"Invalid date: {written}")
    return value


def moment(written: str) -> datetime:
    """YYYY-MM-DDThh:mm:ss[.fff](Z|+hh:mm|-hh:mm) in UTC; the fraction falls away, as in Salesforce."""
    on_day = day(written[:10])
    try:
        clock = datetime.strptime(written[11:19], "%H:%M:%S").time()  # noqa: DTZ007  (the offset follows)
        offset = timezone(_offset(written))
        return datetime.combine(on_day, clock, offset).astimezone(UTC)
    except ValueError:
        raise ValueError(f"Invalid dateTime: {written}") from None


def _offset(written: str) -> timedelta:
    if written[-1] in "Zz":
        return timedelta(0)
    sign, digits = re.findall(r"([+-])(\d\d:?\d\d)$", written)[0]
    minutes = int(digits[:2]) * 60 + int(digits[-2:])
    return timedelta(minutes=-minutes if sign == "-" else minutes)


def _characters(quoted: str, also_escaped: str = "") -> list[tuple[str, bool]]:
    """Each character of a quoted string with whether a backslash stood before it."""
    body = quoted[1:-1]
    if "\n" in body or "\r" in body:
        raise ValueError("Line breaks not allowed in string literals")
    characters = []
    for piece in _PIECE.findall(body):
        letter = piece[1:2]
        if piece[0] != "\\":
            characters.append((piece, False))
        elif len(piece) > 2:
            characters.append((chr(int(piece[2:], 16)), True))
        elif letter in also_escaped:
            characters.append((letter, True))
        elif letter.lower() in _ESCAPES:
            characters.append((_ESCAPES[letter.lower()], True))
        else:
            raise ValueError(f"Illegal character sequence '{piece}' in string literal")
    if len(characters) > LONGEST_STRING:
        raise ValueError(f"string literals in WHERE can not be longer than {LONGEST_STRING} characters")
    return characters

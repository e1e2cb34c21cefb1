"""How are Salesforce ids spelt? 15 case-sensitive characters, or 18 with a checksum of their case.

Shape: three characters for the object, two for the org's place, one reserved, nine that count
(docs/salesforce.md §8). The three checksum characters each say which of five characters are capitals.
"""

from __future__ import annotations

import re
from functools import lru_cache

from orgbox.errors import OrgError

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
NULL_ID = "000000000000000AAA"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def to18(id15: str) -> str:
    """Add the checksum: bit j of a character is set when character j of its block of five is a capital."""
    return id15 + _mark(id15[:5]) + _mark(id15[5:10]) + _mark(id15[10:15])


@lru_cache(maxsize=1 << 14)
def _mark(block: str) -> str:
    return CHECKSUM[sum(1 << j for j, character in enumerate(block) if "A" <= character <= "Z")]


def to15(identifier: str) -> str:
    """The case-sensitive form, as Salesforce prints it in DUPLICATE_VALUE."""
    return identifier[:15]


def canonical(value: object) -> str:
    """The 18-character form of an id given with 15 or 18 characters.

    Raises OrgError MALFORMED_ID when it is neither, or when the checksum does not fit the case.
    """
    if isinstance(value, str) and _SHAPE.fullmatch(value):
        full = to18(value[:15])
        if len(value) == 15 or full == value:
            return full
    raise OrgError("MALFORMED_ID", f"malformed id {value}", ("Id",))


class IdMint:
    """Makes the ids of one org, in order. Two orgs of different seeds never make the same id."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < len(DIGITS) ** 2:
            raise ValueError(f"An org's seed lies between 0 and {len(DIGITS) ** 2 - 1}; {seed} does not.")
        self._place = DIGITS[seed // len(DIGITS)] + DIGITS[seed % len(DIGITS)]
        self.made: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """The next id for an object's key prefix, 18 characters."""
        count = self.made.get(prefix, 0) + 1
        self.made[prefix] = count
        # A start in the middle of the range: the ids differ in capitals alone, as real neighbours do.
        number, tail = count + 9_876_543_210, ""
        while number:
            number, digit = divmod(number, 62)
            tail = DIGITS[digit] + tail
        return to18(f"{prefix}{self._place}0{tail:0>9}")

"""Which earlier message does one answer? Pure (RP-1)."""

from __future__ import annotations

from tandem.emails.mime import ParsedMessage

#: Long threads name hundreds; the nearest ones decide.
_LOOKED_AT = 100


def before(parsed: ParsedMessage) -> list[str]:
    """The Message-IDs that it may answer, nearest first: In-Reply-To, then References from the last to the first."""
    return list(dict.fromkeys((*parsed.in_reply_to, *reversed(parsed.references))))[:_LOOKED_AT]

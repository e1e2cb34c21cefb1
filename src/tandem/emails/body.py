"""What of a message's text is kept? The part a person wrote, as plain text, and HTML that is safe to show. Pure."""

from __future__ import annotations

import nh3
import quotequail
from inscriptis import get_text

#: More of one HTML part is never looked at: nobody writes this much, and its text would be cut anyway.
HTML_LENGTH = 2_000_000

#: Where quoted mail is looked for: a reply that is longer before it begins is kept whole.
LOOKED_AT = 40_000

#: No pictures: those of other servers tell their owner that the mail was opened.
_TAGS = nh3.ALLOWED_TAGS - {"img"}


def plain(text: str, html: str) -> str:
    """The text of a message; taken from its HTML where it brought no plain part."""
    if text.strip() or not html:
        return text.strip()
    return str(get_text(safe(html))).strip()


def safe(html: str) -> str:
    """HTML without scripts, styles, pictures and whatever else may act when it is shown."""
    return nh3.clean(html[:HTML_LENGTH], tags=_TAGS).strip()


def without_quotes(text: str) -> str:
    """What the writer of a reply added: quoted mail around it is cut (Dutch and English programs).

    Answers written between the quoted lines stay as they are, quotes and all, and so does a reply that is all quote.
    """
    parts = quotequail.unwrap(text[:LOOKED_AT]) or {}
    written = [parts[part].strip() for part in ("text_top", "text_bottom") if parts.get(part)]
    return "\n\n".join(written) or text.strip()

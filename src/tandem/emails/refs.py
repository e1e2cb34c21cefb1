"""Which records of Salesforce does an email's copy name, in `(ref: id, id)`, so that it is filed under them too? Pure.

Salesforce reads the tag anywhere in the first 5,000 characters of the body (docs/salesforce.md §5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from tandem.emails.errors import InvalidDraft

MOST = 10
_WITHIN = 5_000
#: Ids as they stand alone or in a link: 15 characters, or 18; the first three name the kind.
_ID = re.compile(
    r"(?<![A-Za-z0-9])(?:00[136Q]|500|701|a[0-9A-Za-z]{2})[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9])"
)


def typed(text: str) -> tuple[str, ...]:
    """The ids in what somebody typed: links or ids, with commas or spaces between. Raises InvalidDraft."""
    found: dict[str, None] = {}
    for part in re.split(r"[,;\s]+", text.strip()):
        ids = _ID.findall(part)
        if part and not ids:
            raise InvalidDraft(
                {
                    "refs": _(
                        "“%(typed)s” is no link and no id of a record. Nothing was saved. Copy the address of the record's page in Salesforce."
                    )
                    % {"typed": part[:80]}
                }
            )
        found.update(dict.fromkeys(ids[-1:]))  # the last one in a link is the record itself
    if len(found) > MOST:
        raise InvalidDraft({"refs": _("More than ten records are named. Nothing was saved. Leave some out.")})
    return tuple(found)


def with_tag(text: str, refs: Sequence[str]) -> str:
    """The text with the tag at its end, or at its beginning where its end is too far down."""
    tag = f"(ref: {', '.join(refs)})"
    behind = f"{text.rstrip()}\n\n{tag}\n"
    return behind if len(behind) <= _WITHIN else f"{tag}\n\n{text}"

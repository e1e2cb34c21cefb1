"""What may a person see of what was sent to Salesforce, and of what it answered? Never a secret, and of a colleague's
item no text. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Salesforce's session ids and refresh tokens, bearer headers, and anything that is named as a secret.
_SECRETS = re.compile(
    r"""
      00D[A-Za-z0-9]{12,15}![\w.]+          # a session id
    | 5Aep[\w.]{10,}                        # a refresh token
    | \bBearer\s+\S+
    | \beyJ[\w-]+\.[\w-]+\.[\w-]*           # a JWT
    | (?P<name>["']?\b(?:access_|refresh_|client_|api_?)?(?:password|secret|token|key)["']?\s*[=:]\s*)["']?[^\s"',;&}]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HIDDEN = "•••"
#: Fields in which people write; of a colleague's item only their length is told.
_TEXTS = frozenset({"Subject", "Description", "FirstName", "LastName", "Company"})


@dataclass(frozen=True)
class Sent:
    """One field of what is sent. hidden: characters that are not shown, because it is a colleague's."""

    name: str
    value: str
    hidden: int = 0


def without_secrets(text: str) -> str:
    """The text with everything that looks like a secret masked; names stay, so that one sees what it was."""
    return _SECRETS.sub(lambda found: (found["name"] or "") + _HIDDEN, text)


def payload(fields: Mapping[str, Any], *, own: bool) -> list[Sent]:
    """What is sent, field by field, as it may be shown to its own member or to an admin."""
    shown = []
    for name, value in fields.items():
        text = "" if value is None else str(value)
        if not own and name in _TEXTS and text:
            shown.append(Sent(name, "", hidden=len(text)))
        else:
            shown.append(Sent(name, without_secrets(text)))
    return shown

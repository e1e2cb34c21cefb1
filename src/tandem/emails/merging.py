"""What stands in a template's place-holders? Pure: {{first_name}} and the like, filled in for one recipient."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Between:
    """Whom the email is for, and whose it is; names as people wrote them, "" where nobody did."""

    name: str
    address: str
    sender_name: str
    sender_address: str


#: Each field by its name: what it says to people, and its value.
FIELDS: dict[str, tuple[object, Callable[[Between], str]]] = {
    "first_name": (gettext_lazy("first name of the recipient"), lambda two: _first(two.name)),
    "last_name": (gettext_lazy("last name of the recipient"), lambda two: _last(two.name)),
    "name": (gettext_lazy("whole name of the recipient"), lambda two: two.name),
    "email": (gettext_lazy("address of the recipient"), lambda two: two.address),
    "my_first_name": (gettext_lazy("your first name"), lambda two: _first(two.sender_name)),
    "my_name": (gettext_lazy("your name"), lambda two: two.sender_name),
    "my_email": (gettext_lazy("your address"), lambda two: two.sender_address),
}


def wrong_fields(text: str) -> str:
    """A sentence about the first place-holder that no field has; "" when all are known."""
    for name in _FIELD.findall(text):
        if name not in FIELDS:
            return _("There is no field {{%(name)s}}. Nothing was saved. Use one of: %(known)s.") % {
                "name": name,
                "known": ", ".join(f"{{{{{known}}}}}" for known in FIELDS),
            }
    return ""


def missing_fields(text: str, between: Between) -> str:
    """A sentence about the first known field that has no value for this recipient; "" when all have one."""
    for name in _FIELD.findall(text):
        if name in FIELDS and not FIELDS[name][1](between):
            return _(
                "{{%(name)s}} is not known for %(address)s. Nothing was sent. Write the name beside the address, as in "
                "Jan de Vries <jan@example.com>, or type the text yourself."
            ) % {"name": name, "address": between.address}
    return ""


def merged(text: str, between: Between) -> str:
    """`text` with every known field filled in; what is no field stays as it is."""
    return _FIELD.sub(
        lambda found: FIELDS[found[1]][1](between) if found[1] in FIELDS else found[0],
        text,
    )


def _first(name: str) -> str:
    """The first word; of “Vries, Jan de”, as directories write it, the first behind the comma."""
    words = _turned(name).split()
    return words[0] if words else ""


def _last(name: str) -> str:
    return " ".join(_turned(name).split()[1:])


def _turned(name: str) -> str:
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name

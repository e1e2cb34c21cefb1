"""Which columns does a list of emails have, and which are shown unless a member chose others (CC-7)? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

#: The subject always comes first, and what may be done always last.
COLUMNS: Mapping[str, Promise] = {
    "name": pgettext_lazy("column", "Person"),
    "address": pgettext_lazy("column", "Address"),
    "template": pgettext_lazy("column", "Template"),
    "state": pgettext_lazy("column", "State"),
    "salesforce": pgettext_lazy("column", "Salesforce"),
    "at": pgettext_lazy("column", "When"),
    "created": pgettext_lazy("column", "Written"),
    "channel": pgettext_lazy("column", "Came by"),
    "latest": pgettext_lazy("column", "Last reply"),
    "task_due": pgettext_lazy("column", "Task due"),
    "success": pgettext_lazy("column", "Success"),
    "trouble": pgettext_lazy("column", "Why"),
}
_SENT = ("name", "at", "latest", "state", "salesforce")
_UNASKED: Mapping[str, Sequence[str]] = {
    "delivered": _SENT,
    "archived": _SENT,
    "scheduled": ("name", "at", "state"),
    "drafts": ("name", "created", "state"),
    "in-progress": ("name", "at", "state"),
}
_WHEN_UNDELIVERED = ("name", "at", "state", "trouble")


def unasked(folder: str) -> Sequence[str]:
    """What a folder shows to whoever never chose."""
    return _UNASKED.get(folder, _WHEN_UNDELIVERED)


def known(chosen: Iterable[str]) -> list[str]:
    """Those of them that there are, in the order in which they are shown."""
    wanted = set(chosen)
    return [column for column in COLUMNS if column in wanted]

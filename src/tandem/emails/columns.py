"""Which columns does a list of emails have, and which are shown unless a member chose others (CC-7)? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

#: In the order in which they are shown; what a member chose long ago is kept by these names. The subject always comes
#: first; what may be done, and what follows upon an email, always last.
COLUMNS: Mapping[str, Promise] = {
    "person": pgettext_lazy("column", "Person"),
    "name": pgettext_lazy("column", "Name"),
    "address": pgettext_lazy("column", "Address"),
    "company": pgettext_lazy("column", "Company"),
    "group": pgettext_lazy("column", "Group email"),
    "template": pgettext_lazy("column", "Template"),
    "state": pgettext_lazy("column", "State"),
    "salesforce": pgettext_lazy("column", "Salesforce"),
    "at": pgettext_lazy("column", "When"),
    "created": pgettext_lazy("column", "Written"),
    "changed": pgettext_lazy("column", "Last changed"),
    "failed": pgettext_lazy("column", "Failed on"),
    "channel": pgettext_lazy("column", "Came by"),
    "latest": pgettext_lazy("column", "Last reply"),
    "task_due": pgettext_lazy("column", "Task due"),
    "success": pgettext_lazy("column", "Success"),
    "trouble": pgettext_lazy("column", "Why"),
}
#: All that lies there was delivered.
_DELIVERED = ("person", "at", "latest", "salesforce")
_UNASKED: Mapping[str, Sequence[str]] = {
    "delivered": _DELIVERED,
    "archived": (*_DELIVERED, "state"),
    "scheduled": ("person", "at", "state"),
    "drafts": ("person", "created", "state"),
    "in-progress": ("person", "at", "state"),
}
_WHEN_UNDELIVERED = ("person", "at", "state", "trouble")


def unasked(folder: str) -> Sequence[str]:
    """What a folder shows to whoever never chose."""
    return _UNASKED.get(folder, _WHEN_UNDELIVERED)


def known(chosen: Iterable[str]) -> list[str]:
    """Those of them that there are, in the order in which they are shown."""
    wanted = set(chosen)
    return [column for column in COLUMNS if column in wanted]

"""How a page says, in words, how far a Reminder has come on its way to Salesforce.

Reminders do not know that sync exists; their pages ask here, with one query for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.connections.models import SECRETS, Connection
from tandem.reminders.models import Reminder
from tandem.sync.models import Link, OrgSync, TaskSync

register = template.Library()

_SECRETS = [
    f"{connection}__{secret}"
    for connection in ("connection", "connection__org__team_connection")
    for secret in SECRETS
]


@dataclass(frozen=True)
class SyncState:
    """words: never colour alone. tone: green, blue, secondary or orange. why: a sentence, or ""."""

    words: str | Promise
    tone: str
    why: str | Promise = ""


IN_STEP = SyncState(_("In Salesforce"), "green")
SENDING = SyncState(_("Sending…"), "blue")
ONLY_HERE = SyncState(
    _("Only here"),
    "secondary",
    _("This task was made before sync was switched on, so it stays in Tandem."),
)
OFF = SyncState(_("Not synced"), "secondary", _("Sync with Salesforce tasks is switched off."))
RECONNECT = SyncState(
    _("Waiting"),
    "orange",
    _(
        "Salesforce asks to be connected again. Nothing is lost: your changes wait here and go out after that."
    ),
)
DETACHED = SyncState(
    _("Only here"),
    "orange",
    _("It was deleted in Salesforce while you changed it here. Your version is kept in Tandem only."),
)


@register.simple_tag
def sync_states(reminders: Iterable[Reminder]) -> dict[int, SyncState]:
    """The sync state of each Reminder by id."""
    listed = list(reminders)
    links = {
        link.reminder_id: link
        for link in Link.objects.filter(reminder__in=[reminder.pk for reminder in listed]).select_related(
            "org__sync"
        )
    }
    owners = {reminder.owner_id for reminder in listed if reminder.owner_id is not None}
    seats = {
        sync.connection.member_id: sync
        for sync in TaskSync.objects.filter(enabled=True, connection__member_id__in=owners)
        .select_related("connection__org__team_connection")
        .defer(*_SECRETS)
    }
    return {
        reminder.pk: _state(reminder, links.get(reminder.pk), seats.get(reminder.owner_id or 0))
        for reminder in listed
    }


def _state(reminder: Reminder, link: Link | None, seat: TaskSync | None) -> SyncState:
    if link is None:
        if seat is None:
            return OFF
        if reminder.pk <= seat.outgoing_after:
            return ONLY_HERE
        return SENDING if _carried(seat) else RECONNECT
    if link.closed == Link.Closed.DETACHED:
        return DETACHED
    if link.parked:
        return SyncState(_("Needs you"), "orange", link.error_text)
    if seat is not None and not _carried(seat):
        return RECONNECT
    if link.intent_op is not None or link.sf_id is None or link.rev_done != reminder.rev:
        why = link.error_text or _trouble(link)
        if why:
            return SyncState(_("Waiting"), "orange", why)
        return SENDING if seat is not None else OFF
    return IN_STEP


def _carried(seat: TaskSync) -> bool:
    """Whether a connection reads and writes for this seat: the team's, when there is one (sync.store)."""
    carrier = seat.connection.org.team_connection or seat.connection
    return carrier.state == Connection.State.CONNECTED


def _trouble(link: Link) -> str:
    """What stopped the org's last round; "" when nothing did, or when there has been none."""
    sync = getattr(link.org, "sync", None)
    return sync.trouble if isinstance(sync, OrgSync) else ""

"""How a page says, in words, how far a Reminder has come on its way to Salesforce.

Reminders do not know that sync exists; their pages ask here, with one query for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.connections.explanations import explained, of_the_org
from tandem.connections.models import SECRETS, Connection
from tandem.reminders.models import Reminder
from tandem.sync.models import Conflict, Link, OrgSync, TaskSync

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
PAUSED = SyncState(
    _("Waiting"),
    "secondary",
    _("You paused the sync. Nothing is lost: your changes wait here and go out when you resume it."),
)
RECONNECT = SyncState(
    _("Waiting"),
    "orange",
    _(
        "Salesforce asks to be connected again. Nothing is lost: your changes wait here and go out after that."
    ),
)
DISCONNECTED = SyncState(
    _("Waiting"),
    "orange",
    _(
        "You are not connected to Salesforce. Nothing is lost: your changes wait here and go out once you connect again."
    ),
)
ANOTHER_ORG = SyncState(
    _("Waiting"),
    "orange",
    _(
        "This task belongs to another Salesforce org than the one you are connected to. Your change waits here and goes out once you connect to that org again."
    ),
)
SKIPPED = SyncState(
    _("Only here"),
    "secondary",
    _("Salesforce refused it, and it was skipped. Change it, and it is sent again."),
)
DETACHED = SyncState(
    _("Only here"),
    "orange",
    _("It was deleted in Salesforce while you changed it here. Your version is kept in Tandem only."),
)


TWO_VERSIONS = SyncState(
    _("Changed on both sides"),
    "orange",
    _("It was changed here and in Salesforce. Both versions are kept: choose on its timeline."),
)


@register.filter
def in_a_list(reminder: Reminder) -> list[Reminder]:
    """A page of one."""
    return [reminder]


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
    on = (
        TaskSync.objects.filter(enabled=True, connection__member_id__in=owners)
        .select_related("connection__org__team_connection")
        .defer(*_SECRETS)
    )
    # A member may have been in several orgs; the one connected to now comes last, and so it counts.
    seats = {sync.connection.member_id: sync for sync in sorted(on, key=_is_in_force)}
    to_choose = set(
        Conflict.objects.filter(link__in=list(links.values()), resolved_at=None).values_list(
            "link__reminder", flat=True
        )
    )
    states = {
        reminder.pk: _state(reminder, links.get(reminder.pk), seats.get(reminder.owner_id or 0))
        for reminder in listed
    }
    calm = (IN_STEP, SENDING)
    return {pk: TWO_VERSIONS if pk in to_choose and state in calm else state for pk, state in states.items()}


def _is_in_force(sync: TaskSync) -> bool:
    return sync.connection.state != Connection.State.DISCONNECTED


def _state(reminder: Reminder, link: Link | None, seat: TaskSync | None) -> SyncState:
    if link is None:
        if seat is None:
            return OFF
        return ONLY_HERE if reminder.pk <= seat.outgoing_after else _on_its_way(seat)
    if link.closed == Link.Closed.DETACHED:
        return DETACHED
    if link.parked and link.skipped_rev is not None and link.skipped_rev == link.error_rev:
        return SKIPPED
    if link.parked:
        return SyncState(_("Needs you"), "orange", str(explained(link.error_code, link.error_text)))
    here = seat is not None and seat.connection.org_id == link.org_id
    if seat is not None and here and _on_its_way(seat) is RECONNECT:
        return RECONNECT
    if link.intent_op is not None or link.sf_id is None or link.rev_done != reminder.rev:
        why = str(explained(link.error_code, link.error_text)) if link.error_code else _trouble(link)
        if why:
            return SyncState(_("Waiting"), "orange", why)
        if seat is None:
            return OFF
        return _on_its_way(seat) if here else ANOTHER_ORG
    return IN_STEP


def _on_its_way(seat: TaskSync) -> SyncState:
    """How far what waits for this seat can go: through the team's connection, when there is one (sync.routes)."""
    if seat.connection.state == Connection.State.DISCONNECTED:
        return DISCONNECTED
    if seat.connection.carrier.state != Connection.State.CONNECTED:
        return RECONNECT
    return PAUSED if seat.paused else SENDING


def _trouble(link: Link) -> str:
    """What stopped the org's last round; "" when nothing did, or when there has been none."""
    sync = getattr(link.org, "sync", None)
    trouble = of_the_org(sync.trouble_code, sync.trouble) if isinstance(sync, OrgSync) else None
    return str(trouble) if trouble else ""

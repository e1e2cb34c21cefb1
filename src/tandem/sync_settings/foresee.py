"""What would saving the task card do, before it is saved (P4)?"""

from __future__ import annotations

from tandem.accounts.models import Member
from tandem.connections.models import Connection
from tandem.connections.services import connection_of
from tandem.sync.models import TaskSync
from tandem.sync.preview import Preview
from tandem.sync.questions import preview_of
from tandem.sync_settings.errors import NotConnected


def foresee(member: Member, *, everybody: bool = False) -> Preview | None:
    """What switching on would bring this member, or everybody who is connected and whose sync is off, all together.

    None when it is on already, so that Save brings nothing. Raises NotConnected, and NoAnswer when Salesforce cannot be
    asked.
    """
    mine = connection_of(member)
    if mine is None:
        raise NotConnected
    asked = Connection.objects.filter(pk=mine.pk)
    if everybody:
        asked = Connection.objects.exclude(state=Connection.State.DISCONNECTED)
    on = TaskSync.objects.filter(enabled=True).values("connection")
    seen = [preview_of(connection) for connection in asked.exclude(pk__in=on).select_related("org", "member")]
    if not seen:
        return None
    return Preview(
        to_import=sum(one.to_import for one in seen),
        to_remove=sum(one.to_remove for one in seen),
        to_send=sum(one.to_send for one in seen),
        calls=sum(one.calls for one in seen),
    )

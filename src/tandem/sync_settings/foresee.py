"""What would saving the task card do, before it is saved (P4)?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tandem.accounts.models import Member
from tandem.connections.models import Connection, with_carriers
from tandem.connections.services import connection_of
from tandem.sync.models import TaskSync
from tandem.sync.preview import Preview
from tandem.sync.questions import preview_of
from tandem.sync_settings.errors import NotConnected

#: For so many members at once an answer comes within seconds; the page says how many more there are.
MOST_MEMBERS = 200


@dataclass(frozen=True)
class Foreseen(Preview):
    """A preview for `members` members; `left_out`: how many more were not asked for."""

    members: int = 1
    left_out: int = 0


def foresee(member: Member, *, everybody: bool = False) -> Foreseen | None:
    """What switching on would bring this member, or everybody who is connected and whose sync is off, all together.

    None when it is on already, so that Save brings nothing. Raises NotConnected, and NoAnswer when Salesforce cannot be
    asked. Writes nothing.
    """
    mine = connection_of(member)
    if mine is None:
        raise NotConnected
    asked = Connection.objects.filter(pk=mine.pk)
    if everybody:
        asked = Connection.objects.exclude(state=Connection.State.DISCONNECTED)
    on = TaskSync.objects.filter(enabled=True).values("connection")
    off = with_carriers(asked.exclude(pk__in=on)).select_related("member")
    # Who has to connect again first cannot be asked for.
    able = off.filter(state=Connection.State.CONNECTED) if everybody else off
    some = list(able.order_by("pk")[:MOST_MEMBERS])
    if not some:
        return None
    left_out = off.count() - len(some)
    return Foreseen(**asdict(preview_of(some)), members=len(some), left_out=left_out)

"""What waits for a person, and for whom? Grouped by address, the way people think of it.

An admin sees the team's, everybody else their own (P11).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Min, QuerySet

from tandem.accounts.models import Member
from tandem.sync import services as sync
from tandem.sync.models import Activity, Held, NewRecord

#: Addresses on one page.
PAGE = 50


@dataclass(frozen=True)
class Group:
    """One address, and every email and call that waits for it, the longest first."""

    address: str
    name: str
    items: Sequence[Held]
    #: Why nothing else could be done; "" when simply nobody was found.
    reason: str
    #: A lead or contact is being made for it.
    on_its_way: bool

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def visible_to(member: Member) -> QuerySet[Held]:
    """What this member may see and decide."""
    return sync.held(None if member.role == Member.Role.ADMIN else member)


def count_held(member: Member) -> int:
    """How many addresses wait for this member."""
    return visible_to(member).order_by().values("address").distinct().count()


def pages_of(member: Member) -> Paginator[str]:
    """The addresses that wait, PAGE a page, those that wait the longest first; groups_of has what is on a page."""
    waiting = visible_to(member).order_by().values("address").annotate(first=Min("since"))
    return Paginator(waiting.order_by("first", "address").values_list("address", flat=True), PAGE)


def groups_of(member: Member, addresses: Iterable[str]) -> list[Group]:
    """These addresses, in this order."""
    by_address: dict[str, list[Held]] = {address: [] for address in addresses}
    for row in visible_to(member).filter(address__in=list(by_address)):
        by_address[row.address].append(row)
    made = _being_made(row for rows in by_address.values() for row in rows)
    return [_group(address, rows, made) for address, rows in by_address.items() if rows]


def group_of(member: Member, address: str) -> Group | None:
    """The one address, if it waits for this member."""
    rows = list(visible_to(member).filter(address=address))
    return _group(address, rows, _being_made(rows)) if rows else None


def activities_of(member: Member, ids: Iterable[int]) -> QuerySet[Activity]:
    """Those of these activities that the member may decide about."""
    found = Activity.objects.filter(pk__in=list(ids)).select_related("org", "member")
    return found if member.role == Member.Role.ADMIN else found.filter(member=member)


def _being_made(rows: Iterable[Held]) -> dict[tuple[int, str], NewRecord]:
    """By org and address: the lead or contact that is being made for it, or that Salesforce refused to make."""
    listed = list(rows)
    making = NewRecord.objects.filter(
        org__in={row.activity.org_id for row in listed},
        address__in={row.address for row in listed},
        closed=None,
    )
    return {(each.org_id, each.address): each for each in making}


def _group(address: str, rows: Sequence[Held], made: dict[tuple[int, str], NewRecord]) -> Group:
    making = [made[key] for row in rows if (key := (row.activity.org_id, address)) in made]
    refused = next((each.error_text for each in making if each.parked), "")
    return Group(
        address=address,
        name=next((row.name for row in rows if row.name), ""),
        items=rows,
        reason=refused or next((row.reason for row in rows if row.reason), ""),
        on_its_way=any(not each.parked for each in making),
    )

"""How does a page learn how a member likes it? The only writers of habits.models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tandem.accounts.models import Member
from tandem.habits.models import NAME_LENGTH, QUERY_LENGTH, Habit, SavedSearch

#: So many searches are kept in one place; a strip of more would be searched itself.
MOST_SEARCHES = 20


class TooMany(Exception):
    """So many searches are kept already. Nothing was saved."""


def keys_are_on(member: Member) -> bool:
    """May single letters act (WCAG 2.2, 2.1.4)? Yes, until the member switches them off."""
    return bool(_value(member, "keys", True))


def switch_keys(member: Member, *, on: bool) -> None:
    """Single letters act, or do not, wherever this member signs in."""
    _keep(member, "keys", on)


def columns(member: Member, folder: str) -> Sequence[str] | None:
    """The columns that the member chose for one folder of emails (CC-7); None: never chosen."""
    kept = _value(member, f"columns:{folder}", None)
    return [str(each) for each in kept] if isinstance(kept, list) else None


def keep_columns(member: Member, folder: str, chosen: Sequence[str]) -> None:
    """Show these from now on."""
    _keep(member, f"columns:{folder}", list(chosen))


def searches(member: Member, place: str) -> QuerySet[SavedSearch]:
    """What the member keeps there, by name."""
    return SavedSearch.objects.filter(member=member, place=place).order_by("name", "pk")


@transaction.atomic
def save_search(member: Member, place: str, name: str, query: str) -> SavedSearch | None:
    """Keep a search; one of the same name is replaced. None for one without a name. Raises TooMany."""
    name, query = " ".join(name.replace("\0", "").split())[:NAME_LENGTH], query[:QUERY_LENGTH]
    if not name:
        return None
    others = searches(member, place).exclude(name=name)
    if others.count() >= MOST_SEARCHES:
        raise TooMany
    kept, _made = SavedSearch.objects.update_or_create(
        member=member, place=place, name=name, defaults={"query": query}
    )
    return kept


def forget_search(member: Member, search: int) -> SavedSearch | None:
    """Keep it no more. What it was; None when it was none of the member's."""
    kept = SavedSearch.objects.filter(member=member, pk=search).first()
    if kept is not None:
        SavedSearch.objects.filter(pk=kept.pk).delete()
    return kept


def _value(member: Member, name: str, unless: Any) -> Any:
    kept = Habit.objects.filter(member=member, name=name).values_list("value", flat=True).first()
    return unless if kept is None else kept


def _keep(member: Member, name: str, value: Any) -> None:
    Habit.objects.update_or_create(member=member, name=name, defaults={"value": value})

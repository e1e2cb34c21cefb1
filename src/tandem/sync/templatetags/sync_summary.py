"""How do a member's tasks stand with Salesforce, in one line beside them?"""

from __future__ import annotations

from typing import Any

from django import template

from tandem.accounts.models import Member
from tandem.sync.models import Conflict, Link, TaskSync

register = template.Library()


@register.inclusion_tag("sync/summary.html")
def sync_summary(member: Member) -> dict[str, Any]:
    """in_step: pairs that owe nothing. needs: those that wait for the member: refused, or changed on both sides."""
    if not TaskSync.objects.filter(connection__member=member, enabled=True).exists():
        return {}
    mine = Link.objects.filter(member=member, closed=None, reminder__deleted_at=None)
    refused = mine.filter(parked=True).count()
    open_ = Conflict.objects.filter(link__member=member, link__reminder__deleted_at=None, resolved_at=None)
    chosen = open_.order_by("pk").values_list("link__reminder", flat=True)
    to_choose = list(dict.fromkeys(each for each in chosen[:100] if each is not None))
    in_step = mine.filter(parked=False, sf_id__isnull=False, intent_op=None, rev_done__isnull=False).count()
    return {
        "on": True,
        "in_step": in_step,
        "refused": refused,
        "to_choose": len(to_choose),
        "first": to_choose[0] if to_choose else None,
    }

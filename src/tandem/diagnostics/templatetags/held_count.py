"""How many addresses wait for this member in the review? Shown in the navigation of every page."""

from __future__ import annotations

from django import template

from tandem.accounts.models import Member
from tandem.diagnostics.review import count_held

register = template.Library()


@register.simple_tag
def held_count(member: Member) -> int:
    """The team's for an admin, a member's own for everybody else."""
    return count_held(member)

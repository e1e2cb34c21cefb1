"""What the frame of every page asks: may single letters act?"""

from __future__ import annotations

from django import template

from tandem.accounts.models import Member
from tandem.habits import services

register = template.Library()


@register.simple_tag
def keys_are_on(member: Member) -> bool:
    """Whether this member left the single-letter keys on."""
    return services.keys_are_on(member)

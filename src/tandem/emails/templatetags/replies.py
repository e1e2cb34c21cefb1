"""Which answers does a member still have before them? Shown beside their tasks."""

from __future__ import annotations

from typing import Any

from django import template

from tandem.accounts.models import Member
from tandem.emails.models import Email

register = template.Library()

#: More are a list of their own.
MOST = 5


@register.inclusion_tag("emails/replies_waiting.html")
def replies_waiting(member: Member) -> dict[str, Any]:
    """The last ones that were not put away, each with the email that it answers; reading one and archiving it does."""
    received = Email.objects.of(member.pk).filter(kind=Email.Kind.REPLY, archived_at__isnull=True)
    return {"replies": list(received.defer("text", "html").order_by("-at", "-pk")[:MOST])}

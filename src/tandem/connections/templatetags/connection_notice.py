"""{% connection_notice %}: the one word about a connection that waits for its member, on pages that know of none."""

from __future__ import annotations

from typing import Any

from django import template

from tandem.connections.models import Connection

register = template.Library()


@register.inclusion_tag("connections/notice.html", takes_context=True)
def connection_notice(context: dict[str, Any]) -> dict[str, bool]:
    """Shown while the member's connection asks to be made again; else nothing."""
    mine = Connection.objects.filter(member=context["request"].user, state=Connection.State.RECONNECT)
    return {"waits": mine.exists()}

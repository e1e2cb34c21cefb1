"""{% view_as "emails" %}: for admins, whose lists to look at; while they look, whose these are, and the way back."""

from __future__ import annotations

from typing import Any

from django import template

from tandem.accounts.models import Member
from tandem.view_as.looking import looked_at

register = template.Library()


@register.inclusion_tag("view_as/view_as.html", takes_context=True)
def view_as(context: dict[str, Any], page: str) -> dict[str, Any]:
    """page: which one to come back to, "tasks" or "emails"."""
    request = context["request"]
    if request.user.role != Member.Role.ADMIN:
        return {}
    looked = looked_at(request)
    others = [] if looked else list(Member.objects.exclude(pk=request.user.pk).order_by("name", "pk"))
    return {"looked": looked, "others": others, "page": page, "csrf_token": context.get("csrf_token", "")}

"""Begin to look at a colleague's lists, and end it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tandem.accounts.requests import MemberRequest, admins_only
from tandem.view_as import looking


@require_POST
@admins_only
def view_as(request: MemberRequest) -> HttpResponse:
    """Show this colleague's lists, to be read."""
    named = request.POST.get("member", "")
    try:
        looking.begin(request, int(named) if named.isdecimal() and len(named) < 19 else 0)
    except looking.NobodyToLookAt:
        raise Http404 from None
    return redirect("emails" if request.POST.get("page") == "emails" else "command-center")


@require_POST
def view_own(request: MemberRequest) -> HttpResponse:
    """One's own lists again."""
    looking.end(request)
    return redirect("emails" if request.POST.get("page") == "emails" else "command-center")

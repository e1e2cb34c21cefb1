"""What is known of a request that MembersOnly let through, and who else may not pass?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from tandem.accounts.models import Member

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Member
    htmx: HtmxDetails


def admins_only(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """The view for admins; 403 for everybody else, before anything is looked at (P11)."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.role != Member.Role.ADMIN:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded

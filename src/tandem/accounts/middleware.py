"""May this request go on, and in whose language and time zone?"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

from tandem.accounts import first_run
from tandem.accounts.models import Member


class FirstRun:
    """While there is no member at all, every page leads to the one that makes the first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = reverse("first-run")
        # Who is signed in proves that there is a member: only strangers cost the question.
        if request.path != page and not request.user.is_authenticated and first_run.needed():
            return redirect(page)
        return self.get_response(request)


class MembersOnly(LoginRequiredMiddleware):
    """Strangers see the sign-in page and nothing else.

    A fragment that htmx asks for after the session has ended sends the whole page to the sign-in: otherwise the
    sign-in page would be drawn inside the task list.
    """

    def handle_no_permission(  # type: ignore[override]  # the stubs know only the redirect of the parent
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        htmx = getattr(request, "htmx", None)
        if not htmx:
            return super().handle_no_permission(request, view_func)
        page = htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page, self.get_login_url(view_func)).url)


class MemberPreferences:
    """Runs the rest of the request in the member's language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = request.user
        if not isinstance(member, Member):
            return self.get_response(request)
        with timezone.override(member.time_zone), translation.override(member.language):
            response = self.get_response(request)
        response.headers["Content-Language"] = member.language
        return response

"""The addresses of the API, of its own page, and of the page on which tokens are made."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path, re_path
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from tandem.api import problems, views
from tandem.api.application import api
from tandem.api.problems import Problem

View = Callable[..., HttpResponse]


def _for_tools(view: View) -> View:
    """A view whose caller is a program: a token instead of a session, English, and every error a problem."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        with translation.override("en"):
            response = view(request, *args, **more)
        if response.status_code == 405:
            return problems.answer(Problem(problems.WRONG_METHOD, headers={"Allow": response["Allow"]}))
        response["Cache-Control"] = "no-store"
        return response

    return login_not_required(csrf_exempt(spoken))


def _endpoints() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        pattern.callback = _for_tools(pattern.callback)
    return [pattern for pattern in patterns if pattern.name != "api-root"]


urlpatterns = [
    path("api/v1/", views.reference, name="api-reference"),
    path("api/v1/openapi.json", views.openapi, name="openapi"),
    path("api/v1/", include((_endpoints(), "api"))),
    re_path(r"^api/", _for_tools(views.nothing_here), name="api-unknown"),
    path("settings/api", views.tokens, name="api-tokens"),
    path("settings/api/<int:token_id>/revoke", views.revoke_token, name="revoke-token"),
]

"""What do people see when a page cannot be shown?

A whole page for a page; for a fragment that htmx asked for, a sentence in the toast, so that the page behind it stays
as it was.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """403, and what Django's CSRF check shows."""
    return _sorry(
        request,
        403,
        _("This is not allowed"),
        _(
            "The page was too old, or it belongs to somebody else. Nothing was changed. Reload the page and try again."
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; also for what belongs to somebody else."""
    return _sorry(
        request,
        404,
        _("This is not here"),
        _("The page or task was moved or deleted, or it never was yours. Nothing was changed."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return _sorry(
        request,
        500,
        _("Something went wrong on our side"),
        _(
            "What you just did was not saved; everything saved before is safe. Try again; if it stays, tell your admin."
        ),
    )


def _sorry(request: HttpRequest, status: int, title: Promise, sentence: Promise) -> HttpResponse:
    words: dict[str, Any] = {"title": title, "sentence": sentence}
    if getattr(request, "htmx", False):
        response = render(request, "pages/sorry_toast.html", words, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toast", "innerHTML"
        return response
    return render(request, "pages/sorry.html", words, status=status)

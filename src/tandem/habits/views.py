"""The keyboard on or off, and searches that are kept."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tandem.accounts.requests import MemberRequest
from tandem.habits import services
from tandem.habits.models import SavedSearch

_PAGES = {SavedSearch.Place.TASKS: "command-center", SavedSearch.Place.EMAILS: "emails"}


@require_POST
def switch_keys(request: MemberRequest) -> HttpResponse:
    """Single letters act from now on, or do not; back to the page from which it was asked."""
    on = request.POST.get("keys") == "on"
    services.switch_keys(request.user, on=on)
    words = (
        _("Single keys are on.")
        if on
        else _("Single keys are off. Everything is still in reach by Tab and Enter.")
    )
    request.session["toast"] = {"words": words, "undo": ""}
    back = request.headers.get("Referer") or ""
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else reverse("command-center"))


@require_POST
def save_search(request: MemberRequest, place: str) -> HttpResponse:
    """Keep what a page shows, under a name."""
    query = request.POST.get("query", "").lstrip("?")
    try:
        kept = services.save_search(request.user, _place(place), request.POST.get("name", ""), query)
    except services.TooMany:
        words = _("Nothing was saved: you keep twenty searches already. Remove one first.")
    else:
        words = _("Nothing was saved: give the search a name.")
        if kept:
            words = _("Saved the search “%(name)s”.") % {"name": kept.name}
            query = kept.query
    request.session["toast"] = {"words": words, "undo": ""}
    return redirect(f"{reverse(_PAGES[_place(place)])}?{query}")


@require_POST
def forget_search(request: MemberRequest, search: int) -> HttpResponse:
    """Keep it no more."""
    kept = services.forget_search(request.user, search)
    if kept is None:
        raise Http404
    request.session["toast"] = {
        "words": _("Removed the search “%(name)s”.") % {"name": kept.name},
        "undo": "",
    }
    return redirect(_PAGES[_place(kept.place)])


def _place(named: str) -> SavedSearch.Place:
    if named not in SavedSearch.Place.values:
        raise Http404
    return SavedSearch.Place(named)

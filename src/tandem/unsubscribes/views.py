"""The Unsubscribes page: who wants no emails, and how Salesforce is told (UI-10)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.connections.models import Org
from tandem.people.services import InvalidPattern
from tandem.unsubscribes import services
from tandem.unsubscribes.forms import IntegrationForm, UnsubscribeForm

PAGE = 50


@never_cache
@require_GET
def unsubscribes(request: MemberRequest) -> HttpResponse:
    """Everybody who wants no emails; for admins, how each org is told."""
    return _page(request, UnsubscribeForm())


@require_POST
def add(request: MemberRequest) -> HttpResponse:
    """Nothing is sent to this address any more; every member may say so."""
    form = UnsubscribeForm(request.POST)
    if form.is_valid():
        try:
            row = services.unsubscribe(request.user, form.cleaned_data["address"])
        except InvalidPattern:
            form.add_error(
                "address", _("This is not an email address. Nothing was changed. Correct it and try again.")
            )
        else:
            said = _("%(address)s gets no emails from now on; Salesforce is told at once.")
            return _done(request, said % {"address": row.address})
    return _page(request, form, status=422)


@require_POST
@admins_only
def remove(request: MemberRequest) -> HttpResponse:
    """Lets emails through again, here."""
    address = request.POST.get("address", "")
    if not services.subscribe_again(request.user, address):
        return _done(request, _("This address was not unsubscribed. Nothing was changed."))
    said = _(
        "%(address)s may be written to again. Clear the field in Salesforce too: else the next night brings it back."
    )
    return _done(request, said % {"address": address})


@require_POST
@admins_only
def integration(request: MemberRequest, org: int) -> HttpResponse:
    """How this org is told."""
    form = IntegrationForm(request.POST)
    held = get_object_or_404(Org, pk=org)
    if not form.is_valid():
        return _done(request, _("This is none of the choices. Nothing was saved. Choose one of them."))
    services.save_integration(request.user, held, **form.cleaned_data)
    return _done(request, _("Saved."))


def _page(request: MemberRequest, form: UnsubscribeForm, status: int = 200) -> HttpResponse:
    text = request.GET.get("q", "")
    shown = Paginator(services.found(text), PAGE).get_page(request.GET.get("page"))
    told = services.told([row.address for row in shown.object_list])
    is_admin = request.user.role == Member.Role.ADMIN
    words: dict[str, Any] = {
        "form": form,
        "q": text,
        "shown": shown,
        "rows": [(row, told.get(row.address, [])) for row in shown.object_list],
        "is_admin": is_admin,
        "integrations": [
            (
                held,
                IntegrationForm(
                    initial={"field": held.field, "nightly": held.nightly, "hour": held.hour},
                    auto_id=f"id_{held.org.pk}_%s",
                ),
            )
            for held in (services.integrations() if is_admin else ())
        ],
        "toast": request.session.pop("toast", None),
    }
    return render(request, "unsubscribes/unsubscribes.html", words, status=status)


def _done(request: MemberRequest, said: str) -> HttpResponse:
    request.session["toast"] = {"words": said, "undo": "", "alone": True}
    return redirect("unsubscribes")

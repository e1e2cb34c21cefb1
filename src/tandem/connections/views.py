"""The tab Connections & Customizations: what a member sees of the connection, and does to it.

Everything here concerns the member's own connection, which no address names: there is nothing to guess (P11).
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.connections import metadata, services, web_flow
from tandem.connections.checkup_reading import check_up
from tandem.connections.forms import TeamAppForm
from tandem.connections.models import Connection, TeamApp
from tandem.connections.team_app import app_in_use
from tandem.connections.troubles import TROUBLES, kind_of
from tandem.connections.web_flow import NotThere, came_back

_BEGUN, _TROUBLE, _TOAST = "salesforce-begun", "salesforce-trouble", "toast"


@never_cache
@require_GET
def salesforce_page(request: MemberRequest) -> HttpResponse:
    """The tab as a whole."""
    return _page(request)


@never_cache
@require_POST
@admins_only
def save_app(request: MemberRequest) -> HttpResponse:
    """Keep the team's app; 422 with what to mend."""
    in_use = app_in_use()
    form = TeamAppForm(in_use, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    services.save_team_app(request.user, **form.cleaned_data)
    return _done(request, _("Saved. Members sign in with it from now on."))


@never_cache
@require_POST
def connect(request: MemberRequest) -> HttpResponse:
    """Begin a sign-in, and send the browser to Salesforce.

    By a page that goes on by itself, not by a redirect: form-action 'self' of the policy holds for where a form's
    redirect leads, too.
    """
    in_use = app_in_use()
    if not in_use.ready:
        return redirect("salesforce")
    begun = web_flow.begin(request.user.pk, _callback_url(request))
    onward = services.consent_address(in_use, begun)
    if isinstance(onward, NotThere):
        return _not_connected(request, onward)
    request.session[_BEGUN] = begun
    response = render(request, "connections/to_salesforce.html", {"onward": onward, "host": in_use.login_url})
    response["Refresh"] = f"0; url={onward}"
    return response


@never_cache
@require_GET
def callback(request: MemberRequest) -> HttpResponse:
    """Where Salesforce sends the browser back: once per sign-in that was begun here, with a code or an error."""
    begun = request.session.pop(_BEGUN, None)
    answer = came_back(begun, request.user.pk, request.GET, clock.now())
    if isinstance(answer, NotThere):
        return _not_connected(request, answer)
    outcome = services.try_to_connect(request.user, answer)
    if isinstance(outcome, Connection):
        return _done(request, _("Connected to Salesforce as %(user)s.") % {"user": outcome.username})
    return _not_connected(request, outcome)


@never_cache
@require_GET
def trouble_page(request: MemberRequest) -> HttpResponse:
    """Why the last attempt did not work; stays until the next one."""
    told = request.session.get(_TROUBLE)
    if told is None:
        return redirect("salesforce")
    words = {"trouble": TROUBLES[told["kind"]], "code": told["code"], "said": told["said"]}
    return render(request, "connections/trouble.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def disconnect(request: MemberRequest) -> HttpResponse:
    """Asks once, saying what stays; then forgets and revokes."""
    connection = services.connection_of(request.user)
    if connection is None:
        return redirect("salesforce")
    if request.method == "GET":
        return render(request, "connections/disconnect.html", {"connection": connection})
    if services.disconnect(connection, by=request.user):
        return _done(request, _("Disconnected from Salesforce. Your tasks and their links stay."))
    return _done(
        request,
        _(
            "Disconnected here, but Salesforce could not be told. Revoke Tandem there too: your settings → OAuth Connected Apps."
        ),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: MemberRequest) -> HttpResponse:
    """The set-up check of the member's connection; a GET (a reload, a link) shows the page without asking Salesforce."""
    connection = services.connection_of(request.user)
    if request.method == "GET" or connection is None:
        return redirect("salesforce")
    lines = check_up(connection)
    if request.htmx:
        return render(request, "connections/check.html", {"lines": lines})
    return _page(request, lines=lines)


@require_GET
def fields_file(request: HttpRequest, which: str) -> HttpResponse:
    """The metadata file to deploy: `key` or `sales`."""
    packages = {"key": metadata.key_package, "sales": metadata.sales_package}
    if which not in packages:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="tandem-{which}-fields.zip"'}
    return HttpResponse(packages[which](), content_type="application/zip", headers=headers)


def _page(
    request: MemberRequest, form: TeamAppForm | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    in_use, connection = app_in_use(), services.connection_of(request.user)
    words = {
        "connection": connection,
        "why": services.why_reconnect(connection),
        "unreadable": services.key_trouble(connection),
        "before": services.latest_of(request.user),
        "in_use": in_use,
        "callback_url": _callback_url(request),
        "toast": request.session.pop(_TOAST, None),
        **more,
    }
    if request.user.role == Member.Role.ADMIN:
        saved = TeamApp.objects.select_related("saved_by").first()
        shown = {
            "target": in_use.target,
            "my_domain": saved.my_domain if saved else "",
            "client_id": in_use.client_id,
        }
        words |= {"saved": saved, "form": form or TeamAppForm(in_use, initial=shown)}
    return render(request, "connections/salesforce.html", words, status=status)


def _done(request: MemberRequest, words: str) -> HttpResponse:
    request.session.pop(_TROUBLE, None)
    request.session[_TOAST] = {"words": words, "undo": ""}
    return redirect("salesforce")


def _not_connected(request: MemberRequest, why: NotThere) -> HttpResponse:
    """To a page whose address holds neither code nor state, so that a reload repeats nothing."""
    told = {"kind": kind_of(why.code, why.said), "code": why.code[:80], "said": why.said[:200]}
    request.session[_TROUBLE] = told
    return redirect("salesforce-trouble")


def _callback_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("salesforce-callback"))

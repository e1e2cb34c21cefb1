"""How does somebody come in who is not signed in yet: the first admin, who was invited, who has a link, who forgot?"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import PasswordResetView
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from tandem.accounts import first_run as first
from tandem.accounts import invitations, mail, services
from tandem.accounts.errors import MailNotSent, NotInvited
from tandem.accounts.forms import FirstRunForm, JoinForm
from tandem.accounts.models import Invitation, Member


@login_not_required
@never_cache
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Signs in the member the link was made for; a link that no longer works says how to get another."""
    member = services.member_of_token(token)
    if member is None:
        return render(request, "accounts/link_spent.html", status=410)
    _enter(request, member)
    return redirect("command-center")


@sensitive_post_parameters("password", "code")
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the first admin; there is no such page once there is one."""
    if not first.needed():
        return redirect("account_login")
    form = FirstRunForm(_typed(request), initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        chosen = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        try:
            _enter(request, first.make_first_admin(**chosen))
        except ValidationError as refused:
            form.take(refused)
        else:
            return redirect("salesforce")
    return render(request, "accounts/first_run.html", {"form": form}, status=_status(form))


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take up an invitation, in the language it was written in."""
    try:
        invitation = invitations.invitation_of(token)
        with translation.override(invitation.language):
            return _join(request, token, invitation)
    except NotInvited:
        return render(request, "accounts/invitation_spent.html", status=410)


def _join(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = JoinForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            _enter(request, invitations.accept(token, **form.cleaned_data))
        except ValidationError as refused:
            form.take(refused)
        else:
            return redirect("command-center")
    words = {"form": form, "invitation": invitation}
    return render(request, "accounts/join.html", words, status=_status(form))


@method_decorator(login_not_required, name="dispatch")
class ForgottenPassword(PasswordResetView):  # type: ignore[misc]  # allauth ships no types
    """allauth's page, which also says when no mail can be sent instead of promising one."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[no-any-return]
        except MailNotSent as not_sent:
            form.add_error(None, str(not_sent))
            return self.form_invalid(form)  # type: ignore[no-any-return]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return {**super().get_context_data(**more), "mail_goes_out": mail.goes_out()}


def _enter(request: HttpRequest, member: Member) -> None:
    login(request, member)
    UserSession.objects.create_from_request(request)  # as allauth does for its own sign-ins
    # As good as a password just typed: who holds the link or the code may set the first password or a new second factor.
    record_authentication(request, member, method="link", reauthenticated=True)


def _status(form: JoinForm) -> int:
    return 422 if form.errors else 200


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None

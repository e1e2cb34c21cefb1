"""Who is in the team, and who is invited? For admins only (P11)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tandem import clock
from tandem.accounts import invitations, mail, services
from tandem.accounts.errors import MailNotSent, Refused
from tandem.accounts.forms import InviteForm
from tandem.accounts.models import Invitation, Member
from tandem.accounts.requests import MemberRequest, admins_only


@never_cache
@require_GET
@admins_only
def members(request: MemberRequest) -> HttpResponse:
    """Everybody, and everybody who is invited."""
    return _page(request)


@never_cache
@require_POST
@admins_only
def invite(request: MemberRequest) -> HttpResponse:
    """Ask somebody to become a member; 422 with what to mend."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        invitation = invitations.invite(request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error("email", str(refused))
        return _page(request, form, status=422)
    return _sent(request, invitation)


@never_cache
@require_POST
@admins_only
def resend_invitation(request: MemberRequest, pk: int) -> HttpResponse:
    """A new link for seven days more."""
    try:
        return _sent(request, invitations.resend(request.user, get_object_or_404(Invitation, pk=pk)))
    except Refused as refused:
        return _refused(request, refused)


@never_cache
@require_POST
@admins_only
def revoke_invitation(request: MemberRequest, pk: int) -> HttpResponse:
    """Its link stops working."""
    invitation = get_object_or_404(Invitation, pk=pk)
    try:
        invitations.revoke(request.user, invitation)
    except Refused as refused:
        return _refused(request, refused)
    return _done(request, _("The invitation of %(email)s is revoked.") % {"email": invitation.email})


@never_cache
@require_POST
@admins_only
def set_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Admin or user."""
    member = get_object_or_404(Member, pk=pk)
    try:
        services.set_role(request.user, member, request.POST.get("role", ""))
    except Refused as refused:
        return _refused(request, refused)
    except ValidationError:
        return _page(request, status=422)
    if member == request.user and request.POST["role"] != Member.Role.ADMIN:
        return redirect("profile")
    return _done(request, _("The role of %(name)s is changed.") % {"name": member})


@never_cache
@require_http_methods(["GET", "POST"])
@admins_only
def deactivate(request: MemberRequest, pk: int) -> HttpResponse:
    """Asks once, saying what stops and what stays; then closes the account."""
    member = get_object_or_404(Member, pk=pk)
    if request.method == "GET":
        return render(request, "accounts/deactivate.html", {"member": member})
    try:
        services.deactivate(request.user, member)
    except Refused as refused:
        return _refused(request, refused)
    if member == request.user:
        return redirect("account_login")
    return _done(
        request,
        _("%(name)s is signed out everywhere, and nothing is synced for them any more.") % {"name": member},
    )


@never_cache
@require_POST
@admins_only
def reactivate(request: MemberRequest, pk: int) -> HttpResponse:
    """Opens a closed account again."""
    member = get_object_or_404(Member, pk=pk)
    services.reactivate(request.user, member)
    return _done(request, _("%(name)s can sign in again, and sync goes on.") % {"name": member})


def _sent(request: MemberRequest, invitation: Invitation) -> HttpResponse:
    try:
        mail.send_invitation(invitation, _link(request, invitation))
    except MailNotSent:
        words = _(
            "%(email)s is invited, but the mail server did not take the mail. Copy the link from the list and hand it over yourself."
        )
    else:
        words = (
            _("%(email)s is invited. The mail is on its way.")
            if mail.goes_out()
            else _(
                "%(email)s is invited. No mail server is set up: copy the link from the list and hand it over yourself."
            )
        )
    return _done(request, words % {"email": invitation.email})


def _page(
    request: MemberRequest, form: InviteForm | None = None, sentence: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    words = {
        "members": Member.objects.order_by("-is_active", "name", "pk"),
        "invited": [
            {
                "invitation": invitation,
                "state": invitation.state_at(now),
                "link": _link(request, invitation),
            }
            for invitation in invitations.invitations()
        ],
        "form": form or InviteForm(initial={"language": request.user.language}),
        "roles": Member.Role.choices,
        "sentence": sentence,
    }
    return render(request, "accounts/members.html", words, status=status)


def _done(request: MemberRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("members")


def _refused(request: MemberRequest, refused: Refused) -> HttpResponse:
    return _page(request, sentence=str(refused), status=409)


def _link(request: MemberRequest, invitation: Invitation) -> str:
    return request.build_absolute_uri(reverse("join", args=[invitations.token_of(invitation)]))

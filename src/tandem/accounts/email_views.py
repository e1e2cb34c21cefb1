"""By which pages does a member change the address that they sign in with?"""

from __future__ import annotations

from contextlib import suppress

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tandem.accounts import mail, new_email
from tandem.accounts.errors import MailNotSent, NewEmailSpent, Refused
from tandem.accounts.forms import NewEmailForm
from tandem.accounts.requests import MemberRequest


@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def ask(request: MemberRequest) -> HttpResponse:
    """Type the new address; a link goes there. Without a mail server it is the member's from now on."""
    form = NewEmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            email = new_email.checked(request.user, form.cleaned_data["email"])
            return _send(request, email) if mail.goes_out() else _take(request, email)
        except (Refused, ValidationError) as refused:
            form.add_error("email", str(refused) if isinstance(refused, Refused) else refused)
    words = {"form": form, "mail_goes_out": mail.goes_out()}
    return render(request, "accounts/new_email.html", words, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: MemberRequest, token: str) -> HttpResponse:
    """Where the link leads: asks once more, so that no program that only looks at links changes anything."""
    try:
        email = new_email.named_by(request.user, token)
        if request.method == "POST":
            return _take(request, email)
    except NewEmailSpent as spent:
        return render(request, "accounts/new_email_spent.html", {"sentence": spent}, status=410)
    except Refused as refused:
        return render(request, "accounts/new_email_spent.html", {"sentence": refused}, status=409)
    return render(request, "accounts/new_email_confirm.html", {"email": email})


def _send(request: MemberRequest, email: str) -> HttpResponse:
    link = request.build_absolute_uri(
        reverse("confirm-email", args=[new_email.token_for(request.user, email)])
    )
    mail.send_new_email(request.user, email, link)
    messages.success(
        request,
        _("A link is on its way to %(email)s. Until you open it you sign in as before.") % {"email": email},
    )
    return redirect("mfa_index")


def _take(request: MemberRequest, email: str) -> HttpResponse:
    before = request.user.email
    new_email.change(request.user, email)
    if mail.goes_out() and before != email:
        with suppress(MailNotSent):  # changed all the same, and logged; the old address may be gone
            mail.send_email_changed(request.user, before)
    messages.success(request, _("From now on you sign in as %(email)s.") % {"email": email})
    return redirect("mfa_index")

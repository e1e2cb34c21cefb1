"""What does a member say of themselves?"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tandem.accounts import services
from tandem.accounts.forms import ProfileForm
from tandem.accounts.requests import MemberRequest


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Name, language and time zone; always the member's own, which no address names."""
    member = request.user
    held = {"name": member.name, "language": member.language, "time_zone": member.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_profile(member, **form.cleaned_data)
        except ValidationError as refused:
            form.take(refused)
        else:
            with translation.override(member.language):
                messages.success(request, _("Saved."))
            return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)

"""What does the one-time sign-in link do?"""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tandem.accounts import services


@login_not_required
@never_cache
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Signs in the member the link was made for; a link that no longer works says how to get another."""
    member = services.member_of_token(token)
    if member is None:
        return render(request, "accounts/link_spent.html", status=410)
    login(request, member, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("command-center")

"""The pages of the API: its tokens, its reference, and its OpenAPI document."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest
from tandem.api import problems, services
from tandem.api.document import document
from tandem.api.forms import TokenForm
from tandem.api.models import Token
from tandem.api.problems import KINDS, Problem
from tandem.api.reference import chapters


@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: MemberRequest) -> HttpResponse:
    """The tokens that this member may revoke, and the form that makes one.

    A new token is shown in the answer to the request that made it and nowhere else: not in a session, not in a log.
    """
    made, wrong, team = None, None, request.POST.get("team") == "1"
    if request.method == "POST":
        form = TokenForm(request.POST)
        form.is_valid()
        try:
            made = services.make_token(request.user, form.cleaned_data.get("name", ""), team=team)
        except services.NotYours:
            raise Http404 from None
        except services.InvalidToken as invalid:
            form.add_error("name", str(invalid.sentence))
            wrong = form
    mine = list(services.tokens_of(request.user))
    groups = [_group(mine, team=False, form=None if team else wrong)]
    if request.user.role == Member.Role.ADMIN:
        groups.append(_group(mine, team=True, form=wrong if team else None))
    words = {"groups": groups, "made": made, "toast": request.session.pop("toast", None)}
    return render(request, "api/tokens.html", words, status=422 if wrong else 200)


def _group(mine: list[Token], *, team: bool, form: TokenForm | None) -> dict[str, object]:
    """One card of the page: the member's own tokens, or the team's."""
    return {
        "team": team,
        "tokens": [token for token in mine if (token.member_id is None) == team],
        "form": form or TokenForm(auto_id="team-%s" if team else "own-%s"),
    }


@require_POST
def revoke_token(request: MemberRequest, token_id: int) -> HttpResponse:
    """From now on the token opens nothing."""
    try:
        token = services.revoke(request.user, token_id)
    except services.NotYours:
        raise Http404 from None
    said = _("Revoked “%(name)s”. Tools that use it are refused from now on.") % {"name": token.name}
    request.session["toast"] = {"words": said, "undo": ""}
    return redirect("api-tokens")


@require_GET
def reference(request: MemberRequest) -> HttpResponse:
    """What the OpenAPI document says, for people."""
    words = {"chapters": chapters(document()), "problems": KINDS, "limit": services.LIMIT}
    return render(request, "api/reference.html", words)


@login_not_required
@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document, for tools."""
    return JsonResponse(document())


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Everything below /api/ that is nowhere else."""
    return problems.answer(Problem(problems.NOT_FOUND))

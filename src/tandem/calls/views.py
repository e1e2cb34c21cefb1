"""A member's calls, the form that logs one, and the team's lists of outcomes and reasons."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import reswap, retarget

from tandem import clock
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.calls import services
from tandem.calls.errors import InvalidWords
from tandem.calls.forms import CallForm, WordListForm
from tandem.calls.models import Call, WordList
from tandem.calls.values import MOST_OUTCOMES

PAGE = 50


@never_cache
@require_GET
def call_list(request: MemberRequest) -> HttpResponse:
    """The member's calls, the last one first; ?before= goes on behind the last one shown."""
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise Http404
    mine: QuerySet[Call] = Call.objects.filter(member=request.user).order_by("-pk")
    shown = list((mine.filter(pk__lt=int(before)) if before else mine)[: PAGE + 1])
    words = {
        "calls": shown[:PAGE],
        "more": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "first_page": not before,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "calls/calls.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def new_call(request: MemberRequest) -> HttpResponse:
    """Asks for a call, now unless told otherwise, and writes it."""
    now = clock.now()
    lists = {
        "outcomes": services.words(WordList.Kind.OUTCOMES),
        "reasons": services.words(WordList.Kind.REASONS),
    }
    if request.method == "GET":
        asked = {"whom": request.GET.get("whom", ""), "at": now, "log": True}
        return _form_page(request, CallForm(initial=asked, now=now, **lists))
    form = CallForm(request.POST, now=now, **lists)
    if not form.is_valid():
        return _form_page(request, form)
    call = services.log_call(request.user, form.values)
    request.session["toast"] = {"words": _("Saved “%(call)s”.") % {"call": call.subject}, "undo": ""}
    return redirect("calls")


@never_cache
@require_http_methods(["GET", "POST"])
@admins_only
def word_lists(request: MemberRequest) -> HttpResponse:
    """The team's outcomes and reasons, for admins to change; each list is saved by itself."""
    forms = {
        kind: WordListForm(kind, initial={"words": "\n".join(services.words(kind))}) for kind in WordList.Kind
    }
    status = 200
    if request.method == "POST":
        if request.POST.get("list") not in WordList.Kind.values:
            raise Http404
        kind = WordList.Kind(request.POST["list"])
        form = forms[kind] = WordListForm(kind, request.POST)
        form.is_valid()
        try:
            services.save_words(request.user, kind, form.cleaned_data.get("words", ""))
        except InvalidWords as invalid:
            form.add_error("words", str(invalid.sentence))
            status = 422
        else:
            request.session["toast"] = {"words": _("Saved. New calls choose from this list."), "undo": ""}
            return redirect("call-lists")
    words = {
        "forms": list(forms.values()),
        "most": MOST_OUTCOMES,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "calls/word_lists.html", words, status=status)


def _form_page(request: MemberRequest, form: CallForm) -> HttpResponse:
    """The form, in a dialog or as a page of its own; 422 when it says what to mend."""
    status = 422 if form.is_bound else 200
    if not request.htmx:
        return render(request, "calls/call_page.html", {"form": form}, status=status)
    return reswap(
        retarget(render(request, "calls/call_form.html", {"form": form}, status=status), "#dialog"),
        "innerHTML",
    )

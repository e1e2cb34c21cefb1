"""The Diagnostics pages: what stands in the way, by cause; what it holds up; and what is done about it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.connections.models import Org
from tandem.diagnostics import mending
from tandem.diagnostics.chart import drawn
from tandem.diagnostics.copies import copies_of
from tandem.diagnostics.filters import as_query, filter_of
from tandem.diagnostics.health import health_of
from tandem.diagnostics.items import Items, item_of
from tandem.diagnostics.payload import payload
from tandem.diagnostics.problems import causes
from tandem.diagnostics.rows import KINDS, Filter
from tandem.diagnostics.sending import sent_of
from tandem.diagnostics.spreadsheet import lines
from tandem.diagnostics.statuses import chosen_statuses, missing_statuses
from tandem.diagnostics.undelivered import send_again as send_emails_again
from tandem.diagnostics.undelivered import undelivered
from tandem.sync import cures

#: Items on one page.
PAGE = 50


@never_cache
@require_GET
def diagnostics(request: MemberRequest) -> HttpResponse:
    """All causes, and what may be done about each as a whole."""
    wanted, form = filter_of(request.user, request.GET)
    found = causes(wanted)
    words = {
        "causes": [
            (cause, as_query(wanted, code=cause.code, about=cause.about or None), missing_statuses(cause))
            for cause in found
        ],
        "form": form,
        "filtered": bool(as_query(wanted)),
        "undelivered": () if as_query(wanted) else undelivered(request.user),
        "query": as_query(wanted),
        "carried": parse_qsl(as_query(replace(wanted, code=""))),
        "copies": copies_of(wanted),
        "chosen": chosen_statuses(request.user),
        "is_admin": request.user.role == Member.Role.ADMIN,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "diagnostics/diagnostics.html", words)


@never_cache
@require_GET
def health(request: MemberRequest) -> HttpResponse:
    """How the sync does, and what needs somebody."""
    found = health_of(request.user)
    words = {
        "health": found,
        "chart": drawn(found.bars),
        # One button for all, where there is more than one cause to press it for.
        "retriable": sum(each.needs for each in found.causes) if len(found.causes) > 1 else 0,
        "causes": [
            (
                each,
                as_query(Filter(request.user, code=each.code), about=each.about or None),
                missing_statuses(each),
            )
            for each in found.causes
        ],
        "is_admin": request.user.role == Member.Role.ADMIN,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "diagnostics/health.html", words)


@never_cache
@require_GET
def cause(request: MemberRequest) -> HttpResponse:
    """One cause, and what it holds up, page by page."""
    wanted, _form = filter_of(request.user, request.GET)
    if not wanted.code:
        raise Http404
    found = next((each for each in causes(wanted) if wanted.about in (None, each.about)), None)
    shown = Paginator(Items(wanted), PAGE).get_page(request.GET.get("page"))
    words = {
        "cause": found,
        "code": wanted.code,
        "missing": missing_statuses(found) if found else (),
        "shown": shown,
        "query": as_query(wanted, about=wanted.about),
        "carried": parse_qsl(as_query(replace(wanted, code=""))),
        "is_admin": request.user.role == Member.Role.ADMIN,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "diagnostics/cause.html", words)


@never_cache
@require_GET
def item(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """One item: what was refused, what is sent, what Salesforce said."""
    found = item_of(request.user, kind, pk) if kind in KINDS else None
    if found is None:
        raise Http404
    words = {
        "item": found,
        "sent": payload(sent_of(found), own=found.own),
        "toast": request.session.pop("toast", None),
    }
    return render(request, "diagnostics/item.html", words)


@never_cache
@require_GET
def as_file(request: MemberRequest) -> HttpResponseBase:
    """What the filter names, for a spreadsheet."""
    wanted, _form = filter_of(request.user, request.GET)
    answer = StreamingHttpResponse(lines(Items(wanted).all()), content_type="text/csv; charset=utf-8")
    name = f"tandem-diagnostics-{clock.now().date().isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def retry(request: MemberRequest) -> HttpResponse:
    """Once more, now: the items that are named, else all that the filter names."""
    keys = request.POST.getlist("item")
    if keys:
        count = mending.retry_items(mending.named(request.user, keys))
    else:
        wanted, _form = filter_of(request.user, request.POST)
        count = mending.retry_all(wanted)
    if not count:
        return _done(request, _("Tried again in the next round, within a minute or so."))
    said = ngettext(
        "%(n)s item is tried again now.",
        "%(n)s items are tried again now.",
        count,
    )
    return _done(request, said % {"n": count})


@require_POST
def skip(request: MemberRequest) -> HttpResponse:
    """Leave them: the items that are named, else all that the filter names."""
    keys = request.POST.getlist("item")
    if keys:
        done = mending.skip_items(mending.named(request.user, keys))
    else:
        wanted, _form = filter_of(request.user, request.POST)
        done = mending.skip_all(wanted)
    count = sum(map(len, done.values()))
    if not count:
        return _done(
            request,
            _("Nothing was skipped: what is left here is tried again by itself. Nothing was changed."),
        )
    request.session["diagnostics_undo"] = done
    said = ngettext(
        "%(n)s item is skipped: it stays in Tandem and is not sent.",
        "%(n)s items are skipped: they stay in Tandem and are not sent.",
        count,
    )
    return _done(request, said % {"n": count}, reverse("diagnostics-undo"))


@require_POST
def undo(request: MemberRequest) -> HttpResponse:
    """Takes back the last “skip” of this session."""
    done = request.session.pop("diagnostics_undo", None)
    if done is None:
        return _done(request, _("There is nothing to take back any more. Nothing was changed."))
    mending.undo_skip(request.user, done)
    return _done(request, _("Taken back: it is listed here again."))


@require_POST
def send_again(request: MemberRequest) -> HttpResponse:
    """The member's emails that did not go out for one reason, once more."""
    count = send_emails_again(request.user, request.POST.get("why", "").replace("\r\n", "\n"))
    if not count:
        return _done(request, _("Nothing was sent: these emails went on in the meantime."))
    said = ngettext("%(n)s email is going out again.", "%(n)s emails are going out again.", count)
    return _done(request, said % {"n": count})


@require_POST
@admins_only
def choose_status(request: MemberRequest) -> HttpResponse:
    """The org's own word for “Open” or “Complete”."""
    word = request.POST.get("word", "")
    pk = request.POST.get("org", "")
    if word not in ("open", "done") or not pk.isdigit():
        raise Http404
    org = get_object_or_404(Org, pk=pk)
    status = request.POST.get("status", "")
    if not cures.choose_status(request.user, org, word, status):  # type: ignore[arg-type]  # just looked up
        return _done(request, _("Your org has no such status. Nothing was changed. Choose one of the list."))
    if not status:
        return _done(request, _("Salesforce's usual status is sent again from now on."))
    said = _("“%(status)s” is sent from now on, and what was refused is tried again.")
    return _done(request, said % {"status": status})


@require_POST
@admins_only
def call_share(request: MemberRequest, org: int) -> HttpResponse:
    """How much of the org's API calls Tandem may use."""
    held = get_object_or_404(Org, pk=org)
    percent = request.POST.get("percent", "")
    if not (percent.isascii() and percent.isdigit() and 1 <= int(percent) <= 100):
        return _done(request, _("A share is a number from 1 to 100. Nothing was saved."), page="health")
    mending.share_calls(request.user, held.pk, int(percent))
    said = _("From now on Tandem uses at most %(n)s %% of the API calls of %(org)s.")
    return _done(request, said % {"n": percent, "org": held}, page="health")


def _done(request: MemberRequest, said: str, undo_at: str = "", page: str = "diagnostics") -> HttpResponse:
    """Back to where it was asked, with what was done."""
    request.session["toast"] = {"words": said, "undo": undo_at, "alone": True}
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse(page)
    return redirect(back)

"""The review page: whom nobody in Salesforce stands for, and what a person decides about it.

Every form names addresses; what it does is done to all that this member may see of them, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest
from tandem.connections.services import connection_of
from tandem.diagnostics.forms import RecordForm, guessed
from tandem.diagnostics.review import (
    Group,
    activities_of,
    group_of,
    groups_of,
    pages_of,
    visible_to,
)
from tandem.people import services as people
from tandem.people.matching import Candidate, excludes
from tandem.people.services import InvalidPattern
from tandem.sync import services as sync
from tandem.sync.models import Held
from tandem.sync.ports import NoAnswer
from tandem.sync.questions import search_records

_MAKERS = {"lead": sync.make_lead, "contact": sync.make_contact}


@never_cache
@require_GET
def review(request: MemberRequest) -> HttpResponse:
    """What waits, by address, a page of it."""
    shown = pages_of(request.user).get_page(request.GET.get("page"))
    words = {
        "groups": groups_of(request.user, list(shown)),
        "shown": shown,
        "is_admin": request.user.role == Member.Role.ADMIN,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "diagnostics/review.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: MemberRequest) -> HttpResponse:
    """Searches Salesforce for a lead or contact, and logs on the one that is chosen what waits for the address."""
    given = request.POST if request.method == "POST" else request.GET
    group = _group(request, given.get("address", ""))
    rows = _in_my_org(request, group.items)
    chosen = request.POST.get("record", "")
    if request.method == "POST" and rows:
        try:
            for row in rows:
                sync.choose(row.activity, row.address, chosen)
        except sync.NoRecord:
            chosen = ""
        else:
            said = _("%(who)s: logged on the record that you chose.") % {"who": _who(group)}
            return _done(request, said)
    text = given.get("q", group.name or group.address)
    found, trouble = _found(request, text, rows)
    words = {"group": group, "q": text, "found": found, "trouble": trouble}
    if request.method == "POST" and rows and not chosen:
        words["trouble"] = _(
            "No record was chosen, so nothing was logged. Choose one, or search for another."
        )
    return render(request, "diagnostics/choose.html", words, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def make(request: MemberRequest, kind: str) -> HttpResponse:
    """Asks for the names, and has a lead or contact made for an address."""
    if kind not in _MAKERS:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    group = _group(request, given.get("address", ""))
    if not group.address:
        raise Http404
    form = RecordForm(request.POST if request.method == "POST" else None, kind=kind, initial=guessed(group))
    if request.method == "POST" and form.is_valid():
        _make(kind, group, form)
        return _done(request, _made(kind, 1))
    words = {"form": form, "group": group, "kind": kind}
    return render(request, "diagnostics/make.html", words, status=422 if form.is_bound else 200)


@require_POST
def make_leads(request: MemberRequest) -> HttpResponse:
    """Has a lead made for each of the ticked addresses, named as each suggests."""
    groups = [group for group in _groups(request) if group.address and not group.on_its_way]
    for group in groups:
        form = RecordForm(guessed(group), kind="lead")
        if form.is_valid():
            _make("lead", group, form)
    return _done(request, _made("lead", len(groups)))


@require_POST
def ignore(request: MemberRequest) -> HttpResponse:
    """Logs nothing for these addresses any more, or, by an admin, for a whole domain: for the team, from now on."""
    groups = _groups(request)
    patterns = [group.address for group in groups if group.address]
    if request.POST.get("what") == "domain":
        if request.user.role != Member.Role.ADMIN:
            raise PermissionDenied
        patterns = list(dict.fromkeys(group.domain for group in groups if group.address))
    new = sorted(set(patterns) - people.ignored_patterns())
    waiting = visible_to(request.user).values_list("activity_id", "address")
    concerned = [activity for activity, address in waiting if excludes(patterns, address)]
    try:
        for pattern in patterns:
            sync.ignore(request.user, pattern)
    except InvalidPattern as invalid:
        return _done(request, str(invalid.sentence))
    said = _("%(patterns)s: nothing is logged for it any more, for nobody in the team.") % {
        "patterns": ", ".join(patterns) or "–"
    }
    return _done(request, said, {"patterns": new, "activities": concerned})


@require_POST
def leave_out(request: MemberRequest) -> HttpResponse:
    """Does not log what waits for these addresses; of one address, `item` names the one email or call."""
    rows = [row for group in _groups(request) for row in group.items]
    if "item" in request.POST:
        rows = [row for row in rows if str(row.pk) == request.POST["item"]]
    for row in rows:
        sync.leave_out(request.user, row.activity, row.address)
    said = ngettext("Left out %(n)s.", "Left out %(n)s.", len(rows)) % {"n": len(rows)}
    return _done(request, said, {"patterns": [], "activities": [row.activity_id for row in rows]})


@require_POST
def undo(request: MemberRequest) -> HttpResponse:
    """Takes back the last “ignore” or “leave out” of this session: what it concerned is looked at anew."""
    left = request.session.pop("review_undo", None)
    if left is None:
        return _done(request, _("There is nothing to take back any more. Nothing was changed."))
    for pattern in left["patterns"]:
        people.stop_ignoring(pattern)
    for activity in activities_of(request.user, left["activities"]):
        sync.log_again(activity)
    return _done(request, _("Taken back. It shows here again after the next round, within a minute or so."))


# --- one way to do each -----------------------------------------------------------------------------------------------


def _group(request: MemberRequest, address: str) -> Group:
    """The address, if it waits for this member; somebody else's is not there: 404."""
    group = group_of(request.user, address)
    if group is None:
        raise Http404
    return group


def _groups(request: MemberRequest) -> list[Group]:
    """The addresses that the form names and that wait for this member; others are as good as not named."""
    named = dict.fromkeys(request.POST.getlist("address"))
    return [group for address in named if (group := group_of(request.user, address)) is not None]


def _found(request: MemberRequest, text: str, rows: Sequence[Held]) -> tuple[Sequence[Candidate], str]:
    """What Salesforce finds to choose from for these, and why it could not be asked."""
    connection = connection_of(request.user)
    if connection is None:
        return (), _(
            "You are not connected to Salesforce, so it cannot be searched. Nothing is lost. Connect first."
        )
    if not rows:
        return (), _(
            "This waits for a colleague who is connected to another Salesforce org, and you can only choose what you can see. Nothing was logged. Your colleague can choose here, or you make a lead or leave it out."
        )
    try:
        return search_records(connection, text), ""
    except NoAnswer:
        return (), _("Salesforce cannot be asked now. Nothing is lost: try again in a minute.")


def _in_my_org(request: MemberRequest, rows: Sequence[Held]) -> list[Held]:
    """Those that the record, found in the member's own org, can be chosen for."""
    connection = connection_of(request.user)
    return [row for row in rows if connection is not None and row.activity.org_id == connection.org_id]


def _make(kind: str, group: Group, form: RecordForm) -> None:
    """One for the address in each org in which something waits for it."""
    for row in {row.activity.org_id: row for row in reversed(group.items)}.values():
        _MAKERS[kind](row.activity, group.address, form.values())


def _who(group: Group) -> str:
    return group.name or group.address


def _made(kind: str, number: int) -> str:
    if kind == "contact":
        return _("The contact is made in the next round, and what waits is logged on it.")
    return ngettext(
        "%(n)s lead is made in the next round, and what waits is logged on it.",
        "%(n)s leads are made in the next round, and what waits is logged on them.",
        number,
    ) % {"n": number}


def _done(request: MemberRequest, said: str, left: dict[str, Any] | None = None) -> HttpResponse:
    """Back to the page, with what was done, and a way to take it back where there is one."""
    if left is not None and (left["activities"] or left["patterns"]):
        request.session["review_undo"] = left
        undo_at = reverse("review-undo")
    else:
        request.session.pop("review_undo", None)
        undo_at = ""
    request.session["toast"] = {"words": said, "undo": undo_at, "alone": True}
    return redirect("review")

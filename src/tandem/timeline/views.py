"""The story of one task, and the choice between two versions of it."""

from __future__ import annotations

from typing import Literal, cast

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem.accounts.requests import MemberRequest
from tandem.connections.models import Connection
from tandem.reminders.errors import ChangedMeanwhile, ReminderNotFound
from tandem.reminders.models import Reminder
from tandem.sync import versions
from tandem.sync.fields import DEFAULT_TEMPLATE
from tandem.sync.models import Link, OrgSync
from tandem.timeline.lines import open_choices, story


@never_cache
@require_GET
def timeline(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """What happened to one of the member's tasks, here and in Salesforce."""
    reminder = Reminder.objects.of(request.user.pk).filter(pk=reminder_id).first()
    if reminder is None:
        raise Http404
    link = Link.objects.filter(reminder=reminder).select_related("org__sync").first()
    sync = getattr(link.org, "sync", None) if link else None
    lines = story(reminder, link, sync.subject_template if isinstance(sync, OrgSync) else DEFAULT_TEMPLATE)
    words = {
        "reminder": reminder,
        "lines": lines,
        "to_choose": open_choices(lines),
        "there": _opened_there(request.user.pk, link),
        "toast": request.session.pop("toast", None),
    }
    return render(request, "timeline/timeline.html", words)


@require_POST
def keep_version(request: MemberRequest, conflict_id: int, which: str) -> HttpResponse:
    """Keep ours, keep theirs."""
    if which not in ("ours", "theirs"):
        raise Http404
    chosen = cast(Literal["ours", "theirs"], which)
    try:
        reminder = versions.keep(request.user.pk, conflict_id, chosen)
    except ReminderNotFound:
        raise Http404 from None
    except (ChangedMeanwhile, versions.NotAVersion):
        return _meanwhile(request, conflict_id)
    words = (
        _("Kept yours. Salesforce gets it in the next seconds.")
        if which == "ours"
        else _("Kept Salesforce's.")
    )
    return _said(request, reminder, words, reverse("undo-version", args=[conflict_id]))


@require_POST
def undo_version(request: MemberRequest, conflict_id: int) -> HttpResponse:
    """As it was before the choice."""
    try:
        reminder = versions.undo(request.user.pk, conflict_id)
    except ReminderNotFound:
        raise Http404 from None
    except (ChangedMeanwhile, versions.NotAVersion):
        return _meanwhile(request, conflict_id)
    return _said(request, reminder, _("Undone: it is as the two sides left it."))


def _opened_there(member: int, link: Link | None) -> str:
    """Where the member opens the Task in Salesforce; "" when it is not there."""
    if link is None or not link.sf_id:
        return ""
    mine = Connection.objects.filter(member_id=member, org_id=link.org_id)
    url = mine.values_list("instance_url", flat=True).first()
    return f"{url}/{link.sf_id}" if url else ""


def _meanwhile(request: MemberRequest, conflict_id: int) -> HttpResponse:
    reminder = Reminder.objects.of(request.user.pk).get(link__conflicts=conflict_id)
    words = _("Nothing was changed: the task was changed again in the meantime. Look at what it says now.")
    return _said(request, reminder, words)


def _said(request: MemberRequest, reminder: Reminder, words: str, undo: str = "") -> HttpResponse:
    request.session["toast"] = {"words": words, "undo": undo, "alone": True}
    return redirect("task-timeline", reminder.pk)

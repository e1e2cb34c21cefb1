"""The Command Center and what is done to a task there.

Every form works without JavaScript: the answer is then a redirect, and the toast waits in the session for the page.
With htmx the answer is the list drawn anew, and the toast beside it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest
from tandem.habits.services import searches
from tandem.reminders import questions, services
from tandem.reminders.asked import Asked, Show, asked, asked_by
from tandem.reminders.command_center import command_center
from tandem.reminders.days import days
from tandem.reminders.errors import (
    ChangedMeanwhile,
    InvalidReminder,
    NobodyToGiveTo,
    NothingToUndo,
    OwnerSaidElsewhere,
    ReminderNotFound,
)
from tandem.reminders.forms import TaskForm
from tandem.reminders.models import Reminder
from tandem.reminders.toasts import Toast, added, given, toast
from tandem.reminders.values import FIELDS
from tandem.view_as.looking import looked_at

#: In the order in which they are offered.
FILTERS: Mapping[Show, Promise] = {
    "due": gettext_lazy("Today and tomorrow"),
    "overdue": gettext_lazy("Overdue"),
    "week": gettext_lazy("This week"),
    "all": gettext_lazy("All"),
    "done": gettext_lazy("Done"),
    "salesforce": gettext_lazy("From Salesforce"),
}
GONE_THERE = gettext_lazy("It went to Salesforce in the meantime. Nothing was saved. Change its owner there.")


@never_cache
@require_GET
def command_center_page(request: MemberRequest) -> HttpResponse:
    """The page as a whole; ?show=, ?q= and ?page= say which tasks (reminders.asked)."""
    wanted = asked(request.GET.dict())
    colleague = looked_at(request)
    if colleague:
        wanted = wanted.choosing("")
    words = {
        "tasks": drawn_list(colleague or request.user, wanted, to_read=colleague is not None),
        "to_read": colleague is not None,
        "asked": wanted,
        "some": wanted.choosing("some"),
        "all": wanted.choosing("all"),
        "none": wanted.choosing(""),
        "saved": list(searches(request.user, "tasks")),
        "filters": [(Asked(show), label, show == wanted.show) for show, label in FILTERS.items()],
        "toast": request.session.pop("toast", None),
    }
    return render(request, "reminders/command_center.html", words)


@never_cache
@require_GET
def task_list(request: MemberRequest) -> HttpResponse:
    """The list alone, for the page's poll; 204 when it would look as the page says it does (?seen=)."""
    colleague = looked_at(request)
    wanted = asked(request.GET.dict())
    if colleague:
        drawn = drawn_list(colleague, wanted.choosing(""), to_read=True)
    else:
        drawn = drawn_list(request.user, wanted)
    if drawn["stamp"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "reminders/tasks.html", {"tasks": drawn, "anew": True})


@never_cache
@require_http_methods(["GET", "POST"])
def new_task(request: MemberRequest) -> HttpResponse:
    """Asks for a new task, due today unless told otherwise, and writes it; for a colleague, if that is chosen."""
    today = days(request.user.time_zone, clock.now())
    others = _colleagues(request)
    if request.method == "GET":
        begun = {"due": today.today, "priority": "normal"}
        return _form_page(request, TaskForm(initial=begun, colleagues=others))
    form = TaskForm(request.POST, colleagues=others)
    if not form.is_valid():
        return _form_page(request, form)
    reminder = services.create(form.given_to.pk if form.given_to else request.user.pk, form.values)
    return done(request, given(reminder, form.given_to) if form.given_to else added(reminder, today))


@never_cache
@require_http_methods(["GET", "POST"])
def edit_task(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """Shows a task to change it, and writes what was changed."""
    reminder = _own(request, reminder_id)
    others = [] if questions.is_there(reminder_id) else _colleagues(request)
    if request.method == "GET":
        shown = {field: getattr(reminder, field) or "" for field in FIELDS if field in TaskForm.base_fields}
        return _form_page(request, TaskForm(initial=shown, colleagues=others), reminder)
    form = TaskForm(request.POST, colleagues=others)
    if not form.is_valid():
        return _form_page(request, form, reminder)
    try:
        with transaction.atomic():
            reminder = services.edit(request.user.pk, reminder_id, form.changes(), form.seen())
            if form.given_to:
                reminder = services.give(request.user.pk, reminder_id, form.given_to.pk)
    except InvalidReminder as invalid:
        form.explain(invalid.sentences)
        return _form_page(request, form, reminder)
    except ChangedMeanwhile as changed:
        form.explain_meanwhile(changed.current)
        return _form_page(request, form, reminder)
    except (OwnerSaidElsewhere, NobodyToGiveTo):
        form.explain({"owner": GONE_THERE})
        return _form_page(request, form, reminder)
    except ReminderNotFound:
        raise Http404 from None
    if form.given_to:
        return done(request, given(reminder, form.given_to))
    return done(request, toast(_("Saved “%(name)s”.") % {"name": reminder.name}, reminder))


@require_POST
def complete_task(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """Marks a task complete."""
    return _change(request, services.complete, reminder_id, _("Completed “%(name)s”."))


@require_POST
def reopen_task(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """Marks a task open again."""
    return _change(request, services.reopen, reminder_id, _("Reopened “%(name)s”."))


@require_POST
def delete_task(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """Deletes a task."""
    return _change(request, services.delete, reminder_id, _("Deleted “%(name)s”."))


@require_POST
def undo_task(request: MemberRequest, reminder_id: int, rev: int) -> HttpResponse:
    """Takes back the change that made `rev`."""
    try:
        reminder = services.undo(request.user.pk, reminder_id, rev)
    except ReminderNotFound:
        raise Http404 from None
    except NothingToUndo:
        words = _(
            "Nothing was undone: that change was more than ten minutes ago, or the task was changed again since."
        )
        return done(request, {"words": words, "undo": ""})
    return done(
        request, toast(_("Undone: “%(name)s” is as it was before.") % {"name": reminder.name}, reminder)
    )


def _own(request: MemberRequest, reminder_id: int) -> Reminder:
    """The member's task. Somebody else's is not there: 404."""
    reminder = Reminder.objects.of(request.user.pk).filter(pk=reminder_id).first()
    if reminder is None:
        raise Http404
    return reminder


def _change(
    request: MemberRequest, service: Callable[[int, int], Reminder], reminder_id: int, words: str
) -> HttpResponse:
    try:
        reminder = service(request.user.pk, reminder_id)
    except ReminderNotFound:
        raise Http404 from None
    return done(request, toast(words % {"name": reminder.name}, reminder))


def done(request: MemberRequest, said: Toast) -> HttpResponse:
    """The answer to every change that was made: the list from which it was made, and the toast."""
    wanted = replace(_asked_from(request), choose="")
    if not request.htmx:
        request.session["toast"] = said
        return redirect(reverse("command-center") + wanted.query)
    words = {"tasks": drawn_list(request.user, wanted), "toast": said, "anew": True}
    return trigger_client_event(render(request, "reminders/changed.html", words), "tandem:done")


def drawn_list(member: Member, wanted: Asked, *, to_read: bool = False) -> dict[str, str]:
    """The lists as HTML, and a stamp that is the same for as long as they look the same; still: never drawn anew.
    to_read: by somebody who may not change them.

    No request goes into the drawing: a CSRF token, new each time, would make every drawing look new.
    """
    words = {"center": command_center(member, clock.now(), wanted), "to_read": to_read}
    html = render_to_string("reminders/lists.html", words)
    summary = render_to_string("reminders/summary.html", words)
    stamp = hashlib.sha256((summary + html).encode()).hexdigest()[:16]
    return {
        "html": html,
        "summary": summary,
        "stamp": stamp,
        "query": wanted.query.lstrip("?"),
        "still": wanted.choose,
    }


def _asked_from(request: MemberRequest) -> Asked:
    """What the page showed from which something was done: an htmx request names it, a plain form says where it was."""
    if request.htmx:
        return asked_by(request.htmx.current_url)
    return asked_by(request.POST.get("back") or request.headers.get("Referer"))


def _colleagues(request: MemberRequest) -> list[Member]:
    """To whom a task may be given: everybody else on the team."""
    return list(Member.objects.filter(is_active=True).exclude(pk=request.user.pk).order_by("name", "pk"))


def _form_page(request: MemberRequest, form: TaskForm, reminder: Reminder | None = None) -> HttpResponse:
    """The form, in a dialog or as a page of its own; 422 when it says what to mend."""
    back = asked_by(request.POST.get("back") or request.headers.get("Referer")).query
    there = reminder is not None and "owner" not in form.fields and questions.is_there(reminder.pk)
    words = {"form": form, "reminder": reminder, "back": back, "there": there}
    status = 422 if form.is_bound else 200
    if not request.htmx:
        return render(request, "reminders/task_page.html", words, status=status)
    response = render(request, "reminders/task_form.html", words, status=status)
    return reswap(retarget(response, "#dialog"), "innerHTML")

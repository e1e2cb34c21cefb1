"""The Command Center and what is done to a task there.

Every form works without JavaScript: the answer is then a redirect, and the toast waits in the session for the page.
With htmx the answer is the list drawn anew, and the toast beside it.
"""

import hashlib
from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from tandem import clock
from tandem.accounts.requests import MemberRequest
from tandem.reminders import services
from tandem.reminders.command_center import command_center
from tandem.reminders.days import days
from tandem.reminders.errors import ChangedMeanwhile, InvalidReminder, NothingToUndo, ReminderNotFound
from tandem.reminders.forms import TaskForm
from tandem.reminders.models import Reminder
from tandem.reminders.toasts import Toast, added, toast


@never_cache
@require_GET
def command_center_page(request: MemberRequest) -> HttpResponse:
    """The page as a whole."""
    words = {"tasks": _drawn_list(request), "toast": request.session.pop("toast", None)}
    return render(request, "reminders/command_center.html", words)


@never_cache
@require_GET
def task_list(request: MemberRequest) -> HttpResponse:
    """The list alone, for the page's poll; 204 when it would look as the page says it does (?seen=)."""
    drawn = _drawn_list(request)
    if drawn["stamp"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "reminders/tasks.html", {"tasks": drawn})


@never_cache
@require_http_methods(["GET", "POST"])
def new_task(request: MemberRequest) -> HttpResponse:
    """Asks for a new task, due today unless told otherwise, and writes it."""
    today = days(request.user.time_zone, clock.now())
    if request.method == "GET":
        return _form_page(request, TaskForm(initial={"due": today.today, "priority": "normal"}))
    form = TaskForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    reminder = services.create(request.user.pk, form.values)
    return _done(request, added(reminder, today))


@never_cache
@require_http_methods(["GET", "POST"])
def edit_task(request: MemberRequest, reminder_id: int) -> HttpResponse:
    """Shows a task to change it, and writes what was changed."""
    reminder = _own(request, reminder_id)
    if request.method == "GET":
        shown = {field: getattr(reminder, field) or "" for field in TaskForm.base_fields}
        return _form_page(request, TaskForm(initial=shown), reminder)
    form = TaskForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, reminder)
    try:
        reminder = services.edit(request.user.pk, reminder_id, form.changes(), form.seen())
    except InvalidReminder as invalid:
        form.explain(invalid.sentences)
        return _form_page(request, form, reminder)
    except ChangedMeanwhile as changed:
        form.explain_meanwhile(changed.current)
        return _form_page(request, form, reminder)
    except ReminderNotFound:
        raise Http404 from None
    return _done(request, toast(_("Saved “%(name)s”.") % {"name": reminder.name}, reminder))


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
        return _done(request, {"words": words, "undo": ""})
    return _done(
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
    return _done(request, toast(words % {"name": reminder.name}, reminder))


def _done(request: MemberRequest, said: Toast) -> HttpResponse:
    """The answer to every change that was made."""
    if not request.htmx:
        request.session["toast"] = said
        return redirect("command-center")
    response = render(request, "reminders/changed.html", {"tasks": _drawn_list(request), "toast": said})
    return trigger_client_event(response, "tandem:done")


def _form_page(request: MemberRequest, form: TaskForm, reminder: Reminder | None = None) -> HttpResponse:
    """The form, in a dialog or as a page of its own; 422 when it says what to mend."""
    words = {"form": form, "reminder": reminder}
    status = 422 if form.is_bound else 200
    if not request.htmx:
        return render(request, "reminders/task_page.html", words, status=status)
    response = render(request, "reminders/task_form.html", words, status=status)
    return reswap(retarget(response, "#dialog"), "innerHTML")


def _drawn_list(request: MemberRequest) -> dict[str, str]:
    """The lists as HTML, and a stamp that is the same for as long as they look the same.

    No request goes into the drawing: a CSRF token, new each time, would make every drawing look new.
    """
    html = render_to_string("reminders/lists.html", {"center": command_center(request.user, clock.now())})
    return {"html": html, "stamp": hashlib.sha256(html.encode()).hexdigest()[:16]}

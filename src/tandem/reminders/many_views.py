"""Several tasks at once: complete them, or move them to another day, and take all of it back."""

from __future__ import annotations

import re

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tandem.accounts.requests import MemberRequest
from tandem.reminders import many
from tandem.reminders.asked import Asked, asked_by
from tandem.reminders.command_center import ROWS
from tandem.reminders.errors import InvalidReminder
from tandem.reminders.toasts import Toast
from tandem.reminders.values import checked_fields
from tandem.reminders.views import done

#: "12.3-15.4": task 12 at rev 3, task 15 at rev 4.
_MADE = re.compile(r"\d{1,18}\.\d{1,9}(-\d{1,18}\.\d{1,9})*")


@require_POST
def change_many(request: MemberRequest) -> HttpResponse:
    """Completes or moves the tasks that were ticked."""
    back = asked_by(request.POST.get("back"))
    ticked = [int(each) for each in request.POST.getlist("task") if each.isdecimal() and len(each) < 19][
        :ROWS
    ]
    if not ticked:
        return _stay(request, back, _("Nothing was changed: tick the tasks first."))
    if request.POST.get("do") == "complete":
        made = many.complete(request.user.pk, ticked)
        words = ngettext("Completed %(n)s task.", "Completed %(n)s tasks.", len(made))
    else:
        try:
            due = checked_fields({"due": request.POST.get("due", "")})["due"]
        except InvalidReminder as invalid:
            return _stay(request, back, str(invalid.sentences["due"]))
        if due is None:
            return _stay(request, back, _("Nothing was changed: choose a day first."))
        made = many.reschedule(request.user.pk, ticked, due)
        words = ngettext("Moved %(n)s task to %(day)s.", "Moved %(n)s tasks to %(day)s.", len(made))
        words = words.replace("%(day)s", formats.date_format(due, "l j F"))
    changes = "-".join(f"{reminder}.{rev}" for reminder, rev in made)
    undo = reverse("undo-many", args=[changes]) if made else ""
    request.session["toast"] = {"words": words.replace("%(n)s", str(len(made))), "undo": undo}
    return redirect(reverse("command-center") + back.choosing("").query)


@require_POST
def undo_many(request: MemberRequest, changes: str) -> HttpResponse:
    """Takes back what one click changed."""
    if not _MADE.fullmatch(changes):
        raise Http404
    asked_for = [tuple(map(int, each.split("."))) for each in changes.split("-")]
    undone = many.undo(request.user.pk, [(reminder, rev) for reminder, rev in asked_for])
    words = ngettext("Undone: %(n)s task is as it was.", "Undone: %(n)s tasks are as they were.", undone)
    said: Toast = {"words": words % {"n": undone}, "undo": ""}
    if undone < len(asked_for):
        left = len(asked_for) - undone
        stay = ngettext(
            "%(n)s stays: it was changed again since, or more than ten minutes ago.",
            "%(n)s stay: they were changed again since, or more than ten minutes ago.",
            left,
        )
        said["words"] += " " + stay % {"n": left}
    return done(request, said)


def _stay(request: MemberRequest, back: Asked, words: str) -> HttpResponse:
    """Nothing was done; go on choosing."""
    request.session["toast"] = {"words": words, "undo": ""}
    return redirect(reverse("command-center") + back.choosing("some").query)

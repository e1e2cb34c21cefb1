"""One email: what it says, what it was answered, where it is logged, and what follows upon it.

What somebody else wrote is shown as text, or as HTML in a frame that can do nothing: no script, no form, no request to
anywhere, and not even our own cookies.
"""

from __future__ import annotations

from csp.decorators import csp_update
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from tandem import clock
from tandem.accounts.requests import MemberRequest
from tandem.emails.actions import may_edit, may_write_again, quick
from tandem.emails.lists import folder_of
from tandem.emails.models import Email, FollowUp
from tandem.reminders import services as reminders
from tandem.reminders.days import days
from tandem.reminders.forms import TaskForm
from tandem.reminders.models import Reminder

State = Email.State

#: What the HTML of an email may do: show its text, its inline styles, and pictures that are part of it.
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@never_cache
@require_GET
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # its type knows no request but Django's own
def email_page(request: MemberRequest, email_id: int) -> HttpResponse:
    """One email: who, when, what it says, what it was answered, and why it is in Salesforce or not."""
    email = _own(request, email_id)
    words = {
        "email": email,
        "replies": Email.objects.of(request.user.pk).filter(answers=email).order_by("at"),
        "follow_ups": Reminder.objects.of(request.user.pk).filter(follows_up__email=email).order_by("pk"),
        "to": next((one for one in email.recipients.all() if one.role == "to"), None),
        "actions": [each for each in quick(email) if each[0] != "discard" or email.state != State.FAILED],
        "may_edit": may_edit(email),
        "may_write_again": may_write_again(email),
        "may_undo": email.state in (State.SCHEDULED, State.SENDING),
        "may_delete": email.state in (State.DRAFT, State.SCHEDULED, State.FAILED),
        "folder": folder_of(email),
        "toast": request.session.pop("toast", None),
    }
    return render(request, "emails/email.html", words)


@never_cache
@require_GET
@xframe_options_sameorigin
def email_html(request: MemberRequest, email_id: int) -> HttpResponse:
    """The HTML of one email for its frame; it was made safe before it was stored, and can do nothing here anyway."""
    return HttpResponse(_own(request, email_id).html, headers={"Content-Security-Policy": _FRAMED})


@never_cache
@require_http_methods(["GET", "POST"])
def follow_up(request: MemberRequest, email_id: int) -> HttpResponse:
    """Writes a task upon an email, due tomorrow unless told otherwise; each leads to the other (CC-6)."""
    email = _own(request, email_id)
    if request.method == "GET":
        tomorrow = days(request.user.time_zone, clock.now()).tomorrow
        name = _("Follow up: %(subject)s") % {"subject": email.subject or email.sender}
        form = TaskForm(initial={"name": name[:255], "due": tomorrow, "priority": "normal"})
        return render(request, "emails/follow_up.html", {"form": form, "email": email})
    form = TaskForm(request.POST)
    if not form.is_valid():
        return render(request, "emails/follow_up.html", {"form": form, "email": email}, status=422)
    about = ", ".join(one.name or one.address for one in email.recipients.all()[:2])
    with transaction.atomic():
        reminder = reminders.create(request.user.pk, form.values, about)
        FollowUp.objects.create(email=email, reminder=reminder)
    request.session["toast"] = {"words": _("Added “%(name)s”.") % {"name": reminder.name}, "undo": ""}
    return redirect("email", email.pk)


def _own(request: MemberRequest, email_id: int) -> Email:
    """The member's email. Somebody else's, or one that was deleted, is not there: 404."""
    mine = Email.objects.of(request.user.pk).filter(pk=email_id)
    email = mine.prefetch_related("recipients").first()
    if email is None:
        raise Http404
    return email

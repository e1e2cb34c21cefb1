"""Writing an email: compose, save, schedule, send with ten seconds to take it back.

Everything works without JavaScript: a form is posted, and the answer is a redirect or the form with what to mend.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tandem.accounts.requests import MemberRequest
from tandem.emails import services
from tandem.emails.errors import InvalidDraft, NotNow
from tandem.emails.forms import EmailForm
from tandem.emails.mime import Attachment, files
from tandem.emails.models import Email, MailAccount, Template
from tandem.emails.templates_of import templates_for
from tandem.emails.values import SUBJECT_LENGTH

#: States in which an email can still be changed.
CHANGEABLE = (Email.State.DRAFT, Email.State.SCHEDULED)
_WAITING = (*CHANGEABLE, Email.State.SENDING)


@never_cache
@require_http_methods(["GET", "POST"])
def compose(request: MemberRequest) -> HttpResponse:
    """A new email; ?template= begins with one, ?to= with an address, ?subject= with a subject."""
    if request.method == "POST":
        return _take(request, EmailForm([], request.POST, request.FILES), None)
    chosen = _template(request, request.GET.get("template", ""))
    begun = {
        "to": request.GET.get("to", ""),
        "subject": chosen.subject if chosen else request.GET.get("subject", "")[:SUBJECT_LENGTH],
        "text": chosen.text if chosen else "",
        "begun_with": chosen.name if chosen else "",
    }
    return _page(request, EmailForm([], initial=begun), None, chosen=chosen)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: MemberRequest, email_id: int) -> HttpResponse:
    """A draft, or an email that is scheduled."""
    email = _own(request, email_id)
    if email.state not in CHANGEABLE:
        return _said(request, _("This email can no longer be changed."))
    held = _files_of(email)
    if request.method == "POST":
        return _take(request, EmailForm(held, request.POST, request.FILES), email)
    named: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    for one in email.recipients.order_by("pk"):
        named[one.role].append(f"{one.name} <{one.address}>" if one.name else one.address)
    shown: dict[str, Any] = {role: ", ".join(addresses) for role, addresses in named.items()}
    shown |= {
        "subject": email.subject,
        "text": email.text,
        "private": not email.log,
        "begun_with": email.template_name,
        "at": email.at if email.state == Email.State.SCHEDULED else None,
    }
    return _page(request, EmailForm(held, initial=shown), email)


@require_POST
def undo(request: MemberRequest, email_id: int) -> HttpResponse:
    """Takes back what has not begun to go out."""
    email = _own(request, email_id)
    try:
        services.undo_send(email)
    except NotNow:
        return _said(request, _("It is too late: the email is on its way, or out already."))
    request.session["toast"] = {"words": _("Taken back. The email is a draft again."), "undo": ""}
    return redirect("edit-email", email.pk)


@require_POST
def delete(request: MemberRequest, email_id: int) -> HttpResponse:
    """Deletes what never went out."""
    try:
        services.delete_draft(_own(request, email_id))
    except NotNow:
        return _said(request, _("This email is on its way, or out already; it was not deleted."))
    return _said(request, _("Deleted."))


def _take(request: MemberRequest, form: EmailForm, email: Email | None) -> HttpResponse:
    """What was typed, kept, and sent where that was asked for."""
    if not form.is_valid():
        return _page(request, form, email, status=422)
    do = request.POST.get("do", "draft")
    at = form.cleaned_data.get("at")
    if do == "schedule" and at is None:
        form.explain({"at": _("There is no time yet. Nothing was sent. Choose when it should go out.")})
        return _page(request, form, email, status=422)
    try:
        kept = services.edit_draft(email, form.values) if email else services.draft(request.user, form.values)
    except NotNow:
        return _said(
            request, _("It is too late: the email is on its way, or out already. Nothing was changed.")
        )
    try:
        if do == "send":
            sent = services.send_soon(kept)
            words = _("“%(subject)s” goes out in ten seconds.") % {"subject": sent.subject}
            return _said(request, words, undo=reverse("undo-email", args=[sent.pk]))
        if do == "schedule" and at is not None:
            sent = services.schedule(kept, at)
            moment = pgettext("moment of a change, in Django's date format", "j M Y, H:i")
            when = formats.date_format(at, moment)  # the form gave it in their zone
            words = _("“%(subject)s” goes out on %(when)s.") % {"subject": sent.subject, "when": when}
            return _said(request, words, undo=reverse("undo-email", args=[sent.pk]))
    except InvalidDraft as invalid:
        form.explain(invalid.sentences)
        return _page(request, form, kept, status=422)
    return _said(request, _("Saved as a draft."))


def _page(
    request: MemberRequest,
    form: EmailForm,
    email: Email | None,
    *,
    status: int = 200,
    chosen: Template | None = None,
) -> HttpResponse:
    waiting = Email.objects.filter(member=request.user, state__in=_WAITING).order_by("not_before", "-pk")
    words = {
        "form": form,
        "email": email,
        "chosen": chosen,
        "templates": templates_for(request.user),
        "account": MailAccount.objects.filter(member=request.user).first(),
        "waiting": waiting.exclude(pk=email.pk if email else 0)[:20],
        "toast": request.session.pop("toast", None),
    }
    return render(request, "emails/compose.html", words, status=status)


def _said(request: MemberRequest, words: str, undo: str = "") -> HttpResponse:
    request.session["toast"] = {"words": words, "undo": undo, "alone": True}
    return redirect("compose-email")


def _own(request: MemberRequest, email_id: int) -> Email:
    """The member's email. Somebody else's is not there: 404."""
    email = Email.objects.filter(member=request.user, pk=email_id).first()
    if email is None:
        raise Http404
    return email


def _template(request: MemberRequest, number: str) -> Template | None:
    return templates_for(request.user).filter(pk=int(number)).first() if number.isdecimal() else None


def _files_of(email: Email) -> list[Attachment]:
    return files(bytes(email.source.content))

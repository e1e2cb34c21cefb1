"""Sending copies to Salesforce again, because their sender asks for it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tandem.accounts.requests import MemberRequest
from tandem.emails import second_envelope
from tandem.emails.errors import NotNow
from tandem.emails.models import Email


@require_POST
def send_copy_again(request: MemberRequest, email_id: int) -> HttpResponse:
    """The copy of one's own email goes out again, now; somebody else's email is not there: 404."""
    email = Email.objects.filter(member=request.user, pk=email_id).first()
    if email is None:
        raise Http404
    try:
        second_envelope.try_again(email)
        words = _("The copy goes to Salesforce again.")
    except NotNow:
        words = _(
            "The copy was not sent again: Email to Salesforce is off, it is on its way, Salesforce has it, or its text is not kept any more."
        )
    request.session["toast"] = {"words": words, "undo": ""}
    return redirect("email", email_id)


@require_POST
def send_copies_again(request: MemberRequest) -> HttpResponse:
    """All copies of one's own that wait for a person go out again, now."""
    count = second_envelope.try_all_again(request.user)
    words = ngettext("%(n)s copy goes to Salesforce again.", "%(n)s copies go to Salesforce again.", count)
    if not count:
        words = _("No copy was sent again: none waits for you, or Email to Salesforce is off.")
    request.session["toast"] = {"words": words % {"n": count} if count else words, "undo": "", "alone": True}
    return redirect("diagnostics")

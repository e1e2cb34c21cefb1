"""A member's emails by what became of them, one email, and the quick actions on it.

What somebody else wrote is shown as text, or as HTML in a frame that can do nothing: no script, no form, no request to
anywhere, and not even our own cookies.
"""

from __future__ import annotations

from collections.abc import Callable

from csp.decorators import csp_update
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from tandem.accounts.requests import MemberRequest
from tandem.emails import services
from tandem.emails.errors import EmailError
from tandem.emails.lists import FOLDERS, TABS, counts, folder_of, in_folder
from tandem.emails.models import Email

PAGE = 50
State = Email.State

Service = Callable[[Email], None]

#: What a person may do: the service, what it is done to, its words, and what is said afterwards.
_ACTIONS: dict[str, tuple[Service, Callable[[Email], bool], Promise, Promise]] = {
    "archive": (
        services.archive,
        lambda email: (
            email.archived_at is None and email.state not in (State.DRAFT, State.SCHEDULED, State.SENDING)
        ),
        _("Archive"),
        _("Archived “%(subject)s”."),
    ),
    "unarchive": (
        services.unarchive,
        lambda email: email.archived_at is not None,
        _("Put back"),
        _("“%(subject)s” is back in your list."),
    ),
    "retry": (
        services.retry,
        lambda email: email.state == State.FAILED,
        _("Send again"),
        _("“%(subject)s” is going out again."),
    ),
}
#: What the HTML of an email may do: show its text, its inline styles, and pictures that are part of it.
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

_TAKEN_BACK_BY = {"archive": "unarchive", "unarchive": "archive"}


@never_cache
@require_GET
def email_list(request: MemberRequest) -> HttpResponse:
    """One heading of one tab, the last email first; ?before= goes on behind the last one shown."""
    name = request.GET.get("folder", "delivered")
    before = request.GET.get("before", "")
    if name not in FOLDERS or (before and not (before.isdecimal() and len(before) < 19)):
        raise Http404
    folder = FOLDERS[name]
    lying = in_folder(request.user.pk, folder)
    found = list((lying.filter(pk__lt=int(before)) if before else lying)[: PAGE + 1])
    firsts = {tab: next(each for each, one in FOLDERS.items() if one.tab == tab) for tab in TABS}
    number = counts(request.user.pk, folder.tab)
    words = {
        "tabs": [(firsts[tab], said, tab == folder.tab) for tab, said in TABS.items()],
        "folders": [(each, FOLDERS[each].words, count, each == name) for each, count in number.items()],
        "folder": folder,
        "name": name,
        "emails": found[:PAGE],
        "more": found[PAGE - 1].pk if len(found) > PAGE else None,
        "toast": request.session.pop("toast", None),
    }
    return render(request, "emails/list.html", words)


@never_cache
@require_GET
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # its type knows no request but Django's own
def email_page(request: MemberRequest, email_id: int) -> HttpResponse:
    """One email: who, when, what it says, what it was answered, and why it is in Salesforce or not."""
    email = _own(request, email_id)
    words = {
        "email": email,
        "replies": Email.objects.filter(answers=email, member=request.user).order_by("at"),
        "actions": [(name, said) for name, (_s, fits, said, _a) in _ACTIONS.items() if fits(email)],
        "may_edit": email.state in (State.DRAFT, State.SCHEDULED),
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


@require_POST
def act(request: MemberRequest, email_id: int, action: str) -> HttpResponse:
    """One of the quick actions. One that fits no more, because the email went on meanwhile, says so."""
    email = _own(request, email_id)
    if action not in _ACTIONS:
        raise Http404
    service, _fits, _said, done = _ACTIONS[action]
    try:
        service(email)
    except EmailError:
        said = _("Nothing was done: the email went on in the meantime. Look at where it is now.")
        request.session["toast"] = {"words": str(said), "undo": ""}
        return redirect("email", email_id)
    back = _TAKEN_BACK_BY.get(action)
    undo = reverse("email-action", args=[email_id, back]) if back else ""
    request.session["toast"] = {
        "words": str(done) % {"subject": email.subject or "–"},
        "undo": undo,
        "alone": True,
    }
    return redirect(f"{reverse('emails')}?folder={folder_of(email)}")


def _own(request: MemberRequest, email_id: int) -> Email:
    """The member's email. Somebody else's is not there: 404."""
    email = Email.objects.filter(member=request.user, pk=email_id).prefetch_related("recipients").first()
    if email is None:
        raise Http404
    return email

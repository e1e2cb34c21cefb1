"""A member's emails by what became of them: a page of a folder, its columns, and the quick actions on it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem.accounts.requests import MemberRequest
from tandem.emails import services
from tandem.emails.actions import ACTIONS, may_edit, may_write_again, quick
from tandem.emails.asked import NoSuchFolder, asked
from tandem.emails.columns import COLUMNS, known, unasked
from tandem.emails.errors import EmailError
from tandem.emails.lists import FOLDERS, TABS, counts, folder_of, in_folder
from tandem.emails.models import Email
from tandem.habits import services as habits
from tandem.view_as.looking import looked_at

PAGE = 50


@never_cache
@require_GET
def email_list(request: MemberRequest) -> HttpResponse:
    """One heading of one tab, the last email first; emails.asked says which of them.

    An admin who looks at a colleague's reads what, to whom and when, but no email itself (docs/decisions/0032).
    """
    try:
        wanted = asked(request.GET.dict(), FOLDERS, request.user.time_zone)
    except NoSuchFolder:
        raise Http404 from None
    folder = FOLDERS[wanted.folder]
    colleague = looked_at(request)
    whose = colleague or request.user
    found = list(in_folder(whose.pk, wanted)[: PAGE + 1])
    firsts = {tab: next(each for each, one in FOLDERS.items() if one.tab == tab) for tab in TABS}
    number = counts(whose.pk, folder.tab)
    chosen = habits.columns(request.user, wanted.folder)
    columns = known(unasked(wanted.folder) if chosen is None else chosen)
    words = {
        "tabs": [(firsts[tab], said, tab == folder.tab) for tab, said in TABS.items()],
        "folders": [
            (each, FOLDERS[each].words, count, each == wanted.folder) for each, count in number.items()
        ],
        "to_read": colleague is not None,
        "folder": folder,
        "asked": wanted,
        "rows": [_row(email) for email in found[:PAGE]],
        "emails": found[:PAGE],
        "older": wanted.behind(found[PAGE - 1].pk) if len(found) > PAGE else "",
        "whose": whose,
        "shown": columns,
        "columns": [(name, COLUMNS[name]) for name in columns],
        "choices": [(name, label, name in columns) for name, label in COLUMNS.items()],
        "saved": list(habits.searches(request.user, "emails")),
        "toast": request.session.pop("toast", None),
    }
    return render(request, "emails/list.html", words)


def _row(email: Email) -> dict[str, Any]:
    return {
        "email": email,
        "actions": quick(email),
        "may_edit": may_edit(email),
        "may_write_again": may_write_again(email),
        "to": next((one for one in email.recipients.all() if one.role == "to"), None),
    }


@require_POST
def choose_columns(request: MemberRequest, folder: str) -> HttpResponse:
    """Show these columns in this folder from now on (CC-7)."""
    if folder not in FOLDERS:
        raise Http404
    habits.keep_columns(request.user, folder, known(request.POST.getlist("column")))
    request.session["toast"] = {
        "words": str(_("Saved. This folder shows these columns from now on.")),
        "undo": "",
    }
    return redirect(f"{reverse('emails')}?folder={folder}")


@require_POST
def act(request: MemberRequest, email_id: int, action: str) -> HttpResponse:
    """One of the quick actions. One that fits no more, because the email went on meanwhile, says so."""
    email = Email.objects.filter(member=request.user, pk=email_id).first()
    if email is None or action not in ACTIONS or (email.deleted_at and action != "restore"):
        raise Http404
    was_in, chosen = folder_of(email), ACTIONS[action]
    try:
        chosen.service(email)
    except EmailError:
        said = _("Nothing was done: the email went on in the meantime. Look at where it is now.")
        request.session["toast"] = {"words": str(said), "undo": ""}
        return redirect("email", email_id)
    request.session["toast"] = {
        "words": str(chosen.done) % {"subject": email.subject or "–"},
        "undo": reverse("email-action", args=[email_id, chosen.back]) if chosen.back else "",
        "alone": True,
    }
    return redirect(_list_before(request, was_in))


def _list_before(request: MemberRequest, folder: str) -> str:
    """The list from which something was done, narrowed as it was; the folder, if that was done elsewhere."""
    came = urlsplit(request.headers.get("Referer") or "")
    if came.path == reverse("emails"):
        with suppress(NoSuchFolder):
            return reverse("emails") + asked(dict(parse_qsl(came.query)), FOLDERS, "UTC").query
    return f"{reverse('emails')}?folder={folder}"


@require_POST
def write_again(request: MemberRequest, email_id: int) -> HttpResponse:
    """A draft of what bounced, to correct and send (CC-5)."""
    email = Email.objects.of(request.user.pk).filter(pk=email_id).first()
    if email is None or not may_write_again(email):
        raise Http404
    request.session["toast"] = {
        "words": str(_("This is a new draft of it. Correct the address, then send it.")),
        "undo": "",
    }
    return redirect("edit-email", services.write_again(email).pk)

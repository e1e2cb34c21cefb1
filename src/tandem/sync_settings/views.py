"""The Sync Settings page and what its cards do.

Every form works without JavaScript: it is posted, and the answer is a redirect to the page with its card open. Only the
previews and the progress bar are fetched by htmx.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.connections.explanations import explained
from tandem.sync.ports import NoAnswer
from tandem.sync_settings import cards
from tandem.sync_settings.buttons import TEAM_RULES, Button
from tandem.sync_settings.errors import AdminsOnly, InvalidSettings, NotConnected, NotPulled, SetByAdmin
from tandem.sync_settings.foresee import foresee
from tandem.sync_settings.forms import (
    CallsForm,
    EmailApiForm,
    EmailBccForm,
    SubjectForm,
    TasksForm,
)
from tandem.sync_settings.values import TASKS_DEFAULT, Section, Subject, Tasks, plain
from tandem.sync_settings.words import told


@never_cache
@require_GET
def sync_settings(request: MemberRequest) -> HttpResponse:
    """The page as a whole; ?open= names the card that is open, ?tab=bcc the second tab of the first."""
    card = request.GET.get("open", "")
    shown: dict[str, Any] = {"toast": request.session.pop("toast", None)}
    if card == "tasks" and "preview" in request.GET:  # without JavaScript the preview is a link
        shown["preview"] = _preview(request)
    return _page(request, card, tab=request.GET.get("tab", ""), **shown)


def pressed(button: Button[Any]) -> Callable[[MemberRequest], HttpResponse]:
    """The view of one button of the page."""

    @require_POST
    def view(request: MemberRequest) -> HttpResponse:
        return _press(request, button)

    return view


@require_POST
def use_team_rules(request: MemberRequest, section: str) -> HttpResponse:
    """Let the team's rules hold again."""
    if section not in TEAM_RULES:
        raise Http404
    return _press(request, TEAM_RULES[section])


# --- what htmx fetches ------------------------------------------------------------------------------------------------


@never_cache
@require_GET
def tasks_preview(request: MemberRequest) -> HttpResponse:
    """What Save would do (P4); asks Salesforce, changes nothing."""
    return render(request, "sync_settings/tasks_preview.html", {"preview": _preview(request)})


@never_cache
@require_GET
def tasks_progress(request: MemberRequest) -> HttpResponse:
    """How far the first import has come; ?said= is the last quarter that was read out."""
    card = cards.tasks_card_of(request.user, clock.now())
    return render(
        request, "sync_settings/tasks_progress.html", {"tasks_card": card, **_to_say(request, card)}
    )


@never_cache
@require_GET
@admins_only
def subject_preview(request: MemberRequest) -> HttpResponse:
    """What a template that is not saved yet would make of a real task."""
    found = cards.subject_preview(request.user, request.GET.get("template", "").strip())
    return render(request, "sync_settings/subject_preview.html", {"subject_preview": found})


# --- one way to answer each -------------------------------------------------------------------------------------------


def _press(request: MemberRequest, button: Button[Any]) -> HttpResponse:
    """Do it, and land on the card with its words; or the page as it was sent, with what to do: nothing was saved."""
    form = button.filled(request.POST)
    told = {"tab": button.tab, form.name: form}
    try:
        words = button.press(request.user, form)
    except InvalidSettings as invalid:
        form.explain(invalid.sentences)
        if isinstance(invalid, NotPulled):
            told["not_pulled"] = invalid.lack
        return _page(request, button.card, status=422, **told)
    except SetByAdmin:
        told["toast"] = _toast(_("Your admin has set this for everybody. Nothing was saved."))
        return _page(request, button.card, status=403, **told)
    except NotConnected:
        told["toast"] = _toast(_("You are not connected to Salesforce. Nothing was saved. Connect first."))
        return _page(request, button.card, status=409, **told)
    except AdminsOnly:
        raise PermissionDenied from None
    request.session["toast"] = _toast(str(words))
    where = urlencode({"open": button.card, "tab": button.tab} if button.tab else {"open": button.card})
    return redirect(f"{reverse('sync-settings')}?{where}#card-{button.card}")


def _toast(words: str) -> dict[str, str]:
    return {"words": words, "undo": ""}


def _page(
    request: MemberRequest, card: str, *, tab: str = "", status: int = 200, **shown: Any
) -> HttpResponse:
    page = cards.cards_of(request.user, clock.now())
    rules, lock = page.rules, page.rules.locked
    editor: dict[str, Any] = {}
    if page.is_admin:
        template = str(shown["subject"]["template"].value() or "") if "subject" in shown else page.template
        editor = {
            "subject": SubjectForm.showing(Subject(page.template)),
            "dynamic_fields": cards.dynamic_fields(),
            "subject_preview": cards.subject_preview(request.user, template),
        }
    words = {
        "page": page,
        "open": card,
        "tab": tab,
        "email_api": EmailApiForm.showing(rules.email_api, Section.EMAIL_API in lock),
        "email_bcc": EmailBccForm.showing(rules.email_bcc, Section.EMAIL_BCC in lock),
        "tasks": TasksForm.showing(_choice(page), Section.TASKS in lock),
        "calls": CallsForm.showing(rules.calls, Section.CALLS in lock),
        "set_by_admin": {section.name: page.locked(section) for section in Section},
        "told_email_api": told(plain(rules.email_api), leave_out=["both"]),
        "told_calls": told(plain(rules.calls)),
        "told_tasks": told(plain(_choice(page))),
        "tasks_card": page.tasks,
        **editor,
        **shown,
    }
    return render(request, "sync_settings/page.html", words, status=status)


def _choice(page: cards.Cards) -> Tasks:
    """What the task card's radio shows: what is so, else what was saved, else P1's default."""
    if page.tasks.state != "off":
        return Tasks(sync=True)
    if page.tasks.badge is cards.NOT_SAVED:
        return TASKS_DEFAULT
    return Tasks(sync=False)


def _preview(request: MemberRequest) -> dict[str, Any]:
    """The preview as the template shows it: what would happen, or why nobody can say."""
    everybody = bool(request.GET.get("locked")) and request.user.role == Member.Role.ADMIN
    try:
        return {"foreseen": foresee(request.user, everybody=everybody), "everybody": everybody}
    except NoAnswer as unanswered:
        return {"trouble": explained(unanswered.code, unanswered.text)}
    except NotConnected:
        return {}


def _to_say(request: MemberRequest, card: cards.TasksCard) -> dict[str, Any]:
    """What a screen reader is told: at the start, at every quarter, at the end; nothing in between."""
    percent = card.importing.percent if card.importing else None
    quarter = (percent or 0) // 25 * 25 if card.moving else 100
    before = request.GET.get("said", "")
    news = not before.isdecimal() or int(before) < quarter or not card.moving
    return {"said": quarter, "news": news}

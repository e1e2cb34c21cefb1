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
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.sync.ports import NoAnswer
from tandem.sync_settings import cards, services
from tandem.sync_settings.errors import AdminsOnly, InvalidSettings, NotConnected, SetByAdmin
from tandem.sync_settings.foresee import foresee
from tandem.sync_settings.forms import (
    CallsForm,
    CardForm,
    EmailApiForm,
    EmailBccForm,
    SubjectForm,
    TasksForm,
)
from tandem.sync_settings.values import TASKS_DEFAULT, Section, Subject, Tasks, plain
from tandem.sync_settings.words import told

SAVED = gettext_lazy("Saved.")


@never_cache
@require_GET
def sync_settings(request: MemberRequest) -> HttpResponse:
    """The page as a whole; ?open= names the card that is open, ?tab=bcc the second tab of the first."""
    card = request.GET.get("open", "")
    shown: dict[str, Any] = {"toast": request.session.pop("toast", None)}
    if card == "tasks" and "preview" in request.GET:  # without JavaScript the preview is a link
        shown["preview"] = _preview(request)
    return _page(request, card, tab=request.GET.get("tab", ""), **shown)


@require_POST
def save_email_api(request: MemberRequest) -> HttpResponse:
    """Save of the tab “Salesforce API”."""
    form = _filled(EmailApiForm(request.POST, auto_id="api-%s"))
    return _save(
        request,
        "email",
        lambda: services.save_email_api(request.user, form.given, locked=form.lock),
        SAVED,
        email_api=form,
    )


@require_POST
def save_email_bcc(request: MemberRequest) -> HttpResponse:
    """Activate and Deactivate of the tab “Email to Salesforce (BCC)”."""
    form = _filled(EmailBccForm(request.POST, auto_id="bcc-%s"))
    if request.POST.get("do") == "deactivate":
        return _save(
            request,
            "email",
            lambda: services.deactivate_bcc(request.user, locked=form.lock),
            gettext_lazy("BCC is switched off."),
            email_bcc=form,
            tab="bcc",
        )
    return _save(
        request,
        "email",
        lambda: services.activate_bcc(request.user, form.given["address"], locked=form.lock),
        gettext_lazy("BCC is active: your sales emails go to Salesforce too."),
        email_bcc=form,
        tab="bcc",
    )


@require_POST
def save_tasks(request: MemberRequest) -> HttpResponse:
    """Save of the task card: the moment at which sync begins (FS-3)."""
    form = _filled(TasksForm(request.POST, auto_id="tasks-%s"))
    return _save(
        request,
        "tasks",
        lambda: services.save_tasks(request.user, form.given, locked=form.lock),
        SAVED,
        tasks=form,
    )


@require_POST
def pause_tasks(request: MemberRequest) -> HttpResponse:
    """Let the member's task sync rest."""
    return _save(
        request,
        "tasks",
        lambda: services.pause_tasks(request.user),
        gettext_lazy("Paused. Nothing is lost; resume it whenever you like."),
    )


@require_POST
def resume_tasks(request: MemberRequest) -> HttpResponse:
    """Let it go on."""
    return _save(request, "tasks", lambda: services.resume_tasks(request.user), gettext_lazy("Resumed."))


@require_POST
def save_calls(request: MemberRequest) -> HttpResponse:
    """Save of the call card."""
    form = _filled(CallsForm(request.POST, auto_id="calls-%s"))
    return _save(
        request,
        "calls",
        lambda: services.save_calls(request.user, form.given, locked=form.lock),
        SAVED,
        calls=form,
    )


@require_POST
def save_subject(request: MemberRequest) -> HttpResponse:
    """Save of the template editor."""
    form = _filled(SubjectForm(request.POST, auto_id="subject-%s"))
    return _save(
        request,
        "subject",
        lambda: services.save_subject(request.user, form.given["template"]),
        gettext_lazy("Saved. New tasks and renames use it; no task in Salesforce was rewritten."),
        subject=form,
    )


@require_POST
def use_team_rules(request: MemberRequest, section: str) -> HttpResponse:
    """Let the team's rules hold again."""
    shared = {Section.EMAIL_API.value: "email", Section.CALLS.value: "calls"}
    if section not in shared:
        raise Http404
    return _save(
        request,
        shared[section],
        lambda: services.use_team_rules(request.user, Section(section)),
        gettext_lazy("Your team's rules hold for you again."),
    )


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
    return render(request, "sync_settings/tasks_progress.html", {"tasks": card, **_to_say(request, card)})


@never_cache
@require_GET
@admins_only
def subject_preview(request: MemberRequest) -> HttpResponse:
    """What a template that is not saved yet would make of a real task."""
    form = SubjectForm(request.GET)
    template = _filled(form).given["template"]
    return render(
        request,
        "sync_settings/subject_preview.html",
        {"subject_preview": cards.subject_preview(request.user, template)},
    )


# --- one way to answer each -------------------------------------------------------------------------------------------


def _filled(form: CardForm) -> CardForm:
    """The form with its fields read; none of them can fail here, values are checked by the services."""
    form.is_valid()
    return form


def _save(
    request: MemberRequest,
    card: str,
    service: Callable[[], None],
    words: Promise,
    tab: str = "",
    **forms: CardForm,
) -> HttpResponse:
    try:
        service()
    except InvalidSettings as invalid:
        for form in forms.values():
            form.explain(invalid.sentences)
        return _page(request, card, tab=tab, status=422, **forms)
    except SetByAdmin:
        said = _("Your admin has set this for everybody. Nothing was saved.")
        return _page(request, card, tab=tab, toast={"words": said, "undo": ""}, status=403)
    except NotConnected:
        said = _("You are not connected to Salesforce. Nothing was saved. Connect first.")
        return _page(request, card, tab=tab, toast={"words": said, "undo": ""}, status=409)
    except AdminsOnly:
        raise PermissionDenied from None
    request.session["toast"] = {"words": str(words), "undo": ""}
    where = urlencode({"open": card, "tab": tab} if tab else {"open": card})
    return redirect(f"{reverse('sync-settings')}?{where}#card-{card}")


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
        "tasks_form": TasksForm.showing(_choice(page), Section.TASKS in lock),
        "calls": CallsForm.showing(rules.calls, Section.CALLS in lock),
        "set_by_admin": {section.name: page.locked(section) for section in Section},
        "told_email_api": told(plain(rules.email_api), leave_out=["both"]),
        "told_calls": told(plain(rules.calls)),
        "told_tasks": told(plain(_choice(page))),
        "tasks": page.tasks,
        **editor,
        **{("tasks_form" if name == "tasks" else name): value for name, value in shown.items()},
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
        return {"trouble": unanswered}
    except NotConnected:
        return {}


def _to_say(request: MemberRequest, card: cards.TasksCard) -> dict[str, Any]:
    """What a screen reader is told: at the start, at every quarter, at the end; nothing in between."""
    percent = card.importing.percent if card.importing else None
    quarter = (percent or 0) // 25 * 25 if card.moving else 100
    before = request.GET.get("said", "")
    news = not before.isdecimal() or int(before) < quarter or not card.moving
    return {"said": quarter, "news": news}

"""The team's settings as a file, and the log of every change: for admins only."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest, admins_only
from tandem.audit.models import Change
from tandem.connections.services import connection_of
from tandem.sync_settings import services, settings_file
from tandem.sync_settings.errors import InvalidFile, InvalidSettings, NotConnected
from tandem.sync_settings.reading import subject_template, team_values
from tandem.sync_settings.values import Section, Subject
from tandem.sync_settings.words import SECTIONS, differences

ON_A_PAGE = 50


@never_cache
@require_GET
@admins_only
def export_file(request: MemberRequest) -> HttpResponse:
    """The team's settings, to keep under version control or to carry elsewhere."""
    text = settings_file.written(_now(request.user))
    name = "tandem-settings.json"
    return HttpResponse(
        text, "application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@never_cache
@require_POST
@admins_only
def compare_file(request: MemberRequest) -> HttpResponse:
    """What the chosen file would change; changes nothing yet."""
    chosen = request.FILES.get("file")
    if chosen is None:
        return _sorry(request, _("No file was chosen. Nothing was changed."))
    return _file_page(request, chosen.read(settings_file.LARGEST + 1))


@never_cache
@require_POST
@admins_only
def save_file(request: MemberRequest) -> HttpResponse:
    """Save what was shown; when somebody changed a setting since, what differs now is shown first."""
    content = request.POST.get("content", "").encode()
    if request.POST.get("seen") != _stamp(request.user):
        words = _("Somebody changed the settings meanwhile. Nothing was saved. This is what differs now.")
        return _file_page(request, content, words, status=409)
    try:
        services.apply_file(request.user, settings_file.read(content))
    except InvalidFile:
        return _file_page(request, content)
    except InvalidSettings as invalid:
        return _file_page(request, content, str(next(iter(invalid.sentences.values()))), status=422)
    except NotConnected:
        words = _("You are not connected to Salesforce. Nothing was saved. Connect first.")
        return _file_page(request, content, words, status=409)
    request.session["toast"] = {"words": _("The settings of the file are saved."), "undo": ""}
    return redirect("sync-settings")


@never_cache
@require_GET
@admins_only
def audit(request: MemberRequest) -> HttpResponse:
    """Who changed what, the newest first."""
    changes = Change.objects.select_related("by", "member").order_by("-pk")
    shown = Paginator(changes, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "change": change,
            "section": SECTIONS.get(change.section, change.section),
            "differences": differences(change.before, change.after),
        }
        for change in shown
    ]
    return render(request, "sync_settings/audit.html", {"lines": lines, "shown": shown})


def _file_page(request: MemberRequest, content: bytes, sentence: str = "", status: int = 200) -> HttpResponse:
    try:
        wanted = settings_file.read(content)
    except InvalidFile as invalid:
        return _sorry(request, invalid.sentence)
    words = {
        "sentence": sentence,
        "readable": True,
        "changed": settings_file.compared(_now(request.user), wanted),
        "content": settings_file.written(wanted),
        "seen": _stamp(request.user),
        "everybody": wanted.get(Section.TASKS, {}).get("locked", False),
    }
    return render(request, "sync_settings/file.html", words, status=status)


def _sorry(request: MemberRequest, sentence: Any) -> HttpResponse:
    return render(request, "sync_settings/file.html", {"sentence": sentence}, status=422)


def _now(member: Member) -> settings_file.Settings:
    connection = connection_of(member)
    template = subject_template(connection.org_id) if connection else Subject().template
    return settings_file.settings_of(team_values(), template)


def _stamp(member: Member) -> str:
    return hashlib.sha256(settings_file.written(_now(member)).encode()).hexdigest()

"""What does each button of the page do, and what is said when it has done it? One small function a button.

A button belongs to a card; its form is read, its service called, and its words shown on the page that comes back. What
is the same for all of them (what was refused, where one lands) stands once, in views.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member
from tandem.sync_settings import services
from tandem.sync_settings.forms import (
    CallsForm,
    CardForm,
    EmailApiForm,
    EmailBccForm,
    NoForm,
    SubjectForm,
    TasksForm,
)
from tandem.sync_settings.pulling import pull_bcc
from tandem.sync_settings.values import Section

F = TypeVar("F", bound=CardForm)

SAVED = _("Saved.")


@dataclass(frozen=True)
class Button(Generic[F]):
    """card (and its inner tab): what is open afterwards. press: does it, and answers what to say."""

    card: str
    form: type[F]
    press: Callable[[Member, F], Promise]
    tab: str = ""

    def filled(self, posted: Any) -> F:
        """Its form with what was sent; no field can fail here, values are checked by the services."""
        form = self.form(posted)
        form.is_valid()
        return form


def _email_api(by: Member, form: EmailApiForm) -> Promise:
    services.save_email_api(by, form.given, locked=form.lock)
    return SAVED


def _email_bcc(by: Member, form: EmailBccForm) -> Promise:
    if form.data.get("do") == "deactivate":
        services.deactivate_bcc(by, locked=form.lock)
        return _("BCC is switched off.")
    typed = form.given["address"].strip()
    if form.data.get("do") == "activate" and typed:
        services.activate_bcc(by, typed, locked=form.lock)
    elif not pull_bcc(by, locked=form.lock):
        return _("All is well: the address is the same, and Salesforce takes your emails there.")
    return _("BCC is active: your sales emails go to Salesforce too.")


def _tasks(by: Member, form: TasksForm) -> Promise:
    services.save_tasks(by, form.given, locked=form.lock)  # the moment at which sync begins (FS-3)
    return SAVED


def _pause(by: Member, _form: NoForm) -> Promise:
    services.pause_tasks(by)
    return _("Paused. Nothing is lost; resume it whenever you like.")


def _resume(by: Member, _form: NoForm) -> Promise:
    services.resume_tasks(by)
    return _("Resumed.")


def _calls(by: Member, form: CallsForm) -> Promise:
    services.save_calls(by, form.given, locked=form.lock)
    return SAVED


def _subject(by: Member, form: SubjectForm) -> Promise:
    services.save_subject(by, form.given["template"])
    return _("Saved. New tasks and renames use it; no task in Salesforce was rewritten.")


def _team_rules(section: Section) -> Callable[[Member, NoForm], Promise]:
    def forget(by: Member, _form: NoForm) -> Promise:
        services.use_team_rules(by, section)
        return _("Your team's rules hold for you again.")

    return forget


EMAIL_API = Button("email", EmailApiForm, _email_api)
EMAIL_BCC = Button("email", EmailBccForm, _email_bcc, tab="bcc")
TASKS = Button("tasks", TasksForm, _tasks)
PAUSE = Button("tasks", NoForm, _pause)
RESUME = Button("tasks", NoForm, _resume)
CALLS = Button("calls", CallsForm, _calls)
SUBJECT = Button("subject", SubjectForm, _subject)
TEAM_RULES = {
    Section.EMAIL_API.value: Button("email", NoForm, _team_rules(Section.EMAIL_API)),
    Section.CALLS.value: Button("calls", NoForm, _team_rules(Section.CALLS)),
}

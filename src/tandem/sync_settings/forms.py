"""What does each card ask for? The forms know how to ask; what is right is decided in sync_settings.values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.sync_settings.subject import TEMPLATE_LENGTH
from tandem.sync_settings.values import (
    NOBODY,
    SEVERAL,
    Calls,
    EmailApi,
    EmailBcc,
    Subject,
    Tasks,
    plain,
)


def _tick(label: Any) -> forms.BooleanField:
    return forms.BooleanField(
        label=label, required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )


def _one_of(label: Any, choices: Mapping[str, Promise]) -> forms.CharField:
    # Its value is checked by sync_settings.values, as all others are.
    radios = forms.RadioSelect(choices=list(choices.items()), attrs={"class": "form-check-input"})
    return forms.CharField(label=label, required=False, widget=radios)


class CardForm(forms.Form):
    """One card's form; `locked` is asked of admins only. name: what the page's template calls it."""

    name: ClassVar[str]
    locked = _tick(_("Lock: members see this and cannot change it."))

    def __init__(self, posted: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(posted, initial=dict(initial or {}), auto_id=f"{self.name.replace('_', '-')}-%s")

    def explain(self, sentences: Mapping[str, Any]) -> None:
        """Puts each sentence at its field, else above the form; what was typed stays."""
        for field, sentence in sentences.items():
            self.add_error(field if field in self.fields else None, str(sentence))

    @property
    def given(self) -> dict[str, Any]:
        """What was filled in, without the lock."""
        return {name: value for name, value in self.cleaned_data.items() if name != "locked"}

    @property
    def lock(self) -> bool:
        """Whether the lock is ticked."""
        return bool(self.cleaned_data["locked"])


class NoForm(CardForm):
    """A button that stands alone."""

    name = "none"


class EmailApiForm(CardForm):
    """Card 1, tab “Salesforce API”."""

    name = "email_api"
    emails = _tick(_("Emails sent"))
    replies = _tick(_("Replies received"))
    leads = _tick(_("Leads"))
    contacts = _tick(_("Contacts"))
    accounts = _tick(_("Accounts"))
    opportunities = _tick(_("Opportunities"))
    several = _one_of(_("If several records in Salesforce match the address"), SEVERAL)
    nobody = _one_of(_("If nobody in Salesforce matches the address"), NOBODY)
    headers_only = _tick(_("Leave the text out: log only who wrote to whom, when, and the subject"))
    both = _tick(_("Use both all the same: the API leaves out what BCC has sent."))

    @classmethod
    def showing(cls, value: EmailApi, locked: bool) -> EmailApiForm:
        return cls(initial={**plain(value), "locked": locked})

    def what(self) -> list[forms.BoundField]:
        return [self["emails"]]

    def targets(self) -> list[forms.BoundField]:
        return [self[name] for name in ("leads", "contacts", "accounts", "opportunities")]


class EmailBccForm(CardForm):
    """Card 1, tab “Email to Salesforce (BCC)”."""

    name = "email_bcc"
    address = forms.CharField(
        label=_("Email to Salesforce address"),
        required=False,
        help_text=_("Leave it empty, and Tandem asks Salesforce for it."),
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "email",
                "autocomplete": "off",
                "placeholder": "emailtosalesforce@….le.salesforce.com",
            }
        ),
    )

    @classmethod
    def showing(cls, value: EmailBcc, locked: bool) -> EmailBccForm:
        return cls(initial={"address": value.address, "locked": locked})


class TasksForm(CardForm):
    """Card 2."""

    name = "tasks"
    sync = _one_of(
        _("Tasks and reminders"),
        {"on": _("Sync with Salesforce tasks"), "off": _("Do not sync to Salesforce tasks")},
    )

    def __init__(self, posted: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(posted, initial=initial)
        self.fields["locked"].label = _(
            "Lock: everybody who is connected gets this choice and cannot change it."
        )

    @classmethod
    def showing(cls, value: Tasks, locked: bool) -> TasksForm:
        return cls(initial={"sync": "on" if value.sync else "off", "locked": locked})

    @property
    def given(self) -> dict[str, Any]:
        word = self.cleaned_data["sync"]
        return {"sync": {"on": True, "off": False}.get(word, word)}


class CallsForm(CardForm):
    """Card 3."""

    name = "calls"
    log = _tick(_("Log calls to Salesforce"))

    @classmethod
    def showing(cls, value: Calls, locked: bool) -> CallsForm:
        return cls(initial={**plain(value), "locked": locked})


class SubjectForm(CardForm):
    """Card 4."""

    name = "subject"
    template = forms.CharField(
        label=_("Subject of the task in Salesforce"),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "form-control", "maxlength": TEMPLATE_LENGTH, "autocomplete": "off"}
        ),
    )

    @classmethod
    def showing(cls, value: Subject) -> SubjectForm:
        return cls(initial=plain(value))

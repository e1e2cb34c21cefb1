"""What does a person fill in for a task?

The form knows how to ask; what is right is decided in reminders.values, for every caller alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member
from tandem.reminders.errors import InvalidReminder
from tandem.reminders.models import Reminder
from tandem.reminders.values import FIELDS, NAME_LENGTH, ReminderValues, checked, checked_fields


class TaskForm(forms.Form):
    """A task's name, due date, priority and details.

    Each field carries, hidden, what it held when it was shown: so a save changes only what the person changed, and
    what arrived from Salesforce in the meantime stays.
    """

    name = forms.CharField(
        label=_("Task"),
        required=False,
        show_hidden_initial=True,
        widget=forms.TextInput(
            attrs={"class": "form-control", "maxlength": NAME_LENGTH, "required": True, "autofocus": True}
        ),
    )
    due = forms.CharField(
        label=_("Due"),
        required=False,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "date", "autocomplete": "off"}),
    )
    # A select whose value is checked by reminders.values, as all others are.
    priority = forms.CharField(
        label=_("Priority"),
        show_hidden_initial=True,
        required=False,
        widget=forms.Select(choices=Reminder.Priority.choices, attrs={"class": "form-select"}),
    )
    details = forms.CharField(
        label=_("Details"),
        required=False,
        strip=False,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )

    values: ReminderValues

    def __init__(self, *args: Any, colleagues: Sequence[Member] = (), **kwargs: Any) -> None:
        """colleagues: to whom it may be given; without any, the form does not ask."""
        super().__init__(*args, **kwargs)
        self.given_to: Member | None = None
        self._colleagues = {str(colleague.pk): colleague for colleague in colleagues}
        if self._colleagues:
            named = [("", _("Myself")), *((pk, each.name) for pk, each in self._colleagues.items())]
            self.fields["owner"] = forms.ChoiceField(
                label=_("For"),
                required=False,
                choices=named,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def clean(self) -> dict[str, Any]:
        self.given_to = self._colleagues.get(self.cleaned_data.get("owner", ""))
        typed = {field: self.cleaned_data[field] for field in FIELDS if field in self.cleaned_data}
        try:
            self.values = checked(**typed)
        except InvalidReminder as invalid:
            self.explain(invalid.sentences)
        return self.cleaned_data

    def changes(self) -> dict[str, Any]:
        """The fields that the person changed, canonical."""
        return {field: getattr(self.values, field) for field in self.changed_data if field in FIELDS}

    def seen(self) -> dict[str, Any]:
        """What each field held when it was shown. Raises InvalidReminder for a crafted request."""
        shown = {field: self.data.get(f"initial-{field}") for field in self.fields if field in FIELDS}
        return checked_fields({field: text for field, text in shown.items() if text is not None})

    def explain(self, sentences: Mapping[str, Promise]) -> None:
        """Puts each sentence at its field; what was typed stays."""
        for field, sentence in sentences.items():
            self.add_error(field, str(sentence))

    def explain_meanwhile(self, current: Mapping[str, Any]) -> None:
        """Shows what these fields hold now; saving again replaces that knowingly."""
        shown = {f"initial-{field}": str(value or "") for field, value in current.items()}
        self.data = {**dict(self.data.items()), **shown}
        self.explain({field: _meanwhile(field, value) for field, value in current.items()})


def _meanwhile(field: str, value: Any) -> Promise:
    if field == "priority":
        value = Reminder.Priority(value).label
    return format_lazy(
        _(
            "Somebody changed this to “{value}” while you were typing. Nothing was saved. Save again to replace it with yours."
        ),
        value=value or "",
    )

"""What does a person fill in for a call? What is right is decided in calls.values, for every caller alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tandem.calls.errors import InvalidCall
from tandem.calls.models import WordList
from tandem.calls.values import MOST_OUTCOMES, NOTES_LENGTH, TEXT_LENGTH, CallValues, checked, whom

_MINUTE = 60
_DAY = 24 * 60


class CallForm(forms.Form):
    """Whom, how it went, what for, notes, and when."""

    whom = forms.CharField(
        label=_("With"),
        required=False,
        help_text=_("An email address, or the link of the lead or contact in Salesforce."),
        widget=forms.TextInput(
            attrs={"class": "form-control", "required": True, "autofocus": True, "autocomplete": "off"}
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "form-control", "maxlength": TEXT_LENGTH, "autocomplete": "off"}
        ),
    )
    # What is offered is the team's; a word that an admin takes off the list meanwhile is no reason to lose a call.
    outcome = forms.CharField(label=_("Outcome"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False)
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4, "maxlength": NOTES_LENGTH}),
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        error_messages={
            "invalid": _(
                "This is not a day and time that a calendar has. Nothing was saved. Choose them anew."
            )
        },
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"class": "form-control", "type": "datetime-local"}
        ),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        error_messages={"invalid": _("This is not a whole number. Nothing was saved. Write it in digits.")},
        widget=forms.NumberInput(attrs={"class": "form-control", "min": 0, "max": _DAY}),
    )
    log = forms.BooleanField(
        label=_("Log it to Salesforce"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    values: CallValues

    def __init__(
        self, *args: Any, outcomes: list[str], reasons: list[str], now: datetime, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.now = now
        self.fields["outcome"].widget = _one_of(outcomes)
        self.fields["reason"].widget = _one_of(reasons)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if self.errors:
            return told
        try:
            told_of = {name: told[name] for name in ("name", "outcome", "reason", "notes", "at", "log")}
            seconds = (told["minutes"] or 0) * _MINUTE
            self.values = checked(self.now, **told_of, **whom(told["whom"]), seconds=seconds)
        except InvalidCall as invalid:
            self.explain(invalid.sentences)
        return told

    def explain(self, sentences: Mapping[str, Any]) -> None:
        """Puts each sentence at its field; what was typed stays."""
        asked = {"address": "whom", "record": "whom", "seconds": "minutes", "subject": "name"}
        for field, sentence in sentences.items():
            self.add_error(asked.get(field, field), str(sentence))


def _one_of(words: list[str]) -> forms.Select:
    return forms.Select(
        choices=[("", "–"), *((word, word) for word in words)], attrs={"class": "form-select"}
    )


class WordListForm(forms.Form):
    """One of the team's lists, an entry a line."""

    words = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"class": "form-control", "rows": MOST_OUTCOMES})
    )

    def __init__(self, kind: WordList.Kind, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{**more, "prefix": kind.value})
        self.kind = kind
        self.fields["words"].label = _TITLES[kind]


_TITLES = {WordList.Kind.OUTCOMES: _("Outcomes"), WordList.Kind.REASONS: _("Reasons")}

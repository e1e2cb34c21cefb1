"""What is asked for on the Unsubscribes page?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tandem.sync.opt_outs import SALES


class UnsubscribeForm(forms.Form):
    """Whom nothing is sent to any more."""

    address = forms.CharField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class IntegrationForm(forms.Form):
    """How an org is told."""

    field = forms.ChoiceField(
        label=_("Field in Salesforce"),
        choices=[
            ("standard", _("Email Opt Out, Salesforce's own: it stops marketing emails too")),
            ("sales", _("Sales Opt Out (%(field)s): sales emails only") % {"field": SALES}),
            ("both", _("Both of them")),
        ],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    nightly = forms.BooleanField(
        label=_("Compare both ways once a night"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    hour = forms.TypedChoiceField(
        label=_("At (Pacific time)"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

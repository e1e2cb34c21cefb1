"""What is asked for a lead or contact that is to be made for an address?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tandem.diagnostics.review import Group


class RecordForm(forms.Form):
    """The names that Salesforce needs; lengths are those of Lead and Contact."""

    first_name = forms.CharField(
        label=_("First name"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        error_messages={"required": _("Salesforce needs a last name. Nothing was made. Write one.")},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=255,
        error_messages={"required": _("Salesforce needs a company for a lead. Nothing was made. Write one.")},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if kind == "contact":
            del self.fields["company"]

    def values(self) -> dict[str, str]:
        """What was filled in, by Salesforce's field names; what was left empty is left out."""
        names = {"first_name": "FirstName", "last_name": "LastName", "company": "Company"}
        return {names[field]: value for field, value in self.cleaned_data.items() if value}


def guessed(group: Group) -> dict[str, str]:
    """The names that an address and the name beside it suggest."""
    first, _space, last = group.name.rpartition(" ")
    return {
        "first_name": first[:40],
        "last_name": (last or group.address.partition("@")[0])[:80],
        "company": group.domain[:255],
    }

"""What is asked for a new token?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tandem.api.services import NAME_LENGTH


class TokenForm(forms.Form):
    """Its name; what is right is decided in api.services."""

    name = forms.CharField(
        label=_("What is it for?"),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "form-control", "maxlength": NAME_LENGTH, "required": True, "autocomplete": "off"}
        ),
    )

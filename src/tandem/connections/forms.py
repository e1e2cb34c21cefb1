"""What does an admin fill in for the team's Salesforce app?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tandem.connections.models import TeamApp
from tandem.connections.signing_in import loopback_allowed
from tandem.connections.team_app import AppInUse
from tandem.salesforce import BadInput, checked_instance_url

_NOT_SALESFORCE = _(
    "This is not an address of Salesforce, so nothing was saved. Copy it from Setup → My Domain, such as https://yourcompany.my.salesforce.com, with nothing after the host."
)


class TeamAppForm(forms.Form):
    """Where members sign in, and the app's key and secret; those two only when the environment does not give them.

    The secret is never shown again: an empty field keeps it.
    """

    target = forms.ChoiceField(
        label=_("Members sign in at"),
        choices=TeamApp.Target.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_(
            "Production is login.salesforce.com, Sandbox is test.salesforce.com; your own My Domain is best."
        ),
    )
    my_domain = forms.CharField(
        label=_("My Domain"),
        required=False,
        max_length=255,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "placeholder": "https://yourcompany.my.salesforce.com",
                "inputmode": "url",
                "autocomplete": "off",
            }
        ),
        help_text=_("Only for the choice My Domain. Setup → My Domain in Salesforce shows it."),
    )
    client_id = forms.CharField(
        label=_("Consumer key"),
        max_length=255,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = forms.CharField(
        label=_("Consumer secret"),
        required=False,
        max_length=255,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "new-password"}, render_value=False
        ),
        help_text=_("Kept encrypted and never shown again. Leave it empty to keep the one that is saved."),
    )

    def __init__(self, in_use: AppInUse, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_use.by_environment:
            del self.fields["client_id"], self.fields["client_secret"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("target") == TeamApp.Target.MY_DOMAIN:
            try:
                given["my_domain"] = checked_instance_url(
                    with_scheme(given.get("my_domain", "")), loopback_allowed()
                )
            except BadInput:
                self.add_error("my_domain", _NOT_SALESFORCE)
        return given


def with_scheme(address: str) -> str:
    """People copy the address without https:// in front."""
    address = address.strip()
    return address if "://" in address or not address else f"https://{address}"

"""What does a person fill in to become a member, to be known as one, and to invite others?"""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tandem.accounts.first_run import is_setup_code
from tandem.accounts.models import Member

PASSWORD_HELP = _("At least ten characters. A sentence that only you know is best.")


def _time_zones() -> list[tuple[str, str]]:
    """Regions by their cities; the old names without a region are left out, but for UTC."""
    named = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in named)]


class ProfileForm(forms.Form):
    """What a member says of themselves."""

    name = forms.CharField(
        label=_("Name"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_time_zones, help_text=_("Decides when your day begins and ends.")
    )

    def take(self, refused: ValidationError) -> None:
        """Show what a service refused beside the fields it concerns."""
        for field, sentences in refused.message_dict.items():
            self.add_error(field if field in self.fields else None, sentences)


class JoinForm(ProfileForm):
    """What somebody who was invited chooses."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = (get_language() or "en")[:2]
        # The browser knows the zone; its script fills it in where the person has not chosen yet.
        self.fields["time_zone"].widget.attrs["data-guess-zone"] = ""


class FirstRunForm(JoinForm):
    """What the first admin fills in: the code proves that they are at the machine that runs Tandem."""

    code = forms.CharField(
        label=_("Setup code"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Printed where Tandem was started."),
    )
    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))

    field_order = ["code", "email", "name", "password", "language", "time_zone"]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not is_setup_code(code):
            raise ValidationError(
                _("This is not the setup code, so nothing was made. Copy it from where Tandem was started.")
            )
        return code


class NewEmailForm(forms.Form):
    """With which address to sign in."""

    email = forms.EmailField(label=_("New email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Member.Role.choices, initial=Member.Role.USER)
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)

"""Which of allauth's forms speak otherwise here? The ones that ask for a new password, and those that name a passkey."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm, SetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _

from tandem.accounts.forms import PASSWORD_HELP


class _NewPassword:
    """One sentence instead of a list of rules; what breaks a rule is told when it does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP  # type: ignore[attr-defined]


class ChangePassword(_NewPassword, ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """By a member who knows the old one."""


class FirstPassword(_NewPassword, SetPasswordForm):  # type: ignore[misc]
    """By a member who came by a link."""


class ForgottenPassword(_NewPassword, ResetPasswordKeyForm):  # type: ignore[misc]
    """By whoever has the link that was mailed."""


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that lets in alone, unless the member wants otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["passwordless"].initial = True


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]
    """Its name alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")

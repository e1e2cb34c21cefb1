"""Which of allauth's forms speak otherwise here? Those about passwords, the authenticator app and passkeys: in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm, SetPasswordForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _

from tandem.accounts.forms import PASSWORD_HELP


class _NewPassword:
    """One sentence instead of a list of rules; what breaks a rule is told when it does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields  # type: ignore[attr-defined]
        fields["password1"].help_text = PASSWORD_HELP
        fields["password1"].label = _("New password")
        fields["password2"].label = _("New password, once more")
        if "oldpassword" in fields:
            fields["oldpassword"].label = _("Current password")


class ChangePassword(_NewPassword, ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """By a member who knows the old one."""


class FirstPassword(_NewPassword, SetPasswordForm):  # type: ignore[misc]
    """By a member who came by a link."""


class ForgottenPassword(_NewPassword, ResetPasswordKeyForm):  # type: ignore[misc]
    """By whoever has the link that was mailed."""


class TurnOnAuthenticator(ActivateTOTPForm):  # type: ignore[misc]
    """By the code that the app shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows")


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that lets in alone, unless the member wants otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with it alone, without my password")
        passwordless.help_text = _("Then it asks for your fingerprint, face or PIN.")


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]
    """Its name alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")

"""What does the sign-in page ask for?"""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Email and password; the error does not tell which of the two was wrong."""

    error_messages = {
        "invalid_login": _(
            "This email and password do not belong together. You are not signed in. Try again."
        ),
        "inactive": _("This account is closed. Ask your admin to open it again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
        self.fields["username"].widget.attrs["autocomplete"] = "username"

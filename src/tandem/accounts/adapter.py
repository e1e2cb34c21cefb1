"""What does allauth do our way? Its pages and flows stay its own; here are the few answers it asks a project for."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tandem.accounts import mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People come by invitation only; a wrong password does not tell whether the email is known."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This email and password do not belong together. You are not signed in. Try again."
        ),
        "too_many_login_attempts": _(
            "Too many wrong passwords. You are not signed in. Wait five minutes, then try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts.invitations is the way."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def format_email_subject(self, subject: str) -> str:
        return f"Tandem: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth does; MailNotSent when the server does not take it."""
        mail.send(self.render_mail(template_prefix, email, {"email": email, **context}))

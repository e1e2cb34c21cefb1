"""What does the log of changes say about members, in which words? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member

#: The sections of the log that accounts writes.
MEMBER, INVITATION, SIGN_IN = "member", "invitation", "sign-in"

SECTIONS: Mapping[str, Promise] = {
    MEMBER: _("Member"),
    INVITATION: _("Invitation"),
    SIGN_IN: _("Sign-in and security"),
}
FIELDS: Mapping[str, Promise] = {
    "email": _("Email"),
    "name": _("Name"),
    "role": _("Role"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "invitation": _("Invitation"),
    "password": _("Password"),
    "second_factor": _("Besides the password"),
}
VALUES: Mapping[str, Mapping[str, str | Promise]] = {
    "role": dict(Member.Role.choices),
    "language": dict(settings.LANGUAGES),
    "invitation": {"sent": _("sent"), "sent again": _("sent again"), "revoked": _("revoked")},
    "password": {"changed": _("changed")},
    "second_factor": {
        "totp": _("authenticator app"),
        "webauthn": _("passkey"),
        "recovery_codes": _("recovery codes"),
    },
}

"""What of a member's own sign-in goes into the log of changes? That it changed, and never to what."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa

from tandem.accounts.logged import SIGN_IN
from tandem.accounts.models import Member
from tandem.audit.services import note


def listen() -> None:
    """Hear of it from allauth, whose views make these changes; the app's start calls it."""
    for changed in (account.password_changed, account.password_set, account.password_reset):
        changed.connect(_password, dispatch_uid="tandem.sign_in_log")
    for added in (mfa.authenticator_added, mfa.authenticator_reset):
        added.connect(_added, dispatch_uid="tandem.sign_in_log")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="tandem.sign_in_log")


def _password(sender: Any, user: Member, **_more: Any) -> None:
    note(SIGN_IN, by=user, of=user, before=None, after={"password": "changed"})


def _added(sender: Any, user: Member, authenticator: Any, **_more: Any) -> None:
    note(SIGN_IN, by=user, of=user, before=None, after={"second_factor": str(authenticator.type)})


def _removed(sender: Any, user: Member, authenticator: Any, **_more: Any) -> None:
    note(SIGN_IN, by=user, of=user, before={"second_factor": str(authenticator.type)}, after=None)

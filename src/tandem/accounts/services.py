"""How does a member come to be, change, leave and come back? The only writers of Member.

Every change of who may do what is in the log of changes, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction

from tandem.accounts.errors import LastAdmin
from tandem.accounts.logged import MEMBER
from tandem.accounts.models import Member, canonical_email
from tandem.audit.services import note

#: How long a sign-in link works, in seconds.
SIGN_IN_LINK_FOR = 15 * 60
_PURPOSE = "tandem.accounts.sign-in-link"


@transaction.atomic
def create_member(
    *,
    email: str,
    name: str,
    password: str | None = None,
    role: str = Member.Role.USER,
    time_zone: str = "UTC",
    language: str = "en",
) -> Member:
    """Writes a new member; without a password only a sign-in link opens the door.

    Raises ValidationError with a sentence per field; then nothing is written.
    """
    member = Member(
        email=canonical_email(email), name=name.strip(), role=role, time_zone=time_zone, language=language
    )
    if password is None:
        member.set_unusable_password()
    else:
        _check_password(password, member)
        member.set_password(password)
    member.full_clean()
    member.save(force_insert=True)
    return member


@transaction.atomic
def save_profile(member: Member, *, name: str, language: str, time_zone: str) -> None:
    """What a member says of themselves. Raises ValidationError with a sentence per field."""
    before = _profile(member)
    member.name, member.language, member.time_zone = name.strip(), language, time_zone
    member.full_clean()
    member.save(update_fields=["name", "language", "time_zone"])
    note(MEMBER, by=member, of=member, before=before, after=_profile(member))


@transaction.atomic
def set_role(by: Member, member: Member, role: str) -> None:
    """Make somebody an admin or a user. Raises LastAdmin."""
    held = _locked(member)
    if role not in Member.Role.values:
        raise ValidationError({"role": role})
    if role != Member.Role.ADMIN:
        _leave_an_admin(held)
    before, held.role = held.role, role
    held.save(update_fields=["role"])
    note(MEMBER, by=by, of=held, before={"role": before}, after={"role": role})


@transaction.atomic
def deactivate(by: Member, member: Member) -> None:
    """Close a member's account: signed out everywhere, nothing synced for them; all that is theirs stays.

    Raises LastAdmin.
    """
    held = _locked(member)
    _leave_an_admin(held)
    _activate(by, held, active=False)
    for session in UserSession.objects.filter(user=held):
        session.end()


@transaction.atomic
def reactivate(by: Member, member: Member) -> None:
    """Open a closed account again; what was synced before goes on."""
    _activate(by, _locked(member), active=True)


def sign_in_token(member: Member) -> str:
    """The secret part of a link that signs `member` in: once, within 15 minutes, and for nothing else."""
    return signing.dumps(_one_time(member), salt=_PURPOSE)


def member_of_token(token: str) -> Member | None:
    """The member whom `token` may sign in; None when it is forged, too old, used, or older than the last sign-in."""
    try:
        member_id, stamp = signing.loads(token, salt=_PURPOSE, max_age=SIGN_IN_LINK_FOR)
    except signing.BadSignature:
        return None
    member = Member.objects.filter(pk=member_id, is_active=True).first()
    return member if member and _one_time(member) == [member_id, stamp] else None


def _activate(by: Member, member: Member, *, active: bool) -> None:
    before, member.is_active = member.is_active, active
    member.save(update_fields=["is_active"])
    note(MEMBER, by=by, of=member, before={"active": before}, after={"active": active})


def _locked(member: Member) -> Member:
    """The member as stored, with every admin locked: two admins who demote each other at once take turns."""
    list(Member.objects.select_for_update().filter(role=Member.Role.ADMIN).order_by("pk"))
    return Member.objects.select_for_update().get(pk=member.pk)


def _leave_an_admin(without: Member) -> None:
    admins = Member.objects.filter(role=Member.Role.ADMIN, is_active=True)
    if admins.filter(pk=without.pk).exists() and not admins.exclude(pk=without.pk).exists():
        raise LastAdmin


def _profile(member: Member) -> dict[str, Any]:
    return {"name": member.name, "language": member.language, "time_zone": member.time_zone}


def _check_password(password: str, member: Member) -> None:
    try:
        validate_password(password, member)
    except ValidationError as weak:
        raise ValidationError({"password": weak.messages}) from None


def _one_time(member: Member) -> list[int | str]:
    """Changes whenever the member signs in, which is what makes a link good for one time only."""
    return [member.pk, member.last_login.isoformat() if member.last_login else ""]

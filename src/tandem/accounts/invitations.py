"""How does somebody come to be invited, and a member by it? The only writers of Invitation.

A link works for seven days from when it was sent last, once, and only as long as nobody revoked it. It is signed and
names the row and the moment of sending: sent again, the link before stops working.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from tandem import clock
from tandem.accounts.errors import AlreadyInvited, AlreadyMember, NoLongerOpen, NotInvited
from tandem.accounts.logged import INVITATION, MEMBER
from tandem.accounts.models import Invitation, Member, canonical_email
from tandem.accounts.services import create_member
from tandem.audit.services import note

_PURPOSE = "tandem.accounts.invitation"


def invite(by: Member, email: str, *, role: str, language: str) -> Invitation:
    """Ask somebody to become a member; the caller sends the link. An expired invitation is taken up again.

    Raises AlreadyMember, AlreadyInvited; ValidationError with a sentence per field.
    """
    email = canonical_email(email)
    if Member.objects.filter(email=email).exists():
        raise AlreadyMember
    expired = _open().filter(email=email).first()
    if expired is not None and expired.state_at(clock.now()) is Invitation.State.OPEN:
        raise AlreadyInvited
    try:
        with transaction.atomic():
            if expired is not None:
                revoke(by, expired)
            invitation = Invitation(
                email=email, role=role, language=language, invited_by=by, sent_at=clock.now()
            )
            invitation.clean_fields(exclude=["accepted_at", "revoked_at"])
            invitation.save(force_insert=True)
            _note(by, invitation, "sent")
    except IntegrityError:  # two admins at once: one of them was first
        raise AlreadyInvited from None
    return invitation


@transaction.atomic
def resend(by: Member, invitation: Invitation) -> Invitation:
    """A new link, and seven days from now; the link before stops working. Raises NoLongerOpen."""
    held = _held(invitation)
    held.sent_at = clock.now()
    held.save(update_fields=["sent_at"])
    _note(by, held, "sent again")
    return held


@transaction.atomic
def revoke(by: Member, invitation: Invitation) -> None:
    """Its link stops working. Raises NoLongerOpen."""
    held = _held(invitation)
    held.revoked_at = clock.now()
    held.save(update_fields=["revoked_at"])
    _note(by, held, "revoked")


def token_of(invitation: Invitation) -> str:
    """The secret part of the link; the same whenever it is asked for, until the invitation is sent again."""
    return _signer().sign_object(_named(invitation))


def invitation_of(token: str) -> Invitation:
    """The invitation that can be taken up with `token`. Raises NotInvited."""
    try:
        pk, stamp = _signer().unsign_object(token)
    except signing.BadSignature:
        raise NotInvited from None
    invitation = Invitation.objects.filter(pk=pk).first()
    if invitation is None or _named(invitation) != [pk, stamp]:
        raise NotInvited
    if invitation.state_at(clock.now()) is not Invitation.State.OPEN:
        raise NotInvited
    return invitation


@transaction.atomic
def accept(token: str, *, name: str, language: str, time_zone: str, password: str) -> Member:
    """Become a member. Raises NotInvited, ValidationError with a sentence per field; then nothing is written."""
    invitation = invitation_of(token)
    # Conditional, so that of two who press at once one becomes the member and the other is told.
    if not _open().filter(pk=invitation.pk).update(accepted_at=clock.now()):
        raise NotInvited
    member = create_member(
        email=invitation.email,
        name=name,
        password=password,
        role=invitation.role,
        language=language,
        time_zone=time_zone,
    )
    note(MEMBER, by=member, of=member, before=None, after={"email": member.email, "role": member.role})
    return member


def invitations() -> Sequence[Invitation]:
    """Every invitation that did not become a member, the newest first."""
    kept = Invitation.objects.filter(accepted_at__isnull=True).select_related("invited_by")
    return list(kept.order_by("-sent_at", "-pk"))


def _signer() -> signing.Signer:
    return signing.Signer(salt=_PURPOSE)


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)


def _held(invitation: Invitation) -> Invitation:
    held = _open().select_for_update().filter(pk=invitation.pk).first()
    if held is None:
        raise NoLongerOpen
    return held


def _named(invitation: Invitation) -> list[int | str]:
    return [invitation.pk, invitation.sent_at.isoformat()]


def _note(by: Member, invitation: Invitation, what: str) -> None:
    after = {"email": invitation.email, "role": invitation.role, "invitation": what}
    note(INVITATION, by=by, of=None, before=None, after=after)

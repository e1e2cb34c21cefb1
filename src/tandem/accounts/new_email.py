"""How does a member come to sign in with another address? Only they themselves, and only with one that reaches them.

The link goes to the new address and names both, so that a mistyped address changes nothing and no link works twice.
Where no mail goes out nobody can be asked for proof, and no forgotten password is mailed either: then it changes at once.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from tandem.accounts.errors import EmailTaken, NewEmailSpent
from tandem.accounts.logged import MEMBER
from tandem.accounts.models import Member, canonical_email
from tandem.audit.services import note

#: How long the link works, in seconds.
LINK_FOR = 24 * 60 * 60
_PURPOSE = "tandem.accounts.new-email"


def checked(member: Member, email: str) -> str:
    """The address as it will be stored. Raises ValidationError, EmailTaken."""
    email = canonical_email(email)
    validate_email(email)
    if Member.objects.filter(email=email).exclude(pk=member.pk).exists():
        raise EmailTaken
    return email


def token_for(member: Member, email: str) -> str:
    """The secret part of the link that goes to the new address."""
    return signing.dumps([member.pk, member.email, email], salt=_PURPOSE)


def named_by(member: Member, token: str) -> str:
    """The new address that `token` proves to be this member's. Raises NewEmailSpent."""
    try:
        pk, before, email = signing.loads(token, salt=_PURPOSE, max_age=LINK_FOR)
    except signing.BadSignature:
        raise NewEmailSpent from None
    if [pk, before] != [member.pk, member.email]:
        raise NewEmailSpent
    return str(email)


def change(member: Member, email: str) -> None:
    """Sign in with `email` from now on; links for forgotten passwords go there, too. Raises EmailTaken."""
    try:
        with transaction.atomic():
            held = Member.objects.select_for_update().get(pk=member.pk)
            before, held.email = held.email, checked(held, email)
            held.save(update_fields=["email"])
            EmailAddress.objects.filter(user=held).delete()  # allauth's own note of the old one
            note(MEMBER, by=held, of=held, before={"email": before}, after={"email": held.email})
    except (IntegrityError, ValidationError):
        raise EmailTaken from None
    member.email = held.email

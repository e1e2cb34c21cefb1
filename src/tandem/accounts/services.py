"""How does a member come to be, and how does one sign in without a password?

The only writers of accounts.models.
"""

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction

from tandem.accounts.models import Member, canonical_email

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


def sign_in_token(member: Member) -> str:
    """The secret part of a link that signs `member` in: once, within 15 minutes, and for nothing else."""
    return signing.dumps(_one_time(member), salt=_PURPOSE)


def member_of_token(token: str) -> Member | None:
    """The member whom `token` may sign in; None when it is forged, too old, used, or older than the last sign-in."""
    try:
        member_id, stamp = signing.loads(token, salt=_PURPOSE, max_age=SIGN_IN_LINK_FOR)
    except signing.BadSignature:
        return None
    member = Member.objects.filter(pk=member_id).first()
    return member if member and _one_time(member) == [member_id, stamp] else None


def _check_password(password: str, member: Member) -> None:
    try:
        validate_password(password, member)
    except ValidationError as weak:
        raise ValidationError({"password": weak.messages}) from None


def _one_time(member: Member) -> list[int | str]:
    """Changes whenever the member signs in, which is what makes a link good for one time only."""
    return [member.pk, member.last_login.isoformat() if member.last_login else ""]

"""Who may become the first admin of an empty Tandem? Whoever reads the setup code where Tandem was started.

The code is derived from the secret key and stored nowhere: every process of one Tandem prints and accepts the same,
and it opens nothing once there is a member.
"""

from __future__ import annotations

from base64 import b32encode

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from tandem.accounts.errors import FirstAdminExists
from tandem.accounts.logged import MEMBER
from tandem.accounts.models import Member
from tandem.accounts.services import create_member
from tandem.audit.services import note

_PURPOSE = "tandem.accounts.first-run"
_GROUPS, _LETTERS = 3, 4  # 12 letters of 32: 60 bits


def needed() -> bool:
    """Is there nobody yet?"""
    return not Member.objects.exists()


def setup_code() -> str:
    """The code that makes the first admin, such as K7QD-2MXA-9PLZ."""
    letters = b32encode(salted_hmac(_PURPOSE, "code", algorithm="sha256").digest()).decode()
    return "-".join(letters[n * _LETTERS : (n + 1) * _LETTERS] for n in range(_GROUPS))


def is_setup_code(typed: str) -> bool:
    """Is it the one, however it was typed?"""
    return constant_time_compare(_bare(typed), _bare(setup_code()))


@transaction.atomic
def make_first_admin(
    *, email: str, name: str, password: str, language: str = "en", time_zone: str = "UTC"
) -> Member:
    """Write the first admin. Raises FirstAdminExists, ValidationError with a sentence per field."""
    if not needed():
        raise FirstAdminExists
    admin = create_member(
        email=email,
        name=name,
        password=password,
        role=Member.Role.ADMIN,
        language=language,
        time_zone=time_zone,
    )
    note(MEMBER, by=admin, of=admin, before=None, after={"email": admin.email, "role": admin.role})
    return admin


def _bare(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())

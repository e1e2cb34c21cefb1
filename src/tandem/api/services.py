"""How is a token made, revoked, and recognised? The only writers of api.models."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tandem import clock
from tandem.accounts.models import Member, canonical_email
from tandem.api.models import Token

NAME_LENGTH = 100
#: So that people, and programs that look for leaked secrets, know one when they see it.
PREFIX = "tandem_"
_SHOWN = len(PREFIX) + 6
#: How many requests a token may make in WINDOW.
LIMIT = 600
WINDOW = timedelta(minutes=1)


class InvalidToken(Exception):
    """The token cannot be made. Nothing was saved. `sentence` says what to mend."""

    def __init__(self, sentence: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotYours(Exception):
    """There is no such token, or it is not this member's to revoke: the two look alike on purpose."""


class NotAccepted(Exception):
    """No token in force reads like this; that of a member whose account is closed is none."""


class MemberNotNamed(Exception):
    """A team's token has to say for which member it speaks, and did not."""


class NoSuchMember(Exception):
    """A team's token speaks for somebody who is no member here, or a member's own token for somebody else."""


class TooMany(Exception):
    """The token has made more requests in a minute than it may. `seconds`: when to come again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Made:
    """A new token, and what it reads: the one time that anybody can see it."""

    token: Token
    secret: str


@transaction.atomic
def make_token(by: Member, name: str, *, team: bool = False) -> Made:
    """A token that speaks for `by`, or, made by an admin, one for the team. Raises InvalidToken, NotYours."""
    if team and by.role != Member.Role.ADMIN:
        raise NotYours
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH or "\0" in name:
        raise InvalidToken(
            _(
                "The token needs a name of at most 100 characters. Nothing was made. Say which tool will use it."
            )
        )
    secret = PREFIX + clock.new_secret()
    token = Token.objects.create(
        member=None if team else by,
        name=name,
        begins=secret[:_SHOWN],
        digest=_digest(secret),
        made_by=by,
        made_at=clock.now(),
    )
    return Made(token, secret)


def revoke(by: Member, token_id: int) -> Token:
    """From now on it opens nothing. Raises NotYours."""
    token = tokens_of(by).filter(pk=token_id).first()
    if token is None:
        raise NotYours
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    return token


def tokens_of(member: Member) -> QuerySet[Token]:
    """The tokens in force that this member may revoke: their own, and an admin's team's."""
    mine = Q(member=member)
    if member.role == Member.Role.ADMIN:
        mine |= Q(member__isnull=True)
    return Token.objects.filter(mine, revoked_at__isnull=True).select_related("made_by").order_by("pk")


def member_of(secret: str, named: str | None = None) -> Member:
    """For whom this request speaks; counts it, and notes when. named: the member's email, None when it names nobody.

    Raises NotAccepted, TooMany, MemberNotNamed, NoSuchMember.
    """
    token = (
        Token.objects.filter(digest=_digest(secret), revoked_at__isnull=True).select_related("member").first()
    )
    if token is None or (token.member is not None and not token.member.is_active):
        raise NotAccepted
    _count(token)
    if token.member is not None:
        if named is not None and canonical_email(named) != token.member.email:
            raise NoSuchMember
        return token.member
    if named is None:
        raise MemberNotNamed
    member = Member.objects.filter(email=canonical_email(named), is_active=True).first()
    if member is None:
        raise NoSuchMember
    return member


def _count(token: Token) -> None:
    """One UPDATE counts the request, whichever process it came to. Raises TooMany."""
    now = clock.now()
    row = Token.objects.filter(pk=token.pk)
    if row.filter(window_at__gt=now - WINDOW, window_count__lt=LIMIT).update(
        window_count=F("window_count") + 1, last_used_at=now
    ):
        return
    over = Q(window_at__isnull=True) | Q(window_at__lte=now - WINDOW)
    if not row.filter(over).update(window_at=now, window_count=1, last_used_at=now):
        began = row.values_list("window_at", flat=True).get() or now
        raise TooMany(max(1, int((began + WINDOW - now).total_seconds()) + 1))


def _digest(secret: str) -> str:
    """64 random bytes need no salt and no slow hash: nobody can try them all."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

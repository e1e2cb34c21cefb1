"""How does a call come to be, and how do the team's lists change? The only writers of calls.models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.forms import model_to_dict

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.calls.errors import AdminsOnly, KeyTaken
from tandem.calls.models import Call, WordList
from tandem.calls.values import OUTCOMES, REASONS, CallValues, checked_words, same

KEY_LENGTH = 200
_BEGAN_WITH = {WordList.Kind.OUTCOMES: OUTCOMES, WordList.Kind.REASONS: REASONS}


@transaction.atomic
def log_call(member: Member, values: CallValues, told_as: str | None = None) -> Call:
    """Writes a call of this member's, once and for all (CL-1).

    told_as: the caller's own key for it, up to KEY_LENGTH characters; told again with the same key it is the same call.
    Raises KeyTaken when the key already names a call that says something else.
    """
    if told_as is None:
        return _new(member, values, None)
    before = told_before(member, told_as)
    if before is None:
        try:
            with transaction.atomic():
                return _new(member, values, _key(member, told_as))
        except IntegrityError:  # somebody told it at this very moment
            before = told_before(member, told_as)
            if before is None:
                raise
    if not same(values, model_to_dict(before)):
        raise KeyTaken(before)
    return before


def told_before(member: Member, told_as: str) -> Call | None:
    """The call of this member that this key names, if there is one."""
    return Call.objects.filter(told_as=_key(member, told_as)).first()


def looked_at(ids: Iterable[int]) -> None:
    """Whoever logs has taken these in; the same transaction says so as writes what was taken in."""
    Call.objects.filter(pk__in=list(ids)).update(news=False)


def words(kind: WordList.Kind) -> list[str]:
    """The team's outcomes or reasons, in the order in which they are offered."""
    stored = WordList.objects.filter(kind=kind).first()
    return list(stored.words) if stored else list(_BEGAN_WITH[kind])


@transaction.atomic
def save_words(by: Member, kind: WordList.Kind, lines: str) -> list[str]:
    """Set one of the team's lists, one entry a line. Calls that were logged keep what they say.

    Raises AdminsOnly, InvalidWords.
    """
    if by.role != Member.Role.ADMIN:
        raise AdminsOnly
    entries = checked_words(lines)
    WordList.objects.update_or_create(kind=kind, defaults={"words": entries, "by": by, "at": clock.now()})
    return entries


def _key(member: Member, told_as: str) -> str:
    """Keys are each member's own: a colleague's tool may count its calls from 1 as well."""
    return f"{member.pk}:{told_as}"


def _new(member: Member, values: CallValues, told_as: str | None) -> Call:
    call = Call.objects.create(member=member, told_as=told_as, created_at=clock.now(), **asdict(values))
    jobs.wake("activity-finished", member.pk)
    return call

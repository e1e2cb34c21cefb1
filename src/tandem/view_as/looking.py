"""Whose lists does this request look at? Its own member's, unless an admin is looking at a colleague's (CC-8).

It is kept in the admin's own session, so that no link makes anybody look at anything, and it is written to the log of
changes once, as it begins. It ends by itself with the session, and where the admin is one no more.
"""

from __future__ import annotations

from tandem.accounts.models import Member
from tandem.accounts.requests import MemberRequest
from tandem.audit.services import note

#: The section of the log of changes.
VIEW_AS = "view-as"
_KEY = "looks_at"


class NobodyToLookAt(Exception):
    """There is no such colleague. Nothing is shown."""


def looked_at(request: MemberRequest) -> Member | None:
    """The colleague whose lists are shown, to be read and not changed; None: the member's own."""
    kept = request.session.get(_KEY)
    if kept is None or request.user.role != Member.Role.ADMIN:
        return None
    return Member.objects.filter(pk=kept).exclude(pk=request.user.pk).first()


def begin(request: MemberRequest, member_id: int) -> Member:
    """From now on this admin's pages show the colleague's lists. Raises NobodyToLookAt."""
    member = Member.objects.filter(pk=member_id).exclude(pk=request.user.pk).first()
    if member is None:
        raise NobodyToLookAt
    note(VIEW_AS, by=request.user, of=member, before=None, after={"lists": "tasks and emails"})
    request.session[_KEY] = member.pk
    return member


def end(request: MemberRequest) -> None:
    """The admin's own lists again."""
    request.session.pop(_KEY, None)

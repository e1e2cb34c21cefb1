"""Under which tab and heading does an email lie? Pure but for the question to the database (CC-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.emails.models import Email

State = Email.State


@dataclass(frozen=True)
class Folder:
    """One heading under a tab. empty: what its page says when nothing lies there."""

    tab: str
    words: Promise
    empty: Promise
    which: Q


_OUT = Q(kind=Email.Kind.SENT)

TABS: Mapping[str, Promise] = {
    "sent": _("Sent"),
    "pending": _("Pending"),
    "undelivered": _("Undelivered"),
}
FOLDERS: Mapping[str, Folder] = {
    "delivered": Folder(
        "sent",
        _("Delivered"),
        _("Nothing sent yet. Emails show here once they are on their way to the other side."),
        _OUT & Q(state=State.DELIVERED, archived_at=None),
    ),
    "archived": Folder(
        "sent",
        _("Archived"),
        _("Nothing archived. Archive an email to take it out of your list; it is not deleted."),
        _OUT & Q(archived_at__isnull=False),
    ),
    "scheduled": Folder(
        "pending", _("Scheduled"), _("Nothing is scheduled."), _OUT & Q(state=State.SCHEDULED)
    ),
    "drafts": Folder("pending", _("Drafts"), _("No drafts."), _OUT & Q(state=State.DRAFT)),
    "in-progress": Folder(
        "pending", _("In Progress"), _("Nothing is going out at this moment."), _OUT & Q(state=State.SENDING)
    ),
    "failed": Folder(
        "undelivered",
        _("Failed"),
        _("Nothing failed."),
        _OUT & Q(state=State.FAILED, archived_at=None),
    ),
    "bounced": Folder(
        "undelivered",
        _("Bounced"),
        _("Nothing bounced: every address took what you sent."),
        _OUT & Q(state=State.BOUNCED, archived_at=None),
    ),
    "spam": Folder(
        "undelivered",
        _("Spam"),
        _("Nobody reported an email of yours as spam."),
        _OUT & Q(state=State.SPAM, archived_at=None),
    ),
}


def in_folder(member_id: int, folder: Folder) -> QuerySet[Email]:
    """The member's emails that lie there, the last one first."""
    return (
        Email.objects.filter(folder.which, member_id=member_id).prefetch_related("recipients").order_by("-pk")
    )


def counts(member_id: int, tab: str) -> dict[str, int]:
    """How many lie under each heading of a tab."""
    return {
        name: Email.objects.filter(folder.which, member_id=member_id).count()
        for name, folder in FOLDERS.items()
        if folder.tab == tab
    }


def folder_of(email: Email) -> str:
    """The heading under which this email lies, to go back to; replies lie beside what they answer."""
    if email.archived_at is not None:
        return "archived"
    by_state = {
        State.SCHEDULED: "scheduled",
        State.DRAFT: "drafts",
        State.SENDING: "in-progress",
        State.FAILED: "failed",
        State.BOUNCED: "bounced",
        State.SPAM: "spam",
    }
    return by_state.get(State(email.state), "delivered")

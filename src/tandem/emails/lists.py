"""Under which tab and heading does an email lie? Pure but for the question to the database (CC-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.emails.asked import Asked
from tandem.emails.models import Email, FollowUp, Recipient

State = Email.State


@dataclass(frozen=True)
class Folder:
    """One heading under a tab. empty: what its page says when nothing lies there."""

    tab: str
    words: Promise
    empty: Promise
    which: Q


_ANY = Q(kind=Email.Kind.SENT, deleted_at=None)
_OUT = _ANY & Q(archived_at=None)

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
        _OUT & Q(state=State.DELIVERED),
    ),
    "archived": Folder(
        "sent",
        _("Archived"),
        _("Nothing archived. Archive an email to take it out of your list; it is not deleted."),
        _ANY & Q(archived_at__isnull=False),
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
        _OUT & Q(state=State.FAILED),
    ),
    "bounced": Folder(
        "undelivered",
        _("Bounced"),
        _("Nothing bounced: every address took what you sent."),
        _OUT & Q(state=State.BOUNCED),
    ),
    "spam": Folder(
        "undelivered",
        _("Spam"),
        _("Nobody reported an email of yours as spam."),
        _OUT & Q(state=State.SPAM),
    ),
}


def in_folder(member_id: int, asked: Asked) -> QuerySet[Email]:
    """The member's emails that lie there and are asked for, the last one first; each with what its columns show.

    latest: when it was answered last, None for never. task_due: the first day on which an open task upon it is due.
    """
    found = Email.objects.filter(FOLDERS[asked.folder].which, member_id=member_id)
    if asked.text:
        named = Q(address__icontains=asked.text) | Q(name__icontains=asked.text)
        whom = Recipient.objects.filter(named, email=OuterRef("pk"))
        found = found.filter(Q(subject__icontains=asked.text) | Exists(whom))
    if asked.since:
        found = found.filter(Q(at__gte=asked.since) | Q(at=None, created_at__gte=asked.since))
    if asked.until:
        found = found.filter(Q(at__lt=asked.until) | Q(at=None, created_at__lt=asked.until))
    replies = Email.objects.filter(answers=OuterRef("pk"), deleted_at=None)
    if asked.replied:
        found = found.filter(Exists(replies) if asked.replied == "yes" else ~Exists(replies))
    if asked.before:
        found = found.filter(pk__lt=asked.before)
    tasks = FollowUp.objects.filter(
        email=OuterRef("pk"), reminder__status="open", reminder__deleted_at=None, reminder__due__isnull=False
    )
    return (
        found.annotate(
            latest=Subquery(replies.order_by("-at").values("at")[:1]),
            task_due=Subquery(tasks.order_by("reminder__due").values("reminder__due")[:1]),
        )
        .defer("text", "html")
        .prefetch_related("recipients")
        .order_by("-pk")
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

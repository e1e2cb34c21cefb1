"""What may a person do to an email with one click, by what became of it (CC-5)? At most two, and whatever takes them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tandem.emails import services
from tandem.emails.lists import folder_of
from tandem.emails.models import Email

State = Email.State


@dataclass(frozen=True)
class Action:
    """One click: its service, its words, what is said afterwards, and the action that takes it back ("" for none)."""

    service: Callable[[Email], object]
    words: Promise
    done: Promise
    back: str = ""


ACTIONS: Mapping[str, Action] = {
    "archive": Action(services.archive, _("Archive"), _("Archived “%(subject)s”."), "unarchive"),
    "unarchive": Action(
        services.unarchive, _("Put back"), _("“%(subject)s” is back in your list."), "archive"
    ),
    "success": Action(
        services.succeed,
        pgettext_lazy("button", "Success"),
        _("“%(subject)s” counts as a success."),
        "no-success",
    ),
    "no-success": Action(
        services.unsucceed,
        _("No success"),
        _("“%(subject)s” does not count as a success any more."),
        "success",
    ),
    "retry": Action(services.retry, _("Send again"), _("“%(subject)s” is going out again.")),
    "discard": Action(
        services.delete,
        _("Delete"),
        _("Deleted “%(subject)s” here. What Salesforce has of it stays there."),
        "restore",
    ),
    "restore": Action(services.restore, _("Put back"), _("“%(subject)s” is back in your list.")),
}


def quick(email: Email) -> Sequence[tuple[str, Promise]]:
    """(name, words) of what a row and its page offer; those with a page of their own, as editing, are not among them."""
    success = "success" if email.succeeded_at is None else "no-success"
    by_folder: Mapping[str, Sequence[str]] = {
        "delivered": ("archive", success),
        "archived": ("unarchive", "discard"),
        "failed": ("retry", "discard"),
        "bounced": ("discard",),
        "spam": ("discard",),
    }
    return [(name, ACTIONS[name].words) for name in by_folder.get(folder_of(email), ())]


def may_edit(email: Email) -> bool:
    """A draft, or one that is scheduled."""
    return email.state in (State.DRAFT, State.SCHEDULED)


def may_write_again(email: Email) -> bool:
    """One that did not arrive: its address must be corrected first."""
    return email.state in (State.BOUNCED, State.SPAM) and email.archived_at is None

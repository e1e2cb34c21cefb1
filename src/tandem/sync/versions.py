"""Two versions of one value, one of which a merge had to choose: which does the member keep?

The merge keeps what gave way (I16); here a person decides afterwards (P6). Keeping the version that gave way is a
member's change like any other: it raises the Reminder's rev, and so it reaches Salesforce, unless somebody was faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction

from tandem import clock
from tandem.reminders import services as reminders
from tandem.reminders.errors import ReminderNotFound
from tandem.reminders.models import Reminder
from tandem.reminders.values import FIELDS, checked_fields
from tandem.sync.fields import FieldMap
from tandem.sync.models import Conflict
from tandem.sync.observe import DIED_WITH_IT
from tandem.sync.plan import EDIT_BEATS_DELETE

Which = Literal["ours", "theirs"]


class NotAVersion(Exception):
    """There is nothing to choose: one side was deleted, or its value has no word here. Nothing was changed."""


@dataclass(frozen=True)
class Versions:
    """What each side said, and which stands. theirs_here: theirs in our words; None when it has none."""

    field: str
    ours: str
    theirs: str
    theirs_here: str | None
    stands: Which


def versions(conflict: Conflict, fields: FieldMap) -> Versions | None:
    """The two versions of a conflict; None where one side was deleted instead of changed."""
    if conflict.field not in FIELDS or conflict.rule in (EDIT_BEATS_DELETE, DIED_WITH_IT):
        return None
    if conflict.side == "tandem":
        return Versions(conflict.field, conflict.value, conflict.won, conflict.won, "theirs")
    word = fields[conflict.field].word(conflict.value, closed=False)
    return Versions(conflict.field, conflict.won, conflict.value, word, "ours")


@transaction.atomic
def keep(member: int, conflict_id: int, which: Which) -> Reminder:
    """The member's choice; it ends the conflict. The version that gave way is written anew, from here.

    Raises ReminderNotFound for what is not this member's, NotAVersion, and ChangedMeanwhile when it was changed again.
    """
    conflict, both, reminder = _held(member, conflict_id)
    if both is None:
        if which != _stands(conflict):
            raise NotAVersion
    elif which != both.stands:
        reminder = _write(member, reminder, both, which)
    _mark(conflict, which)
    return reminder


@transaction.atomic
def undo(member: int, conflict_id: int) -> Reminder:
    """The conflict is open again, as the merge left it. Raises as `keep`."""
    conflict, both, reminder = _held(member, conflict_id)
    if both is not None and conflict.kept and conflict.kept != both.stands:
        reminder = _write(member, reminder, both, both.stands)
    _mark(conflict, "")
    return reminder


def _held(member: int, conflict_id: int) -> tuple[Conflict, Versions | None, Reminder]:
    conflict = (
        Conflict.objects.select_for_update(of=("self",))
        .select_related("link__reminder", "link__org__sync")
        .filter(pk=conflict_id, link__reminder__owner_id=member, link__reminder__deleted_at__isnull=True)
        .first()
    )
    if conflict is None or conflict.link.reminder is None:
        raise ReminderNotFound
    fields = FieldMap(conflict.link.org.sync.subject_template)
    return conflict, versions(conflict, fields), conflict.link.reminder


def _write(member: int, reminder: Reminder, both: Versions, which: Which) -> Reminder:
    """Replace the version that stands now by the other one, if it still stands."""
    said = {"ours": both.ours, "theirs": both.theirs_here}
    other: Which = "theirs" if which == "ours" else "ours"
    new, old = said[which], said[other]
    if new is None:
        raise NotAVersion
    shown = {} if old is None else _typed(both.field, old)
    return reminders.edit(member, reminder.pk, _typed(both.field, new), shown)


def _typed(field: str, value: str) -> dict[str, Any]:
    return checked_fields({field: value})


def _stands(conflict: Conflict) -> Which:
    return "theirs" if conflict.side == "tandem" else "ours"


def _mark(conflict: Conflict, kept: str) -> None:
    conflict.kept, conflict.resolved_at = kept, clock.now() if kept else None
    conflict.save(update_fields=["kept", "resolved_at"])

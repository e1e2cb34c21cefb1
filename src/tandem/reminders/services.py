"""How does a reminder change? The only writers of reminders.models.

A person's change: one transaction with the row locked, rev + 1, a snapshot for undo, and after the commit a wake for
whoever cares (docs/engine.md §2.1; ARCHITECTURE.md, There). A change that comes from Salesforce: one conditional
UPDATE that leaves rev alone and loses against any person who was faster (I12).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.reminders import questions
from tandem.reminders import undo as undoing
from tandem.reminders.errors import (
    ChangedMeanwhile,
    NobodyToGiveTo,
    NothingToUndo,
    OwnerSaidElsewhere,
    ReminderNotFound,
)
from tandem.reminders.models import Reminder
from tandem.reminders.values import ABOUT_LENGTH, DONE, FIELDS, OPEN, ReminderValues, checked_fields


class SalesforceChanges(TypedDict, total=False):
    """What sync may set: any of the five values, whose it is, whom it concerns, and since when it is deleted."""

    name: str
    details: str
    status: str
    priority: str
    due: Any  # date, "YYYY-MM-DD", "" or None
    owner_id: int | None
    about: str
    deleted_at: datetime | None


# --- what people do -------------------------------------------------------------------------------------------------


@transaction.atomic
def create(owner_id: int, values: ReminderValues, about: str = "") -> Reminder:
    """Writes a new reminder of this member's. Creating leaves nothing to undo: delete does that."""
    reminder = _new(owner_id, values, about)
    _wake(reminder)
    return reminder


@transaction.atomic
def edit(
    owner_id: int, reminder_id: int, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Reminder:
    """Sets some of the five values (as typed), the others stay. Setting what is there already changes nothing.

    `seen`: the values that were on the page when the person began to type. A field that somebody else changed since
    raises ChangedMeanwhile instead of being overwritten unknowingly (I1).
    Raises InvalidReminder, ReminderNotFound.
    """
    reminder = _own(owner_id, reminder_id)
    new = {
        field: value for field, value in checked_fields(changes).items() if value != getattr(reminder, field)
    }
    unseen = {
        f: getattr(reminder, f)
        for f in new
        if seen is not None and f in seen and seen[f] != getattr(reminder, f)
    }
    if unseen:
        raise ChangedMeanwhile(unseen)
    return _change(reminder, "edit", new) if new else reminder


@transaction.atomic
def complete(owner_id: int, reminder_id: int) -> Reminder:
    """Marks it done. Raises ReminderNotFound."""
    reminder = _own(owner_id, reminder_id)
    return reminder if reminder.status == DONE else _change(reminder, "complete", {"status": DONE})


@transaction.atomic
def reopen(owner_id: int, reminder_id: int) -> Reminder:
    """Marks it open again. Raises ReminderNotFound."""
    reminder = _own(owner_id, reminder_id)
    return reminder if reminder.status == OPEN else _change(reminder, "reopen", {"status": OPEN})


@transaction.atomic
def delete(owner_id: int, reminder_id: int) -> Reminder:
    """Takes it out of every list; the row stays, so that sync can tell Salesforce. Raises ReminderNotFound."""
    return _change(_own(owner_id, reminder_id), "delete", {"deleted_at": clock.now()})


@transaction.atomic
def give(owner_id: int, reminder_id: int, to: int) -> Reminder:
    """Hands it to a colleague, whose task it is from now on (TS-8, docs/decisions/0031). Nothing is left to undo.

    Raises ReminderNotFound; NobodyToGiveTo; OwnerSaidElsewhere when Salesforce has it, which says whose it is.
    """
    reminder = _own(owner_id, reminder_id)  # locked: whoever links it waits, and reads its owner anew
    if to == owner_id:
        return reminder
    if not Member.objects.filter(pk=to, is_active=True).exists():
        raise NobodyToGiveTo
    if questions.is_there(reminder_id):
        raise OwnerSaidElsewhere
    return _write(reminder, {"owner_id": to}, left=None)


@transaction.atomic
def undo(owner_id: int, reminder_id: int, rev: int) -> Reminder:
    """Puts back what the member's last change replaced: itself a change, with nothing left to undo after it.

    `rev`: of the change to undo, so that an old button never undoes a newer change.
    Raises NothingToUndo, ReminderNotFound.
    """
    reminder = (
        Reminder.objects.select_for_update(no_key=True).filter(owner_id=owner_id, pk=reminder_id).first()
    )
    if reminder is None:
        raise ReminderNotFound
    columns = undoing.before(reminder.undo, clock.now())
    if columns is None or reminder.rev != rev:
        raise NothingToUndo
    return _write(reminder, columns, left=None)


# --- what sync does -------------------------------------------------------------------------------------------------


def create_from_salesforce(owner_id: int | None, values: ReminderValues, about: str = "") -> Reminder:
    """Writes a reminder that mirrors a Salesforce Task: rev 1, and nobody is woken. owner None: shown to nobody."""
    return _new(owner_id, values, about)


def apply_from_salesforce(reminder_id: int, expected_rev: int, changes: SalesforceChanges) -> bool:
    """Writes `changes` if no person changed the reminder since `expected_rev`; False when one did: plan again (I12).

    One statement decides and writes. rev stays; what undo would have put back is forgotten, because undoing it would
    overwrite Salesforce's values unseen. Raises InvalidReminder for values that no reminder may have.
    """
    given: Mapping[str, object] = changes
    columns: dict[str, Any] = checked_fields({field: given[field] for field in FIELDS if field in given})
    columns |= {key: given[key] for key in ("owner_id", "deleted_at") if key in given}
    if "about" in changes:
        columns["about"] = changes["about"][:ABOUT_LENGTH]
    now = clock.now()
    if columns.get("status") == DONE:
        columns["completed_at"] = Coalesce(F("completed_at"), Value(now), output_field=DateTimeField())
    elif columns.get("status") == OPEN:
        columns["completed_at"] = None
    mine = Reminder.objects.filter(pk=reminder_id, rev=expected_rev)
    return mine.update(**columns, undo=None, updated_at=now) == 1


# --- one way to write each ------------------------------------------------------------------------------------------


def _own(owner_id: int, reminder_id: int) -> Reminder:
    """The member's reminder, locked until the transaction ends.

    no_key: links that point at the row need not wait for it.
    """
    try:
        return Reminder.objects.select_for_update(no_key=True).of(owner_id).get(pk=reminder_id)
    except Reminder.DoesNotExist:
        raise ReminderNotFound from None


def _new(owner_id: int | None, values: ReminderValues, about: str) -> Reminder:
    now = clock.now()
    return Reminder.objects.create(
        owner_id=owner_id,
        name=values.name,
        details=values.details,
        status=values.status,
        priority=values.priority,
        due=values.due,
        about=about[:ABOUT_LENGTH],
        completed_at=now if values.status == DONE else None,
        created_at=now,
        updated_at=now,
    )


def _change(reminder: Reminder, what: undoing.Change, columns: Mapping[str, Any]) -> Reminder:
    now = clock.now()
    left = undoing.snapshot(what, reminder, now)
    if "status" in columns:
        columns = {**columns, "completed_at": now if columns["status"] == DONE else None}
    return _write(reminder, columns, left)


def _write(reminder: Reminder, columns: Mapping[str, Any], left: dict[str, Any] | None) -> Reminder:
    for column, value in columns.items():
        setattr(reminder, column, value)
    reminder.undo = left
    reminder.rev += 1
    reminder.updated_at = clock.now()
    reminder.save(update_fields=[*columns, "undo", "rev", "updated_at"])
    _wake(reminder)
    return reminder


def _wake(reminder: Reminder) -> None:
    if reminder.owner_id is not None:
        jobs.wake("reminder-changed", reminder.owner_id)

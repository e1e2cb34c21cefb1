"""How does a row of the table of links become the engine's Pair, and back? Columns and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tandem.reminders.models import Reminder
from tandem.sync import models
from tandem.sync.pair import Base, Carried, Intent, Link, Ours, Pair, Seen, Version


def pair_of(row: models.Link, users: dict[int, str]) -> Pair:
    """The whole pair. users: member -> the User's id that Salesforce has for them."""
    return Pair(link_of(row), ours_of(row.reminder, users) if row.reminder else None, intent_of(row))


def link_of(row: models.Link) -> Link:
    """The tie without its two ends: what both sides agreed upon, and what stands in the way."""
    base = None if row.base_app is None else Base(row.base_app, row.base_sf or {}, row.base_stamp)
    seen = None
    if row.seen is not None and row.seen_stamp is not None and row.seen_read_at is not None:
        seen = Seen(Version(**row.seen), row.seen_stamp, row.seen_read_at, row.seen_deleted)
    return Link(
        id=row.pk,
        key=row.key,
        reminder_id=row.reminder_id,
        sf_id=row.sf_id,
        base=base,
        seen=seen,
        stale=row.stale,
        doubted=row.doubted,
        created_with=None if row.created_app is None else Carried(row.created_app, row.created_sf or {}),
        rev_done=row.rev_done,
        closed=row.closed,  # type: ignore[arg-type]  # kept by link_closed_word_known
        closed_by=row.closed_by,  # type: ignore[arg-type]
        not_before=row.not_before,
        failures=row.failures,
        parked=row.parked,
        error_code=row.error_code,
        error_text=row.error_text,
        error_rev=row.error_rev,
        error_first_at=row.error_first_at,
        error_last_at=row.error_last_at,
    )


def columns_of(link: Link) -> dict[str, Any]:
    """The columns that hold it; `link_of` undoes it."""
    seen, base, made = link.seen, link.base, link.created_with
    return {
        "key": link.key,
        "reminder_id": link.reminder_id,
        "sf_id": link.sf_id,
        "base_app": dict(base.app) if base else None,
        "base_sf": dict(base.sf) if base else None,
        "base_stamp": base.stamp if base else None,
        "seen": asdict(seen.version) if seen else None,
        "seen_stamp": seen.stamp if seen else None,
        "seen_read_at": seen.read_at if seen else None,
        "seen_deleted": bool(seen and seen.deleted),
        "stale": link.stale,
        "created_app": dict(made.app) if made else None,
        "created_sf": dict(made.sf) if made else None,
        "doubted": link.doubted,
        "rev_done": link.rev_done,
        "closed": link.closed,
        "closed_by": link.closed_by,
        "not_before": link.not_before,
        "failures": link.failures,
        "parked": link.parked,
        "error_code": link.error_code,
        "error_text": link.error_text,
        "error_rev": link.error_rev,
        "error_first_at": link.error_first_at,
        "error_last_at": link.error_last_at,
    }


def intent_of(row: models.Link) -> Intent | None:
    """The one write that is open (I12); None when nothing is."""
    if row.intent_op is None or row.intent_opened_at is None:
        return None
    return Intent(
        op=row.intent_op,  # type: ignore[arg-type]  # kept by link_intent_is_whole
        carried=Carried(row.intent_app or {}, row.intent_sf or {}),
        unless_modified_since=row.intent_unless,
        opened_at=row.intent_opened_at,
        opener=row.intent_opener or "",
        attempts=row.intent_attempts or 1,
        in_flight=bool(row.intent_in_flight),
        doubt_until=row.intent_doubt_until,
    )


def intent_columns_of(intent: Intent | None) -> dict[str, Any]:
    """The columns that hold it, all null for None; `intent_of` undoes it."""
    return {
        "intent_op": intent.op if intent else None,
        "intent_app": dict(intent.carried.app) if intent else None,
        "intent_sf": dict(intent.carried.sf) if intent else None,
        "intent_unless": intent.unless_modified_since if intent else None,
        "intent_opened_at": intent.opened_at if intent else None,
        "intent_opener": intent.opener if intent else None,
        "intent_attempts": intent.attempts if intent else None,
        "intent_in_flight": intent.in_flight if intent else None,
        "intent_doubt_until": intent.doubt_until if intent else None,
    }


def ours_of(reminder: Reminder, users: dict[int, str]) -> Ours:
    """The Reminder as the engine compares it; users as in `pair_of`."""
    return Ours(
        id=reminder.pk,
        values={
            "name": reminder.name,
            "status": reminder.status,
            "priority": reminder.priority,
            "due": reminder.due.isoformat() if reminder.due else "",
            "details": reminder.details,
        },
        rev=reminder.rev,
        deleted_at=reminder.deleted_at,
        owner=users.get(reminder.owner_id, "") if reminder.owner_id is not None else "",
        about=reminder.about,
        changed_at=reminder.updated_at,
    )

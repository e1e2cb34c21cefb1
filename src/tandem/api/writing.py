"""How do our rows read as the API's shapes? A whole list with as many questions to the database as one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from tandem.api.reading import cursor_of, id_of
from tandem.calls.models import Call
from tandem.diagnostics.told import Told
from tandem.diagnostics.why import told_of_calls, told_of_emails
from tandem.emails.models import Email
from tandem.sync.models import Activity

M = TypeVar("M", bound=Model)


def a_page(
    rows: QuerySet[M], cursor: str | None, limit: int, shaped: Callable[[Sequence[M]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """The next `limit` rows behind `cursor`, the newest first."""
    if cursor is not None:
        rows = rows.filter(pk__lt=id_of(cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    return {"items": shaped(shown), "next": cursor_of(shown[-1].pk) if len(found) > limit else None}


def emails_out(emails: Sequence[Email]) -> list[dict[str, Any]]:
    """EmailOut of each; `recipients` are prefetched."""
    told = told_of_emails(emails)
    return [
        {
            "id": email.pk,
            "message_id": email.message_id,
            "kind": email.kind,
            "state": email.state,
            "came_by": email.came_by,
            "sender": {"address": email.sender, "name": email.sender_name},
            "recipients": [
                {"role": one.role, "address": one.address, "name": one.name, "bounced": one.bounced}
                for one in email.recipients.all()
            ],
            "subject": email.subject,
            "at": email.at,
            "log": email.log,
            "trouble": email.trouble,
            "salesforce": _in_salesforce(told[email.pk]),
        }
        for email in emails
    ]


def calls_out(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """CallOut of each."""
    told = told_of_calls(calls)
    return [
        {
            "id": call.pk,
            "key": call.told_as.partition(":")[2] if call.told_as else None,
            "address": call.address or None,
            "record": call.record or None,
            **{
                name: getattr(call, name)
                for name in ("name", "subject", "notes", "outcome", "reason", "at", "seconds", "log")
            },
            "salesforce": _in_salesforce(told[call.pk]),
        }
        for call in calls
    ]


def activities_out(activities: Sequence[Activity]) -> list[dict[str, Any]]:
    """ActivityOut of each; `email` and `call` are at hand."""
    emails = told_of_emails([activity.email for activity in activities if activity.email])
    calls = told_of_calls([activity.call for activity in activities if activity.call])
    return [
        {
            "id": activity.pk,
            "email": activity.email_id,
            "call": activity.call_id,
            "subject": about.subject,
            "at": about.at,
            "salesforce": _in_salesforce((emails if activity.email else calls)[about.pk]),
        }
        for activity in activities
        if (about := activity.email or activity.call) is not None
    ]


def _in_salesforce(told: Told) -> dict[str, Any]:
    return {
        "verdict": told.verdict,
        "why": [str(sentence) for sentence in told.why],
        "logged_on": [
            {
                "record": place.record,
                "record_name": place.name,
                "record_url": place.url or None,
                "state": place.state,
                "task": place.task or None,
                "task_url": place.task_url or None,
                "logged_at": place.at,
                "trouble": str(place.trouble),
            }
            for place in told.places
        ],
        "api_calls": round(told.calls, 4),
    }
